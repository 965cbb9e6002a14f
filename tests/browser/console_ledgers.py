"""Two ledgers to look at: one with everything that can happen to a migration, and one of hostile exports."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anyio
from click.testing import CliRunner

from adapters.kartra.sample import write_sample
from commands.main import cli
from commands.options import Options
from commands.session import reach_twenty
from tests.crash.processes import ROOT
from tests.journey.world import change_person

STORY, HOSTILE = "story", "hostile"
"""The ledgers' words."""

_CONFIRMED = ("--accept-defaults", "--automations", "leave")
_KILLED = (
    "import signal, sys; from commands.main import main; from tests.crash import points;"
    " points.install(points.trap(sys.argv.pop(1), signal.SIGKILL)); main()"
)
_CLOCK = 0x69C4EF5C
_KEYS = ("id", "email", "first_name", "last_name", "phone", "tags", "score", "company", "notes")

ANN = {"id": "900001", "email": "ann@kartra.example", "first_name": "Ann", "last_name": "Archer",
       "phone": "+4930901820", "tags": "VIP, Old", "score": "5", "company": "Acme Ltd", "notes": ""}  # fmt: skip
BOB = {
    **ANN,
    "id": "900002",
    "email": "bob@kartra.example",
    "first_name": "Bob",
    "last_name": "Baker",
    "phone": "",
    "notes": "Likes tea",
}
NAMELESS = [{**BOB, "id": f"90001{at}", "email": "", "first_name": f"Nobody{at}"} for at in range(4)]
EVE = {**ANN, "id": "900003", "email": "eve@kartra.example", "first_name": "Eve", "last_name": "Eaton", "phone": ""}
ACCOUNT = [ANN, BOB, *NAMELESS, EVE]
CHANGED = {**ANN, "first_name": "Anna", "score": "7", "tags": "VIP, New"}
ACCOUNT_FILE = f"contacts_account_01-04-2026_{_CLOCK:x}4f5f6.csv"
LATER_FILE = f"contacts_later_02-04-2026_{_CLOCK + 86_400:x}4f5f6.csv"
ANN_LINE = 2
"""Where ANN stands in both files."""

SCRIPT = "<script>window.hit = 1</script>"
IMAGE = "<img src=x onerror='window.hit = 1'>"
STYLE = "</style><style>body { display: none } * { background: url(https://evil.example/x) }</style>"
SCHEME = "javascript:window.hit=1"
OVERRIDE = "Form \u202egnp.exe"
FORMULA = "=cmd|'/c calc'!A0"
QUOTE = "\"><svg onload='window.hit = 1'>"
ODD = "\ufeffzero\u200bwidth\x07bell\x1b[31mred\u2028line\u0000nul"
MARKUP = (SCRIPT, IMAGE, STYLE, SCHEME, OVERRIDE, FORMULA, QUOTE)
HOSTILE_HEADER = ("id", "email", "first_name", "last_name", "website", "tags", "notes", "company", "phone")
HOSTILE_FILE = "contacts_<img src=x onerror='window.hit=1'>_01-04-2026_69c4ef5c4f5f6.csv"
MEGABYTE = "m" * 1_000_000


class Told(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


class Place:
    """A folder with one ledger and its embedded Twenty, worked on by the command line."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ledger = self.folder / f"{name}.db"

    def run(self, *words: str | Path, codes: Sequence[int] = (0,)) -> Told:
        """Run a command on the ledger to its end."""
        done = CliRunner().invoke(cli, self.words(*words), catch_exceptions=False)
        assert done.exit_code in codes, f"{words}: {done.exit_code}: {done.stderr}{done.stdout}"
        return Told(done.exit_code, done.stdout, done.stderr)

    def words(self, *words: str | Path) -> list[str]:
        """The words of a command on this ledger."""
        return ["--ledger", str(self.ledger), "--actor", "Ada Auditor", *map(str, words)]

    def killed(self, point: str, *words: str | Path) -> None:
        """Run a command in a process of its own that is killed at a moment."""
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, point, *self.words(*words)], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr

    def told(self, *words: str | Path) -> Any:
        """The one JSON document of a command."""
        return json.loads(self.run(*words, "--json").out)

    def load(self, exports: Path) -> Told:
        """Load exports into the embedded Twenty; what is held leaves it undone."""
        return self.run(*loading(exports), codes=(0, 3))

    def delta(self, exports: Path) -> Told:
        """Hold later exports against the ledger."""
        return self.run("--sandbox", "delta", exports, *_CONFIRMED, codes=(0, 3))


def loading(exports: Path) -> tuple[str | Path, ...]:
    """The words that load exports into the embedded Twenty."""
    return ("--sandbox", "load", exports, *_CONFIRMED)


def write_contacts(folder: Path, name: str, rows: Sequence[Mapping[str, str]], keys: Sequence[str] = _KEYS) -> Path:
    """Write one export of contacts into a folder."""
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, keys, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def build_story(folder: Path) -> None:
    """Load (killed, resumed), holds decided, a delta, a comparison, a rollback of one record, a verification."""
    place = Place(folder, STORY)
    exports = place.folder / "exports"
    write_sample(exports, 12, 3, everything=True)
    (exports / "truth.json").unlink()
    write_contacts(exports, ACCOUNT_FILE, ACCOUNT)
    place.killed("after:RecordCreated:2", *loading(exports))
    place.run("--sandbox", "resume", codes=(3,))
    first, second, third, _ = _nameless(place)
    _correct(place, first)
    place.run("holds", "give-up", third, "--why", "newsletter leftovers")
    place.load(exports)
    anyio.run(partial(_edited_in_twenty, place, twenty_id(place, BOB["email"])))
    place.delta(
        write_contacts(
            place.folder / "later", LATER_FILE, [CHANGED, {**BOB, "first_name": "Robert"}, {**EVE, "first_name": "Eva"}]
        )
    )
    place.run("holds", "release", "--reason", "conflict")
    place.run("--sandbox", "reconcile", codes=(0, 3))
    place.run("--sandbox", "rollback", "--record", twenty_id(place, ANN["email"]), "--yes", codes=(0, 3))
    _correct(place, second)
    place.run("verify", "--record")


async def _edited_in_twenty(place: Place, record: str) -> None:
    """A person changes a name in Twenty that Kartra will change too: that waits for somebody's decision."""
    options = Options()
    options.ledger, options.sandbox = place.ledger, True
    async with reach_twenty(options) as twenty:
        await change_person(twenty.client, data={"name": {"firstName": "Rob"}}, record=record)


def _nameless(place: Place) -> list[str]:
    """The holds of the rows without an e-mail: the first will be released, the second corrected, the third given up."""
    return [str(one["id"]) for one in place.told("holds")["holds"] if one["file"] == ACCOUNT_FILE]


def _correct(place: Place, hold: str) -> None:
    place.run("holds", "set", hold, f"email=found{hold}@kartra.example", "--why", "asked her")


def twenty_id(place: Place, email: str) -> str:
    """The id in Twenty of the person with an e-mail, as the log says."""
    events = place.told("history", "--email", email)["events"]
    [found] = {one["twenty_id"] for one in events if one["type"] == "RecordCreated" and one["object"] == "person"}
    return str(found)


def hostile_rows() -> list[dict[str, str]]:
    """A contact for each kind of harm, in every column that takes text; some are held."""
    rows = [_hostile(at, text, f"h{at}@x.example") for at, text in enumerate(MARKUP)]
    held = [_hostile(50 + at, text, text) for at, text in enumerate(MARKUP)]
    long = {**_hostile(91, "Long", "big@x.example"), "notes": MEGABYTE}
    return [*rows, *held, _hostile(90, ODD, "odd@x.example"), long]


def _hostile(at: int, text: str, email: str) -> dict[str, str]:
    said = dict.fromkeys(HOSTILE_HEADER, text)
    return said | {"id": str(7000 + at), "email": email, "tags": text.replace(",", " "), "phone": ""}


def build_hostile(folder: Path) -> None:
    """A load of hostile rows out of a file with a hostile name, and a delta that changes some of them."""
    place = Place(folder, HOSTILE)
    place.load(write_contacts(place.folder / "exports", HOSTILE_FILE, hostile_rows(), HOSTILE_HEADER))
    changed = [{**one, "first_name": f"{QUOTE}{at}"} for at, one in enumerate(hostile_rows()[:3])]
    place.delta(write_contacts(place.folder / "later", LATER_FILE, changed, HOSTILE_HEADER))
    place.run("--actor", SCRIPT, "verify", "--record")
