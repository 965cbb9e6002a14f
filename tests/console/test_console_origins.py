"""Which columns a field is made from: as the mapping says, by name for the account's own fields, else unknown."""

from importlib.resources import files

from adapters.console.resources.origins import origins

SHIPPED = files("adapters.mapping").joinpath("default.toml").read_text("utf-8")


def test_fields_have_the_columns_of_the_mapping() -> None:
    """Those that the rows have, in the mapping's order, as the rows spell them."""
    found = origins(SHIPPED, "person", ["name", "kartraScore"], ["Last Name", "first_name", "score", "zip"])
    assert found == {"name": ["first_name", "Last Name"], "kartraScore": ["score"]}


def test_an_accounts_own_field_is_known_by_its_name() -> None:
    """`kartraFieldBudgetBand` is the column `budget_band`."""
    assert origins(SHIPPED, "person", ["kartraFieldBudgetBand"], ["budget_band"]) == {
        "kartraFieldBudgetBand": ["budget_band"]
    }


def test_custom_objects_have_a_part_of_their_own() -> None:
    """An affiliate's fields stand under `affiliate`, a subscription's under either of its forms."""
    assert "earned" in origins(SHIPPED, "kartraAffiliate", ["earned"], ["earned", "total_earned", "Earned"])
    assert origins(SHIPPED, "kartraSubscription", ["status"], ["status", "subscription_status"])


def test_what_is_not_known_is_left_out() -> None:
    """A field that the mapping does not name, a mapping that cannot be read, or none."""
    assert origins(SHIPPED, "person", ["jobTitle"], ["score"]) == {}
    assert origins("no = [toml", "person", ["kartraScore"], ["points"]) == {}
    assert origins("", "person", ["kartraScore"], []) == {}
