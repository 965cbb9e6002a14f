"""stage on the command line: a table or one document, errors in a line, and a ledger that moves on meanwhile."""

from pathlib import Path

import anyio
import msgspec
import pytest
from click.testing import CliRunner

from commands import stage as stage_module
from commands.errors import WrongUse
from commands.stage import command
from commands.staging.sheets import Sheet
from ledger.events import BatchIntended, Intended, RecordCreated, RecordDeleted
from ledger.store import Ledger
from tests.stage.conftest import Story

ZOE = {"name": {"firstName": "Zoë", "lastName": "Lärsson"}}


@pytest.fixture
def told(story: Story) -> Story:
    """A story of one company and one person."""

    async def tell() -> None:
        await story.record("company", "company:~a", {"name": "\x1b[31mAcme"})
        await story.record("person", "contact:1", ZOE, {"companyId": ("company", "company:~a")})
        await story.record("person", "contact:2", ZOE, {"companyId": ("company", "company:~gone")})

    anyio.run(tell)
    return story


def _run(story: Story, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(command, ["--ledger", str(story.options.ledger), "--out", str(story.out), *words])
    return done.exit_code, done.stdout, done.stderr


def test_a_person_gets_a_table(told: Story) -> None:
    """Files, objects and counts in 80 columns, what was left out, and where to read on."""
    code, out, _ = _run(told)
    assert code == 0
    assert "02-people.csv" in out
    assert "relations left empty, their record being left out: 1" in out
    assert "README.md there says how" in out
    assert max(len(line) for line in out.splitlines() if str(told.out) not in line) <= 80


def test_a_program_gets_one_document(told: Story) -> None:
    """`--json` names every file in the order of import."""
    code, out, _ = _run(told, "--json")
    document = msgspec.json.decode(out)
    assert (code, set(document)) == (0, {"folder", "head", "files", "left_out", "unlinked"})
    assert document["files"] == [
        {"file": "01-companies.csv", "object": "company", "rows": 1, "columns": 2},
        {"file": "02-people.csv", "object": "person", "rows": 2, "columns": 4},
    ]


def test_a_place_that_cannot_be_written_is_wrong_use(told: Story) -> None:
    """A folder below a file is exit 2, in one line that says what to do."""
    told.out.write_text("a file")
    code, _, err = _run(told)
    assert (code, err.count("\n")) == (2, 1)
    assert "name another folder" in err


def test_no_ledger_is_wrong_use(story: Story) -> None:
    """Without a ledger there is nothing to stage, and none is made."""
    code, _, err = _run(story)
    assert (code, story.options.ledger.exists()) == (2, False)
    assert err.startswith("error: ")


@pytest.mark.anyio
async def test_what_twenty_holds_keeps_its_id_and_what_was_taken_back_stays_out(story: Story) -> None:
    """A written record is staged under the id it has there; one taken back is not staged, and counted."""
    ids = {key: await _written(story, key) for key in ("contact:1", "contact:2")}
    async with Ledger.open(story.options.ledger, command="story", actor="tester@host") as ledger:
        gone = RecordDeleted(object="person", source_key="contact:2", twenty_id=ids["contact:2"], outcome="destroyed")
        await ledger.append([gone])
    done = await story.stage()
    assert [row["Id"] for row in story.sheet("01-people.csv")] == [ids["contact:1"]]
    assert done.left_out == {"person": {"taken_back": 1}}


async def _written(story: Story, key: str) -> str:
    await story.record("person", key, ZOE)
    twenty_id = f"00000000-0000-4000-8000-00000000000{key[-1]}"
    async with Ledger.open(story.options.ledger, command="story", actor="tester@host") as ledger:
        [row] = await ledger.reader.rows("SELECT payload_hash FROM record WHERE source_key = :key", key=key)
        item = Intended(key=key, id=twenty_id, hash=row["payload_hash"])
        created = RecordCreated(
            object="person", source_key=key, twenty_id=twenty_id, payload_hash=item.hash, updated_at=""
        )
        await ledger.append([BatchIntended(object="person", action="create", items=(item,), timeout_s=1), created])
    return twenty_id


@pytest.mark.anyio
async def test_a_ledger_that_moves_on_spoils_the_files(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of two moments would not fit each other: a run that goes on meanwhile is found out, and named."""
    await story.record("company", "company:~a", {"name": "Acme"})
    honest = stage_module.write_object

    async def while_another_writes(*given: object) -> list[Sheet]:
        await story.record("company", "company:~b", {"name": "Bolt"})
        return await honest(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(stage_module, "write_object", while_another_writes)
    with pytest.raises(WrongUse, match="a run went on while"):
        await story.stage()


def test_names_of_files_hold_letters_and_digits_alone(story: Story, tmp_path: Path) -> None:
    """An object's name comes from a mapping somebody wrote: it cannot lead out of the folder."""

    async def tell() -> None:
        await story.record("../../evil", "x:1", {"name": "Evil"})
        await story.stage()

    anyio.run(tell)
    assert sorted(path.name for path in story.out.iterdir()) == ["01-evil.csv", "README.md"]
    others = {path.name for path in tmp_path.iterdir() if not path.name.startswith("ledger.db")}
    assert others == {"staged"}
