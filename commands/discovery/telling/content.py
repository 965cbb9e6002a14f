"""What contacts carry: columns, companies, tags and lists, acts, sequences."""

from adapters.reports.figures import count, counted
from adapters.reports.model import Bar, Bars, Block, Callout, Figure, Figures, Paragraph, Section, Share, Table
from commands.discovery.document import Audit, Behaviour, Column, Companies, Taxonomy

_NAMED = 30
_COMPANIES = 25
_TAGS_OF_ACT = 8
_WIDTHS = (25, 15, 9, 22, 29)
_OBJECTS_FROM = 300
"""Distinct tags from which `plan` proposes records of their own (DESIGN section 5)."""

_KINDS = {
    "contacts": "Contacts",
    "transactions": "Transactions",
    "subscriptions": "Subscriptions",
    "bookings": "Bookings",
    "affiliates": "Affiliates",
}


def columns(audit: Audit) -> Section:
    """Completeness, and what has no home."""
    by_kind = {kind: [column for column in audit.columns if column.kind == kind] for kind in _KINDS}
    blocks: list[Block] = [_columns(_KINDS[kind], of_kind) for kind, of_kind in by_kind.items() if of_kind]
    homeless = [column for column in audit.columns if not column.home]
    if homeless:
        names = "; ".join(f"of {kind} {', '.join(names)}" for kind, names in _by_kind(homeless).items())
        told = f"{counted(len(homeless), 'column has', 'columns have')} no field, and stay in the ledger: {names}."
        blocks.insert(0, Callout(told, "plain"))
    lead = (
        "How often each column is filled (contacts: by contact, others: by row), and what its commonest value looks "
        "like: letters as abc, digits as 9."
    )
    return Section(anchor="columns", title="Completeness", lead=lead, blocks=tuple(blocks))


def _by_kind(every: list[Column]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for column in every:
        names.setdefault(column.kind, []).append(column.name)
    return names


def _columns(caption: str, every: list[Column]) -> Table:
    rows = tuple(
        (
            column.name,
            Share(column.filled, column.of),
            f"{'> ' if column.distinct_more else ''}{count(column.distinct)}",
            column.shape,
            _home(column),
        )
        for column in sorted(every, key=lambda column: (-column.filled, column.name))
    )
    header = ("Column", "Filled", "Distinct", "Looks like", "Goes to")
    of = counted(every[0].of, "contact" if every[0].kind == "contacts" else "row")
    return Table(header=header, rows=rows, caption=f"{caption}, {of}", right=frozenset({2}), widths=_WIDTHS)


def _home(column: Column) -> str:
    home = column.home or "no home"
    return f"{home}, {column.kartra_type.replace('_', ' ')}" if column.kartra_type else home


def companies(audit: Audit) -> Section:
    """Companies made one, and those that may be one."""
    found = audit.companies
    figures = Figures(
        (
            Figure("Spellings", count(found.spellings)),
            Figure("Companies", count(found.companies), f"for {counted(found.contacts, 'contact')}"),
            Figure("Spelled in several ways", count(found.joined_count), "made one"),
            Figure(
                "Several legal forms", count(found.forms_count), "kept apart", "warn" if found.forms_count else "plain"
            ),
            Figure(
                "Nearly the same name", count(found.near_count), "kept apart", "warn" if found.near_count else "plain"
            ),
        )
    )
    lead = "Spellings of one name and one legal form are one company. What only looks alike is listed, never joined."
    blocks = (figures, *_company_tables(found)) if found.companies else (Paragraph("No row names a company."),)
    return Section(anchor="companies", title="Companies", lead=lead, blocks=blocks)


def _company_tables(found: Companies) -> list[Block]:
    tables: list[Block] = []
    if found.joined:
        joined = tuple((each.name, " · ".join(each.spellings)) for each in found.joined[:_COMPANIES])
        rest = found.joined_count - len(joined)
        tables.append(Table(header=("Company", "Spelled"), rows=joined, caption="Made one", rest=rest))
    if found.forms:
        forms = tuple((" · ".join(each),) for each in found.forms[:_COMPANIES])
        rest = found.forms_count - len(forms)
        tables.append(
            Table(header=("Companies",), rows=forms, caption="Several legal forms of one name", rest=rest, narrow=True)
        )
    if found.near:
        near = found.near[:_COMPANIES]
        rest = found.near_count - len(near)
        tables.append(Table(header=("One", "Other"), rows=near, caption="Nearly the same name", rest=rest, narrow=True))
    return tables


def names(found: Taxonomy, anchor: str, title: str) -> Section:
    """Tags or lists, the commonest first."""
    noun = title.lower()
    if not found.distinct:
        return Section(anchor=anchor, title=title, blocks=(Paragraph(f"No contact has {noun}."),))
    bars = tuple(Bar(each.name, each.count, count(each.count)) for each in found.names[:_NAMED])
    rest = found.distinct - len(bars)
    blocks: list[Block] = [Bars(bars=bars, caption=f"Contacts by {noun.removesuffix('s')}", rest=rest)]
    if found.variants:
        rows = tuple((" · ".join(group),) for group in found.variants[:_NAMED])
        rest = len(found.variants) - len(rows)
        caption = "Names that differ in case or accents alone; each stays a name of its own"
        blocks.append(Table(header=("Spelled",), rows=rows, caption=caption, rest=rest))
    if found.unused:
        blocks.append(Paragraph(f"Nobody has, though the account knows them: {', '.join(found.unused[:_NAMED])}."))
    if found.distinct > _OBJECTS_FROM:
        blocks.insert(
            0, Callout(f"More than {_OBJECTS_FROM} {noun}: as records of their own they stay easy to handle.")
        )
    lead = f"{counted(found.distinct, 'name')} on {counted(found.contacts, 'contact')}."
    if found.once:
        lead += f" {counted(found.once, 'name is', 'names are')} on one contact only."
    return Section(anchor=anchor, title=title, lead=lead, blocks=tuple(blocks))


def behaviour(audit: Audit) -> Section:
    """What tags remember, and what is gone."""
    lead = (
        "Tags and lists whose names sound like something somebody did. The names move; the act itself (when, how "
        "often, with which answers) is in no export, and absent for good. A guess made from words."
    )
    if not audit.behaviour:
        told = Paragraph("No tag sounds like an act. What people did is absent all the same: no export holds it.")
        return Section(anchor="behaviour", title="Engagement behind the tags", lead=lead, blocks=(told,))
    bars = tuple(Bar(each.family, each.contacts, count(each.contacts)) for each in audit.behaviour)
    rows = tuple((each.family, _quoted(each), each.absent) for each in audit.behaviour)
    table = Table(header=("Kind of act", "Names that tell of it", "Absent for good"), rows=rows)
    chart = Bars(bars=bars, caption="Contacts whose names tell of such an act", most=audit.contacts.clean)
    return Section(anchor="behaviour", title="Engagement behind the tags", lead=lead, blocks=(chart, table))


def _quoted(found: Behaviour) -> str:
    shown = ", ".join(f"{tag.name} ({count(tag.count)})" for tag in found.tags[:_TAGS_OF_ACT])
    return shown if len(found.tags) <= _TAGS_OF_ACT else f"{shown}, …"


def engagement(audit: Audit) -> Section:
    """Sequences and memberships."""
    found = audit.engagement
    blocks: list[Block] = []
    if found.sequences:
        rows = tuple((each.name, each.active, each.unsubscribed, each.highest_step) for each in found.sequences)
        header = ("Sequence", "Active", "Left", "Highest step seen")
        blocks.append(Table(header=header, rows=rows[:_NAMED], rest=max(len(rows) - _NAMED, 0), right=frozenset({3})))
    if found.named_only:
        blocks.append(Paragraph(f"Known by name only: {', '.join(found.named_only[:_NAMED])}."))
    if found.memberships:
        bars = tuple(Bar(each.name, each.count, count(each.count)) for each in found.memberships[:_NAMED])
        rest = max(len(found.memberships) - _NAMED, 0)
        blocks.append(Bars(bars=bars, caption="Active memberships by level", rest=rest))
    if not found.answers:
        told = "No file has answers about single leads (`lead_details`), so who is in which sequence is unknown."
        blocks.append(Callout(told, "plain"))
    lead = "They are not written to Twenty. `inventory` makes the list from which somebody rebuilds them."
    return Section(anchor="sequences", title="Sequences and memberships", lead=lead, blocks=tuple(blocks))
