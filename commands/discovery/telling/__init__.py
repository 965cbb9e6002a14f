"""The audit as a report: which of its numbers are shown, in which order and in which words."""

from adapters.reports.figures import amount, count, counted
from adapters.reports.model import Block, Callout, Figure, Figures, Report, Section, Table
from commands.discovery.document import Audit, Sum
from commands.discovery.telling import content, people, sales, scope

__all__ = ["figures", "told"]

_FOOTER = (
    "Made by kartra-to-twenty from the files alone; nothing was sent anywhere. People are named nowhere: rows are "
    "pointed at by file and line. Every row mentioned is listed in audit-rows.csv, every number in audit.json."
)


def told(audit: Audit) -> Report:
    """The whole report."""
    sections = (
        scope.section(audit),
        people.contacts(audit),
        people.review(audit),
        *([people.problems(audit)] if audit.problems else []),
        content.columns(audit),
        content.companies(audit),
        content.names(audit.tags, "tags", "Tags"),
        content.names(audit.lists, "lists", "Lists"),
        content.behaviour(audit),
        *sales.sections(audit),
        content.engagement(audit),
        _files(audit),
    )
    return Report(
        title="What this Kartra account holds",
        lead="Discovery before a migration to Twenty: what is there, in which state, and what will become of it.",
        facts=(
            ("Folder", audit.folder),
            ("Files read", count(len(audit.files))),
            ("Newest export", _moment(audit.newest_export)),
            ("Audited", _moment(audit.audited_at)),
        ),
        figures=figures(audit),
        sections=sections,
        footer=_FOOTER,
    )


def figures(audit: Audit) -> Figures:
    """The numbers that matter first."""
    contacts, held = audit.contacts, sum(problem.count for problem in audit.problems)
    return Figures(
        (
            Figure("Clean contacts", count(contacts.clean), f"of {counted(contacts.rows, 'row')}"),
            Figure("Repeated rows", count(contacts.repeated), "merged into the contacts"),
            Figure("Rows held", count(held), "wait for a correction", "warn" if held else "good"),
            Figure(
                "To review",
                count(contacts.to_review),
                "blocked, refused, deleted",
                "bad" if contacts.to_review else "good",
            ),
            Figure("Stale", count(audit.stale.count), f"silent since {audit.stale.before}"),
            Figure(
                "Companies", count(audit.companies.companies), f"of {counted(audit.companies.spellings, 'spelling')}"
            ),
            *_net(audit),
            Figure("Tags", count(audit.tags.distinct), f"and {counted(audit.lists.distinct, 'list')}"),
        )
    )


def _net(audit: Audit) -> list[Figure]:
    by_currency: dict[str, list[Sum]] = {}
    for each in audit.transactions.by_type:
        by_currency.setdefault(each.currency, []).append(each)
    return [
        Figure(
            f"Net sales, {currency}",
            amount(sum(each.micros for each in sums)),
            f"in {counted(sum(each.count for each in sums), 'transaction')}",
        )
        for currency, sums in by_currency.items()
    ]


def _files(audit: Audit) -> Section:
    rows = tuple(
        (
            file.name,
            file.kind.replace("_", " "),
            _moment(file.exported_at),
            file.rows,
            file.rows - file.held - file.set_aside,
            file.held,
            file.set_aside,
            ", ".join(f"{column} by {_SEPARATORS[separator]}" for column, separator in file.separators.items()),
        )
        for file in audit.files
    )
    header = ("File", "Kind", "Exported", "Rows", "Taken", "Held", "Set aside", "Names parted")
    blocks: list[Block] = [Table(header=header, rows=rows)]
    if audit.descriptions:
        described = tuple((name,) for name in audit.descriptions)
        blocks.append(Table(header=("File",), rows=described, caption="Descriptions of the account, without rows"))
    if audit.left:
        left = tuple((each.name, each.reason) for each in audit.left)
        blocks.append(Callout(f"{counted(len(left), 'file was', 'files were')} not read."))
        blocks.append(Table(header=("File", "Why it was left"), rows=left))
    lead = "Rows = taken + held + set aside, in every file. Times are UTC."
    return Section(anchor="files", title="Files", lead=lead, blocks=tuple(blocks))


_SEPARATORS = {";": "semicolon", ",": "comma", "[]": "JSON list"}


def _moment(moment: str) -> str:
    return moment.replace("T", " ").removesuffix(":00Z").removesuffix("Z")
