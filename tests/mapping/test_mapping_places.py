"""Places in a mapping's text: the line of a key, whatever TOML's author did to its layout."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.places import line_of

TEXT = '''# [person] in a comment
title = "not # a comment"
version = 1

[source]
separators = { tags = ";", "lists" = { deep = 1 } }
story = """
[person]
from = "no key" # nor this
\\""" still
"""

[person.fields."odd.name"]
from = [
    "first",  # ]
    ["a", "b"],
    { x = 1, y = 2 },
]
as.of.a = 1.5
'as' = 'literal \\'

[[person.extra]]
name = 1
[[person.extra]]
name = 2
[person.extra.below]
deep = true

[person]
skip = []'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("version", 3),
        ("title", 2),
        ("source", 5),
        ("source.separators", 6),
        ("source.separators.tags", 6),
        ("source.separators.lists.deep", 6),
        ("source.story", 7),
        ("person", 29),
        ("person.skip", 30),
        ("person.fields", 13),
        ("person.fields.odd.name.from", 14),
        ('person.fields."odd.name".from', 14),
        ("person.fields[...].from", 14),
        ("person.fields.odd.name.from[0]", 15),
        ("person.fields.odd.name.from[1][1]", 16),
        ("person.fields.odd.name.from[2].y", 17),
        ("person.fields.odd.name.as.of.a", 19),
        ("person.extra[0].name", 23),
        ("person.extra[1].name", 25),
        ("person.extra[1].below.deep", 27),
    ],
)
def test_a_key_stands_where_it_is_written(path: str, line: int) -> None:
    """Headers, dotted and quoted keys, inline tables, list elements; strings and comments fool nobody."""
    assert line_of(TEXT, path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("source.colour", 5),
        ("source.separators.notes", 6),
        ("person.fields.odd.name.from[7]", 14),
        ("person.extra[...].name", 22),
        ("person.fields.odd", 13),
        ("nothing", None),
        ("", None),
        ("vers", None),
    ],
)
def test_a_missing_key_is_at_the_one_above_it(path: str, line: int | None) -> None:
    """The nearest key above that there is; a part of a name is no name."""
    assert line_of(TEXT, path) == line


def test_windows_line_ends_count_once() -> None:
    """A file of another system has the same lines."""
    assert line_of(TEXT.replace("\n", "\r\n"), "person.skip") == 30


@pytest.mark.parametrize(
    "text",
    ["", "=", "[", "[[", "a", "a.", "a = ", "]", "a = [", "a = {b", "a = {=}", 'a = "', "[" * 9999, "a=" + "[" * 9999],
)
def test_what_is_no_toml_is_no_crash(text: str) -> None:
    """The reader stops where TOML does."""
    assert line_of(text, "zzz") is None
    assert line_of("first = 1\n" + text, "first") == 1


WORDS = st.sampled_from(["from", "as", "a.b", "", "ä", "x = 1", "#", "[t]", '"', "'", "\n[p]\nq = 1", "\\", "b"])
SCALARS = WORDS | st.integers() | st.booleans() | st.just(1.5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
TABLES = st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=4), max_size=4)


@given(TABLES, st.sampled_from(["\n", "\n\n# [no] key = 1\n"]))
def test_every_key_of_any_document_is_found(tables: dict[str, dict[str, Any]], gap: str) -> None:
    """A document written with one key a line: every key is found on its line, every header on its own."""
    lines: list[str] = []
    expected: dict[str, int] = {}
    for table, pairs in tables.items():
        lines += f"[{_quoted(table)}]{gap}".splitlines()
        expected[f'"{table}"'] = len(lines) - gap.count("\n") + 1
        for key, value in pairs.items():
            lines.append(f"{_quoted(key)} = {_written(value)} # {_quoted(key)} = 0")
            expected[f'"{table}"."{key}"'] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == tables
    assert {path: line_of(text, path) for path in expected} == expected


def _quoted(key: str) -> str:
    return json.dumps(key)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value)
