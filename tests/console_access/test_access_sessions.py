"""Sessions: how long they last, and what ends them."""

from pathlib import Path

import pytest

from adapters.console.access import sessions
from adapters.console.access.sessions import IDLE_S, LIFETIME_S, Sessions
from adapters.console.access.tokens import Token, TokenFile, add, listed, revoke
from adapters.console.errors import TokensUnreadable
from tests.console_access.clock import Clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the token `ann`."""
    add(tmp_path / "console.toml", "ann")
    return tmp_path / "console.toml"


@pytest.fixture
def ann(path: Path) -> Token:
    """Ann's token as it is kept."""
    return listed(path)[0]


def test_a_session_is_known_by_its_id_alone(path: Path, ann: Token) -> None:
    """Ids are random, and kept as hashes."""
    held = Sessions(TokenFile(path))
    first, second = held.begin(ann), held.begin(ann)
    assert first != second
    assert (held.who(first), held.who(second), held.who("x"), held.who("")) == ("ann", "ann", None, None)
    assert first not in repr(vars(held))


def test_a_session_ends_when_it_rests(path: Path, ann: Token) -> None:
    """An hour without a request, counted from the last one."""
    clock = Clock()
    held = Sessions(TokenFile(path), clock)
    session = held.begin(ann)
    for _ in range(3):
        clock.now += IDLE_S - 1
        assert held.who(session) == "ann"
    clock.now += IDLE_S
    assert held.who(session) is None
    clock.now -= IDLE_S
    assert held.who(session) is None


def test_a_session_ends_when_it_is_old(path: Path, ann: Token) -> None:
    """Twelve hours, however busy."""
    clock = Clock()
    held = Sessions(TokenFile(path), clock)
    session = held.begin(ann)
    for _ in range(LIFETIME_S // 1800 - 1):
        clock.now += 1800
        assert held.who(session) == "ann"
    clock.now += 1800
    assert held.who(session) is None


def test_logging_out_ends_one_session(path: Path, ann: Token) -> None:
    """The reader's others go on."""
    held = Sessions(TokenFile(path))
    first, second = held.begin(ann), held.begin(ann)
    held.end(first)
    held.end("unknown")
    assert (held.who(first), held.who(second)) == (None, "ann")


def test_revoking_a_token_ends_what_it_opened(path: Path, ann: Token) -> None:
    """At the next request; a new token of the same name does not bring it back, and another's session goes on."""
    add(path, "bob")
    held = Sessions(TokenFile(path))
    hers, his = held.begin(ann), held.begin(listed(path)[1])
    revoke(path, "ann")
    add(path, "ann")
    assert (held.who(hers), held.who(his)) == (None, "bob")


def test_a_file_that_cannot_be_read_lets_nobody_in(path: Path, ann: Token) -> None:
    """Who cannot be told from a revoked one does not come in; once it is well again the session goes on."""
    held = Sessions(TokenFile(path))
    session = held.begin(ann)
    path.chmod(0o644)
    with pytest.raises(TokensUnreadable):
        held.who(session)
    path.chmod(0o600)
    assert held.who(session) == "ann"


def test_sessions_are_bounded(path: Path, ann: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that rested longest gives way, and what is over goes first."""
    monkeypatch.setattr(sessions, "LIMIT", 3)
    clock = Clock()
    held = Sessions(TokenFile(path), clock)
    kept = []
    for _ in range(3):
        clock.now += 1
        kept.append(held.begin(ann))
    clock.now += 1
    held.who(kept[0])
    new = held.begin(ann)
    assert [held.who(one) for one in [*kept, new]] == ["ann", None, "ann", "ann"]
    assert len(held._sessions) == 3


def test_the_clock_is_nobodys_to_set() -> None:
    """It goes on while the test does, and is not the wall's."""
    first = sessions.clock()
    assert 0 <= sessions.clock() - first < 60
