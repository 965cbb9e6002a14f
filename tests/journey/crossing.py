"""Runs cut off in the middle of a call to Twenty, as a process that dies there would leave them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.twenty import Object, RecordRefused, Stored, TwentyClient
from commands import delivery, rollback
from tests.journey.world import Journey

Rows = Sequence[Mapping[str, Any]]
Create = Callable[[TwentyClient, Object, Rows], Awaitable[Sequence[Stored]]]


class Cut(Exception):
    """Where the process dies."""


def rows_of(count: int, **more: str) -> list[dict[str, str]]:
    """Rows of people with a company each."""
    plain = [{"id": str(at), "email": f"p{at}@k.example", "first_name": f"N{at}"} for at in range(1, count + 1)]
    return [{**row, "company": f"Co{row['id']}", "tags": "", **more} for row in plain]


def people(journey: Journey, count: int, name: str = "a", **more: str) -> Path:
    """An export of people with a company each."""
    return journey.export(name, rows_of(count, **more))


async def with_create(act: Callable[[], Awaitable[Any]], people_by: Create) -> Any:
    """Work while creates of people go another way."""
    real = delivery.create

    async def create(client: TwentyClient, target: Object, rows: Rows) -> Sequence[Stored]:
        return await (people_by if target.singular == "person" else real)(client, target, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "create", create)
        return await act()


async def cut_after(act: Callable[[], Awaitable[Any]]) -> None:
    """Work until people have landed; their answer is lost with the process."""
    real = delivery.create

    async def create(client: TwentyClient, target: Object, rows: Rows) -> Sequence[Stored]:
        await real(client, target, rows)
        raise Cut

    with pytest.raises(Cut):
        await with_create(act, create)


async def cut_before(act: Callable[[], Awaitable[Any]]) -> Rows:
    """Work until people are sent; the process dies, and their call is still on its way. Answers its rows."""
    late: list[Mapping[str, Any]] = []

    async def create(_client: TwentyClient, _target: Object, rows: Rows) -> Sequence[Stored]:
        late.extend(rows)
        raise Cut

    with pytest.raises(Cut):
        await with_create(act, create)
    return late


async def refuse(_client: TwentyClient, _target: Object, _rows: Rows) -> Sequence[Stored]:
    """Twenty refuses every person."""
    raise RecordRefused("refused", said="nope")


async def cut_rollback(journey: Journey, *, force: bool = False) -> None:
    """Roll back until the first record would be destroyed."""

    async def destroy_all(*_positional: object, **_named: object) -> None:
        raise Cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollback, "destroy_all", destroy_all)
        with pytest.raises(Cut):
            await journey.roll_back(force=force)
