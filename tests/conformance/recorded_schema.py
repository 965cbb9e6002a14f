"""The real Twenty's `/graphql` schema, as far as it was recorded, and what is wrong with a document by it.

Recorded are the root types with all arguments, and the types of people, timeline rows and workflow runs; every
connection has the shape of `PersonConnection`. Selections of other records are checked by their own schema only.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, VariableNode, parse, print_ast

from tests.conformance.recordings import exchanges

_PAGE_INFO = frozenset({"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"})
_LEAVES = frozenset({"SCALAR", "ENUM"})

Fields = Mapping[str, Mapping[str, Any]]


def problems(document: str) -> list[str]:
    """Everything in a document that the recorded schema does not have; empty for a sound one."""
    operation = parse(document).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    roots = _recorded()[operation.operation.value.capitalize()]
    declared = {one.variable.name.value: print_ast(one.type) for one in operation.variable_definitions}
    return [problem for root in _fields(operation) for problem in _root_problems(root, roots, declared)]


def _root_problems(root: FieldNode, roots: Fields, declared: Mapping[str, str]) -> Iterator[str]:
    name = root.name.value
    if name not in roots:
        yield f"no root {name}"
        return
    yield from _argument_problems(root, roots[name], declared)
    yield from _selection_problems(root, _named(roots[name]["type"]))


def _argument_problems(root: FieldNode, recorded: Mapping[str, Any], declared: Mapping[str, str]) -> Iterator[str]:
    wanted = {one["name"]: _text(one["type"]) for one in recorded["args"]}
    given = {one.name.value: one.value for one in root.arguments}
    for name in given.keys() - wanted.keys():
        yield f"{root.name.value} has no argument {name}"
    for name, type_text in wanted.items():
        if name not in given and type_text.endswith("!"):
            yield f"{root.name.value} wants {name}"
        value = given.get(name)
        if isinstance(value, VariableNode) and declared.get(value.name.value) not in (type_text, f"{type_text}!"):
            yield f"{root.name.value}({name}) is {type_text}, declared {declared.get(value.name.value)}"


def _selection_problems(parent: FieldNode, type_name: str) -> Iterator[str]:
    fields = _fields_of(type_name)
    for selected in _fields(parent) if fields is not None else ():
        assert fields is not None
        name = selected.name.value
        if name not in fields:
            yield f"{type_name} has no field {name}"
        elif (selected.selection_set is None) is not _is_leaf(fields[name]["type"]):
            yield f"{type_name}.{name} is selected as what it is not"
        else:
            yield from _selection_problems(selected, _named(fields[name]["type"]))


def _fields_of(type_name: str) -> Fields | None:
    """The fields of a recorded type, or of one whose shape is known; None for any other."""
    if type_name == "PageInfo":
        return {name: _field(name, "Scalar", "SCALAR") for name in _PAGE_INFO}
    if type_name.endswith("Edge"):
        node = type_name.removesuffix("Edge")
        return {"node": _field("node", node, "OBJECT"), "cursor": _field("cursor", "String", "SCALAR")}
    if type_name.endswith("Connection"):
        edge = _field("edges", f"{type_name.removesuffix('Connection')}Edge", "OBJECT")
        counted = _recorded()["PersonConnection"]
        return {"totalCount": counted["totalCount"], "pageInfo": counted["pageInfo"], "edges": edge}
    return _recorded().get(type_name)


def _field(name: str, type_name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "type": {"name": type_name, "kind": kind, "ofType": None}}


@functools.cache
def _recorded() -> dict[str, dict[str, Any]]:
    """The recorded object types: their fields by name."""
    answers = (exchange.body["data"].get("__type") for exchange in exchanges("schema"))
    return {one["name"]: {own["name"]: own for own in one["fields"]} for one in answers if one and one["fields"]}


def _fields(node: OperationDefinitionNode | FieldNode) -> list[FieldNode]:
    chosen = node.selection_set.selections if node.selection_set else ()
    return [one for one in chosen if isinstance(one, FieldNode)]


def _text(type_: Mapping[str, Any]) -> str:
    """A type as a document writes it. The recording ends at the innermost name, whose own kind may be missing."""
    inner = type_.get("ofType")
    if type_.get("kind") == "NON_NULL":
        return f"{_text(inner)}!"
    return f"[{_text(inner)}]" if type_.get("kind") == "LIST" else str(type_["name"])


def _named(type_: Mapping[str, Any]) -> str:
    return _named(type_["ofType"]) if type_.get("ofType") else str(type_["name"])


def _is_leaf(type_: Mapping[str, Any]) -> bool:
    return _is_leaf(type_["ofType"]) if type_.get("ofType") else type_.get("kind") in _LEAVES
