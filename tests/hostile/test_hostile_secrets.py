"""What must not be told: the API key anywhere, and personal values outside the bodies a ledger can erase."""

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from adapters.kartra import read, scan
from adapters.mapping import load_mapping, targets
from adapters.mapping.types import SourceRow
from commands.main import COMMANDS, cli
from tests.hostile.place import CLI, LOAD, Place, Told
from tests.hostile.servers import KEY, Bent, always, serving

PERSONAL = (
    "email", "first_name", "middle_name", "last_name", "last_name2", "phone", "company", "address", "city", "zip",
    "website", "ip", "facebook", "twitter", "linkedin", "sales_tax_id", "notes", "tags", "coaching_goal",
    "buyer_name", "buyer_email", "buyer_username", "buyer_address", "buyer_city", "buyer_zip", "buyer_ip",
    "buyer_company", "affiliate_name", "affiliate_email", "affiliate_username", "affiliate", "username", "host",
)  # fmt: skip
PROJECTIONS = (
    "meta", "alias", "run", "export", "hold", "source_row", "record", "schema_element", "schema_option", "compensation",
    "intent",
)  # fmt: skip
_SENTINELS = {"none", "null"}
_DIGEST = re.compile(r"[0-9a-f]{12,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Loaded(NamedTuple):
    """A place whose sample is loaded, all that the load said at its most talkative, and every personal value of it."""

    place: Place
    told: Told
    values: set[str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """A sample with awkward rows, loaded over HTTP by a process of its own with -vv."""
    place = Place(tmp_path_factory.mktemp("secrets"), {"TWENTY_API_KEY": KEY})
    assert place.run("sample", "--contacts", "60", "--out", place.exports).code == 0
    bent = Bent(place.sandbox)
    with serving(bent) as url:
        told = place.child("-vv", "--twenty-url", url, "load", place.exports, *LOAD)
    bent.close()
    yield Loaded(place, told, set(_values(place.exports)))


def _values(folder: Path) -> Iterator[str]:
    """Every personal value of four characters and more, whole and by its words where those can stand alone.

    A word that names a field of ours is left out: it says nothing of anybody.
    """
    ours = {spec for target in targets(load_mapping()) for spec in target.fields}
    rows = (row for export in scan(folder).exports for row in read(export) if isinstance(row, SourceRow))
    for cells in (row.cells for row in rows):
        for column in cells.keys() & set(PERSONAL):
            yield from (part for part in _parts(cells[column]) if part not in ours)


def _parts(cell: str) -> Iterator[str]:
    for part in {cell.strip(), *(tag.strip(' []"') for tag in re.split("[;,]", cell))}:
        if len(part) >= 4 and part.lower() not in _SENTINELS and not (part.isdigit() and len(part) < 7):
            yield part


def test_the_load_went_well(loaded: Loaded) -> None:
    """The rest of this file looks at a real load: rows were held, records written, calls logged."""
    assert loaded.told.code == 3
    assert '"event": "call"' in loaded.told.err
    assert len(loaded.values) > 300


def test_no_file_holds_the_key(loaded: Loaded) -> None:
    """Byte by byte: neither the ledger with its side files nor the embedded Twenty's database holds the key."""
    seen = [path for path in loaded.place.folder.rglob("*") if path.is_file()]
    assert loaded.place.ledger in seen
    assert [path.name for path in seen if KEY.encode() in path.read_bytes()] == []


def test_no_event_holds_a_personal_value(loaded: Loaded) -> None:
    """No value of the sample stands in any column of the event table: only bodies hold them, and bodies can go."""
    assert _found(loaded, "event", skip=()) == set()


@pytest.mark.parametrize("table", PROJECTIONS)
def test_projections_hold_labels_at_most(loaded: Loaded, table: str) -> None:
    """The one personal thing a projection may copy is the label that lists show: `record.label`; erasures take it."""
    assert _found(loaded, table, skip=("label",) if table == "record" else ()) == set()


def test_the_labels_are_there(loaded: Loaded) -> None:
    """The search of this file finds what is there: `record.label` does hold names of the sample."""
    assert _found(loaded, "record", skip=()) != set()


def test_the_tables_looked_at_are_all_there_are(loaded: Loaded) -> None:
    """A new table has to be looked at too."""
    names = {name for (name,) in loaded.place.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    empty_here = {"schema_options_intended", "automation", "trace", "change", "gone", "suppressed"}
    assert names == {"event", "payload", *PROJECTIONS, *empty_here}


def _found(loaded: Loaded, table: str, skip: tuple[str, ...]) -> set[str]:
    with closing(sqlite3.connect(loaded.place.ledger)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    cells = {str(row[name]) for row in rows for name in row.keys() if name not in skip and row[name] is not None}  # noqa: SIM118
    return _quoted(loaded.values, "\n".join(cells))


def _quoted(values: set[str], text: str) -> set[str]:
    # Digests and ids are random: a short value may stand in one by chance.
    searched = _DIGEST.sub("", text)
    as_json = json.dumps(searched, ensure_ascii=False)
    return {value for value in values if value in searched or json.dumps(value)[1:-1] in as_json}


def test_what_is_said_at_its_most_talkative_names_nobody(loaded: Loaded) -> None:
    """Logs of every call, progress and results hold neither the key nor a value of the sample."""
    said = loaded.told.out + loaded.told.err
    assert KEY not in said
    assert _quoted(loaded.values, said) == set()


@pytest.mark.parametrize(
    "command", [["status"], ["holds"], ["rollback"], ["history"], ["verify"], ["head"]], ids=" ".join
)
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_lists_name_nobody(loaded: Loaded, command: list[str], form: list[str]) -> None:
    """What reads the whole ledger tells places, ids and counts; `show` is what tells a person's values."""
    told = loaded.place.run(*command, *form, "-vv")
    assert _quoted(loaded.values, told.out + told.err) == set()


def test_errors_and_their_tracebacks_do_not_hold_the_key(tmp_path: Path) -> None:
    """Every way a call can fail, at -vv with a traceback and with --json, in a process of its own: no key."""
    place = Place(tmp_path, {"TWENTY_API_KEY": KEY, "TWENTY_TIMEOUT": "0.5", "TWENTY_RETRY_FOR": "0.1"})
    place.contacts("ann@x.org")
    with serving(always(200, "text/html", "<html>")) as page, serving(always(500, "text/html", "<html>")) as trouble:
        for url in (page, trouble, page.replace("http:", "https:"), "http://127.0.0.1:1"):
            told = place.run("-vv", "--json", "--twenty-url", url, "load", place.exports, *LOAD)
            assert "Traceback" in told.err
            assert KEY not in told.out + told.err
            assert told.document["error"]["message"]
    assert KEY.encode() not in place.ledger.read_bytes()


def test_what_twenty_says_of_a_value_becomes_a_body(tmp_path: Path) -> None:
    """Twenty's refusals quote values: they are kept as bodies, and neither events nor words repeat them."""
    place = Place(tmp_path, {"TWENTY_API_KEY": KEY})
    place.contacts("jane@secret.example", "bob@x.org")
    bent = Bent(place.sandbox)
    bent.act = _refuse_jane
    with serving(bent) as url:
        told = place.run("-vv", "--twenty-url", url, "load", place.exports, *LOAD)
    bent.close()
    assert told.code == 3
    assert set(place.people()) == {"bob@x.org"}
    assert "jane@" not in told.out + told.err
    assert place.rows("SELECT count(*) FROM event WHERE data LIKE '%jane@%' OR type || source_key LIKE '%jane@%'") == [
        (0,)
    ]
    [(body,)] = place.rows(
        "SELECT body FROM payload JOIN event ON payload_hash = payload.hash WHERE type = 'RecordRejected'"
    )
    assert "Invalid value" in body
    place.assert_intact()


async def _refuse_jane(body: bytes) -> tuple[int, str, bytes] | None:
    if b"createPeople" not in body or b"jane@secret.example" not in body:
        return None
    said = "Invalid value 'jane@secret.example' for email field \"emails\""
    error = {"message": said, "extensions": {"code": "BAD_USER_INPUT", "subCode": "INVALID_ARGS_DATA"}}
    return 200, "application/json", json.dumps({"data": {"createPeople": None}, "errors": [error]}).encode()


def test_no_option_takes_the_key_of_a_real_twenty() -> None:
    """An argument stands in the list of processes: only the sandbox's own key, which opens nothing else, may.

    The other options name files.
    """
    takes = {
        (path, name)
        for path, command in _walk(cli)
        for parameter in command.params
        for name in parameter.opts
        if re.search("key|token|secret|password", name)
    }
    assert {name for _path, name in takes} == {"--api-key-file", "--api-key", "--tls-key", "--tokens"}
    assert {path for path, name in takes if name == "--api-key"} == {("sandbox", "serve")}


def _walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        names = COMMANDS if not path else command.commands
        for name in names:
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from _walk(inner, (*path, name))


def test_the_embedded_twenty_tells_its_key_to_nobody(tmp_path: Path) -> None:
    """`sandbox serve` prints an address; its key is in neither its output nor its database, nor in its arguments."""
    command = [*CLI, "-vv", "sandbox", "serve", "--port", "0", "--db", str(tmp_path / "sandbox.db")]
    environment = {**os.environ, "SANDBOX_API_KEY": KEY}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    place = Place(tmp_path / "place", {"TWENTY_API_KEY": KEY})
    place.contacts("ann@x.org")
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert KEY.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert place.run("--twenty-url", url, "load", place.exports, *LOAD).code == 0
        place.environment["TWENTY_API_KEY"] = f"{KEY}x"
        assert place.run("--twenty-url", url, "load", place.exports, *LOAD).code == 4
    finally:
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert KEY not in url + out + err
    assert KEY.encode() not in (tmp_path / "sandbox.db").read_bytes()
