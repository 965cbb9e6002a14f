"""The embedded Twenty answers as the real one did, exchange by exchange."""

import pytest

from tests.conformance.differences import DIFFERENCES
from tests.conformance.recordings import Exchange, exchanges, files
from tests.conformance.replay import replayed

RECORDED = [exchange for file in files() for exchange in exchanges(file)]
MATCHING = [exchange for exchange in RECORDED if (exchange.file, exchange.index) not in DIFFERENCES]
DIFFERING = [exchange for exchange in RECORDED if (exchange.file, exchange.index) in DIFFERENCES]


@pytest.mark.parametrize("exchange", MATCHING, ids=lambda exchange: exchange.id)
def test_answers_as_recorded(exchange: Exchange) -> None:
    """Status and body equal the recording, but for ids, times, cursors and generated names."""
    assert replayed(exchange.file)[exchange.index] == []


@pytest.mark.parametrize("exchange", DIFFERING, ids=lambda exchange: exchange.id)
def test_differs_as_listed(exchange: Exchange) -> None:
    """A listed difference is a real one: an entry that matches by now must leave the list."""
    assert replayed(exchange.file)[exchange.index] != [], DIFFERENCES[exchange.file, exchange.index]


def test_nearly_all_match() -> None:
    """More than nine in ten recorded exchanges are answered exactly as recorded."""
    assert len(MATCHING) > 0.9 * len(RECORDED)


def test_every_listed_difference_names_a_recorded_exchange() -> None:
    """The list holds no exchange that is not recorded."""
    assert DIFFERENCES.keys() <= {(exchange.file, exchange.index) for exchange in RECORDED}
