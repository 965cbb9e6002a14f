"""What was sent comes back: a payload in stored form, created and read, shows no difference."""

from typing import Any
from uuid import uuid4

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mapping.types import FieldPlan
from adapters.sandbox.app import create_app
from adapters.sandbox.settings import SandboxSettings
from adapters.twenty import Ask, Ids, TwentyClient, create, create_field, differences, read_many, read_model, split

OPTIONS = {"A": "a", "B_1": "b", "C": "c"}
CUSTOM = {
    "kartraText": "TEXT",
    "kartraYes": "BOOLEAN",
    "kartraNumber": "NUMBER",
    "kartraDay": "DATE",
    "kartraTime": "DATE_TIME",
    "kartraMoney": "CURRENCY",
    "kartraSite": "LINKS",
    "kartraPlace": "ADDRESS",
    "kartraOne": "SELECT",
    "kartraMany": "MULTI_SELECT",
}

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
TIME = (
    st.datetimes()
    .filter(lambda time: time.year >= 1000)
    .map(lambda time: f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z")
)
URL = st.from_regex(r"https://[a-z]{1,10}\.example\.com(/[a-z]{1,5})?", fullmatch=True)
PHONE = st.sampled_from([("4155550123", "US", "+1"), ("612345678", "FR", "+33"), ("7400123456", "GB", "+44")])


def phones(parts: tuple[str, str, str]) -> dict[str, str]:
    """A phone as Twenty stores it."""
    names = ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode")
    return dict(zip(names, parts, strict=True))


PAYLOAD = st.fixed_dictionaries(
    {"name": st.fixed_dictionaries({"firstName": TEXT, "lastName": TEXT})},
    optional={
        "emails": st.just({"primaryEmail": ""}),
        "phones": PHONE.map(phones),
        "linkedinLink": st.fixed_dictionaries({"primaryLinkUrl": URL, "primaryLinkLabel": TEXT}),
        "jobTitle": TEXT,
        "createdAt": TIME,
        "createdBy": st.just({"source": "IMPORT", "name": "Kartra", "context": {"run": "0198c0de-0000"}}),
        "kartraText": TEXT,
        "kartraYes": st.booleans(),
        "kartraNumber": st.integers(-(2**31), 2**31 - 1),
        "kartraDay": st.dates().filter(lambda day: day.year >= 1000).map(str),
        "kartraTime": TIME,
        "kartraMoney": st.fixed_dictionaries(
            {"amountMicros": st.integers(-(2**53), 2**53), "currencyCode": st.sampled_from(["USD", "EUR"])}
        ),
        "kartraSite": st.fixed_dictionaries(
            {
                "primaryLinkUrl": URL,
                "secondaryLinks": st.lists(st.fixed_dictionaries({"url": URL, "label": TEXT}), max_size=3),
            }
        ),
        "kartraPlace": st.fixed_dictionaries({"addressCity": TEXT, "addressStreet1": TEXT, "addressCountry": TEXT}),
        "kartraOne": st.sampled_from(list(OPTIONS)),
        "kartraMany": st.lists(st.sampled_from(list(OPTIONS)), unique=True),
    },
)


def unique(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with an id, and an e-mail, that no other example has."""
    one = uuid4()
    email = {"emails": {"primaryEmail": f"{one.hex}@example.com"}} if "emails" in payload else {}
    return payload | email | {"id": str(one)}


async def prepare(client: TwentyClient) -> None:
    """Make the custom fields."""
    people = (await read_model(client)).object("person")
    for name, type in CUSTOM.items():  # noqa: A001
        options = OPTIONS if type.endswith("SELECT") else {}
        await create_field(
            client, people.id, FieldPlan(object="person", name=name, label=name, type=type, options=options)
        )


@pytest.fixture(scope="module")
def app() -> Any:
    """An embedded Twenty with a custom field of every type."""
    made = create_app(SandboxSettings(rate_limit=None, timeline_delay_s=60.0))

    async def prepared() -> None:
        async with TwentyClient.open("http://embedded", "sandbox-key", app=made) as client:
            await prepare(client)

    anyio.run(prepared)
    return made


@settings(max_examples=40, deadline=None)
@given(st.lists(PAYLOAD, min_size=1, max_size=15))
def test_created_records_read_back_without_difference(app: Any, payloads: list[dict[str, Any]]) -> None:
    """Whatever its fields hold, a created record reads back as it was sent."""
    rows = [unique(payload) for payload in payloads]

    async def there_and_back() -> list[Any]:
        async with TwentyClient.open("http://embedded", "sandbox-key", app=app) as client:
            model = await read_model(client)
            for batch in split(rows, 200):
                await create(client, model.object("person"), batch)
            fields = tuple({name for row in rows for name in row})
            read = (await read_many(client, model, [Ask("person", Ids([row["id"] for row in rows]), fields)]))["person"]
        found = {row["id"]: row for row in read}
        return [one for row in rows for one in differences(row, found[row["id"]])]

    assert anyio.run(there_and_back) == []


@pytest.mark.anyio
async def test_note_reads_back_by_its_markdown(app: Any) -> None:
    """A note's body is compared by markdown; the server's own half of it is not even read."""
    note = {"id": str(uuid4()), "title": "Kartra note", "bodyV2": {"markdown": "# Title\n\n* one\n* two"}}
    async with TwentyClient.open("http://embedded", "sandbox-key", app=app) as client:
        model = await read_model(client)
        await create(client, model.object("note"), [note])
        [row] = (await read_many(client, model, [Ask("note", Ids([note["id"]]), ("title", "bodyV2"))]))["note"]
    assert row["bodyV2"].keys() == {"markdown"}
    assert differences(note, row) == []
