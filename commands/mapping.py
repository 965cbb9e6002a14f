"""The mapping a run works by, and whether somebody signed it."""

from pathlib import Path

import msgspec

from adapters.mapping import MappingConfig, load_mapping
from commands.errors import WrongUse
from ledger.events import MappingConfirmed
from ledger.hashing import Payload, seal
from ledger.reader import Reader
from ledger.store import Ledger

_SIGNED = "SELECT actor, recorded_at, payload_hash FROM event WHERE type = 'MappingConfirmed'"


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Who confirmed a mapping, when (UTC, RFC 3339), and the hash of its body."""

    actor: str
    recorded_at: str
    payload_hash: str


class SignedMapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping that may be used: signed before, or to be signed as this run begins."""

    config: MappingConfig
    payload: Payload
    to_sign: bool
    default: bool

    @property
    def payloads(self) -> tuple[Payload, ...]:
        """The mapping's text as a body."""
        return (self.payload,)

    @property
    def signature(self) -> tuple[MappingConfirmed, ...]:
        """The event of the signature, where it is made now."""
        return (MappingConfirmed(payload_hash=self.payload.hash, default=self.default),) if self.to_sign else ()


async def signed_mapping(ledger: Ledger, path: Path | None, *, accept_defaults: bool) -> SignedMapping:
    """Read the mapping and see whether this very text was signed.

    Raises:
        MappingError: it cannot be used.
        WrongUse: nobody signed it, and it is not the shipped one or that was not accepted.
    """
    config = load_mapping(path)
    payload = seal("mapping", config.text)
    if await signature_of(ledger.reader, payload.hash):
        return SignedMapping(config=config, payload=payload, to_sign=False, default=path is None)
    if path is not None:
        raise WrongUse(await _unsigned(ledger.reader, path))
    if not accept_defaults:
        raise WrongUse(
            "the mapping is not confirmed; --accept-defaults signs the shipped one, `plan` and `confirm` make another"
        )
    return SignedMapping(config=config, payload=payload, to_sign=True, default=True)


async def signature_of(reader: Reader, payload_hash: str) -> Signature | None:
    """Who confirmed a mapping first, by the hash of its body; None where nobody did."""
    statement = f"{_SIGNED} AND payload_hash = :hash ORDER BY position LIMIT 1"
    return next(iter(await reader.fetch(Signature, statement, hash=payload_hash)), None)


async def last_signature(reader: Reader) -> Signature | None:
    """The last confirmation of any mapping."""
    statement = f"{_SIGNED} ORDER BY position DESC LIMIT 1"
    return next(iter(await reader.fetch(Signature, statement)), None)


async def _unsigned(reader: Reader, path: Path) -> str:
    last = await last_signature(reader)
    if last is None:
        return f"{path} is not confirmed; `confirm` shows and signs it (or remove it to use the shipped mapping)"
    signed = f"{last.actor} confirmed at {last.recorded_at[:16]}Z"
    return f"{path} is not what {signed}; `confirm` shows what changed and signs it"


async def last_mapping(ledger: Ledger) -> SignedMapping | None:
    """The mapping that the newest run worked by, if any had one."""
    hash_ = await ledger.reader.scalar(
        "SELECT mapping_hash FROM run WHERE mapping_hash IS NOT NULL ORDER BY position DESC LIMIT 1"
    )
    return None if hash_ is None else await mapping_of_run(ledger, str(hash_))


async def mapping_of_run(ledger: Ledger, payload_hash: str) -> SignedMapping:
    """The mapping a run began with, from its body: a run never changes its mapping half-way."""
    envelope = await ledger.reader.envelope(payload_hash)
    if envelope is None:
        raise WrongUse("the mapping this run began with was erased; roll the run back and load again")
    config = load_mapping(text=envelope.value)
    return SignedMapping(config=config, payload=seal("mapping", envelope.value), to_sign=False, default=False)
