"""The workspace's GraphQL schema, built from its data model, for standard introspection.

Twenty does not check record documents against it, and neither does this server; clients' tests do.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    execute_sync,
    validate,
)

from adapters.sandbox.fieldtypes import COMPOSITES, Kind, SubField, capitalised
from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.ordering import DIRECTIONS
from adapters.sandbox.graphql.selection import PAGE_INFO
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta
from adapters.sandbox.protocol import Answer, Call, DocumentRefusal

Named = TypeVar("Named", GraphQLObjectType, GraphQLInputObjectType, GraphQLEnumType)


def answer(model: Model, document: DocumentNode, call: Call) -> Answer:
    """Answer an introspection document.

    Raises DocumentRefusal for what the introspection types do not have.
    """
    schema = build(model)
    if errors := validate(schema, document):
        raise DocumentRefusal(*(refusals.of_graphql(error) for error in errors))
    variables = dict(call.variables)
    result = execute_sync(schema, document, variable_values=variables, operation_name=call.operation_name)
    return Answer(200, {"data": result.data})


@lru_cache(maxsize=4)
def build(model: Model) -> GraphQLSchema:
    """The schema of a data model."""
    return _Builder(model).schema()


def _scalar(name: str) -> GraphQLScalarType:
    return GraphQLScalarType(name)


UUID, DATE_TIME, DATE, POSITION = map(_scalar, ("UUID", "DateTime", "Date", "Position"))
JSON, TS_VECTOR = map(_scalar, ("JSON", "TSVector"))
FILTER_IS = GraphQLEnumType("FilterIs", {"NULL": GraphQLEnumValue("NULL"), "NOT_NULL": GraphQLEnumValue("NOT_NULL")})
DIRECTION = GraphQLEnumType("OrderByDirection", {name: GraphQLEnumValue(name) for name in DIRECTIONS})
PAGE = GraphQLObjectType(
    "PageInfo",
    {
        name: GraphQLField(GraphQLNonNull(GraphQLBoolean) if name.startswith("has") else GraphQLString)
        for name in PAGE_INFO
    },
)

_SCALARS: dict[str, Any] = {
    "UUID": UUID,
    "TEXT": GraphQLString,
    "DATE_TIME": DATE_TIME,
    "DATE": DATE,
    "BOOLEAN": GraphQLBoolean,
    "NUMBER": GraphQLFloat,
    "POSITION": POSITION,
    "RAW_JSON": JSON,
    "FILES": JSON,
    "TS_VECTOR": TS_VECTOR,
    "ARRAY": GraphQLList(GraphQLString),
    "RATING": GraphQLString,
}
_SUBS: dict[Kind, Any] = {
    Kind.TEXT: GraphQLString,
    Kind.WORD: GraphQLString,
    Kind.UUID: UUID,
    Kind.NUMBER: GraphQLFloat,
    Kind.LIST: JSON,
    Kind.JSON: JSON,
}
COUNTS = ("countUniqueValues", "countEmpty", "countNotEmpty")
SHARES = ("percentageEmpty", "percentageNotEmpty")
_COMPARED = ("eq", "neq", "gt", "gte", "lt", "lte")
_PATTERNS = ("like", "ilike", "startsWith", "endsWith", "regex")


class _Builder:
    """Builds the types of one model; every named type is made once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._types: dict[str, Any] = {}

    def schema(self) -> GraphQLSchema:
        queries: dict[str, GraphQLField] = {}
        mutations: dict[str, GraphQLField] = {}
        for item in self._model.objects:
            queries |= self._queries(item)
            mutations |= self._mutations(item)
        return GraphQLSchema(GraphQLObjectType("Query", queries), GraphQLObjectType("Mutation", mutations))

    def _once(self, name: str, make: Callable[[], Named]) -> Named:
        if name not in self._types:
            self._types[name] = make()
        found: Named = self._types[name]
        return found

    def _queries(self, item: ObjectMeta) -> dict[str, GraphQLField]:
        one = {"filter": GraphQLArgument(GraphQLNonNull(self._filter(item)))}
        grouped = {
            "groupBy": GraphQLArgument(GraphQLNonNull(GraphQLList(GraphQLNonNull(JSON)))),
            "filter": GraphQLArgument(self._filter(item)),
            "limit": GraphQLArgument(GraphQLInt),
        }
        return {
            item.name_plural: GraphQLField(self._connection(item), self._list_arguments(item)),
            item.name_singular: GraphQLField(self._object(item), one),
            f"{item.name_plural}GroupBy": GraphQLField(GraphQLList(GraphQLNonNull(self._group(item))), grouped),
        }

    def _mutations(self, item: ObjectMeta) -> dict[str, GraphQLField]:
        one, many = capitalised(item.name_singular), capitalised(item.name_plural)
        record, records = self._object(item), GraphQLList(GraphQLNonNull(self._object(item)))
        create, update = self._input(item, "Create"), self._input(item, "Update")
        id_ = GraphQLArgument(GraphQLNonNull(UUID))
        filter_ = GraphQLArgument(GraphQLNonNull(self._filter(item)))
        data = GraphQLArgument(GraphQLNonNull(update))
        upsert = GraphQLArgument(GraphQLBoolean)
        several = GraphQLArgument(GraphQLNonNull(GraphQLList(GraphQLNonNull(create))))
        fields = {
            f"create{many}": GraphQLField(records, {"data": several, "upsert": upsert}),
            f"create{one}": GraphQLField(record, {"data": GraphQLArgument(GraphQLNonNull(create)), "upsert": upsert}),
            f"update{many}": GraphQLField(records, {"data": data, "filter": filter_}),
            f"update{one}": GraphQLField(record, {"id": id_, "data": data}),
        }
        for action in ("delete", "destroy", "restore"):
            fields[f"{action}{many}"] = GraphQLField(records, {"filter": filter_})
            fields[f"{action}{one}"] = GraphQLField(record, {"id": id_})
        return fields

    def _list_arguments(self, item: ObjectMeta) -> dict[str, GraphQLArgument]:
        counts = {name: GraphQLArgument(GraphQLInt) for name in ("first", "last", "offset")}
        cursors = {name: GraphQLArgument(GraphQLString) for name in ("before", "after")}
        filter_ = {"filter": GraphQLArgument(self._filter(item))}
        return counts | cursors | filter_ | {"orderBy": GraphQLArgument(GraphQLList(self._order(item)))}

    def _object(self, item: ObjectMeta) -> GraphQLObjectType:
        return self._once(item.type_name, lambda: GraphQLObjectType(item.type_name, lambda: self._fields(item)))

    def _fields(self, item: ObjectMeta) -> dict[str, GraphQLField]:
        fields: dict[str, GraphQLField] = {}
        for field in item.fields:
            if field.join_column:
                fields[field.join_column] = GraphQLField(GraphQLID)
                fields[field.name] = GraphQLField(self._object(self._model.target(field)))
            elif field.type == "RELATION":
                target = self._model.target(field)
                fields[field.name] = GraphQLField(self._connection(target), self._list_arguments(target))
            else:
                fields[field.name] = GraphQLField(self._output(item, field))
        return fields

    def _output(self, item: ObjectMeta, field: FieldMeta) -> Any:
        type_ = self._composite(field.type) if field.type in COMPOSITES else self._scalar(item, field)
        return type_ if field.is_nullable else GraphQLNonNull(type_)

    def _scalar(self, item: ObjectMeta, field: FieldMeta) -> Any:
        if field.type not in ("SELECT", "MULTI_SELECT"):
            return _SCALARS[field.type]
        enum = self._enum(item, field)
        return enum if field.type == "SELECT" else GraphQLList(enum)

    def _enum(self, item: ObjectMeta, field: FieldMeta) -> GraphQLEnumType:
        name = f"{item.type_name}{capitalised(field.name)}Enum"
        values = {value: GraphQLEnumValue(value) for value in field.option_values}
        return self._once(name, lambda: GraphQLEnumType(name, values))

    def _composite(self, type_name: str) -> GraphQLObjectType:
        name = _composite_name(type_name)
        fields = {sub.name: GraphQLField(_SUBS[sub.kind]) for sub in COMPOSITES[type_name]}
        return self._once(name, lambda: GraphQLObjectType(name, fields))

    def _connection(self, item: ObjectMeta) -> GraphQLObjectType:
        name = f"{item.type_name}Connection"
        return self._once(name, lambda: GraphQLObjectType(name, lambda: self._connection_fields(item)))

    def _connection_fields(self, item: ObjectMeta) -> dict[str, GraphQLField]:
        node = self._object(item)
        edge = GraphQLObjectType(
            f"{item.type_name}Edge",
            {"node": GraphQLField(GraphQLNonNull(node)), "cursor": GraphQLField(GraphQLNonNull(GraphQLString))},
        )
        fields = {"totalCount": GraphQLField(GraphQLInt), "pageInfo": GraphQLField(GraphQLNonNull(PAGE))}
        fields["edges"] = GraphQLField(GraphQLNonNull(GraphQLList(GraphQLNonNull(edge))))
        for field in item.fields:
            if field.type != "RELATION":
                fields |= _aggregates(field)
        return fields

    def _group(self, item: ObjectMeta) -> GraphQLObjectType:
        name = f"{item.type_name}GroupByConnection"
        fields = {"groupByDimensionValues": GraphQLField(GraphQLList(JSON)), "totalCount": GraphQLField(GraphQLInt)}
        return self._once(name, lambda: GraphQLObjectType(name, fields))

    def _input(self, item: ObjectMeta, purpose: str) -> GraphQLInputObjectType:
        name = f"{item.type_name}{purpose}Input"
        return self._once(name, lambda: GraphQLInputObjectType(name, lambda: self._input_fields(item, purpose)))

    def _input_fields(self, item: ObjectMeta, purpose: str) -> dict[str, GraphQLInputField]:
        fields: dict[str, GraphQLInputField] = {}
        for field in item.fields:
            if field.join_column:
                fields[field.join_column] = GraphQLInputField(GraphQLID)
                fields[field.name] = GraphQLInputField(self._connected(self._model.target(field)))
            elif field.type in COMPOSITES:
                fields[field.name] = GraphQLInputField(self._composite_input(field.type, purpose))
            elif field.type != "RELATION":
                own_id = field.name == "id"
                fields[field.name] = GraphQLInputField(GraphQLID if own_id else self._scalar(item, field))
        return fields

    def _connected(self, target: ObjectMeta) -> GraphQLInputObjectType:
        """A record to point to, found by a unique field: `{connect: {where: {…}}}`."""
        name = f"{target.type_name}RelationInput"
        return self._once(name, lambda: GraphQLInputObjectType(name, {"connect": GraphQLInputField(JSON)}))

    def _composite_input(self, type_name: str, purpose: str) -> GraphQLInputObjectType:
        name = f"{_composite_name(type_name)}{purpose}Input"
        fields = {sub.name: GraphQLInputField(_SUBS[sub.kind]) for sub in COMPOSITES[type_name]}
        return self._once(name, lambda: GraphQLInputObjectType(name, fields))

    def _filter(self, item: ObjectMeta) -> GraphQLInputObjectType:
        name = f"{item.type_name}FilterInput"
        return self._once(name, lambda: GraphQLInputObjectType(name, lambda: self._filter_fields(item)))

    def _filter_fields(self, item: ObjectMeta) -> dict[str, GraphQLInputField]:
        own = self._filter(item)
        fields = {name: GraphQLInputField(GraphQLList(own)) for name in ("and", "or")}
        fields["not"] = GraphQLInputField(own)
        for field in item.fields:
            if field.join_column:
                fields[field.join_column] = GraphQLInputField(self._operators("UUIDFilter", UUID))
                fields[field.name] = GraphQLInputField(self._filter(self._model.target(field)))
            elif field.type in COMPOSITES:
                fields[field.name] = GraphQLInputField(self._composite_filter(field.type))
            elif field.type != "RELATION":
                fields[field.name] = GraphQLInputField(self._field_filter(item, field))
        return fields

    def _composite_filter(self, type_name: str) -> GraphQLInputObjectType:
        name = f"{_composite_name(type_name)}FilterInput"
        fields = {sub.name: GraphQLInputField(self._sub_filter(sub)) for sub in COMPOSITES[type_name]}
        return self._once(name, lambda: GraphQLInputObjectType(name, fields))

    def _sub_filter(self, sub: SubField) -> GraphQLInputObjectType:
        if sub.kind in (Kind.LIST, Kind.JSON):
            return self._json_filter()
        if sub.kind is Kind.UUID:
            return self._operators("UUIDFilter", UUID)
        if sub.kind is Kind.NUMBER:
            return self._operators("FloatFilter", GraphQLFloat)
        return self._operators("StringFilter", GraphQLString, _PATTERNS)

    def _field_filter(self, item: ObjectMeta, field: FieldMeta) -> GraphQLInputObjectType:
        if field.type in ("SELECT", "MULTI_SELECT"):
            enum = self._enum(item, field)
            return self._operators(f"{enum.name}Filter", enum, ("containsAny",))
        if field.type in ("RAW_JSON", "FILES", "ARRAY"):
            return self._json_filter()
        type_ = GraphQLFloat if field.type == "POSITION" else _SCALARS[field.type]
        patterns = _PATTERNS if type_ is GraphQLString else ()
        return self._operators(f"{type_.name}Filter", type_, patterns)

    def _json_filter(self) -> GraphQLInputObjectType:
        fields = {"is": GraphQLInputField(FILTER_IS), "like": GraphQLInputField(GraphQLString)}
        return self._once("RawJsonFilter", lambda: GraphQLInputObjectType("RawJsonFilter", fields))

    def _operators(self, name: str, type_: Any, extra: tuple[str, ...] = ()) -> GraphQLInputObjectType:
        fields = {operator: GraphQLInputField(type_) for operator in (*_COMPARED, *extra) if operator != "containsAny"}
        lists = ("in", "containsAny") if "containsAny" in extra else ("in",)
        fields |= {operator: GraphQLInputField(GraphQLList(type_)) for operator in lists}
        fields["is"] = GraphQLInputField(FILTER_IS)
        return self._once(name, lambda: GraphQLInputObjectType(name, fields))

    def _order(self, item: ObjectMeta) -> GraphQLInputObjectType:
        name = f"{item.type_name}OrderByInput"
        return self._once(name, lambda: GraphQLInputObjectType(name, lambda: self._order_fields(item)))

    def _order_fields(self, item: ObjectMeta) -> dict[str, GraphQLInputField]:
        fields: dict[str, GraphQLInputField] = {}
        for field in item.fields:
            if field.join_column:
                fields[field.join_column] = GraphQLInputField(DIRECTION)
                fields[field.name] = GraphQLInputField(self._order(self._model.target(field)))
            elif field.type in COMPOSITES:
                fields[field.name] = GraphQLInputField(self._composite_order(field.type))
            elif field.type != "RELATION":
                fields[field.name] = GraphQLInputField(DIRECTION)
        return fields

    def _composite_order(self, type_name: str) -> GraphQLInputObjectType:
        name = f"{_composite_name(type_name)}OrderByInput"
        fields = {sub.name: GraphQLInputField(DIRECTION) for sub in COMPOSITES[type_name]}
        return self._once(name, lambda: GraphQLInputObjectType(name, fields))


def _composite_name(type_name: str) -> str:
    """`FULL_NAME` to `FullName`."""
    return "".join(word.capitalize() for word in type_name.split("_"))


def _aggregates(field: FieldMeta) -> dict[str, GraphQLField]:
    name = capitalised(field.name)
    counts = {
        f"{prefix}{name}": GraphQLField(GraphQLInt) for prefix in ("countUniqueValues", "countEmpty", "countNotEmpty")
    }
    shares = {f"{prefix}{name}": GraphQLField(GraphQLFloat) for prefix in ("percentageEmpty", "percentageNotEmpty")}
    ends = {f"{end}{name}": GraphQLField(_SCALARS[field.type]) for end in ("min", "max")} if _ordered(field) else {}
    return counts | shares | ends


def _ordered(field: FieldMeta) -> bool:
    return field.type in ("DATE_TIME", "DATE", "NUMBER")
