"""Running a record document: its checks in Twenty's order, then its root fields."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql import DocumentNode

from adapters.sandbox import worker
from adapters.sandbox.graphql import anonymous, introspection, refusals, selection
from adapters.sandbox.graphql.ask import Ask
from adapters.sandbox.graphql.document import Operation, Selected, read
from adapters.sandbox.graphql.grouping import group
from adapters.sandbox.graphql.reading import find_many, find_one
from adapters.sandbox.graphql.roots import NOT_FOR_KEYS, Action, RootType, root_types
from adapters.sandbox.graphql.writing import (
    create_many,
    create_one,
    delete_many,
    delete_one,
    destroy_many,
    destroy_one,
    restore_many,
    restore_one,
    update_many,
    update_one,
)
from adapters.sandbox.limiter import Limiter
from adapters.sandbox.protocol import Answer, Call, DocumentRefusal, Refusal
from adapters.sandbox.settings import KeyState, Role
from adapters.sandbox.workspace import Workspace

MAXIMUM_ROOTS = 20
HIDDEN_FROM_READERS = frozenset({"workflow"})
"""Objects a read-only role may not even read (recorded in `auth`)."""

RESOLVERS: dict[tuple[Action, bool], Callable[[Ask], Any]] = {
    (Action.FIND, True): find_many,
    (Action.FIND, False): find_one,
    (Action.GROUP, True): group,
    (Action.CREATE, True): create_many,
    (Action.CREATE, False): create_one,
    (Action.UPDATE, True): update_many,
    (Action.UPDATE, False): update_one,
    (Action.DELETE, True): delete_many,
    (Action.DELETE, False): delete_one,
    (Action.RESTORE, True): restore_many,
    (Action.RESTORE, False): restore_one,
    (Action.DESTROY, True): destroy_many,
    (Action.DESTROY, False): destroy_one,
}


ALLOWED_BY: dict[Action, Callable[[Role], bool]] = {
    Action.FIND: lambda role: role.may_read,
    Action.GROUP: lambda role: role.may_read,
    Action.CREATE: lambda role: role.may_update,
    Action.UPDATE: lambda role: role.may_update,
    Action.DELETE: lambda role: role.may_soft_delete,
    Action.RESTORE: lambda role: role.may_soft_delete,
    Action.DESTROY: lambda role: role.may_destroy,
}
"""What of a role each action takes (upstream source: restoring goes by the right to soft-delete)."""


def answer(workspace: Workspace, limiter: Limiter | None, call: Call, key_state: KeyState | None) -> Answer:
    """Answer a call on `/graphql`; `key_state` of None is a caller without a token, else "active" or "read-only".

    The caller holds the workspace's lock.
    """
    try:
        document, operation = read(call)
        if key_state is None:
            return anonymous.answer(document)
        return _Execution(workspace, call, operation, key_state).answer(document, limiter)
    except DocumentRefusal as refusal:
        return refusal.answer()
    except RecursionError:
        return DocumentRefusal(refusals.server_error("Maximum call stack size exceeded").shown()).answer()


class _Execution:
    """One document on its way through the checks and its roots."""

    def __init__(self, workspace: Workspace, call: Call, operation: Operation, key_state: KeyState) -> None:
        self._workspace, self._call, self._key_state = workspace, call, key_state
        self._model = workspace.model
        self._kind, self._roots = operation.kind, operation.roots
        self._known = root_types(self._model, operation.kind)

    def answer(self, document: DocumentNode, limiter: Limiter | None) -> Answer:
        if all(root.name.startswith("__") for root in self._roots):
            return introspection.answer(self._model, document, self._call)
        self._check_roots()
        if limiter is not None and not limiter.accepts():
            return self._refused(refusals.limit_reached(limiter.limit, limiter.seconds))
        self._check_selections()
        worker.apply_due(self._workspace)
        return self._run()

    def _check_roots(self) -> None:
        names = [root.name for root in self._roots]
        if any(name in NOT_FOR_KEYS for name in names):
            raise refusals.forbidden_resource()
        unknown = [root for root in self._roots if root.name not in self._known]
        if unknown and len(unknown) == len(names):
            raise refusals.cannot_query(unknown[0].name, self._kind.capitalize(), unknown[0].position)
        if unknown:
            raise refusals.whole(refusals.SPLIT)
        if repeated := next((name for name in names if names.count(name) > 1), None):
            raise refusals.whole(f'Duplicate root resolver: "{repeated}"', {})
        if len(names) > MAXIMUM_ROOTS:
            message = f"Query too complex - Too many root resolvers requested: {len(names)}"
            raise refusals.whole(f"{message} - Maximum allowed root resolvers: {MAXIMUM_ROOTS}", {})

    def _check_selections(self) -> None:
        """Refuse the document for a field that does not exist, ahead of running anything: stricter than Twenty."""
        for root in self._roots:
            known = self._known[root.name]
            try:
                _plan(self._ask(root, known), known)
            except Refusal:
                continue  # belongs to this root alone: raised again, and answered, when it runs

    def _run(self) -> Answer:
        """Run the roots. Twenty runs them at once; here the last goes first, so that no document can lean on order."""
        data: dict[str, Any] = {}
        errors = []
        for root in reversed(self._roots):
            try:
                data[root.key] = self._resolve(root)
            except (Refusal, sqlite3.Error) as error:
                data[root.key] = None
                refusal = error if isinstance(error, Refusal) else refusals.server_error(str(error))
                errors.append(refusal.shown())
        return _answered(data, errors)

    def _resolve(self, root: Selected) -> Any:
        known = self._known[root.name]
        if not self._may(known):
            raise refusals.denied()
        return RESOLVERS[known.action, known.many](self._ask(root, known))

    def _may(self, known: RootType) -> bool:
        readable = known.item.name_singular not in HIDDEN_FROM_READERS
        if self._key_state == "read-only" and (self._kind == "mutation" or not readable):
            return False
        return ALLOWED_BY[known.action](self._workspace.settings.role)

    def _ask(self, root: Selected, known: RootType) -> Ask:
        arguments = root.argument_values(self._call.variables)
        return Ask(self._workspace, self._model, known.item, root, arguments)

    def _refused(self, refusal: Refusal) -> Answer:
        """The same refusal for every root."""
        return _answered(dict.fromkeys(root.key for root in self._roots), [refusal.shown() for _ in self._roots])


def refused_by_limit(call: Call, limit: int, seconds: float) -> Answer:
    """The answer of an empty bucket to any document, for faults on request."""
    try:
        _, operation = read(call)
    except DocumentRefusal as refusal:
        return refusal.answer()
    shown = refusals.limit_reached(limit, seconds).shown()
    return _answered(dict.fromkeys(root.key for root in operation.roots), [shown for _ in operation.roots])


def _plan(ask: Ask, known: RootType) -> None:
    if known.action is Action.GROUP:
        return
    build = selection.connection if known.action is Action.FIND and known.many else selection.node
    build(ask.model, ask.item, ask.root)


def _answered(data: Mapping[str, Any], errors: Iterable[Mapping[str, Any]]) -> Answer:
    found = list(errors)
    return Answer(200, {"data": data, "errors": found} if found else {"data": data})
