"""Contacts: how rows became people, whom to look at, and which rows cannot be placed."""

from collections.abc import Sequence

from adapters.reports.figures import count, counted, percent
from adapters.reports.model import Bar, Bars, Block, Figure, Figures, Paragraph, Places, Section, Table, Tone
from commands.discovery.document import Audit, Count, Found, Lines

PLACED = 60
"""Lines of one reason that a page lists; the document and the sheet have more."""

REASONS = {
    "email_missing": "No e-mail address",
    "email_invalid": "An e-mail address nothing can reach",
    "email_taken": "An e-mail address that belongs to another contact number",
    "identity_conflict": "A row that says two known contacts are one",
    "identity_missing": "No number to know the row by",
    "row_malformed": "Too many or too few cells, or broken quotes",
    "buyer_unknown": "Names a contact that no file has",
    "date_invalid": "A date that is none, or may be read in two ways",
    "amount_invalid": "An amount or a type that cannot be read",
    "blocked": "Blocked in Kartra",
    "gdpr_refused": "Refused under GDPR",
    "deleted_in_kartra": "Deleted in Kartra, and exported all the same",
}


def contacts(audit: Audit) -> Section:
    """From rows to people."""
    found = audit.contacts
    several = (
        Figure("In several files", count(found.in_several_files), "merged by number or e-mail"),
        Figure("Repeated in a file", count(found.repeated_in_a_file), "the later line is newer"),
        Figure("Without a number", count(found.without_number), "known by their e-mail only"),
        Figure("With notes", count(found.with_notes), "the newest note is moved"),
    )
    bars = (
        Bar("Rows read", found.rows, count(found.rows)),
        Bar("Held, to be corrected", found.held, count(found.held), "warn"),
        Bar("Merged into others", found.repeated, count(found.repeated)),
        Bar("Clean contacts", found.clean, count(found.clean), "good"),
    )
    blocks: list[Block] = [
        Bars(bars=bars, caption="From rows to contacts"),
        Figures(several),
        _counts("GDPR status", found.gdpr, found.clean),
        _counts("May be contacted", found.may_contact, found.clean),
    ]
    if found.joined:
        joined = tuple(Bar(year.name, year.count, count(year.count)) for year in found.joined)
        blocks.append(Bars(bars=joined, caption="Joined, by year"))
    lead = "Rows of one Kartra number or one e-mail address are one contact: tags unite, and the newest word wins."
    return Section(anchor="contacts", title="Contacts", lead=lead, blocks=tuple(blocks))


def review(audit: Audit) -> Section:
    """Whom a person should decide about."""
    blocks: list[Block] = [_table(audit.contacts.review, audit.contacts.clean)] if audit.contacts.review else []
    blocks += [places(found) for found in audit.contacts.review]
    if not blocks:
        blocks.append(Paragraph("Nobody is blocked, refused under GDPR, or deleted."))
    stale = audit.stale
    told = (
        f"{counted(stale.count, 'contact')} ({percent(stale.count, stale.of)}) joined before {stale.before}, and no "
        "file has a transaction, a running subscription or a booking of theirs since. Tags carry no dates in an "
        f"export, so one given since cannot count. {counted(stale.joined_unknown, 'contact has', 'contacts have')} "
        "no readable date of joining."
    )
    blocks.append(Paragraph(told))
    if stale.places:
        blocks.append(_places(f"Stale: {counted(stale.count, 'contact')}", stale.places, stale.count))
    lead = "Contacts that are moved like all others, and that somebody should decide about before mail is sent."
    return Section(anchor="review", title="For review by a person", lead=lead, blocks=tuple(blocks))


def problems(audit: Audit) -> Section:
    """Rows that are held."""
    rows = tuple(
        (REASONS.get(found.reason, found.reason), found.kind.replace("_", " "), found.reason, found.count)
        for found in audit.problems
    )
    blocks: tuple[Block, ...] = (
        Table(header=("Reason", "Kind", "Code", "Rows"), rows=rows),
        *map(places, audit.problems),
    )
    lead = "Nothing is guessed: these rows wait until somebody corrects them. All others go on."
    return Section(anchor="held", title="Rows that will be held", lead=lead, blocks=blocks)


def places(found: Found) -> Places:
    """Where the rows of one reason stand."""
    reason = REASONS.get(found.reason, found.reason)
    return _places(
        f"{reason}, {found.kind.replace('_', ' ')}: {counted(found.count, 'row')}", found.places, found.count
    )


def _places(caption: str, every: Sequence[Lines], total: int) -> Places:
    listed: list[tuple[str, tuple[int, ...]]] = []
    left = PLACED
    for lines in every:
        if left > 0:
            listed.append((lines.file, lines.lines[:left]))
            left -= len(lines.lines)
    return Places(caption=caption, files=tuple(listed), rest=total - sum(len(lines) for _, lines in listed))


def _table(found: Sequence[Found], of: int) -> Table:
    rows = tuple((REASONS[each.reason], each.count, percent(each.count, of)) for each in found)
    return Table(header=("Why", "Contacts", "Share"), rows=rows, right=frozenset({2}))


def _counts(caption: str, counts: Sequence[Count], of: int) -> Bars:
    bars = tuple(
        Bar(each.name, each.count, f"{count(each.count)} · {percent(each.count, of)}", _tone(each.name))
        for each in counts
    )
    return Bars(bars=bars, caption=caption, most=of, narrow=True)


def _tone(name: str) -> Tone:
    tones: dict[str, Tone] = {"Refused": "bad", "Has not agreed": "warn"}
    return tones.get(name, "plain")
