"""Which columns a field is made from: as the mapping says, by name for the account's own fields, else unknown."""

from importlib.resources import files

import pytest

from adapters.console.resources.origins import origins

SHIPPED = files("adapters.mapping").joinpath("default.toml").read_text("utf-8")


def test_fields_have_the_columns_of_the_mapping() -> None:
    """Those that the rows have, in the mapping's order, as the rows spell them."""
    found = origins(SHIPPED, "contact:1", "person", ["name", "kartraScore"], ["Last Name", "first_name", "score"])
    assert found == {"name": ["first_name", "Last Name"], "kartraScore": ["score"]}


def test_a_company_is_known_by_the_column_that_names_it() -> None:
    """It is a relation, and the mapping says of which column."""
    assert origins(SHIPPED, "contact:1", "person", ["companyId"], ["company"]) == {"companyId": ["company"]}


def test_an_accounts_own_field_is_known_by_its_name() -> None:
    """`kartraFieldBudgetBand` is the column `budget_band`; of other objects nothing is guessed."""
    own = {"kartraFieldBudgetBand": ["budget_band"]}
    assert origins(SHIPPED, "contact:1", "person", list(own), ["budget_band"]) == own
    assert origins(SHIPPED, "note:1", "note", list(own), ["budget_band"]) == {}


def test_an_amount_is_the_column_that_names_its_currency_too() -> None:
    """`amount:USD` is what the mapping calls `amount`."""
    found = origins(SHIPPED, "transaction:1", "opportunity", ["amount"], ["amount:USD", "transaction_type"])
    assert found == {"amount": ["amount:USD", "transaction_type"]}


@pytest.mark.parametrize(("object_name", "field"), [("kartraSubscription", "startedAt"), ("opportunity", "closeDate")])
def test_a_subscription_has_the_part_of_the_form_it_takes(object_name: str, field: str) -> None:
    """As a record of its own, or as an opportunity: not the part of what was bought once."""
    parts = f"""
        [opportunity.fields.{field}]
        from = ["bought"]
        [subscription.custom.fields.startedAt]
        from = ["since"]
        [subscription.opportunity.fields.closeDate]
        from = ["since"]
    """
    assert origins(parts, "subscription:7", object_name, [field], ["bought", "since"]) == {field: ["since"]}
    assert origins(parts, "transaction:7", "opportunity", [field], ["bought", "since"]) == {field: ["bought"]}


def test_an_affiliate_has_a_part_of_its_own() -> None:
    """Whatever its object is called."""
    assert "earned" in origins(SHIPPED, "affiliate:~1", "kartraAffiliate", ["earned"], ["earned", "total_earned"])


def test_what_is_not_known_is_left_out() -> None:
    """A field that the mapping does not name, an object it does not know, a mapping that cannot be read, or none."""
    assert origins(SHIPPED, "contact:1", "person", ["jobTitle"], ["score"]) == {}
    assert origins(SHIPPED, "tag:1", "kartraTag", ["name"], ["name"]) == {}
    assert origins("no = [toml", "contact:1", "person", ["kartraScore"], ["points"]) == {}
    assert origins("", "contact:1", "person", ["kartraScore"], []) == {}
