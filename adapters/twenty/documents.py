"""The GraphQL documents sent to `/graphql`, and the filters that go into them (GRAPHQL section 1).

Twenty ignores field aliases, runs the roots of a document at the same time and refuses the same root twice (GRAPHQL
section 0): so one mutation a document, several different reads at most, and values only ever in variables.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import msgspec

from adapters.twenty.ids import Ids, checked_mark

MARK_NAME = "Kartra"
"""`createdBy.name` of every record we make."""

ROOTS_A_DOCUMENT = 20
"""Twenty refuses more (GRAPHQL section 0)."""

TARGETS_A_CALL = 5_000
"""Ids of targets in one filter, which repeats them a column that may hold them (10,000 ids were seen to work)."""

Filter = dict[str, Any]

WITH_DELETED: Filter = {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}
"""Naming deletedAt anywhere in a filter shows soft-deleted rows too."""


class Kind(Protocol):
    """What documents need to know of an object: its two names."""

    @property
    def singular(self) -> str:
        """The name of one (`person`)."""

    @property
    def plural(self) -> str:
        """The name of many (`people`)."""


class Names(msgspec.Struct, frozen=True):
    """The names of an object that is there in every workspace, where no model is at hand."""

    singular: str
    plural: str


TIMELINE = Names("timelineActivity", "timelineActivities")
RUNS = Names("workflowRun", "workflowRuns")
TRIGGERS = Names("workflowAutomatedTrigger", "workflowAutomatedTriggers")


def capital(name: str) -> str:
    """`kartraAffiliate` → `KartraAffiliate`."""
    return name[:1].upper() + name[1:]


def many_root(verb: str, kind: Kind) -> str:
    """Name the root that does `verb` to many: `createPeople`."""
    return f"{verb}{capital(kind.plural)}"


def one_root(verb: str, kind: Kind) -> str:
    """Name the root that does `verb` to one: `updatePerson`."""
    return f"{verb}{capital(kind.singular)}"


def create_document(kind: Kind, *, upsert: bool = False) -> str:
    """Create many ($d), or with `upsert` change many; answers id and times."""
    switch = ",upsert:true" if upsert else ""
    root = f"{many_root('create', kind)}(data:$d{switch}){{id createdAt updatedAt}}"
    return f"mutation($d:[{capital(kind.singular)}CreateInput!]!){{{root}}}"


def update_document(kind: Kind) -> str:
    """Change one ($i, $d); answers id and times."""
    root = f"{one_root('update', kind)}(id:$i,data:$d){{id createdAt updatedAt}}"
    return f"mutation($i:UUID!,$d:{capital(kind.singular)}UpdateInput!){{{root}}}"


def filtered_document(verb: str, kind: Kind) -> str:
    """Destroy, delete or restore by a filter ($f); answers the ids it befell."""
    return f"mutation($f:{capital(kind.singular)}FilterInput!){{{many_root(verb, kind)}(filter:$f){{id}}}}"


def one_document(verb: str, kind: Kind) -> str:
    """Delete or restore one ($i)."""
    return f"mutation($i:UUID!){{{one_root(verb, kind)}(id:$i){{id deletedAt updatedAt}}}}"


class Root(msgspec.Struct, frozen=True):
    """One root of a read: which rows of `kind`, at most how many, and the connection's selection."""

    kind: Names
    filter: Filter
    first: int
    select: str
    after: str | None = None


def read_document(roots: Iterable[Root]) -> tuple[str, dict[str, Any]]:
    """Bundle reads of different objects into one document; returns it with its variables."""
    declared: list[str] = []
    bodies: list[str] = []
    variables: dict[str, Any] = {}
    for at, root in enumerate(roots):
        declared.append(f"$f{at}:{capital(root.kind.singular)}FilterInput,$n{at}:Int,$a{at}:String")
        bodies.append(f"{root.kind.plural}(filter:$f{at},first:$n{at},after:$a{at}){{{root.select}}}")
        variables |= {f"f{at}": root.filter, f"n{at}": root.first, f"a{at}": root.after}
    if not 0 < len(bodies) <= ROOTS_A_DOCUMENT or len({body.split("(")[0] for body in bodies}) < len(bodies):
        raise ValueError(f"a document takes 1 to {ROOTS_A_DOCUMENT} different roots")
    return f"query({','.join(declared)}){{{' '.join(bodies)}}}", variables


def names_of(kind: Kind) -> Names:
    """Keep only the names."""
    return Names(kind.singular, kind.plural)


def nodes(fields: str) -> str:
    """Select rows with `fields`, and where the page ends."""
    return f"pageInfo{{hasNextPage endCursor}} edges{{node{{{fields}}}}}"


def by_ids(ids: Ids) -> Filter:
    """Exactly these records."""
    return {"id": {"in": list(ids.values)}}


def by_path(path: str, condition: Filter) -> Filter:
    """`emails.primaryEmail` and a condition → the nested filter."""
    for name in reversed(path.split(".")):
        condition = {name: condition}
    return condition


def both(*filters: Filter) -> Filter:
    """All of one or more filters."""
    if not filters:
        raise ValueError("an empty `and` would mean every record")
    return {"and": list(filters)}


def by_mark(run: str | None) -> Filter:
    """Records carrying our mark, of one run or any."""
    named = {"createdBy": {"name": {"eq": MARK_NAME}}}
    if run is None:
        return named
    return both(named, {"createdBy": {"context": {"like": f"%{checked_mark(run)}%"}}})
