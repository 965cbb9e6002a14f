"""Statuses of subscriptions, affiliates and bookings, spelled one way (kartra.md sections 3 to 5)."""

from adapters.mapping.text import clean, one_line, words

_KNOWN = (
    "Active",
    "Pending Cancellation",
    "Paused",
    "Cancelled",
    "Terminated",
    "Approved",
    "Pending",
    "Declined",
    "Completed",
)
_BY_SPELLING = {
    **{" ".join(words(label)): label for label in _KNOWN},
    "canceled": "Cancelled",
    "pending cancelation": "Pending Cancellation",
    "complete": "Completed",
}


def status_text(cell: str | None) -> str | None:
    """A known status as Kartra spells it, whatever its case and blanks; another on one line as written; or None."""
    text = clean(cell).value if cell else None
    if text is None:
        return None
    return _BY_SPELLING.get(" ".join(words(text)), one_line(text))
