"""A Twenty that is wrong from the first call: exit 4, 5 or 2, one clear line, nothing lost, and a way to go on."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.place import LOAD, Place, Told
from tests.hostile.servers import KEY, App, Bent, always, refusing, serving, silent

PAGE = "<!doctype html><html><body>Welcome, jane@example.com</body></html>"
JSON = "application/json"
LIMIT = refusing("Limit reached (100 tokens per 1000 ms)", subCode="LIMIT_REACHED", code="BAD_USER_INPUT")

SHORT = ("--timeout", "0.5", "--retry-for", "0.2")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with two contacts to load, and a key."""
    made = Place(tmp_path, {"TWENTY_API_KEY": KEY})
    made.contacts("ann@x.org", "bob@x.org")
    return made


def load(place: Place, url: str, *more: str) -> Told:
    """Load into the Twenty at this address, with little patience."""
    return place.run("--twenty-url", url, *SHORT, *more, "load", place.exports, *LOAD)


def assert_told(told: Told, code: int, *words: str) -> None:
    """The load ended with this code and one line that holds these words, without the key and any page's content."""
    assert told.code == code, told
    for word in words:
        assert word in told.error
    assert len(told.error) < 300
    for secret in (KEY, "jane@example.com", "Traceback"):
        assert secret not in told.err + told.out


WRONG: dict[str, tuple[App, int, tuple[str, ...]]] = {
    "a web page": (always(200, "text/html", PAGE), 4, ("not Twenty's", "check the address")),
    "a page not found": (always(404, "text/html", PAGE), 4, ("not Twenty's", "404", "check the address")),
    "cut JSON": (always(200, JSON, '{"data": {"currentWorkspa'), 4, ("not Twenty's", "not JSON", "check the address")),
    "nothing": (always(200, JSON, ""), 4, ("not Twenty's", "check the address")),
    "a number": (always(200, JSON, "42"), 4, ("not Twenty's", "check the address")),
    "deep JSON": (always(200, JSON, "[" * 100_000), 4, ("not Twenty's", "check the address")),
    "another API": (always(200, JSON, '{"data": {"currentWorkspace": {"id": 7}}}'), 4, ("check the address",)),
    "no data": (always(200, JSON, '{"data": null}'), 4, ("check the address",)),
    "a redirect": (
        always(301, "text/html", PAGE, (b"location", b"https://elsewhere.invalid/login?token=s3cret")),
        4,
        ("redirects", "https://elsewhere.invalid/login", "give that address"),
    ),
    "HTTP 500": (always(500, JSON, '"Internal Server Error"'), 5, ("HTTP 500", "try again later")),
    "HTTP 502": (always(502, "text/html", PAGE), 5, ("HTTP 502", "try again later")),
    "the limit for ever": (LIMIT, 5, ("rate limit", "resume")),
    "silence": (silent, 5, ("answer was lost", "try again later")),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_one_clear_line(place: Place, name: str) -> None:
    """Pages, cut JSON, redirects, server errors, the limit for ever and silence each end 4 or 5, saying what next."""
    app, code, words = WRONG[name]
    with serving(app) as url:
        assert_told(load(place, url), code, *words)
    place.assert_intact()


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, kept from others meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_a_closed_port_and_an_unknown_host_are_unreachable(place: Place, closed_port: int) -> None:
    """Nobody there is exit 5: the address is to be checked, or one waits."""
    for url in (f"http://127.0.0.1:{closed_port}", "https://twenty.invalid"):
        assert_told(load(place, url), 5, "cannot be reached", "check the address")
    place.assert_intact()


def test_tls_that_fails_is_told_as_such(place: Place) -> None:
    """TLS to a port that speaks none, and a certificate nobody vouches for, are exit 4: waiting does not help."""
    with serving(LIMIT) as url:
        assert_told(load(place, url.replace("http:", "https:")), 4, "TLS to Twenty failed", "check the address")
    with serving(LIMIT, tls=True) as url:
        assert_told(load(place, url), 4, "TLS to Twenty failed", "CERTIFICATE_VERIFY_FAILED", "certificate")
    place.assert_intact()


@pytest.mark.parametrize(
    "url", ["ftp://x", "crm.example.com", "http://", "http://[::1", "https://u:p4ss@x.org", "https://x.org/?key=p4ss", "http://x:99999"]
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_wrong_use(place: Place, url: str) -> None:
    """A malformed address, or one that carries a secret, is exit 2, and the secret is not repeated."""
    told = load(place, url)
    assert_told(told, 2, "address")
    assert "p4ss" not in told.err


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("wrong-key", ("not valid", "make a new one")),
        ("expired-key", ("expired", "make a new one")),
        ("revoked-key", ("revoked", "make a new one")),
        ("reading-key", ("may not read", "role")),
        ("k\u00e9y", ("not valid",)),
        ("two words", ("not valid",)),
    ],
)
def test_a_key_that_opens_nothing_is_refused(place: Place, key: str, words: tuple[str, ...]) -> None:
    """Wrong, expired, revoked and restricted keys end 4, each told apart; with a good key the load goes on."""
    states = {"expired-key": "expired", "revoked-key": "revoked", "reading-key": "read-only"}
    bent = Bent(place.sandbox, other_keys=states)
    with serving(bent) as url:
        place.environment["TWENTY_API_KEY"] = key
        told = load(place, url)
        assert_told(told, 4, *words)
        assert key not in told.err + told.out
        place.environment["TWENTY_API_KEY"] = KEY
        assert load(place, url).code == 0
    bent.close()
    assert set(place.people()) == {"ann@x.org", "bob@x.org"}
    place.assert_intact()


def test_a_missing_key_is_wrong_use(place: Place, tmp_path: Path) -> None:
    """No key, an empty one, and a key file that is not there or no text: exit 2, naming where keys come from."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\0")
    for environment, more in (
        ({}, ()),
        ({"TWENTY_API_KEY": "  "}, ()),
        ({}, ("--api-key-file", str(tmp_path / "nothing"))),
        ({}, ("--api-key-file", str(tmp_path / "binary"))),
        ({}, ("--api-key-file", str(tmp_path))),
    ):
        place.environment = environment
        assert_told(load(place, "http://127.0.0.1:1", *more), 2, "key")
