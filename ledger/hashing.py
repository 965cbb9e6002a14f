"""Canonical bytes, the payload's hash, the chain, and the keyed digest that stands for an e-mail.

Canonical means msgspec's JSON, UTF-8, no blanks, keys sorted by code point. Values hold no floats; with integers within
2**53 and keys inside the basic plane it equals RFC 8785 (which sorts keys by UTF-16 units and knows doubles only).
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

GENESIS = "0" * 64
"""`prev_hash` of the first event."""

_encoder = msgspec.json.Encoder(order="sorted")
_in_order = msgspec.json.Encoder()


_PLAIN = frozenset({str, int, bool, type(None)})


def canonical(value: Any) -> bytes:
    """Encode a value so that equal values give equal bytes.

    Raises:
        ValueError: for a float (payloads hold integers and decimal strings only), or text that is not Unicode.
    """
    encoded = _encoder.encode(value)
    if _has_float(value):
        raise ValueError("payloads hold no floats: write micros as integers and decimals as strings")
    return encoded


def _has_float(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return _any_float(value.values())
    if kind is list or kind is tuple:
        return _any_float(value)
    if kind in _PLAIN:
        return False
    if issubclass(kind, msgspec.Struct):
        return _any_float(msgspec.structs.astuple(value))
    # Whatever else the encoder takes: what it makes of it.
    plain = msgspec.to_builtins(value)
    return isinstance(plain, float) or (plain is not value and _has_float(plain))


def _any_float(values: Iterable[Any]) -> bool:
    # Most are plain, which their types tell at once: only what is none of those is worth a call.
    for value in values:  # noqa: SIM110
        if type(value) not in _PLAIN and _has_float(value):
            return True
    return False


class Head(msgspec.Struct, frozen=True):
    """Position and hash of the last event: who keeps this line elsewhere can prove later that nothing was cut off."""

    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


def sha256(data: bytes) -> str:
    """The hexadecimal SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


class Chained(msgspec.Struct, frozen=True):
    """Every column that an event's hash covers, in canonical order: encoded as it stands, it gives the same bytes."""

    actor: Any
    cause: Any
    data: Any
    object: Any
    payload_hash: Any
    position: Any
    recorded_at: Any
    run_id: Any
    source_key: Any
    source_ref: Any
    twenty_id: Any
    type: Any


def chain_hash(prev_hash: str, columns: Chained) -> str:
    """The hash of an event: SHA-256 over the previous one's hash and every other column, canonically."""
    return hashlib.sha256(prev_hash.encode() + _in_order.encode(columns)).hexdigest()


def digest(key: bytes, text: str) -> str:
    """A keyed digest (HMAC-SHA-256, 32 hexadecimal digits) that stands for a personal identity in `event`."""
    return hmac.digest(key, text.encode(), "sha256").hex()[:32]


class Payload(msgspec.Struct, frozen=True):
    """A body as it is kept: canonical JSON text under its own hash."""

    hash: str
    body: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What a body holds: the stream it belongs to and its display labels are hashed with the value.

    So two people never share a body, even where their values are equal, and one can be erased alone.
    """

    subject: str
    labels: Mapping[str, str] = {}
    value: Any


def seal(subject: str, value: Any, labels: Mapping[str, str] | None = None) -> Payload:
    """Put a value into its envelope and hash it.

    Raises:
        ValueError: for a float, or text that is not Unicode.
    """
    data = canonical(Envelope(subject=subject, labels=labels or {}, value=value))
    return Payload(sha256(data), data.decode())


def unseal(body: str) -> Envelope:
    """Read an envelope back from a body's text."""
    return msgspec.json.decode(body, type=Envelope)
