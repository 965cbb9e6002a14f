"""A Twenty that turns wrong half-way: the run fails with one clear line, and once Twenty is well it is gone on with."""

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import pytest

from adapters.twenty import TwentyClient, delete_field, read_model
from tests.hostile.place import LOAD, Place, Told
from tests.hostile.servers import KEY, Act, Bent, serving

PAGE = (200, "text/html", b"<html>We are down for maintenance, jane@example.com</html>")
JSON = "application/json"
LIMIT = {"message": "Limit reached (100 tokens per 100 ms)", "extensions": {"subCode": "LIMIT_REACHED"}}
EMAILS = {f"p{number}@x.org" for number in range(5)}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with five contacts of two companies, and the key."""
    made = Place(tmp_path, {"TWENTY_API_KEY": KEY, "TWENTY_TIMEOUT": "5", "TWENTY_RETRY_FOR": "0.3"})
    rows = [f"p{number}@x.org,First{number},Last{number},Company {number % 2},list" for number in range(5)]
    made.write("contacts.csv", "\n".join(["email,first_name,last_name,company,source", *rows]) + "\n")
    return made


@pytest.fixture
def bent(place: Place) -> Iterator[Bent]:
    """An embedded Twenty that will turn wrong."""
    made = Bent(place.sandbox)
    yield made
    made.close()


def on_people(answer: tuple[int, str, bytes]) -> Act:
    """Answer every creation of people like this, companies and reads as Twenty does."""

    async def act(body: bytes) -> tuple[int, str, bytes] | None:
        return answer if b"createPeople" in body else None

    return act


def once_before_people(change: Callable[[], Awaitable[None]]) -> Act:
    """Change something in Twenty right before the first creation of people."""
    done: list[bool] = []

    async def act(body: bytes) -> None:
        if b"createPeople" in body and not done:
            done.append(True)
            await change()

    return act


def keyed(bent: Bent, state: str) -> Act:
    """Put the key into a state, right before the first creation of people."""

    async def change() -> None:
        bent.twenty.sandbox.keys.set_state(KEY, state)

    return once_before_people(change)


def refused_limit() -> tuple[int, str, bytes]:
    """Twenty's refusal by the rate limit."""
    return 200, JSON, json.dumps({"data": {"createPeople": None}, "errors": [LIMIT]}).encode()


def load(place: Place, url: str) -> Told:
    """Load into the Twenty at this address."""
    return place.run("--twenty-url", url, "load", place.exports, *LOAD)


def assert_gone_on_with(place: Place, url: str, *command: str | Path) -> None:
    """Going on writes everybody once, and the ledger adds up."""
    told = place.run("--twenty-url", url, *command)
    assert told.code == 0, told
    people = place.people()
    assert set(people) == EMAILS
    assert len({person["companyId"] for person in people.values()}) == 2
    place.assert_intact()


TROUBLES: dict[str, tuple[Callable[[Bent], Act], int, tuple[str, ...]]] = {
    "key revoked": (lambda bent: keyed(bent, "revoked"), 4, ("revoked", "make a new one")),
    "key expired": (lambda bent: keyed(bent, "expired"), 4, ("expired", "make a new one")),
    "key restricted": (lambda bent: keyed(bent, "read-only"), 4, ("role", "permit")),
    "web page": (lambda _: on_people(PAGE), 5, ("lost", "resume")),
    "HTTP 500": (lambda _: on_people((500, JSON, b'"Internal Server Error"')), 5, ("lost", "resume")),
    "HTTP 502": (lambda _: on_people((502, "text/html", b"<html>Bad Gateway")), 5, ("lost", "resume")),
    "cut JSON": (lambda _: on_people((200, JSON, b'{"data": {"createPeo')), 5, ("lost", "resume")),
    "limit": (lambda _: on_people(refused_limit()), 5, ("rate limit", "resume")),
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_run_that_fails_half_way_is_gone_on_with(place: Place, bent: Bent, name: str) -> None:
    """Whatever Twenty does in the middle is one line and exit 4 or 5; when it is well, `resume` writes the rest."""
    trouble, code, words = TROUBLES[name]
    bent.act = trouble(bent)
    with serving(bent) as url:
        told = load(place, url)
        assert told.code == code, told
        assert [word for word in (*words, "Traceback", "jane@") if word in told.error] == list(words)
        place.assert_intact()
        bent.act = _well
        bent.twenty.sandbox.keys.set_state(KEY, "active")
        assert_gone_on_with(place, url, "resume")


def test_an_answer_cut_after_it_was_done_doubles_nothing(place: Place, bent: Bent) -> None:
    """Twenty did it and its answer came mangled: what is there is found by id, and the load ends well."""
    spoiled: list[bytes] = []

    def cut(body: bytes, answered: bytes) -> bytes:
        if b"createPeople" in body and len(spoiled) < 2:
            spoiled.append(answered)
            return answered[: len(answered) // 2]
        return answered

    bent.spoil = cut
    with serving(bent) as url:
        assert load(place, url).code == 0
        assert spoiled
        assert_gone_on_with(place, url, "resume")


def test_silence_half_way_ends_and_the_same_load_goes_on(place: Place, bent: Bent) -> None:
    """A Twenty that never answers again is given up after the time-out (exit 5); the same `load` goes on later."""
    place.environment["TWENTY_TIMEOUT"] = "0.5"

    async def never(body: bytes) -> None:
        if b"createPeople" in body:
            await anyio.sleep(60)

    bent.act = never
    with serving(bent) as url:
        told = load(place, url)
        assert (told.code, "resume" in told.error) == (5, True), told
        bent.act = _well
        assert_gone_on_with(place, url, "load", place.exports, *LOAD)


async def _delete_source(bent: Bent) -> None:
    async with TwentyClient.open("http://twenty.invalid", KEY, app=bent.twenty) as client:
        model = await read_model(client)
        await delete_field(client, model.object("person").field("kartraSource").id)


def test_a_field_deleted_half_way_is_made_again(place: Place, bent: Bent) -> None:
    """Somebody deletes a field of ours: the run ends 4 and names it; `resume` makes it anew and goes on."""
    bent.act = once_before_people(lambda: _delete_source(bent))
    with serving(bent) as url:
        told = load(place, url)
        assert (told.code, "kartraSource" in told.error) == (4, True), told
        place.assert_intact()
        assert_gone_on_with(place, url, "resume")
    assert {person["kartraSource"] for person in place.people().values()} == {"list"}


async def _well(_body: bytes) -> None:
    return None
