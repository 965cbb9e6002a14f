"""What is proven of a ledger as a whole, on one connection: head, key, references, projections and their guards."""

import sqlite3
from collections.abc import Callable
from typing import Literal

import msgspec

from ledger import recomputing, refolding, views
from ledger.errors import VerificationFailed
from ledger.events import own_bodies
from ledger.hashing import Head, sha256
from ledger.tables import INDEXES, TRIGGERS

_NAMING = "SELECT position, type, payload_hash, data FROM event ORDER BY position"

Step = Literal["chain", "bodies", "projections"]
"""What is recomputed: the chain, whether each body that an event names is there, and the projections from zero."""

Progress = Callable[[Step, int], None]
"""Is told the step and the position now and then; each step goes through all events."""

_EVERY = 1000


class Verified(msgspec.Struct, frozen=True):
    """What was checked. `unerased` bodies are erased by the events, and still in the file: an erasure was cut short."""

    head: Head
    events: int
    payloads: int
    erased: int
    unerased: int


def prove_whole(
    connection: sqlite3.Connection, expect: Head | None, progress: Progress, tables: frozenset[str]
) -> Verified:
    """Prove what wants all of the ledger at once, after its parts; of its projections, these.

    Raises:
        VerificationFailed: the first thing that does not add up.
    """
    try:
        return _prove(connection, expect, progress, tables)
    except sqlite3.OperationalError as error:
        if not recomputing.is_unreadable(error):
            raise
        connection.execute("ROLLBACK")
        connection.execute("BEGIN")
        connection.text_factory = recomputing.escaped
        return _prove(connection, expect, progress, tables)


def _prove(connection: sqlite3.Connection, expect: Head | None, progress: Progress, tables: frozenset[str]) -> Verified:
    head = _head(connection)
    _check_expected(connection, head, expect)
    _check_digest_key(connection)
    kept = recomputing.names(connection)
    erased = _check_references(connection, kept, progress)
    recomputing.raise_first(
        [refolding.differing(connection, tables, lambda position: progress("projections", position))]
    )
    _check_triggers(connection)
    _check_indexes(connection)
    _check_views(connection)
    return Verified(head, head.position, len(kept), len(erased - kept), len(erased & kept))


def _head(connection: sqlite3.Connection) -> Head:
    last = connection.execute("SELECT position, hash FROM event ORDER BY position DESC LIMIT 1").fetchone()
    if last is None:
        raise VerificationFailed(None, "it holds no events")
    return Head(*last)


def _check_expected(connection: sqlite3.Connection, head: Head, expect: Head | None) -> None:
    if expect is None:
        return
    there = connection.execute("SELECT hash FROM event WHERE position = ?", (expect.position,)).fetchone()
    if there != (expect.hash,):
        what = (
            f"the ledger ends at {head.position}" if expect.position > head.position else "another event stands there"
        )
        raise VerificationFailed(expect.position, f"expected {expect}, but {what}")


def _check_digest_key(connection: sqlite3.Connection) -> None:
    held = dict(connection.execute("SELECT name, value FROM meta"))
    born = connection.execute("SELECT json_extract(data, '$.key_fingerprint') FROM event WHERE position = 1")
    if (_fingerprint(held.pop("digest_key", "")),) != born.fetchone():
        raise VerificationFailed(1, "the digest key is not the one this ledger was created with")
    if held:
        raise VerificationFailed(None, "something beside the digest key stands in `meta`")


def _fingerprint(key: str) -> str | None:
    try:
        return sha256(bytes.fromhex(key))
    except ValueError:
        return None


def _check_references(connection: sqlite3.Connection, kept: set[str], progress: Progress) -> set[str]:
    """Every body an event names is there, or PayloadErased says that it went, and no other is; answers the erased."""
    erased = {hash_ for [hash_] in connection.execute("SELECT payload_hash FROM event WHERE type = 'PayloadErased'")}
    unnamed = set(kept)
    for position, type_, payload_hash, data in connection.execute(_NAMING):
        if position % _EVERY == 0:
            progress("bodies", position)
        hashes = own_bodies({"position": position, "type": type_, "data": data})
        for one in hashes if payload_hash is None else (payload_hash, *hashes):
            unnamed.discard(one)
            if one not in kept and one not in erased:
                raise VerificationFailed(position, "its body is missing, and no PayloadErased says so")
    if unnamed:
        raise VerificationFailed(None, f"there is a body that no event names: {min(unnamed)}")
    return erased


def _check_triggers(connection: sqlite3.Connection) -> None:
    found = {sql for [sql] in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")}
    if found != set(TRIGGERS):
        raise VerificationFailed(None, "the triggers that keep it append-only are not the ones it was made with")


def _check_indexes(connection: sqlite3.Connection) -> None:
    found = {sql for [sql] in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")}
    if not found.issuperset(INDEXES):
        raise VerificationFailed(None, "indexes that it was made with are not there")


def _check_views(connection: sqlite3.Connection) -> None:
    # Whoever reads with a client of their own believes what these show.
    if altered := views.altered(connection):
        raise VerificationFailed(None, f"views are not as they were made: {', '.join(altered)}; `ledger rebuild`")
