"""The spot-check sheet: each record beside all rows it was made of, and what is wrong with it as a whole."""

import csv
import shutil
from collections.abc import Mapping

import pytest

from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export, people
from tests.journey.world import Journey, soft_deleted

pytestmark = pytest.mark.anyio


async def test_all_rows_of_a_record_are_beside_it_and_the_bin_is_told(journey: Journey) -> None:
    """Ann is merged of two files, a company of two people's rows, Bob lies in the bin: the sheet shows each."""
    folder = export(journey, 0, ACCOUNT)
    for path in export(journey, 1, [{**ANN, "first_name": "Anna", "score": "9"}]).glob("*.csv"):
        shutil.copy(path, folder)
    await journey.load(folder, "leave")
    there = await people(journey)
    async with journey.twenty() as twenty:
        await soft_deleted(twenty, "person", there[BOB["email"]]["id"])
    report = journey.folder / "report"
    journey.run("reconcile", "--sandbox", "--report", str(report), code=3)
    with (report / "spot-check.csv").open(encoding="utf-8", newline="") as file:
        sheet = list(csv.DictReader(file))

    def of(record: str, field: str) -> list[Mapping[str, str]]:
        return [row for row in sheet if row["record"] == record and row["field"].startswith(field)]

    ann = of(there[ANN["email"]]["id"], "Kartra's row")
    assert [(row["file"][:10], row["line"], row["field"]) for row in ann] == [
        ("contacts_0", "2", "Kartra's row 1 of 2"), ("contacts_1", "2", "Kartra's row 2 of 2"),
    ]  # fmt: skip
    assert ["first_name: Ann;" in row["written"] for row in ann] == [True, False]
    assert "first_name: Anna;" in ann[1]["written"]
    [company] = await journey.records("company")
    assert {row["line"] for row in of(company["id"], "Kartra's row")} >= {"2", "3"}
    assert [row["verdict"] for row in of(there[BOB["email"]]["id"], "the record")] == ["in_bin"]
    assert of(there[CYD["email"]]["id"], "the record") == []
    assert of(there[CYD["email"]]["id"], "Kartra's row")[0]["line"] == "4"
    assert "in_bin" in (report / "spot-check.html").read_text()
