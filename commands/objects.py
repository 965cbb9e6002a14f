"""The objects of Twenty that are written, in order."""

ORDER = ("company", "person")
"""Parents first: a record is written after those it points at, and taken back before them."""
