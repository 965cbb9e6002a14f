"""Root mutations: create, upsert, update, soft delete, restore, destroy (GRAPHQL sections 2, 3 and 6)."""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sandbox.graphql import changes, refusals, selection
from adapters.sandbox.graphql.ask import Ask
from adapters.sandbox.graphql.filters import condition
from adapters.sandbox.graphql.nodes import Reader
from adapters.sandbox.graphql.reading import visible
from adapters.sandbox.graphql.records import given
from adapters.sandbox.graphql.scalars import uuid
from adapters.sandbox.graphql.upserting import upsert
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.tables import quoted

MAXIMUM_RECORDS = 200
UNWRITABLE = frozenset({"workspaceMember"})
"""Objects whose records an API key may not create (FACTS section 11)."""


def create_many(ask: Ask) -> list[dict[str, Any]]:
    """`createPeople(data, upsert)`: at most 200; all or nothing, unless upserting."""
    plan = selection.node(ask.model, ask.item, ask.root)
    return _create(ask, plan, ask.records("data"))


def create_one(ask: Ask) -> dict[str, Any]:
    """`createPerson(data, upsert)`."""
    plan = selection.node(ask.model, ask.item, ask.root)
    return _create(ask, plan, [ask.mapping("data")])[0]


def update_many(ask: Ask) -> list[dict[str, Any]]:
    """`updatePeople(filter, data)`: one set of values for at most 200 records."""
    plan = selection.node(ask.model, ask.item, ask.root)
    row = given(ask.connection, ask.model, ask.item, ask.mapping("data"))
    with ask.workspace.transaction():
        ids = _matching(ask, ask.mapping("filter"), hide_deleted=True)
        if len(ids) > MAXIMUM_RECORDS:
            message = f"Cannot update more than {MAXIMUM_RECORDS} records at once"
            raise Refusal(message, friendly=f"You can only update up to {MAXIMUM_RECORDS} records at once.")
        who = changes.author(ask)
        for record_id in ids:
            changes.update(ask, record_id, row, who)
        return _shown(ask, plan, ids)


def update_one(ask: Ask) -> dict[str, Any]:
    """`updatePerson(id, data)`; a soft-deleted record is changed and stays deleted."""
    plan = selection.node(ask.model, ask.item, ask.root)
    row = given(ask.connection, ask.model, ask.item, ask.mapping("data"))
    with ask.workspace.transaction():
        record_id = _existing(ask)
        changes.update(ask, record_id, row, changes.author(ask))
        return _shown(ask, plan, [record_id])[0]


def delete_many(ask: Ask) -> list[dict[str, Any]]:
    """`deletePeople(filter)`: soft; records deleted before get a new deletedAt."""
    return _mark_many(ask, is_deleted=True)


def delete_one(ask: Ask) -> dict[str, Any]:
    """`deletePerson(id)`: soft."""
    return _mark_one(ask, is_deleted=True)


def restore_many(ask: Ask) -> list[dict[str, Any]]:
    """`restorePeople(filter)`."""
    return _mark_many(ask, is_deleted=False)


def restore_one(ask: Ask) -> dict[str, Any]:
    """`restorePerson(id)`."""
    return _mark_one(ask, is_deleted=False)


def destroy_many(ask: Ask) -> list[dict[str, Any]]:
    """`destroyPeople(filter)`: for good, soft-deleted records too; an empty filter destroys everything."""
    plan = selection.node(ask.model, ask.item, ask.root)
    with ask.workspace.transaction():
        ids = _matching(ask, ask.mapping("filter"), hide_deleted=False)
        shown = _shown(ask, plan, ids)
        changes.destroy(ask, ids)
        return shown


def destroy_one(ask: Ask) -> dict[str, Any]:
    """`destroyPerson(id)`."""
    plan = selection.node(ask.model, ask.item, ask.root)
    with ask.workspace.transaction():
        record_id = _existing(ask)
        shown = _shown(ask, plan, [record_id])
        changes.destroy(ask, [record_id])
        return shown[0]


def _create(ask: Ask, plan: selection.Node, data: Sequence[Any]) -> list[dict[str, Any]]:
    if ask.item.name_singular in UNWRITABLE:
        raise refusals.denied()
    if len(data) > MAXIMUM_RECORDS:
        message = f"Maximum number of records to upsert is {MAXIMUM_RECORDS}."
        raise Refusal(message, sub_code="TOO_MANY_RECORDS_TO_UPDATE", friendly=message)
    rows = [given(ask.connection, ask.model, ask.item, entry) for entry in data]
    if ask.arguments.get("upsert") is True:
        return _shown(ask, plan, upsert(ask, rows))
    with ask.workspace.transaction():
        return _shown(ask, plan, changes.insert(ask, rows))


def _mark_many(ask: Ask, *, is_deleted: bool) -> list[dict[str, Any]]:
    plan = selection.node(ask.model, ask.item, ask.root)
    with ask.workspace.transaction():
        ids = _matching(ask, ask.mapping("filter"), hide_deleted=False)
        changes.mark_deleted(ask, ids, is_deleted=is_deleted)
        return _shown(ask, plan, ids)


def _mark_one(ask: Ask, *, is_deleted: bool) -> dict[str, Any]:
    plan = selection.node(ask.model, ask.item, ask.root)
    with ask.workspace.transaction():
        record_id = _existing(ask)
        changes.mark_deleted(ask, [record_id], is_deleted=is_deleted)
        return _shown(ask, plan, [record_id])[0]


def _existing(ask: Ask) -> str:
    record_id = uuid(ask.arguments.get("id"), "id")
    if not changes.exists(ask, record_id):
        raise refusals.not_found()
    return record_id


def _matching(ask: Ask, filter_: Mapping[str, Any], *, hide_deleted: bool) -> list[str]:
    """The ids a filter finds, in the order of its own id list where it has one."""
    compile_ = visible if hide_deleted else condition
    where = compile_(ask.model, ask.item, filter_)
    sql = f'SELECT t."id" FROM {quoted(ask.item.table)} AS t WHERE {where.sql} ORDER BY t."id"'
    found = [row[0] for row in ask.connection.execute(sql, where.parameters)]
    sent = _sent_ids(filter_)
    return sorted(found, key=lambda record_id: sent.get(record_id, len(sent)))


def _sent_ids(filter_: Any) -> dict[str, int]:
    """The places of the first id list of a filter."""
    if not isinstance(filter_, Mapping):
        return {}
    listed = filter_.get("id")
    if isinstance(listed, Mapping) and isinstance(listed.get("in"), list):
        return {str(record_id).lower(): place for place, record_id in enumerate(listed["in"])}
    return next((found for part in filter_.get("and") or () if (found := _sent_ids(part))), {})


def _shown(ask: Ask, plan: selection.Node, ids: Sequence[str]) -> list[dict[str, Any]]:
    return Reader(ask.connection, ask.model).by_ids(plan, ask.item.table, ids)
