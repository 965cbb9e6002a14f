"""The throttle: how many wrong tokens are heard."""

import pytest

from adapters.console.access import throttle
from adapters.console.access.throttle import Throttle, network_of
from tests.console_access.clock import Clock


@pytest.fixture
def clock() -> Clock:
    """A clock to set."""
    return Clock()


def test_five_at_once_then_one_every_twelve_seconds(clock: Clock) -> None:
    """One client's wrong tokens, and only that client's."""
    held = Throttle(clock)
    for _ in range(5):
        assert held.seconds_to_wait("192.0.2.1") == 0
        held.failed("192.0.2.1")
    assert held.seconds_to_wait("192.0.2.1") == pytest.approx(12)
    assert held.seconds_to_wait("192.0.2.2") == 0
    clock.now += 11.9
    assert held.seconds_to_wait("192.0.2.1") == pytest.approx(0.1)
    clock.now += 0.2
    assert held.seconds_to_wait("192.0.2.1") == 0
    held.failed("192.0.2.1")
    assert held.seconds_to_wait("192.0.2.1") > 11


def test_asking_costs_nothing_and_rest_saves_no_more_than_five(clock: Clock) -> None:
    """Only failures count, and a bucket is full at five."""
    held = Throttle(clock)
    for _ in range(100):
        held.seconds_to_wait("192.0.2.1")
    held.failed("192.0.2.1")
    clock.now += 10_000
    for _ in range(5):
        assert held.seconds_to_wait("192.0.2.1") == 0
        held.failed("192.0.2.1")
    assert held.seconds_to_wait("192.0.2.1") > 0


def test_over_all_clients_sixty_at_once_then_one_a_second(clock: Clock) -> None:
    """Many addresses help nobody to guess faster."""
    held = Throttle(clock)
    for number in range(60):
        assert held.seconds_to_wait(f"192.0.2.{number}") == 0
        held.failed(f"192.0.2.{number}")
    assert held.seconds_to_wait("198.51.100.1") == pytest.approx(1)
    clock.now += 1
    assert held.seconds_to_wait("198.51.100.1") == 0


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who failed longest ago is forgotten first."""
    monkeypatch.setattr(throttle, "LIMIT", 10)
    held = Throttle(clock)
    for number in range(100):
        held.failed(f"192.0.2.{number}")
    assert list(held._clients) == [f"192.0.2.{number}" for number in range(90, 100)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "", True),
    ],
)
def test_what_counts_as_one_client(one: str, other: str, same: bool) -> None:
    """The /64 of IPv6, the address of IPv4, also where one is written as the other."""
    assert (network_of(one) == network_of(other)) == same
