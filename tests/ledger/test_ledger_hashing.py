"""Canonical bytes, envelopes and the chain, against implementations that share no code with the ledger's."""

import hashlib
import hmac
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.events import HoldCorrected, IdentityLinked, RowHeld
from ledger.hashing import Envelope, canonical, digest, seal, sha256, unseal
from ledger.store import Draft, Ledger
from tests.ledger.plain import query

INTEGERS = st.integers(-(2**53), 2**53)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WITH_FLOATS = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.text() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
EMBEDDED_FLOATS = (1.5, 0.0, 1e5, math.nan, math.inf, [1, [2.5]], {"a": {"b": (1.5,)}}, {"deep": [{"x": -0.0}]})


def plainly(value: Any) -> bytes:
    """Canonical JSON by the standard library alone."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def holds_float(value: Any) -> bool:
    """Whether a float stands anywhere in a value, looked for without haste."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return isinstance(value, float) or any(map(holds_float, inner))


def shuffled(value: Any) -> Any:
    """The same value with the keys of every object in the opposite order."""
    if isinstance(value, dict):
        return {key: shuffled(inner) for key, inner in reversed(list(value.items()))}
    return [shuffled(inner) for inner in value] if isinstance(value, list) else value


@given(VALUES)
def test_equal_values_give_equal_bytes(value: Any) -> None:
    """The order in which keys were put in shows nowhere, at any depth."""
    assert canonical(shuffled(value)) == canonical(value)


@given(VALUES)
def test_bytes_are_those_of_an_independent_encoder(value: Any) -> None:
    """Anybody can recompute the bytes with a JSON library and the rule of the docstring, any script, any plane."""
    assert canonical(value) == plainly(value)


@given(VALUES, VALUES)
def test_different_values_give_different_bytes(one: Any, other: Any) -> None:
    """Bytes are equal only where the values are, 1 and true told apart."""
    assert (canonical(one) == canonical(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


def test_keys_beyond_the_basic_plane_sort_by_code_point() -> None:
    """An emoji sorts behind a full-width letter, as Python sorts it and UTF-16 would not."""
    assert canonical({"🔥": 1, "！": 2}) == '{"！":2,"🔥":1}'.encode()


@pytest.mark.parametrize("value", EMBEDDED_FLOATS, ids=repr)
def test_floats_are_refused_at_any_depth(value: Any) -> None:
    """A float is refused, whether bare, nested, not finite, or inside an envelope."""
    with pytest.raises(ValueError, match="no floats"):
        canonical(value)
    with pytest.raises(ValueError, match="no floats"):
        seal("contact:1", value)


@given(WITH_FLOATS)
def test_a_value_is_refused_exactly_if_it_holds_a_float(value: Any) -> None:
    """Whatever is nested in whatever, nothing else is refused, and no float gets by, finite or not."""
    if holds_float(value):
        with pytest.raises(ValueError, match="no floats"):
            canonical(value)
    else:
        assert canonical(value) == plainly(value)


def test_decimals_are_text_and_large_integers_are_whole() -> None:
    """What stands in for floats survives exactly."""
    assert canonical({"micros": 2**70, "rate": Decimal("0.10")}) == b'{"micros":1180591620717411303424,"rate":"0.10"}'


def test_text_that_is_not_unicode_is_refused() -> None:
    """Half a surrogate pair has no bytes of its own, and is refused rather than replaced."""
    with pytest.raises(ValueError, match="surrogates"):
        seal("contact:1", {"name": "\ud83e"})


@given(st.text(), st.dictionaries(st.text(), st.text(), max_size=3), VALUES)
def test_envelopes_come_back(subject: str, labels: dict[str, str], value: Any) -> None:
    """What was sealed is what is unsealed, and its hash is the SHA-256 of its text."""
    payload = seal(subject, value, labels)
    assert unseal(payload.body) == Envelope(subject=subject, labels=labels, value=value)
    assert payload.hash == hashlib.sha256(payload.body.encode()).hexdigest() == sha256(payload.body.encode())
    assert payload.body.encode() == plainly({"subject": subject, "labels": labels, "value": value})


def test_two_people_never_share_a_body() -> None:
    """Equal values of two streams are two bodies, so that one can be erased alone."""
    assert seal("contact:1", {"name": "Jane"}).hash != seal("contact:2", {"name": "Jane"}).hash


@given(st.binary(min_size=1), st.text())
def test_digests_are_keyed(key: bytes, text: str) -> None:
    """A digest is HMAC-SHA-256, cut to 32 hexadecimal digits, and another key gives another one."""
    assert digest(key, text) == hmac.new(key, text.encode(), "sha256").hexdigest()[:32]
    assert digest(key + b"x", text) != digest(key, text)


@pytest.mark.anyio
async def test_the_chain_can_be_recomputed_by_anybody(path: Path) -> None:
    """hash = SHA-256(prev_hash, then every other column as canonical JSON), from 64 zeros on: json and hashlib do."""
    note = seal("contact:1", "näher 🦊")
    async with Ledger.open(path, command="test", actor="Zoë@höst") as ledger:
        held = RowHeld(object="person", source_ref="f1:2", reason="email_missing", stage="extract", column="É-mail 🦊")
        [position] = await ledger.append([held])
        corrected = HoldCorrected(hold=position, payload_hash=note.hash)
        await ledger.append(
            [Draft(corrected, position), IdentityLinked(source_key="contact:1", alias="contact:~9f")], [note]
        )
        head = ledger.head
    columns = [row[1] for row in query(path, "PRAGMA table_info(event)")]
    prev_hash = "0" * 64
    for row in query(path, "SELECT * FROM event ORDER BY position"):
        event = dict(zip(columns, row, strict=True))
        stored_prev, stored_hash = event.pop("prev_hash"), event.pop("hash")
        assert stored_prev == prev_hash
        prev_hash = hashlib.sha256(prev_hash.encode() + plainly(event)).hexdigest()
        assert stored_hash == prev_hash
        assert event["data"].encode() == plainly(json.loads(event["data"]))
    assert str(head) == f"4:{prev_hash}"


def test_an_envelope_without_a_value_is_refused() -> None:
    """A body that is no envelope is an error and not an empty value."""
    with pytest.raises(msgspec.ValidationError):
        unseal('{"subject":"contact:1"}')
