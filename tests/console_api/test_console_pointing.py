"""What points at a record: all that does is found, and no more."""

from tests.console_api.world import Shown, rows_of

_LINKS = """SELECT record.object, record.source_key, link.value ->> '$.object', link.value ->> '$.source_key'
  FROM record JOIN payload ON payload.hash = record.payload_hash, json_each(body, '$.value.links') AS link"""


def test_what_points_at_a_record_is_told(shown: Shown) -> None:
    """Of every company: each record whose body links to it, as the bodies themselves say."""
    links = rows_of(shown.ledger, _LINKS)
    companies = {target for _, _, object_name, target in links if object_name == "company"}
    assert companies
    for company in companies:
        told = {
            (name, key) for name, key, object_name, target in links if (object_name, target) == ("company", company)
        }
        page = shown.api("/pointing", key=company, object="company")
        found = {(one["object"], one["source_key"]) for one in page["items"]}
        assert told <= found
        # What is made of the same rows as one that points there is told with it.
        assert {key.partition("/")[0] for _, key in found} == {key.partition("/")[0] for _, key in told}
        assert page["left"] == 0


def test_of_nobody_nothing_is_told(shown: Shown) -> None:
    """A stream that there is not has nothing that points at it."""
    assert shown.api("/pointing", key="contact:777777", object="person")["items"] == []
