"""Documents of the metadata endpoint: parsed, checked against its schema, and executed.

Unlike `/graphql`, this endpoint validates (GRAPHQL section 4): an unknown selection is refused in HTTP 200 with its
place, a wrong variable in HTTP 400, and a root field may stand once in a document, aliases or not.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    OperationType,
    assert_scalar_type,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.type import is_non_null_type
from graphql.utilities import coerce_input_value, type_from_ast

from adapters.sandbox.protocol import Answer, Call, DocumentRefusal, Refusal, located

_TEXT_SCALARS = ("UUID", "ConnectionCursor")
_KEPT = 64
"""Documents whose parsing and validation are remembered: programs send the same few, with other variables."""


def _built() -> GraphQLSchema:
    schema = build_schema(files(__package__).joinpath("schema.graphql").read_text("utf-8"))
    for name in _TEXT_SCALARS:
        assert_scalar_type(schema.type_map[name]).parse_value = GraphQLString.parse_value  # type: ignore[method-assign]
    return schema


SCHEMA = _built()


def run(call: Call, context: Any) -> Answer:
    """Execute a call; resolvers find `context` in `info.context` and raise `protocol.Refusal`.

    Raises DocumentRefusal where nothing may run, and whatever a resolver raises that is no Refusal.
    """
    document = _parsed(call.query)
    operation = get_operation_ast(document, call.operation_name)
    if operation is None:
        raise DocumentRefusal({"message": "Must provide operation name when document contains multiple operations."})
    _refuse_invalid(call.query)
    _refuse_repeated_roots(operation)
    _refuse_wrong_variables(operation, call.variables)
    result = execute_sync(
        SCHEMA,
        document,
        context_value=context,
        variable_values=dict(call.variables),
        operation_name=call.operation_name,
    )
    if not result.errors:
        return Answer(200, {"data": result.data})
    return Answer(200, {"errors": [_refused(error) for error in result.errors], "data": result.data})


@lru_cache(_KEPT)
def _parsed(query: str) -> DocumentNode:
    try:
        return parse(query)
    except GraphQLError as error:
        raise DocumentRefusal(_shown(error)) from error


@lru_cache(_KEPT)
def _refuse_invalid(query: str) -> None:
    errors = validate(SCHEMA, _parsed(query))
    if errors:
        raise DocumentRefusal(*(_shown(error) for error in errors))


@lru_cache(_KEPT)
def asks_only_for(roots: frozenset[str], query: str) -> bool:
    """Whether a document is one query, of these root fields and no fragments. Raises DocumentRefusal."""
    match _parsed(query).definitions:
        case [OperationDefinitionNode(operation=OperationType.QUERY, selection_set=asked)]:
            return all(isinstance(one, FieldNode) and one.name.value in roots for one in asked.selections)
    return False


def _refuse_repeated_roots(operation: OperationDefinitionNode) -> None:
    roots = Counter(
        selection.name.value for selection in operation.selection_set.selections if isinstance(selection, FieldNode)
    )
    repeated = next((name for name, count in roots.items() if count > 1), None)
    if repeated is not None:
        friendly = {
            "id": "UrzTjS",
            "message": "Duplicate root resolver found. Each root resolver can only be called once per document.",
        }
        raise DocumentRefusal(Refusal(f'Duplicate root resolver: "{repeated}"', friendly=friendly).shown())


def _refuse_wrong_variables(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
    for definition in operation.variable_definitions:
        name = definition.variable.name.value
        wanted = type_from_ast(SCHEMA, definition.type)
        if name in variables:
            _coerced(variables[name], wanted)
        elif definition.default_value is None and is_non_null_type(wanted):
            raise _bad_variable(f'Variable "${name}" of required type "{wanted}" was not provided.')


def _coerced(value: Any, wanted: Any) -> None:
    """Refuse a value its type does not take; the first thing wrong is named, without its place."""

    def refuse(_path: Any, _value: Any, error: GraphQLError) -> None:
        raise _bad_variable(_in_double_quotes(error.message))

    input_type: GraphQLInputType = wanted
    coerce_input_value(value, input_type, refuse)


def _bad_variable(message: str) -> DocumentRefusal:
    return DocumentRefusal(Refusal(message, http={"status": 400}).shown(), status=400)


def _shown(error: GraphQLError) -> dict[str, Any]:
    places = [(place.line, place.column) for place in error.locations or ()]
    return located(_in_double_quotes(error.message), places)


def _refused(error: GraphQLError) -> dict[str, Any]:
    if isinstance(error.original_error, Refusal):
        return error.original_error.shown()
    raise error.original_error or error


def _in_double_quotes(message: str) -> str:
    """Names are quoted with `'` here and with `"` by the JavaScript Twenty runs on."""
    return message.replace("'", '"')
