"""The written scope: what is moved, what a person has to make anew, and what nobody can bring back, each with a reason.

Sources: DESIGN section 5 for what is moved; kartra.md sections 2.1, 6 and 8 for what no export and no API holds.
"""

from collections.abc import Iterator

from commands.discovery.document import Audit, ScopeLine, Verdict

_TWENTY_HAS_NONE = "Twenty has nothing of the kind; it needs a tool of its own"


def scope(audit: Audit) -> Iterator[ScopeLine]:
    """The scope that follows from what was found; the counts are the audit's."""
    yield from _migrates(audit)
    yield from _rebuild(audit)
    yield from _lost(audit)


def _line(verdict: Verdict, what: str, count: int | None, where: str, reason: str) -> ScopeLine:
    return ScopeLine(verdict=verdict, what=what, count=count, where=where, reason=reason)


def _migrates(audit: Audit) -> Iterator[ScopeLine]:
    own = sum(column.kind == "contacts" and column.home.endswith("(own field)") for column in audit.columns)
    for what, count, where, reason in (
        ("Contacts", audit.contacts.clean, "person", "rows of one number or e-mail are made one; the newest word wins"),
        ("Companies", audit.companies.companies, "company", "spellings of one name are made one; look-alikes are not"),
        ("Own fields", own, "fields of person", "each column of the account's own becomes a field"),
        ("Tags", audit.tags.distinct, "options of person", "as options, or as records of their own, by setting"),
        ("Lists", audit.lists.distinct, "options of person", "present membership only; Twenty sends no mail to them"),
        ("Contacts with notes", audit.contacts.with_notes, "note", "a contact's newest note, tied to the person"),
        ("Transactions", audit.transactions.moved, "opportunity", "what moved money, signed by its type"),
        ("Subscriptions", audit.subscriptions.count, "kartraSubscription", "as records: Twenty charges nobody"),
        ("Booked events", audit.bookings.events, "task", "one task an event, tied to the person"),
        ("Affiliates", audit.affiliates.count, "kartraAffiliate", "from their export and from the transactions"),
    ):
        if count:
            yield _line("migrates", what, count, where, reason)
    yield _line(
        "migrates",
        "Consent",
        audit.contacts.clean,
        "fields of person",
        "GDPR status, leave to contact and block are copied, never guessed; nothing in Twenty acts on them",
    )


def _rebuild(audit: Audit) -> Iterator[ScopeLine]:
    held = sum(problem.count for problem in audit.problems)
    if held:
        yield _line(
            "rebuild", "Held rows", held, "command holds", "they wait until a person corrects them; none is guessed"
        )
    if audit.contacts.to_review:
        reason = "blocked, GDPR-refused or deleted: whoever sends mail from now on must leave them out"
        yield _line("rebuild", "Contacts to review", audit.contacts.to_review, "your mail tool", reason)
    yield _line(
        "rebuild",
        "Sequences",
        len(audit.engagement.sequences) + len(audit.engagement.named_only) or None,
        "command inventory",
        "e-mails, delays and conditions are in no export and no API; at best names, steps and head counts are",
    )
    yield _line("rebuild", "Automations and rules", None, "Twenty workflows", "which tag starts what is told nowhere")
    yield _line("rebuild", "Pages, forms, funnels, checkouts", None, "another tool", _TWENTY_HAS_NONE)
    yield _line("rebuild", "Products and price points", None, "another tool", "exports hold their names only")
    running = sum(state.count for state in audit.subscriptions.states if state.name in {"Active", "Paused"})
    reason = "cards and renewals stay with the payment processor; a cancelled one cannot be revived"
    yield _line("rebuild", "Recurring billing", running or None, "your processor", reason)
    yield _line(
        "rebuild", "Membership access", _memberships(audit), "another tool", "levels and content do not come out"
    )
    yield _line(
        "rebuild", "Calendars", len(audit.bookings.calendars) or None, "another tool", "hours, hosts and reminders"
    )
    yield _line("rebuild", "Surveys, quizzes, videos, help desk", None, "another tool", _TWENTY_HAS_NONE)


def _memberships(audit: Audit) -> int | None:
    return sum(level.count for level in audit.engagement.memberships) or None


def _lost(audit: Audit) -> Iterator[ScopeLine]:
    behavioural = {tag.name for behaviour in audit.behaviour for tag in behaviour.tags}
    for what, count, reason in (
        ("When a tag or a list was given", audit.tags.distinct + audit.lists.distinct or None,
         "an export says that somebody bears it, not since when"),
        ("What stands behind behavioural tags", len(behavioural) or None,
         "the act itself (visit, answer, view) is told by webhooks alone, from the day they are switched on"),
        ("E-mails sent, opened, clicked", None, "neither exports nor the API hold them"),
        ("Form and survey answers", None, "each submission replaced the last; only present values are left"),
        ("The way through sequences", None, "when somebody entered, moved on and left is kept nowhere"),
        ("Which sale a refund belongs to", None, "the export has no parent number; buyer and product hint at it"),
    ):  # fmt: skip
        yield _line("lost", what, count, "nowhere", reason)
    history = sum(count.count for count in audit.transactions.set_aside)
    if history:
        reason = "failed charges and cancellations are no revenue: they stay in the ledger, not in Twenty"
        yield _line("lost", "Charges without money", history, "ledger only", reason)
    homeless = sum(not column.home for column in audit.columns)
    if homeless:
        reason = "they have no field by default; the mapping can give them one"
        yield _line("lost", "Columns without a home", homeless, "ledger only", reason)
