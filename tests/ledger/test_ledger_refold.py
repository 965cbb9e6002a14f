"""What makes folding from zero quick leaves nothing out: labels cut from bodies, and tables without most indexes."""

import re
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import refolding
from ledger.folding import _prepared, _statements, run
from ledger.hashing import seal
from ledger.projections import FOLDS
from ledger.projections.records import _LABELS
from ledger.tables import LEDGER_TABLES, TABLES, ddl

AWKWARD = st.sampled_from(['"', "\\", "},", '},"subject":', '\\"},"subject":', "}", "{", "\n", "é", "🔥", "a"])
TEXTS = st.lists(AWKWARD, max_size=6).map("".join) | st.text()


@given(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), TEXTS)
def test_a_label_cut_from_a_body_is_the_bodys(name: str, others: dict[str, str], subject: str) -> None:
    """Whatever stands in labels, subject and value: the beginning of a body has the very label that all of it has."""
    body = seal(subject, {"cells": others}, {**others, "name": name}).body
    statement = f"SELECT json_extract(body, '$.labels.name') IS json_extract({_LABELS}, '$.labels.name') FROM payload"
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE payload (body TEXT)")
        connection.execute("INSERT INTO payload VALUES (?)", (body,))
        assert connection.execute(statement).fetchone() == (1,)


def test_folds_find_rows_by_the_indexes_they_are_left() -> None:
    """With no other index than those that folds are said to need, no fold goes through a table that grows."""
    grown = {"record", "source_row", "alias", "change", "intent", "compensation"}
    with closing(sqlite3.connect(":memory:")) as connection:
        run(connection, [ddl.table(table) for table in (*LEDGER_TABLES, *TABLES)])
        for table in TABLES:
            run(connection, ddl.indexes(table, folding=True))
        steps = {
            (name, row[3])
            for name, statements in FOLDS.items()
            for one in map(_prepared, statements)
            for row in connection.execute(f"EXPLAIN QUERY PLAN {one.sql}", _nulls(one.sql))
        }
    scans = {(name, step) for name, step in steps if step.startswith("SCAN ") and step.split()[1] in grown}
    assert not scans
    assert any("record_stream" in step for _, step in steps)
    assert any("change_record" in step for _, step in steps)


@pytest.mark.parametrize("tables", [refolding.APART, refolding.BESIDE])
def test_tables_that_are_folded_by_themselves_ask_no_others(tables: frozenset[str]) -> None:
    """No fold of a group reads or writes a projection outside it, so each group folds to what all together fold to."""
    allowed = {*tables, *(table.name for table in LEDGER_TABLES)}
    asked: set[str] = set()

    def note(action: int, table: str | None, *_: object) -> int:
        if action in (sqlite3.SQLITE_READ, sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE):
            asked.add(str(table))
        return sqlite3.SQLITE_OK

    with closing(sqlite3.connect(":memory:")) as connection:
        run(connection, [ddl.table(table) for table in (*LEDGER_TABLES, *TABLES)])
        connection.set_authorizer(note)
        for name in FOLDS:
            for one in _statements(name, tables):
                connection.execute(f"EXPLAIN {one.sql}", _nulls(one.sql))
    assert tables <= asked
    assert {table for table in asked if not table.startswith(("json_", "sqlite_"))} <= allowed


def test_every_table_is_folded_by_a_group() -> None:
    """No projection is left out where records are folded apart."""
    assert refolding.APART | refolding.BESIDE == refolding.ALL == {table.name for table in TABLES}


def _nulls(statement: str) -> tuple[None, ...]:
    return (None,) * max((int(place) for place in re.findall(r"\?(\d+)", statement)), default=0)
