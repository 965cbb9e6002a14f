"""Reading records: by id, by unique value, by our mark, page by page, and counts. Soft-deleted ones are included.

Pages go in id order, the only order in which Twenty's paging loses nothing (GRAPHQL section 0); `first` is always
sent, since it is 200 when left out.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from adapters.twenty.batches import split
from adapters.twenty.client import TwentyClient
from adapters.twenty.documents import (
    ROOTS_A_DOCUMENT,
    WITH_DELETED,
    Filter,
    Kind,
    Names,
    Root,
    both,
    by_ids,
    by_mark,
    by_path,
    names_of,
    nodes,
    read_document,
)
from adapters.twenty.errors import NotTwenty
from adapters.twenty.ids import Ids
from adapters.twenty.model import Model, selection
from adapters.twenty.workspace import as_type

IDS_A_CALL = 10_000
"""Ids or keys in one filter that were seen to work (GRAPHQL section 2)."""

ROWS_A_PAGE = 2_000
"""Rows with many fields a page (GRAPHQL section 2)."""

NARROW_ROWS_A_PAGE = 10_000
"""Rows of a few fields a page."""

DataRow = dict[str, Any]

_MARK = "id createdAt updatedAt deletedAt createdBy{name context}"


class Ask(msgspec.Struct, frozen=True):
    """Which fields of which records of an object to read. `fields` are names of the model, or join columns."""

    object: str
    ids: Ids
    fields: tuple[str, ...]


class Holder(msgspec.Struct, frozen=True):
    """A record that holds a key asked for, or has an id asked for. `deleted_at` is set where it is in the bin."""

    id: str
    value: str
    created_at: str
    updated_at: str
    deleted_at: str | None


class Count(msgspec.Struct, frozen=True):
    """How many records of an object there are: live, and in the bin (None where not asked)."""

    live: int
    deleted: int | None


class Mark(msgspec.Struct, frozen=True):
    """A record that carries our mark: of which run (None where the mark names none), and its times."""

    id: str
    run: str | None
    created_at: str
    updated_at: str
    deleted_at: str | None


class Marks(msgspec.Struct, frozen=True):
    """The records of an object that carry our mark: how many, and the first of them in id order."""

    total: int
    first: tuple[Mark, ...]


class Page(msgspec.Struct, frozen=True, rename="camel"):
    """A connection as answered, with the parts that were selected."""

    edges: tuple["_Edge", ...] | None = None
    page_info: "_PageInfo | None" = None
    total_count: int | None = None

    @property
    def rows(self) -> list[DataRow]:
        """The rows of the page, an id each. Raises NotTwenty where they are missing: that is not the same as none."""
        if self.edges is None:
            raise NotTwenty(HTTPStatus.OK, "a page without rows")
        rows = [edge.node for edge in self.edges]
        if not all(isinstance(row.get("id"), str) for row in rows):
            raise NotTwenty(HTTPStatus.OK, "a row without an id")
        return rows

    @property
    def next(self) -> str | None:
        """The cursor to go on after, or None at the end. Raises NotTwenty where the answer does not tell."""
        if self.page_info is None or (self.page_info.has_next_page and self.page_info.end_cursor is None):
            raise NotTwenty(HTTPStatus.OK, "a page without its cursor")
        return self.page_info.end_cursor if self.page_info.has_next_page else None


class _Edge(msgspec.Struct, frozen=True):
    node: DataRow


class _PageInfo(msgspec.Struct, frozen=True, rename="camel"):
    has_next_page: bool
    end_cursor: str | None = None


class _Known(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    created_at: str
    updated_at: str
    deleted_at: str | None = None
    created_by: DataRow | None = None


async def read_many(client: TwentyClient, model: Model, asks: Sequence[Ask]) -> dict[str, list[DataRow]]:
    """Read records of up to 20 objects by their ids in one call; those in the bin too, `deletedAt` always asked back.

    Answers rows by object, in id order; what is not there is left out. One ask an object, 10,000 ids an ask.
    """
    if any(len(ask.ids) > IDS_A_CALL for ask in asks):
        raise ValueError(f"an ask takes at most {IDS_A_CALL} ids")
    roots = [_root_of(model, ask) for ask in asks]
    pages = await ask_pages(client, roots)
    return {root.kind.singular: await all_rows(client, root, page) for root, page in zip(roots, pages, strict=True)}


async def holders(
    client: TwentyClient, kind: Kind, key_path: str, values: Sequence[str], ids: Ids | None = None
) -> list[Holder]:
    """Find who holds these values of a unique key (`emails.primaryEmail`), those in the bin included.

    With `ids`, records under these ids are found too: one call settles a batch refused as duplicate. Values are
    compared as stored (e-mails lower-case). At most 10,000 values and ids together.
    """
    asked = len(values) + (len(ids) if ids else 0)
    if not 0 < asked <= IDS_A_CALL:
        raise ValueError(f"holders takes 1 to {IDS_A_CALL} values and ids")
    either = ([by_path(key_path, {"in": list(values)})] if values else []) + ([by_ids(ids)] if ids else [])
    fields = f"id createdAt updatedAt deletedAt {_nested(key_path)}"
    pages = walk_filter(client, kind, fields, both({"or": either}, WITH_DELETED), NARROW_ROWS_A_PAGE)
    return [_holder(row, key_path) async for rows in pages for row in rows]


async def counts(client: TwentyClient, objects: Iterable[Kind], deleted: bool = True) -> dict[str, Count]:
    """Count the records of objects: one call for the live ones of 20 objects, one more for those in the bin."""
    kinds = [names_of(one) for one in objects]
    live = await _totals(client, kinds, {})
    binned = await _totals(client, kinds, {"deletedAt": {"is": "NOT_NULL"}}) if deleted else {}
    return {kind.singular: Count(live[kind.singular], binned.get(kind.singular)) for kind in kinds}


async def marked(
    client: TwentyClient, objects: Iterable[Kind], run: str | None = None, first: int = 100
) -> dict[str, Marks]:
    """Find the records that carry our mark (of `run`, or of any), those in the bin included (a call for 20 objects)."""
    roots = [
        Root(names_of(one), both(by_mark(run), WITH_DELETED), first, f"totalCount {nodes(_MARK)}") for one in objects
    ]
    pages = await ask_pages(client, roots)
    return {
        root.kind.singular: Marks(_total(page), tuple(_mark(row) for row in page.rows))
        for root, page in zip(roots, pages, strict=True)
    }


async def every_mark(client: TwentyClient, kind: Kind, run: str | None = None) -> AsyncIterator[list[Mark]]:
    """Go through the records of an object that carry our mark (of `run`, or of any), those in the bin included."""
    async for rows in walk_filter(client, kind, _MARK, both(by_mark(run), WITH_DELETED), NARROW_ROWS_A_PAGE):
        yield [_mark(row) for row in rows]


async def every_record(client: TwentyClient, kind: Kind) -> AsyncIterator[list[Mark]]:
    """Go through all records of an object, whoever made them, those in the bin included."""
    async for rows in walk_filter(client, kind, _MARK, WITH_DELETED, NARROW_ROWS_A_PAGE):
        yield [_mark(row) for row in rows]


async def made_by_others(client: TwentyClient, kind: Kind, since: str) -> int:
    """Count the records that people and other programs created since a time (RFC 3339), those in the bin included.

    All less ours, less those of workflows and applications, which may have acted on ours. A difference, since Twenty's
    `not` also leaves out rows without a value.
    """
    recent = both({"createdAt": {"gte": f"{since[:23]}Z"}}, WITH_DELETED)
    automatic = {"createdBy": {"source": {"in": ["WORKFLOW", "APPLICATION"]}}}
    every, ours, automated = [
        await count_filter(client, kind, where)
        for where in (recent, both(by_mark(None), recent), both(automatic, recent))
    ]
    return every - ours - automated


async def walk(
    client: TwentyClient, model: Model, name: str, fields: Iterable[str], where: Filter | None = None
) -> AsyncIterator[list[DataRow]]:
    """Go through all records of an object, page by page in id order. Live ones only, unless the filter says other."""
    known = model.object(name)
    async for rows in walk_filter(client, known, selection(known, fields), where or {}, ROWS_A_PAGE):
        yield rows


async def walk_filter(
    client: TwentyClient, kind: Kind, select: str, where: Filter, rows_a_page: int, counted_as: str = "read"
) -> AsyncIterator[list[DataRow]]:
    """Go through the records a filter finds; `select` is the text between the node's braces."""
    root = Root(names_of(kind), where, rows_a_page, nodes(select))
    [first] = await ask_pages(client, [root], counted_as)
    async for page in _follow(client, root, first, counted_as):
        yield page.rows


async def all_rows(client: TwentyClient, root: Root, first: Page) -> list[DataRow]:
    """The rows of a root's first page and of every page after it, should Twenty make more of them than asked."""
    return [row async for page in _follow(client, root, first, "read") for row in page.rows]


async def ask_pages(client: TwentyClient, roots: Sequence[Root], counted_as: str = "read") -> list[Page]:
    """Send reads, as many roots a document as Twenty takes (20, and 8 MB), and answer one page a root."""
    pages: list[Page] = []
    for some in split(roots, ROOTS_A_DOCUMENT):
        document, variables = read_document(some)
        data = await client.read(document, variables, kind=counted_as)
        pages += (as_type(Page, data.get(root.kind.plural)) for root in some)
    return pages


async def count_filter(client: TwentyClient, kind: Kind, where: Filter, counted_as: str = "read") -> int:
    """Count the records a filter finds, without reading them."""
    [page] = await ask_pages(client, [Root(names_of(kind), where, 0, "totalCount")], counted_as)
    return _total(page)


async def _follow(client: TwentyClient, root: Root, page: Page, counted_as: str) -> AsyncIterator[Page]:
    yield page
    while (cursor := page.next) is not None:
        if cursor == root.after:
            raise NotTwenty(HTTPStatus.OK, "paging does not advance")
        root = msgspec.structs.replace(root, after=cursor)
        [page] = await ask_pages(client, [root], counted_as)
        yield page


def _root_of(model: Model, ask: Ask) -> Root:
    known = model.object(ask.object)
    select = nodes(selection(known, ["deletedAt", *ask.fields]))
    return Root(names_of(known), both(by_ids(ask.ids), WITH_DELETED), len(ask.ids), select)


async def _totals(client: TwentyClient, kinds: Sequence[Names], where: Filter) -> dict[str, int]:
    pages = await ask_pages(client, [Root(kind, where, 0, "totalCount") for kind in kinds])
    return {kind.singular: _total(page) for kind, page in zip(kinds, pages, strict=True)}


def _total(page: Page) -> int:
    return as_type(int, page.total_count)


def _nested(path: str) -> str:
    outer, *inner = path.split(".")
    return outer + "".join(f"{{{name}" for name in inner) + "}" * len(inner)


def _holder(row: DataRow, key_path: str) -> Holder:
    value: Any = row
    for name in key_path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    known = as_type(_Known, row)
    return Holder(known.id, str(value or ""), known.created_at, known.updated_at, known.deleted_at)


def _mark(row: DataRow) -> Mark:
    known = as_type(_Known, row)
    context = known.created_by.get("context") if known.created_by else None
    run = context.get("run") if isinstance(context, dict) else None
    return Mark(known.id, run, known.created_at, known.updated_at, known.deleted_at)
