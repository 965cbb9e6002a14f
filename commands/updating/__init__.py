"""Changing records that are there: what Kartra changed since, what was left unlinked, and what Twenty had before us."""
