"""Kartra in: CSV exports recognised, read and typed."""
