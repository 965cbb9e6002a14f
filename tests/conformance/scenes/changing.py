"""Scenes of the recordings about duplicates, updates and upserts."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.scenes.modelling import create_field
from tests.conformance.world import Scene, World, made_up_ids, with_pinned


def person(own_id: str, key: str, domain: str) -> dict[str, Any]:
    """A person as most recordings make one, named and addressed by `key`."""
    return {
        "id": own_id,
        "name": {"firstName": key.capitalize(), "lastName": "Test"},
        "emails": {"primaryEmail": f"{key}.{domain}@example.com"},
    }


async def _two_people(world: World) -> None:
    first = person("0f270999-e832-41e1-8480-1eb84b86be04", "dup", "60a7e1")
    second = person("cad8ef73-32c7-4bdd-9754-beabd8444bda", "dup2", "60a7e1")
    await world.create("People", "Person", [first, second])


async def _first_deleted(world: World) -> None:
    query = "mutation($i:UUID!){deletePerson(id:$i){id}}"
    await world.call(query, {"i": "0f270999-e832-41e1-8480-1eb84b86be04"})


async def _one_company(world: World) -> None:
    row = {"id": "834ca9da-2dd1-4c92-b8b3-2d57edeeab3e", "domainName": {"primaryLinkUrl": "https://dom60a7e1.example"}}
    await world.create("Companies", "Company", [row])


CREATE_DUPLICATES = Scene(before={0: _two_people, 16: _first_deleted, 19: _one_company})

_FULL: Mapping[str, str] = {
    "48a61c48-ae55-43c8-aff7-4296a4e45d7e": "ua",
    "d7236908-2562-4124-a8f1-434b21535aab": "ub",
    "570fe906-c5be-411a-952f-cda09456eec3": "uc",
    "89fc0faf-ca89-4a92-9c73-aaf98a91639d": "uk26f86",
    "a903ad8d-2708-4fd4-8888-2bf606c23331": "uk33aff",
    "14ab1ab3-5d37-4927-a154-d3893683173d": "uk8cacf",
    "0b0d238a-ec2b-4732-bcd2-efd7c27537a4": "ukf48af",
    "b72459bd-34df-45b1-ae06-0bf98c24852d": "uknumber1",
    "b4f1f52e-df82-4a8c-a1d3-faa965289266": "uknumber2",
    "b8385a98-28e7-47b9-ab8e-c76a9e17184e": "uk7c540",
    "ff0a1109-bd64-4a2d-96bb-07b90cb4a5bb": "uk22046",
    "c9050967-1fdc-42e0-9ff3-09989768db11": "uk70128",
    "98a661b7-9792-4008-a4d7-5902b14db358": "uk5b22e",
    "a994b5d7-32c1-4123-9eec-909142cde13c": "ucl",
    "62c761a1-5392-46f6-a0d3-d83d17bdf632": "ucl2",
    "4a008446-ff7f-4e2c-95c6-1383b1f37fbb": "ucl3",
}
_MANY_CHANGED = {0: "97c1e9ed-783d-4032-b7bd-2cecf9142a66", 1: "c2d13fce-63d9-4687-9ac3-0352e4aa34d0"}
_TOO_MANY = {0: "00ab708d-7a49-465b-9d41-9e5a41dfe033", 1: "01c036aa-388e-47a8-b1d4-678102a92ce8"}


def _full(own_id: str, key: str) -> dict[str, Any]:
    return person(own_id, key, "0a3fa4") | {
        "phones": {
            "primaryPhoneNumber": "4155550123",
            "primaryPhoneCountryCode": "US",
            "primaryPhoneCallingCode": "+1",
        },
        "jobTitle": "T",
        "linkedinLink": {"primaryLinkUrl": f"https://l.example/{key}", "primaryLinkLabel": "L"},
        "createdAt": "2020-01-01T00:00:00.000Z",
        "createdBy": {"source": "IMPORT", "name": "Kartra"},
    }


async def _people_to_change(world: World) -> None:
    await world.create("People", "Person", [_full(own, key) for own, key in _FULL.items()])
    for seed, (count, pinned) in enumerate(((200, _MANY_CHANGED), (650, _TOO_MANY))):
        ids = with_pinned(made_up_ids(count, seed), pinned)
        world.remember(ids)
        await world.create("People", "Person", [{"id": own} for own in ids])


async def _uc_deleted(world: World) -> None:
    query = "mutation($i:UUID!){deletePerson(id:$i){id}}"
    await world.call(query, {"i": "570fe906-c5be-411a-952f-cda09456eec3"})


async def _lists_to_destroy(world: World) -> None:
    await world.create("MessageLists", "MessageList", [{"name": name} for name in "abc"])


async def _fields_to_clear(world: World) -> None:
    letters = [{"label": letter, "value": letter, "color": "red", "position": at} for at, letter in enumerate("ABC")]
    await create_field(world, "person", name="kTags", type="MULTI_SELECT", options=letters)
    await create_field(world, "person", name="kSel", type="SELECT", options=letters)
    await create_field(world, "person", name="kBool", type="BOOLEAN")
    await create_field(world, "person", name="kAddr", type="ADDRESS")
    await create_field(world, "person", name="kUni", type="TEXT", isUnique=True)
    row = person("6ec7f7b6-62a0-4f73-b12d-f7e5d27a3d12", "fin", "c5c520") | {
        "emails": {"primaryEmail": "fin.c5c520@example.com", "additionalEmails": ["fin2.c5c520@example.com"]},
        "kTags": ["A"],
        "kSel": "A",
        "kBool": True,
        "kAddr": {"addressCity": "Paris", "addressStreet1": "1 Rue"},
        "kUni": "U",
    }
    await world.create("People", "Person", [row])


async def _an_amount(world: World) -> None:
    amount = {"amountMicros": 5000000, "currencyCode": "EUR"}
    row = {"id": "e386dd08-ff49-4209-a29e-52e4d29c1b98", "name": "o", "amount": amount}
    await world.create("Opportunities", "Opportunity", [row])


UPSERT_UPDATE = Scene(
    before={
        0: _people_to_change,
        19: _uc_deleted,
        31: _uc_deleted,
        37: _lists_to_destroy,
        45: _fields_to_clear,
        52: _an_amount,
    }
)
