"""What may be asked for in an address, and how it is described."""

from collections.abc import Iterable
from typing import Annotated, Any

from litestar.params import PathParameter, QueryParameter

from ledger.events import EVENTS
from ledger.listings.holds import STATES
from ledger.listings.records import SHOWN


def _one_of(words: Iterable[str]) -> dict[str, Any]:
    # Described, and not checked here: the refusal says which words there are, and a form's empty text is for nobody.
    return {"enum": [*words, None]}


Ledger = Annotated[str, PathParameter(description="The ledger's word, as `/api/v1/ledgers` lists it.", max_length=200)]
Run = Annotated[str, PathParameter(description="A run's id.", max_length=80)]
File = Annotated[str, PathParameter(description="A file's id, as `files` lists it.", max_length=80)]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=500, description="How many there are on a page.")]
Cursor = Annotated[str | None, QueryParameter(name="cursor", max_length=4000, description="`next` of the page before.")]
Position = Annotated[int, PathParameter(ge=1, le=2**53 - 1, description="The position of an event.")]
Words = Annotated[
    str,
    QueryParameter(name="q", max_length=400, description="An e-mail, a name, Kartra's or Twenty's id, or FILE:LINE."),
]
OneObject = Annotated[str, QueryParameter(name="object", min_length=1, max_length=200, description="Its object.")]
Object = Annotated[str | None, QueryParameter(name="object", max_length=200, description="An object of Twenty's.")]
State = Annotated[
    str | None,
    QueryParameter(name="state", max_length=40, description="What a record has become.", schema_extra=_one_of(SHOWN)),
]
HoldState = Annotated[
    str,
    QueryParameter(
        name="state", max_length=40, description="What has become of the hold.", schema_extra={"enum": list(STATES)}
    ),
]
Reason = Annotated[str | None, QueryParameter(name="reason", max_length=80, description="Why it is held.")]
Stream = Annotated[str, QueryParameter(name="key", min_length=1, max_length=2000, description="The stream.")]
OfStream = Annotated[
    str | None, QueryParameter(name="stream", max_length=2000, description="Only events of this stream.")
]
Type = Annotated[
    str | None,
    QueryParameter(
        name="type", max_length=80, description="Only events of this type.", schema_extra=_one_of(sorted(EVENTS))
    ),
]
OfRun = Annotated[
    str | None, QueryParameter(name="run", max_length=80, description="Only events of this run, by its id.")
]
TwentyId = Annotated[str | None, QueryParameter(name="twenty_id", max_length=80, description="Only of this record.")]
Oldest = Annotated[bool, QueryParameter(name="oldest_first", description="In the order they came.")]
Line = Annotated[int | None, QueryParameter(name="line", ge=1, le=2**53 - 1, description="Begin with this line.")]
PlanRun = Annotated[str | None, QueryParameter(name="run", max_length=80, description="Only what this run did.")]
# Litestar describes no bound that is 0, so it is said as one above -1.
Since = Annotated[
    int | None, QueryParameter(name="since", gt=-1, le=2**53 - 1, description="Only what came behind it.")
]
Objects = Annotated[list[str] | None, QueryParameter(name="object", description="Only records of these objects.")]
Records = Annotated[list[str] | None, QueryParameter(name="record", description="Only these records, by Twenty's ids.")]
Force = Annotated[bool, QueryParameter(name="force", description="Also what was edited or is pointed at.")]
Soft = Annotated[bool, QueryParameter(name="soft", description="Into Twenty's bin only.")]
