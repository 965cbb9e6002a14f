"""Strategies from evidence, and the text of a mapping with everything proposed written in."""

import tomllib
from collections.abc import Mapping
from itertools import islice
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping import load_mapping, shipped_text
from adapters.mapping.editing import OwnField, Rename, edited, remark
from adapters.mapping.names import LONGEST, numbered
from adapters.mapping.proposal import Proposed
from adapters.mapping.strategies import MOST_OPTIONS, Evidence, Strategy, order_of, strategies

CONFIG = load_mapping()


def evidence(**given: Any) -> Evidence:
    """Evidence of nothing but what is given."""
    empty: dict[str, Any] = {"orders": {}, "ambiguous": 0, "currencies": {}, "name_cells": {}, "listed": {}}
    return Evidence(**(empty | given))


def settings(**given: Any) -> dict[str, Strategy]:
    """The strategies for this evidence, by setting."""
    return {".".join(one.path): one for one in strategies(CONFIG, evidence(**given))}


def text_of(
    *settings: Strategy,
    proposals: tuple[Proposed, ...] = (),
    fields: tuple[OwnField, ...] = (),
    renames: tuple[Rename, ...] = (),
) -> str:
    """The shipped text with these edits."""
    return edited(shipped_text(), settings=settings, proposals=proposals, fields=fields, renames=renames)


def stands_in(kind: str, column: str, known: str) -> Proposed:
    """A proposal to read `column` for `known`."""
    return Proposed(kind=kind, column=column, by="likeness", confidence=0.9, reason="like it", stands_for=known)


@pytest.mark.parametrize(
    ("orders", "ambiguous", "order", "changed"),
    [
        ({"day-first": 9}, 5, "day-first", True),
        ({"month-first": 9}, 0, "month-first", True),
        ({"day-first": 9, "month-first": 1}, 5, "unambiguous", False),
        ({}, 5, "unambiguous", False),
    ],
)
def test_the_order_of_dates_is_what_files_prove(
    orders: Mapping[str, int], ambiguous: int, order: str, changed: bool
) -> None:
    """Proofs of one kind settle it; proofs of both kinds, and none, leave it open and say so."""
    found = settings(orders=orders, ambiguous=ambiguous)["source.slash_dates"]
    assert (found.value, found.changed) == (order, changed)
    assert order_of([found], CONFIG) == order
    assert found.confidence < 1


def test_nothing_is_said_about_what_was_not_seen() -> None:
    """No slashed dates, no money, no names: no settings."""
    assert settings() == {}
    assert order_of((), CONFIG) == "unambiguous"


def test_the_currency_is_that_of_most_amounts() -> None:
    """Of several headers the one with most filled cells, with its share as confidence."""
    found = settings(currencies={"USD": 25, "EUR": 75})["source.currency"]
    assert (found.value, found.confidence, found.changed) == ("EUR", 0.75, True)
    assert "USD" in found.reason


@pytest.mark.parametrize(("count", "form"), [(MOST_OPTIONS, "options"), (MOST_OPTIONS + 1, "objects")])
def test_many_tags_become_records(count: int, form: str) -> None:
    """Over three hundred names a select is of no use."""
    cells = tuple(f"tag {number};tag {number + 1}" for number in range(1, count))
    assert settings(name_cells={"tags": {"a.csv": cells}})["tags.as"].value == form


def test_names_with_commas_are_learnt_from_files_that_part_otherwise() -> None:
    """`Kunden, DACH` between semicolons is one name between commas too; names nobody met there are not listed."""
    by_file = {"a.csv": ("Kunden, DACH;Newsletter", "Other, thing;VIP"), "b.csv": ("Kunden, DACH, Newsletter",)}
    found = settings(name_cells={"lists": by_file})
    assert found["source.known_names.lists"].value == ["Kunden, DACH"]
    assert "source.separators.lists" not in found


def test_names_with_commas_are_learnt_from_the_account() -> None:
    """A list of the account's tags proves a name too."""
    found = settings(name_cells={"tags": {"b.csv": ("Buyer, gold, VIP",)}}, listed={"tags": ("Buyer, gold", "VIP")})
    assert found["source.known_names.tags"].value == ["Buyer, gold"]


def test_a_comma_that_may_belong_to_names_is_written_down() -> None:
    """Where nothing but commas was seen the separator stands in the file, the less sure the fewer names stand alone."""
    sure = settings(name_cells={"tags": {"a.csv": ("a, b", "a", "b")}})["source.separators.tags"]
    unsure = settings(name_cells={"tags": {"a.csv": ("a, b",)}})["source.separators.tags"]
    assert (sure.value, unsure.value) == (",", ",")
    assert unsure.confidence < sure.confidence <= 1


def test_the_shipped_text_stays_as_it_is_without_edits() -> None:
    """Not a byte changes where nothing is proposed."""
    assert text_of() == shipped_text()


def test_every_edit_is_what_the_mapping_then_says() -> None:
    """Settings, stand-ins, fields and other names, each with a comment, all comments of the file kept."""
    text = text_of(
        Strategy(path=("source", "currency"), value="EUR", confidence=0.75, reason="the header", changed=True),
        Strategy(path=("source", "known_names", "tags"), value=["a, b"], confidence=0.9, reason="met", changed=True),
        Strategy(path=("source", "separators", "lists"), value=";", confidence=0.9, reason="seen", changed=True),
        Strategy(path=("tags", "as"), value="objects", confidence=0.9, reason="400", changed=True),
        Strategy(
            path=("affiliate", "object", "name"), value="kartraAffiliate2", confidence=1, reason="x", changed=True
        ),
        Strategy(path=("source", "time_zone"), value="Mars", confidence=1, reason="unchanged", changed=False),
        proposals=(
            stands_in("contacts", "telefon", "phone"),
            stands_in("contacts", "firma", "company"),
            stands_in("contacts", "labels", "tags"),
            stands_in("transactions", "produkt", "product"),
        ),
        fields=(OwnField(name="kartraFieldSize", label="Size", column="size", transform="option", comment="0.97: 3"),),
        renames=(Rename(table=("person", "fields"), old="kartraScore", new="kartraScore2", reason="taken"),),
    )
    config = load_mapping(text=text)
    assert (config.source.currency, config.source.time_zone) == ("EUR", "America/New_York")
    assert config.source.known_names == {"tags": frozenset({"a, b"})}
    assert config.source.separators == {"lists": ";"}
    assert config.person.fields["phones"].columns == ("telefon", "phone_country_code", "country")
    assert config.person.company == "firma"
    assert config.tags is not None
    assert (config.tags.form, config.tags.column) == ("objects", "labels")
    assert config.opportunity is not None
    assert config.opportunity.fields["name"].columns == ("produkt", "id")
    assert config.affiliate is not None
    assert config.affiliate.object.name == "kartraAffiliate2"
    assert config.person.fields["kartraFieldSize"].transform == "option"
    assert config.person.fields["kartraScore2"].columns == ("score",)
    assert "kartraScore" not in config.person.fields
    for comment in ("# 0.75: the header", "# 0.97: 3", "# 0.90: telefon is like it", "# taken", "# Money that moved."):
        assert comment in text


@hypothesis.settings(max_examples=40, deadline=None)
@given(column=st.text(min_size=1, max_size=40), reason=st.text(max_size=80))
def test_hostile_text_stays_text(column: str, reason: str) -> None:
    """No header and no reason gets out of its string or its comment."""
    field = OwnField(
        name="kartraFieldX", label=f"L {column}", column=column, transform="text", comment=remark(0.5, reason)
    )
    text = text_of(proposals=(stands_in("contacts", column, "phone"),), fields=(field,))
    parsed = tomllib.loads(text)["person"]["fields"]
    assert parsed["kartraFieldX"] == {"label": f"L {column}", "from": [column], "as": "text"}
    assert parsed["phones"]["from"][0] == column
    assert {*parsed} == {*tomllib.loads(shipped_text())["person"]["fields"], "kartraFieldX"}


def test_a_name_is_numbered_and_never_too_long() -> None:
    """From 2 on, cut at Twenty's length."""
    assert list(islice(numbered("kartraScore"), 2)) == ["kartraScore2", "kartraScore3"]
    assert {len(name) for name in islice(numbered("k" * LONGEST), 20)} == {LONGEST}
