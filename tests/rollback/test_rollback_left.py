"""What of ours is left in a record: pure, from the bodies of its changes."""

from typing import Any

import msgspec

from commands.compensation.left import Left, left
from commands.ours import held, meant
from ledger.hashing import Envelope, Payload, seal
from ledger.projections.changes import Past

ACME, OTHER = ({"object": "company", "source_key": f"company:{name}"} for name in ("acme", "other"))
BODIES: dict[str, Envelope] = {}


def body(fields: dict[str, Any], **links: Any) -> str:
    """A payload's hash, the body being known from now on."""
    value = {"fields": fields, "links": links}
    made = seal("contact:1", value)
    BODIES[made.hash] = Envelope(subject="contact:1", value=value)
    return made.hash


def change(position: int, base: str | None, now: str, sent: dict[str, Any], **said: Any) -> Past:
    """A change of the one record."""
    return Past(
        position=position, run_id="r", object="person", source_key="contact:1", twenty_id="id-1",
        kind="updated" if base else "adopted", payload_hash=now, base_hash=base, before_hash=None,
        sent_hash=body(sent), restored=0, undone=None, answered_at="", touched_at=None,
        **{"returned": (), "unlinked": (), **said},
    )  # fmt: skip


MADE = body({"name": {"firstName": "Ann", "lastName": "One"}, "score": 5}, companyId=ACME)
SECOND = body({"name": {"firstName": "Anna", "lastName": "One"}, "score": 5}, companyId=OTHER)
THIRD = body({"name": {"firstName": "Anna", "lastName": "Two"}}, companyId=OTHER)
ONE = change(1, MADE, SECOND, {"name": {"firstName": "Anna"}, "companyId": "id-other"})
TWO = change(2, SECOND, THIRD, {"name": {"lastName": "Two"}, "score": None})


def test_the_later_change_stands_without_the_earlier() -> None:
    """Its own part of a name, and a field it emptied; the other part and the relation are as they were made."""
    found = left([ONE], [ONE, TWO], BODIES, {"name": {"firstName": "Ann"}, "companyId": "id-acme"}, whole=True)
    assert isinstance(found.body, Payload)
    assert msgspec.json.decode(found.body.body)["value"] == {
        "fields": {"name": {"firstName": "Ann", "lastName": "Two"}},
        "links": {"companyId": ACME},
    }
    assert (found.written_hash, found.unlinked) == (found.body.hash, ())


def test_what_is_as_it_once_was_has_the_body_of_then() -> None:
    """Both undone, or the later one alone: no body is made anew."""
    assert left([ONE, TWO], [ONE, TWO], BODIES, {}, whole=True) == Left(written_hash=MADE)
    assert left([TWO], [ONE, TWO], BODIES, {}, whole=True) == Left(written_hash=SECOND)


def test_of_a_change_undone_in_part_the_rest_stands() -> None:
    """What came back is as it was made, part by part; what did not is as it was asked for, and so it is compared."""
    found = left([ONE], [ONE], BODIES, {"name": {"firstName": "Ann"}}, whole=False)
    assert found.body is not None
    value = msgspec.json.decode(found.body.body)["value"]
    assert (value["fields"]["name"]["firstName"], value["links"]) == ("Ann", {"companyId": OTHER})
    back = {**BODIES, "back": Envelope(subject="", value={"fields": {"name": {"firstName": "Ann"}}})}
    parted = msgspec.structs.replace(ONE, returned=("back",))
    assert meant([parted], back) == value
    assert held([parted], back) == {
        "name": {"firstName": "Ann", "lastName": "One"}, "score": 5, "companyId": "id-other",
    }  # fmt: skip


def test_an_adoption_is_ours_until_all_of_it_is_undone() -> None:
    """In part, what came back is not ours any more; as a whole nothing is, and a new adoption begins anew."""
    adopted = change(3, None, SECOND, {"score": 5, "name": {"lastName": "One"}})
    found = left([adopted], [ONE, adopted], BODIES, {"score": None}, whole=False)
    assert found.body is not None
    assert "score" not in msgspec.json.decode(found.body.body)["value"]["fields"]
    assert left([adopted], [ONE, adopted], BODIES, {}, whole=True) == Left()
    assert held([ONE, adopted], BODIES) == {"name": {"lastName": "One"}, "score": 5}


def test_a_relation_linked_late_is_left_out_again() -> None:
    """One that only came later, with nothing new said of it, and is empty again; not one that leads elsewhere now."""
    late = change(4, MADE, MADE, {"companyId": "id-acme"})
    assert left([late], [late], BODIES, {"companyId": None}, whole=True) == Left(
        written_hash=MADE, unlinked=("companyId",)
    )
    assert left([ONE], [ONE], BODIES, {"companyId": None}, whole=True) == Left(written_hash=MADE)


def test_where_a_body_was_erased_the_base_is_what_is_left() -> None:
    """Nobody can tell more than what the oldest change stood upon."""
    erased = {hash_: one for hash_, one in BODIES.items() if hash_ != THIRD}
    assert left([ONE], [ONE, TWO], erased, {}, whole=True).written_hash == MADE
