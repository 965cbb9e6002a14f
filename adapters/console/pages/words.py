"""What the ledger's own words mean, for a person who meets them on a page."""

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "pending": "not in Twenty now, and to be sent",
    "intended": "sent, and the answer is not on record",
    "written": "stands in Twenty as it should",
    "changed": "stands in Twenty, and should hold something else by now",
    "obsolete": "stands in Twenty, and no row makes it any more",
    "skipped": "another's record stands for it",
    "rejected": "Twenty refused it",
    "held": "waits for a person",
    "abandoned": "given up by a person",
    "deleted": "taken out of Twenty",
    "withdrawn": "not made any more; nothing of it stands in Twenty",
    "running": "at work now, or its process has just ended",
    "completed": "did all it was asked",
    "failed": "stopped by itself",
    "interrupted": "stopped from outside; `resume` goes on with it",
    "waiting": "open, or corrected and not taken up yet",
    "open": "waits for a person",
    "corrected": "a person gave other values; the next load takes it up",
    "released": "goes on",
    "erased": "its person was erased",
    "extracted": "read, and placed",
    "set_aside": "history, no record",
    "replaced": "a later file's row stands for it",
}
"""What has become of a record, a run, a hold, a row."""

REASONS: Mapping[str, str] = {
    "email_missing": "the contact has no e-mail",
    "email_invalid": "its e-mail is none",
    "email_taken": "another contact has its e-mail",
    "buyer_unknown": "nobody known bought this",
    "amount_invalid": "the amount cannot be read",
    "date_invalid": "the date is impossible",
    "identity_missing": "it has no number of its own",
    "row_malformed": "too many or too few cells",
    "existing_in_twenty": "Twenty has it already",
    "deleted_in_twenty": "it lies in Twenty's bin",
    "identity_conflict": "two contacts turned out to be one",
    "conflict": "Kartra and a person changed the same field",
    "erased": "its person was erased",
    "rejected_by_twenty": "Twenty refused it",
}
"""Why something is held."""

FIELDS: Mapping[str, str] = {
    "answered": "ids that still answer",
    "asked": "ids asked for",
    "baseline": "others' records before",
    "now": "others' records now",
    "unexplained": "unexplained",
    "marked": "records with our mark",
    "compared": "records compared",
    "unlike": "differences",
    "imbalances": "sums that do not agree",
    "binned": "in Twenty's bin",
    "kept": "kept, and why",
    "lost": "gone with more than was ours",
    "may_still_come": "may still come",
    "not_back": "cannot be put back",
    "not_restorable": "cannot be put back by anybody",
    "not_visible": "cannot be seen by anybody",
    "schema_left": "left of the data model",
    "schema_binned": "data model that the bin still needs",
    "unequal": "not equal to what stood there",
    "twenty_id": "Twenty id",
    "source_key": "stream",
    "id": "id",
}
"""Names of parts of a report."""
