"""The mapping a run works by, and whether somebody signed it."""

from pathlib import Path

import msgspec

from adapters.mapping import MappingConfig, load_mapping
from commands.errors import WrongUse
from ledger.events import MappingConfirmed
from ledger.hashing import Payload, seal
from ledger.store import Ledger


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
    signed = "SELECT 1 FROM event WHERE type = 'MappingConfirmed' AND payload_hash = :hash"
    if await ledger.reader.scalar(signed, hash=payload.hash):
        return SignedMapping(config=config, payload=payload, to_sign=False, default=path is None)
    if path is not None:
        raise WrongUse(f"{path} is not confirmed as it stands; `confirm` it, or remove it to use the shipped mapping")
    if not accept_defaults:
        raise WrongUse("the mapping is not confirmed; --accept-defaults signs the shipped one")
    return SignedMapping(config=config, payload=payload, to_sign=True, default=True)


async def mapping_of_run(ledger: Ledger, payload_hash: str) -> SignedMapping:
    """The mapping a run began with, from its body: a run never changes its mapping half-way."""
    envelope = await ledger.reader.envelope(payload_hash)
    if envelope is None:
        raise WrongUse("the mapping this run began with was erased; roll the run back and load again")
    config = load_mapping(text=envelope.value)
    return SignedMapping(config=config, payload=seal("mapping", envelope.value), to_sign=False, default=False)
