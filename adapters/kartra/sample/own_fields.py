"""The account's own fields, of Kartra's five types: their description, their cells, and their entries in an answer.

Source: kartra.md section 7. In a contacts export they are columns like any other.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from adapters.kartra.sample.books import Row
from adapters.kartra.sample.catalog import OptionFacts
from adapters.kartra.sample.cells import Cell


class OwnField(NamedTuple):
    """One of the account's own fields: its identifier, its type, Twenty's field for it, and its options."""

    identifier: str
    type: str
    field: str
    options: tuple[OptionFacts, ...] = ()


OWN_FIELDS = (
    OwnField("coaching_goal", "text_area", "kartraFieldCoachingGoal"),
    OwnField(
        "budget_band",
        "drop_down",
        "kartraFieldBudgetBand",
        (OptionFacts("1k-5k", "OPT_1K_5K"), OptionFacts("5k+", "OPT_5K"), OptionFacts("0", "OPT_0")),
    ),
    OwnField(
        "topics_of_interest",
        "checkbox",
        "kartraFieldTopicsOfInterest",
        (OptionFacts("Email", "EMAIL"), OptionFacts("Funnels", "FUNNELS"), OptionFacts("Paid ads", "PAID_ADS")),
    ),
    OwnField("birthday", "input_field", "kartraFieldBirthday"),
    OwnField(
        "contact_by",
        "radio_button",
        "kartraFieldContactBy",
        (OptionFacts("E-mail", "E_MAIL"), OptionFacts("Phone", "PHONE")),
    ),
)
_SEPARATOR = "; "


def own_cells(random: Random) -> Row:
    """Cells of the fields in which something was chosen, told as the options' labels; now and then nothing was."""
    *_, contact_by = OWN_FIELDS
    topics = OWN_FIELDS[2]
    several = random.sample(topics.options, random.randrange(len(topics.options) + 1))
    single = random.sample(contact_by.options, random.randrange(2))
    return {topics.identifier: _chosen(several), contact_by.identifier: _chosen(single)}


def own_entries(made: Row) -> list[dict[str, Any]]:
    """The `custom_fields` of an answer: all of them, even empty."""
    return [
        {
            "field_id": 60 + index,
            "field_identifier": own.identifier,
            "field_type": own.type,
            "field_value": _choices(own, made[own.identifier]) if own.options else made[own.identifier].written,
        }
        for index, own in enumerate(OWN_FIELDS)
    ]


def description() -> dict[str, Any]:
    """The answer of `retrieve_custom_fields`."""
    fields = [
        {
            "field_id": str(60 + index),
            "field_identifier": own.identifier,
            "field_type": own.type,
            "field_options": _labels(own.options),
        }
        for index, own in enumerate(OWN_FIELDS)
    ]
    return {"status": "Success", "custom_fields": fields}


def _chosen(options: Sequence[OptionFacts]) -> Cell:
    written = _SEPARATOR.join(option.name for option in options)
    return Cell(written, written)


def _choices(own: OwnField, cell: Cell) -> list[dict[str, Any]]:
    names = () if cell.empty else cell.written.split(_SEPARATOR)
    by_name = {option.name: option for option in own.options}
    return _labels([by_name[name] for name in names])


def _labels(options: Sequence[OptionFacts]) -> list[dict[str, Any]]:
    return [{"option_id": 600 + index, "option_value": option.name} for index, option in enumerate(options)]
