"""Sign-off and purge: what a migration was closed with, and which bodies a purge has still to erase."""

import msgspec

from ledger.reader import Reader

_CHANGES = """('RecordCreated', 'RecordUpdated', 'RecordAdopted', 'RecordDisplaced', 'RecordDeleted', 'RecordRestored',
  'DisplacedReturned', 'RecordReturned',
  'ObjectCreated', 'FieldCreated', 'RelationCreated', 'OptionsAdded', 'SchemaRemoved')"""
_SIGNED = """SELECT position, recorded_at, actor, data ->> '$.head' AS head, data ->> '$.reconciled' AS reconciled,
    (SELECT max(data ->> '$.purged') FROM event WHERE type = 'MigrationClosed') AS purged, payload_hash
  FROM event WHERE type = 'MigrationClosed' ORDER BY position DESC LIMIT 1"""
_VERIFIED = """SELECT position, recorded_at, actor, data ->> '$.upto' AS upto, data ->> '$.head' AS head FROM event
  WHERE type = 'VerificationMade' ORDER BY position DESC LIMIT 1"""
_RECONCILED = """SELECT event.position, event.run_id AS run, event.recorded_at, event.data ->> '$.compared' AS compared,
    event.data ->> '$.differences' AS differences, coalesce(event.data ->> '$.erased', 0) AS erased
  FROM event JOIN run ON run.run_id = event.run_id
  WHERE event.type = 'ReconciliationMade'
    AND json_extract(run.settings, '$.sample') IS NULL AND json_extract(run.settings, '$.objects') IS NULL
  ORDER BY event.position DESC LIMIT 1"""
_TO_ERASE = """SELECT hash FROM payload
  WHERE hash > :after AND hash IS NOT :kept
    AND NOT EXISTS (SELECT 1 FROM event WHERE type = 'PayloadErased' AND payload_hash = payload.hash)
  ORDER BY hash LIMIT :size"""


class SignOff(msgspec.Struct, frozen=True, kw_only=True):
    """Who closed the migration, when, and at which head; `payload_hash` says why it was, in spite of what stood so.

    `purged` from the first sign-off that erased the bodies on: no later one brings them back.
    """

    position: int
    recorded_at: str
    actor: str
    head: str
    reconciled: bool
    purged: bool
    payload_hash: str | None


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """A comparison of every record with Twenty: how many were compared, how many were erased, and what differed."""

    position: int
    run: str
    recorded_at: str
    compared: int
    differences: int
    erased: int


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """A verification on record: up to which event, with which head, when and by whom."""

    position: int
    recorded_at: str
    actor: str
    upto: int
    head: str


async def last_verification(reader: Reader) -> Verification | None:
    """The newest verification on record."""
    found = await reader.fetch(Verification, _VERIFIED)
    return found[0] if found else None


async def signed_off(reader: Reader) -> SignOff | None:
    """The newest sign-off."""
    rows = await reader.rows(_SIGNED)
    return msgspec.convert(dict(rows[0]), SignOff, strict=False) if rows else None


async def is_purged(reader: Reader) -> bool:
    """Whether the bodies were given up, so that nothing can be compared with what was moved any more."""
    statement = "SELECT EXISTS (SELECT 1 FROM event WHERE type = 'MigrationClosed' AND data ->> '$.purged')"
    return bool(await reader.scalar(statement))


async def last_reconciliation(reader: Reader) -> Reconciliation | None:
    """The newest comparison of everything (a sample, or one object, is none)."""
    found = await reader.fetch(Reconciliation, _RECONCILED)
    return found[0] if found else None


async def changes_since(reader: Reader, position: int) -> int:
    """How many changes of Twenty's records and data model are on record after a position."""
    statement = f"SELECT count(*) FROM event WHERE position > :position AND type IN {_CHANGES}"
    return int(await reader.scalar(statement, position=position))


async def bodies_to_erase(reader: Reader, kept: str | None, after: str, size: int) -> list[str]:
    """Hashes of the next bodies that no event erases yet, in order; `kept` is never one of them."""
    return [row["hash"] for row in await reader.rows(_TO_ERASE, kept=kept, after=after, size=size)]


async def count_bodies(reader: Reader) -> int:
    """How many bodies there are."""
    return int(await reader.scalar("SELECT count(*) FROM payload"))
