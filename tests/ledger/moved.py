"""A small migration in the ledger's own words: a load, a delta, what people decided; the queries are asked about it.

Rows: contacts 1 to 4 in `all.csv` (4 has no address and is held unplaced), sales 1 and 2 in `sales.csv` (2 has no known
buyer). Records: a company, three people who work there, a note of contact 1, a sale. The delta says contact 1 anew.
"""

from pathlib import Path
from typing import Any

from ledger.events import (
    BatchIntended,
    Event,
    ExportRead,
    ExportRegistered,
    FileSeen,
    HoldCorrected,
    IdentityLinked,
    Intended,
    MappingConfirmed,
    RecordAdopted,
    RecordCreated,
    RecordUpdated,
    RowExtracted,
    RowHeld,
    RowSetAside,
    RowTransformed,
    RunCompleted,
    RunStarted,
    WorkspaceBound,
)
from ledger.hashing import Payload, seal
from ledger.store import Ledger

LOAD, DELTA = "run-1-load", "run-2-delta"
MAPPING = seal("mapping", "[person]")
STAMP = "2026-01-01T00:00:00.000Z"
ACME = "company:acme"
LINK = {"companyId": {"object": "company", "source_key": ACME}}
BUYER = {"pointOfContactId": {"object": "person", "source_key": "contact:1"}}


class Tape:
    """What is appended next, and the bodies it names."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.events: list[Event] = []
        self.bodies: list[Payload] = [MAPPING]

    def body(self, subject: str, value: Any, name: str | None = None) -> str:
        """Seal a value; answers its hash."""
        sealed = seal(subject, value, {"name": name} if name else {})
        self.bodies.append(sealed)
        return sealed.hash

    def file(self, file: str, kind: str, name: str, exported_at: str, **more: Any) -> None:
        """A file is about to be read."""
        columns = self.body(f"file:{file}", {"columns": ["email", "first_name"]})
        self.events.append(
            ExportRegistered(
                file=file, kind=kind, name=name, size=1, sha256=file * 2, exported_at=exported_at,
                payload_hash=columns, **more,
            )
        )  # fmt: skip

    def row(self, stream: str, ref: str, **cells: str) -> str:
        """A row was read and placed; answers its body's hash."""
        told = self.body(stream, {"cells": cells})
        self.events.append(RowExtracted(source_key=stream, source_ref=ref, payload_hash=told))
        return told

    def made(self, object_name: str, stream: str, ref: str, fields: dict[str, Any], links: Any = None) -> str:
        """A record was made of a row; answers its body's hash."""
        told = self.body(stream, {"fields": fields, "links": links or {}}, fields.get("name"))
        self.events.append(
            RowTransformed(
                object=object_name, source_key=stream, payload_hash=told, mapping_hash=MAPPING.hash, sources=(ref,)
            )
        )
        return told

    async def play(self) -> list[int]:
        """Append it all; answers the positions."""
        positions = await self.ledger.append(self.events, self.bodies)
        self.events, self.bodies = [], [MAPPING]
        return positions

    async def create(self, object_name: str, stream: str, told: str, **more: Any) -> int:
        """Send a record to Twenty, which takes it; answers the position of that."""
        item = Intended(key=stream, id=id_of(object_name, stream), hash=told)
        [intent] = await self.ledger.append(
            [BatchIntended(object=object_name, action="create", items=(item,), timeout_s=60)]
        )
        created = RecordCreated(
            object=object_name, source_key=stream, twenty_id=item.id, payload_hash=told, updated_at=STAMP, **more
        )
        [position] = await self.ledger.append([created])
        assert position > intent
        return position


def id_of(object_name: str, stream: str) -> str:
    """The Twenty id of a record."""
    return f"id of {object_name} {stream}"


async def load(ledger: Ledger) -> Tape:
    """The first run: rows, records, the company and contacts 1 and 2 written, the sale written without its buyer."""
    ledger.run_id = LOAD
    tape = Tape(ledger)
    seen = FileSeen(file="f1", path="exports/all.csv", kind="contacts", size=1, sha256="f1f1")
    tape.events += [
        RunStarted(
            command="load", settings={"only": None}, policies={"existing": "hold"}, mapping_hash=MAPPING.hash,
            files=(seen,),
        ),
        WorkspaceBound(workspace="ws-1"),
        MappingConfirmed(payload_hash=MAPPING.hash, default=True),
    ]  # fmt: skip
    tape.file("f1", "contacts", "all.csv", "2026-01-01")
    tape.file("f2", "transactions", "sales.csv", "2026-01-02")
    for number in (1, 2, 3):
        tape.row(f"contact:{number}", f"f1:{number + 1}", email=f"c{number}@example.com", first_name=f"C{number}")
    bare = tape.body("row:f1:5", {"cells": {"id": " 4 ", "email": ""}})
    tape.events.append(
        RowHeld(
            object="person", source_ref="f1:5", reason="email_missing", stage="extract", column="email",
            payload_hash=bare,
        )
    )  # fmt: skip
    tape.row("transaction:1", "f2:2", buyer="1")
    tape.row("transaction:2", "f2:3", buyer="9")
    tape.events += [
        RowHeld(
            object="opportunity", source_ref="f2:3", reason="buyer_unknown", stage="transform",
            source_key="transaction:2",
        ),
        RowSetAside(object="opportunity", source_ref="f2:4", reason="failed"),
        IdentityLinked(source_key="contact:1", alias="contact:~one"),
        ExportRead(file="f1", rows=4, extracted=3, held=1, set_aside=0, unchanged=0),
        ExportRead(file="f2", rows=3, extracted=2, held=0, set_aside=1, unchanged=0),
    ]  # fmt: skip
    company = tape.made("company", ACME, "f1:2", {"name": "Acme"})
    people = [
        tape.made("person", f"contact:{number}", f"f1:{number + 1}", {"name": f"C{number}"}, LINK)
        for number in (1, 2, 3)
    ]
    tape.made("note", "contact:1/notes", "f1:2", {"title": "Note"}, {"target": BUYER["pointOfContactId"]})
    sale = tape.made("opportunity", "transaction:1", "f2:2", {"name": "Sale"}, BUYER)
    await tape.play()
    await tape.create("company", ACME, company)
    await tape.create("person", "contact:1", people[0])
    await tape.create("person", "contact:2", people[1])
    await tape.create("opportunity", "transaction:1", sale, unlinked=("pointOfContactId",))
    await ledger.append([RunCompleted(undone=2)])
    return tape


async def delta(ledger: Ledger) -> tuple[int, int]:
    """The second run: contact 1 changed and updated, contact 3 adopted; answers the positions of these changes."""
    ledger.run_id = DELTA
    tape = Tape(ledger)
    tape.events.append(RunStarted(command="delta", settings={"run": None}, mapping_hash=MAPPING.hash))
    tape.file("f3", "contacts", "later.csv", "2026-02-01", delta=True, complete=True)
    tape.row("contact:1", "f3:2", email="c1@example.com", first_name="Cee")
    tape.events.append(ExportRead(file="f3", rows=3, extracted=1, held=0, set_aside=0, unchanged=2, unrecorded=2))
    anew = tape.made("person", "contact:1", "f3:2", {"name": "Cee"}, LINK)
    await tape.play()
    before, sent = tape.body("contact:1", {"name": "C1"}), tape.body("contact:1", {"name": "Cee"}, "Cee")
    bases = await ledger.reader.rows("SELECT source_key, payload_hash, written_hash FROM record")
    known = {row["source_key"]: row for row in bases}
    updated = RecordUpdated(
        object="person", source_key="contact:1", twenty_id=id_of("person", "contact:1"), payload_hash=anew,
        updated_at="2026-02-02", base_hash=known["contact:1"]["written_hash"], before_hash=before, sent_hash=sent,
    )  # fmt: skip
    adopted = RecordAdopted(
        object="person", source_key="contact:3", twenty_id=id_of("person", "contact:3"),
        payload_hash=known["contact:3"]["payload_hash"], updated_at="2026-02-03", before_hash=before, sent_hash=sent,
    )  # fmt: skip
    tape.events += [updated, adopted]
    positions = await tape.play()
    await ledger.append([RunCompleted()])
    return positions[0], positions[1]


async def correct(ledger: Ledger, hold: int) -> None:
    """A person corrects a held row."""
    why = seal(f"hold:{hold}", {"why": "asked"})
    await ledger.append([HoldCorrected(hold=hold, payload_hash=why.hash)], [why])


async def tell(path: Path) -> None:
    """The load alone, in a new ledger."""
    async with Ledger.open(path, command="load", actor="tester@host") as ledger:
        await load(ledger)
