"""What points at a record: hers is found, and no more."""

from tests.console_api.world import Shown, rows_of


def test_what_is_hers_is_told(shown: Shown) -> None:
    """Every record whose body links to her person, as the bodies themselves say, and none that does not."""
    link = '"object":"person","source_key":"contact:901"'
    hers = rows_of(
        shown.ledger,
        f"""SELECT object, source_key FROM record JOIN payload ON payload.hash = record.payload_hash
            WHERE instr(body, '{link}') > 0 AND source_key <> 'contact:901'""",
    )
    found = shown.api("/pointing", key="contact:901", object="person")
    assert hers
    assert {(one["object"], one["source_key"]) for one in found["items"]} >= set(hers)
    assert all(one["source_key"] in {key for _, key in hers} for one in found["items"])
    assert (found["left"], found["object"]) == (0, "person")


def test_of_nobody_nothing_is_told(shown: Shown) -> None:
    """A stream that there is not has nothing that points at it."""
    assert shown.api("/pointing", key="contact:777777", object="person")["items"] == []
