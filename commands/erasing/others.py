"""What records of other people say of her: kept in bodies without it, or named where it has to stay."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from adapters.mapping import MappingConfig, load_mapping
from adapters.mapping.types import Record
from commands.erasing.outside import Standing
from commands.erasing.rows import Redaction
from commands.erasing.streams import as_json
from commands.forgetting import Forgotten
from commands.making.sealing import REDACTED, lost_after, sealed, silent_fields
from ledger.events import RecordRedacted
from ledger.hashing import Envelope, Payload, unseal
from ledger.reader import Reader

_STATES = """SELECT event.object, event.source_key AS stream, payload.hash, payload.body,
    record.written_hash IS NOT NULL AS written, record.twenty_id AS id, record.origin = 'created' AS ours
  FROM event JOIN payload ON payload.hash = event.payload_hash
  LEFT JOIN record ON record.object = event.object AND record.source_key = event.source_key
  WHERE event.type IN ('RowTransformed', 'RecordRedacted')
    AND event.payload_hash IN (SELECT value FROM json_each(:hashes))
  GROUP BY payload.hash"""
_STANDS_ON = """SELECT hash FROM (
    SELECT before_hash AS hash FROM change WHERE undone IS NULL UNION SELECT sent_hash FROM change WHERE undone IS NULL
    UNION SELECT payload_hash FROM event WHERE type = 'DisplacementIntended')
  WHERE hash IN (SELECT value FROM json_each(:hashes))"""


class Quoting(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of bodies of others' records that name her.

    `standing` are those whose fields Twenty holds as they are; `untouched` bodies are needed to take changes back.
    """

    events: tuple[RecordRedacted, ...]
    payloads: tuple[Payload, ...]
    standing: tuple[Standing, ...]
    erased: frozenset[str]
    untouched: frozenset[str]


class _Kept(msgspec.Struct, frozen=True):
    object: str
    stream: str
    hash: str
    body: str
    written: int
    id: str | None
    ours: int | None


class Silence:
    """Which fields of others' records are made of cells that lose what names her, by stream."""

    def __init__(self, config: MappingConfig, redactions: Sequence[Redaction]) -> None:
        self._config = config
        self._lost: dict[str, set[str]] = {}
        self._kinds: dict[str, str] = {}
        for one in redactions:
            value = unseal(one.payload.body).value
            if "cells" in value:
                self._lost[one.subject] = lost_after(self._lost.get(one.subject, ()), value)
                self._kinds[one.subject] = one.kind

    def of(self, object_name: str, stream: str) -> frozenset[str]:
        """The fields of a stream's record."""
        rows = stream.partition("/")[0]
        if rows not in self._lost:
            return frozenset()
        return silent_fields(self._config, self._kinds[rows], self._lost[rows], object_name)

    def concerns(self, subject: str) -> bool:
        """Whether bodies about something may say what rows of it say no more."""
        return subject.partition("/")[0] in self._lost


async def silence(reader: Reader, redactions: Sequence[Redaction]) -> Silence:
    """By the mapping of the newest run, or the shipped one."""
    hash_ = await reader.scalar(
        "SELECT mapping_hash FROM run WHERE mapping_hash IS NOT NULL ORDER BY position DESC LIMIT 1"
    )
    envelope = None if hash_ is None else await reader.envelope(str(hash_))
    return Silence(load_mapping(None) if envelope is None else load_mapping(text=envelope.value), redactions)


async def quoting(reader: Reader, people: Forgotten, hashes: Iterable[str], silent: Silence) -> Quoting:
    """Part bodies of others' records by what can become of them."""
    wanted = as_json(hashes)
    stand = {row["hash"] for row in await reader.rows(_STANDS_ON, hashes=wanted)}
    states = await reader.fetch(_Kept, _STATES, hashes=wanted)
    made = [(one, _redacted(one, unseal(one.body), people, silent)) for one in states]
    changed = [(one, body) for one, body in made if body.hash != one.hash]
    records = {one.hash for one in states}
    quotes = {name for name in msgspec.json.decode(wanted, type=list[str]) if name not in records}
    bodies = await reader.envelopes(sorted(quotes))
    loose = {name for name, body in bodies.items() if people.quoted_in(msgspec.to_builtins(body))}
    return Quoting(
        events=tuple(
            RecordRedacted(object=one.object, source_key=one.stream, payload_hash=body.hash, replaced_hash=one.hash)
            for one, body in changed
        ),
        payloads=tuple(body for _, body in changed),
        standing=tuple(
            {str(one.id): _standing(one) for one, body in changed if one.written and _says_less(one, body)}.values()
        ),
        erased=frozenset({one.hash for one, _ in changed} | (loose - stand)),
        untouched=frozenset(loose & stand),
    )


def _redacted(one: _Kept, envelope: Envelope, people: Forgotten, silent: Silence) -> Payload:
    """A record's body without what names her; of one in Twenty, without the fields that say it."""
    fields: Mapping[str, object] = envelope.value["fields"]
    left_out = silent.of(one.object, one.stream) if one.written else frozenset()
    kept = {name: value for name, value in fields.items() if not (one.written and people.quoted_in(value))}
    record = Record(
        object=one.object,
        source_key=envelope.subject,
        fields=people.cut(kept),
        links=envelope.value["links"],
    )
    labels = {name: people.cut(text) for name, text in envelope.labels.items() if name not in ("name", REDACTED)}
    # What was left out once stays so: nobody knows what it says any more.
    before = frozenset(filter(None, envelope.labels.get(REDACTED, "").split(",")))
    return sealed(record, labels, left_out | before)


def _says_less(one: _Kept, body: Payload) -> bool:
    return bool(unseal(one.body).value != unseal(body.body).value)


def _standing(one: _Kept) -> Standing:
    return Standing(object=one.object, id=str(one.id), stream=one.stream, ours=bool(one.ours))
