"""Records as Twenty holds them now, by what it calls the ledger's fields today."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.twenty import Ask, Ids, known_key, read_keys, read_many
from commands.compensation.undoing import Known
from commands.present import present
from commands.session import Working

READ_A_CALL = 2_000


async def known_now(working: Working, object_name: str, names: Iterable[str]) -> Known:
    """What Twenty calls some of the ledger's fields today, and of what type they are."""
    known = await present(working)
    target = known.find(object_name)
    today = known.names(object_name, names)
    fields = target.fields if target else {}
    return Known(today, {name: fields[one].type for name, one in today.items() if one in fields})


async def rows_now(
    working: Working, object_name: str, ids: Sequence[str], fields: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Records by id, those in the bin too."""
    target = (await present(working)).find(object_name)
    if target is None or not ids:
        return {}
    answer = await read_many(working.twenty.client, working.twenty.model, [Ask(target.singular, Ids(ids), (*fields,))])
    return {row["id"]: row for row in answer[target.singular]}


async def key_name(working: Working) -> str | None:
    """What Twenty calls the key in use, where that can be told: it stands as the author on all that we touch."""
    client = working.twenty.client
    return known_key(client.claims, await read_keys(client), datetime.now(UTC)).name
