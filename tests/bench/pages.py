"""The console's pages and searches to be asked for, and real values of a ledger to fill them with."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from urllib.parse import quote

import msgspec

PAGES = (
    # Kind, path behind /ledgers/{l} and /api/v1/ledgers/{l}; what stands in braces is filled with real values.
    ("overview", ""),
    ("runs", "/runs"),
    ("run", "/runs/{run}"),
    ("records", "/records"),
    ("records of an object and state", "/records?object=person&state=written"),
    ("search: e-mail", "/records?q={email}"),
    ("search: full name", "/records?q={name}"),
    ("search: start of a rare name", "/records?q={start}"),
    ("search: middle of a rare name", "/records?q={middle}"),
    ("search: nobody", "/records?q={nobody}"),
    ("search: Kartra number", "/records?q={number}"),
    ("search: Twenty id", "/records?q={twenty_id}"),
    ("search: FILE:LINE", "/records?q={ref}"),
    ("record", "/record?object=person&key={key}"),
    ("events", "/events"),
    ("events of a type", "/events?type=RecordCreated"),
    ("event", "/events/{position}"),
    ("files", "/files"),
    ("file at a line", "/files/{file}?line={line}"),
    ("holds", "/holds"),
    ("reports", "/reports"),
    ("report", "/reports/{report}"),
    ("mappings", "/mappings"),
    ("rollback plan", "/rollback-plan"),
    ("rollback plan of a run", "/rollback-plan?run={run}"),
)
ONLY_PAGES = (("verify (page)", "/verify"),)
"""Of these the API's counterpart is no page: it does the work."""

WALKS = (
    ("records, page by page", "/records?object=person&state=written"),
    ("events, page by page", "/events"),
)
"""Lists of which the next twenty pages are asked for too, each by the link in the one before."""

Values = Mapping[str, Sequence[str]]
_NOBODY = ("Qzyxwvut", "Xqzwvky Nemonull", "nobody.at.all@nowhere.example")
_MANY = 200


class Page(msgspec.Struct, frozen=True):
    """A kind of page and its path; a `walk` goes on from it."""

    kind: str
    path: str
    walk: bool = False

    def url(self, values: Values, dice: Random) -> str:
        """The path with values of the ledger; what belongs to one row goes together."""
        at = dice.randrange(_MANY)
        return self.path.format_map({name: quote(some[at % len(some)], safe="") for name, some in values.items()})

    def can_be_asked(self, values: Values) -> bool:
        """Whether the ledger has whatever the path names."""
        return not any("{" + name + "}" in self.path and not some for name, some in values.items())


def pages(slug: str) -> list[Page]:
    """Every page, and its counterpart of the API, of one ledger."""
    plain, api = f"/ledgers/{slug}", f"/api/v1/ledgers/{slug}"
    found = []
    for mark, root in (("", plain), ("API ", api)):
        found += [Page(mark + kind, root + path) for kind, path in PAGES]
        found += [Page(mark + kind, root + path, walk=True) for kind, path in WALKS]
    return [*found, *(Page(kind, plain + path) for kind, path in ONLY_PAGES)]


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection that cannot write."""
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
        yield connection


def values_of(path: Path, dice: Random) -> dict[str, list[str]]:
    """Values of a ledger, a few hundred of each kind at most."""
    with reading(path) as connection:
        head = _column(connection, "SELECT max(position) FROM event")[0]
        made = [int(position) for position in _column(connection, _MADE)]
        rows = [_person(connection, dice.randrange(made[0], made[1] + 1)) for _ in range(_MANY)]
        people = {name: [row[at] for row in rows if row] for at, name in enumerate(_PERSON)}
        lines = [_column(connection, _LINES, file) for file in _column(connection, _FILES)]
        refs = [dice.choice(some) for some in lines for _ in range(_MANY // len(lines)) if some]
        return {
            **people,
            "start": [name[:6] for name in _rare(people["name"])],
            "middle": [name[1:-1] for name in _rare(people["name"])],
            "number": [key.partition(":")[2] for key in people["key"] if "~" not in key],
            "nobody": list(_NOBODY),
            "run": _column(connection, "SELECT run_id FROM run"),
            "position": [str(dice.randrange(1, int(head) + 1)) for _ in range(_MANY)],
            "report": _column(connection, _REPORTS),
            "file": [ref.partition(":")[0] for ref in refs],
            "line": [ref.partition(":")[2] for ref in refs],
        }


_PERSON = ("key", "name", "twenty_id", "ref", "email")
_FILES = "SELECT DISTINCT file FROM export"
_LINES = "SELECT file || ':' || line FROM source_row WHERE file = ? ORDER BY line DESC LIMIT 2000"
_REPORTS = "SELECT position FROM event WHERE type IN ('ReconciliationMade', 'RollbackProven')"
_MADE = """SELECT min(position) FROM event WHERE type = 'RecordCreated'
  UNION ALL SELECT max(position) FROM event WHERE type = 'RecordCreated'"""
# By its creation from a position on, which the index of types finds at once.
_PERSON_FROM = """SELECT record.source_key, label, record.twenty_id, record.source_ref,
    json_extract(body, '$.value.fields.emails.primaryEmail')
  FROM event JOIN record ON record.object = event.object AND record.source_key = event.source_key
  JOIN payload ON payload.hash = record.payload_hash
  WHERE type = 'RecordCreated' AND event.position >= ? AND event.object = 'person' AND record.twenty_id IS NOT NULL
  ORDER BY event.position LIMIT 1"""


def _person(connection: sqlite3.Connection, after: int) -> tuple[str, ...] | None:
    row: tuple[str, ...] | None = connection.execute(_PERSON_FROM, (after,)).fetchone()
    return row


def _rare(names: Sequence[str]) -> list[str]:
    """Family names that few bear among these, the longest first."""
    families = [name.split()[-1] for name in names]
    return [name for name in families if families.count(name) == 1 and len(name) >= 6]


def _column(connection: sqlite3.Connection, statement: str, *params: str) -> list[str]:
    return [str(row[0]) for row in connection.execute(statement, params)]
