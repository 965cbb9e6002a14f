"""GraphQL documents as this server reads them: operation, root fields, arguments, selections.

Twenty executes record documents without validating them (GRAPHQL section 0): variable types are not looked at,
defaults of variables are ignored, an undefined variable counts as left out, field aliases vanish. This module keeps to
that; what a selection may name is checked by `selection`.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    parse,
)
from graphql.language import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
)

from adapters.sandbox.graphql.refusals import of_graphql
from adapters.sandbox.protocol import Call, DocumentRefusal, located

LEFT_OUT = msgspec.UNSET


class Selected(msgspec.Struct, frozen=True):
    """One selected field. `key` is its alias or name; `directive` names a variable a directive asks for, or is None."""

    name: str
    key: str
    position: tuple[int, int]
    arguments: tuple[tuple[str, ValueNode], ...]
    children: tuple["Selected", ...]
    directive: str | None

    def argument_values(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with variables filled in; undefined ones are left out."""
        values = ((name, _value(node, variables)) for name, node in self.arguments)
        return {name: value for name, value in values if value is not LEFT_OUT}


class Operation(msgspec.Struct, frozen=True):
    """The operation of a document that is to run; `kind` is "query", "mutation" or "subscription"."""

    kind: str
    roots: tuple[Selected, ...]


def read(call: Call) -> tuple[DocumentNode, Operation]:
    """Parse a call's document and pick its operation.

    Raises DocumentRefusal: syntax errors with HTTP 200; several operations and none named with HTTP 500, as text.
    """
    document = _parsed(call.query)
    return document, _operation(document, call.operation_name)


@lru_cache(maxsize=256)
def _parsed(query: str) -> DocumentNode:
    try:
        return parse(query)
    except GraphQLSyntaxError as error:
        raise DocumentRefusal(of_graphql(error)) from error


def _operation(document: DocumentNode, name: str | None) -> Operation:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) != 1:
        reason = "contains multiple operations" if operations else f'has no operation "{name}"'
        message = f"Must provide operation name when document {reason}."
        raise DocumentRefusal({"message": message}, status=500)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    return Operation(operations[0].operation.value, tuple(_fields(operations[0].selection_set, fragments)))


def _fields(
    selection: SelectionSetNode | None, fragments: Mapping[str, FragmentDefinitionNode], open_: tuple[str, ...] = ()
) -> Iterator[Selected]:
    """The selected fields with fragments put in place; `open_` names those being expanded."""
    for node in selection.selections if selection else ():
        if isinstance(node, FieldNode):
            yield _field(node, fragments, open_)
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, fragments, open_)
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in open_ or name not in fragments:
                raise DocumentRefusal(located(f'Unknown fragment "{name}".', [_position(node)]))
            yield from _fields(fragments[name].selection_set, fragments, (*open_, name))


def _field(node: FieldNode, fragments: Mapping[str, FragmentDefinitionNode], open_: tuple[str, ...]) -> Selected:
    asked = [argument.value for directive in node.directives for argument in directive.arguments]
    variables = [value.name.value for value in asked if isinstance(value, VariableNode)]
    return Selected(
        name=node.name.value,
        key=node.alias.value if node.alias else node.name.value,
        position=_position(node),
        arguments=tuple((argument.name.value, argument.value) for argument in node.arguments),
        children=tuple(_fields(node.selection_set, fragments, open_)),
        directive=(variables or ["if"])[0] if node.directives else None,
    )


def _position(node: FieldNode | FragmentSpreadNode) -> tuple[int, int]:
    token = node.loc.start_token if node.loc else None
    return (token.line, token.column) if token else (0, 0)


def _value(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    """A literal or variable as JSON; an undefined variable is LEFT_OUT, or null inside a list or object."""
    match node:
        case VariableNode():
            return variables.get(node.name.value, LEFT_OUT)
        case NullValueNode():
            return None
        case IntValueNode():
            return int(node.value)
        case FloatValueNode():
            return float(node.value)
        case StringValueNode() | BooleanValueNode() | EnumValueNode():
            return node.value
        case ListValueNode():
            return [_inner(item, variables) for item in node.values]
        case ObjectValueNode():
            return {field.name.value: _inner(field.value, variables) for field in node.fields}
    raise DocumentRefusal(located("Unexpected value.", []))


def _inner(node: ValueNode, variables: Mapping[str, Any]) -> Any:
    value = _value(node, variables)
    return None if value is LEFT_OUT else value
