"""What may be asked for in an address, and how it is described."""

from typing import Annotated

from litestar.params import Parameter

Ledger = Annotated[str, Parameter(description="The ledger's word, as `/api/v1/ledgers` lists it.", max_length=200)]
Limit = Annotated[int, Parameter(query="limit", ge=1, le=500, description="How many there are on a page.")]
Cursor = Annotated[str | None, Parameter(query="cursor", max_length=4000, description="`next` of the page before.")]
Position = Annotated[int, Parameter(ge=1, le=2**53 - 1, description="The position of an event.")]
Words = Annotated[
    str,
    Parameter(query="q", max_length=400, description="An e-mail, a name, Kartra's or Twenty's id, or FILE:LINE."),
]
Object = Annotated[str | None, Parameter(query="object", max_length=200, description="An object of Twenty's.")]
State = Annotated[str | None, Parameter(query="state", max_length=40, description="What a record has become.")]
HoldState = Annotated[str, Parameter(query="state", max_length=40, description="What has become of the hold.")]
Reason = Annotated[str | None, Parameter(query="reason", max_length=80, description="Why it is held.")]
Stream = Annotated[str, Parameter(query="key", min_length=1, max_length=2000, description="The stream.")]
OfStream = Annotated[str | None, Parameter(query="stream", max_length=2000, description="Only events of this stream.")]
Type = Annotated[str | None, Parameter(query="type", max_length=80, description="Only events of this type.")]
OfRun = Annotated[str | None, Parameter(query="run", max_length=80, description="Only events of this run, by its id.")]
TwentyId = Annotated[str | None, Parameter(query="twenty_id", max_length=80, description="Only of this record.")]
Oldest = Annotated[bool, Parameter(query="oldest_first", description="In the order they came.")]
Line = Annotated[int | None, Parameter(query="line", ge=1, le=2**53 - 1, description="Begin with this line.")]
PlanRun = Annotated[str | None, Parameter(query="run", max_length=80, description="Only what this run did.")]
Since = Annotated[int | None, Parameter(query="since", ge=0, le=2**53 - 1, description="Only what came behind it.")]
Objects = Annotated[list[str] | None, Parameter(query="object", description="Only records of these objects.")]
Records = Annotated[list[str] | None, Parameter(query="record", description="Only these records, by Twenty's ids.")]
Force = Annotated[bool, Parameter(query="force", description="Also what was edited or is pointed at.")]
Soft = Annotated[bool, Parameter(query="soft", description="Into Twenty's bin only.")]
