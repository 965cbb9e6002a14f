"""Names that clash: in a mapping, with Twenty's own, with words Twenty keeps."""

import pytest

from adapters.mapping import MappingInvalid, load_mapping, shipped_text

AFFILIATE = 'name = "kartraAffiliate", plural = "kartraAffiliates"'
OF_AFFILIATE = 'person = "person"\nperson_label = "Person"\nobject = { name = "kartraAffiliate"'
OF_SUBSCRIPTION = OF_AFFILIATE.replace("kartraAffiliate", "kartraSubscription")
RECURRENCE = 'from = ["recurrence_term"]\nas = "'


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('entry = "tag"', 'entry = "person"', "tags.junction.entry"),
        ('entry = "list"', 'entry = "personId"', "lists.junction.entry"),
        ('entry = "list"', 'entry = "name"', "lists.junction.entry"),
        (OF_AFFILIATE, OF_AFFILIATE.replace('"person"', '"email"', 1), "affiliate.person"),
        (OF_SUBSCRIPTION, OF_SUBSCRIPTION.replace('"person"', '"kartra"', 1), "subscription.custom.person"),
        (OF_AFFILIATE, OF_AFFILIATE.replace('"person"', '"relation"', 1), "affiliate.person"),
        (AFFILIATE, 'name = "person", plural = "kartraAffiliates"', "affiliate.object.name"),
        (AFFILIATE, 'name = "kartraAffiliate", plural = "people"', "affiliate.object.plural"),
        (AFFILIATE, 'name = "noteTarget", plural = "kartraAffiliates"', "affiliate.object.name"),
        (AFFILIATE, 'name = "workspacemember", plural = "kartraAffiliates"', "affiliate.object.name"),
        (AFFILIATE, 'name = "kartraAffiliate", plural = "opportunities"', "affiliate.object.plural"),
        (AFFILIATE, 'name = "kartraAffiliate", plural = "kartraAffiliate"', "affiliate.object.plural"),
        (AFFILIATE, 'name = "kartratag", plural = "kartraAffiliates"', "tags.object.name"),
        (AFFILIATE, 'name = "event", plural = "kartraAffiliates"', "affiliate.object.name"),
        ("[person.fields.kartraScore]", "[person.fields.type]", "person.fields.type"),
        ("[affiliate.fields.username]", "[affiliate.fields.user]", "affiliate.fields.user"),
        ("[company.fields.kartraKey]", "[company.fields.index]", "company.fields.index"),
        ("[policies.default]", "[policies.persn]", "policies.persn"),
        (f"{RECURRENCE}text", f"{RECURRENCE}options", "subscription.custom.fields.recurrence.as"),
    ],
)  # fmt: skip
def test_names_that_clash_are_refused_where_they_stand(old: str, new: str, place: str) -> None:
    """Nothing is sent to Twenty that it would refuse halfway, or take for something else."""
    text = shipped_text()
    assert old in text
    with pytest.raises(MappingInvalid) as raised:
        load_mapping(text=text.replace(old, new))
    assert raised.value.place.partition(", ")[2] == place


def test_fields_of_twentys_own_may_have_any_name() -> None:
    """A field without a label is not made by us: what it is called is Twenty's business."""
    text = shipped_text().replace("[opportunity.fields.stage]", "[opportunity.fields.type]")
    config = load_mapping(text=text)
    assert config.opportunity is not None
    assert "type" in config.opportunity.fields
