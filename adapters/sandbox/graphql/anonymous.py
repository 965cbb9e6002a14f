"""What `/graphql` answers without a workspace: a caller with no token sees a schema without any records."""

from graphql import (
    DocumentNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    NoSchemaIntrospectionCustomRule,
    execute_sync,
    specified_rules,
    validate,
)

from adapters.sandbox.graphql import refusals
from adapters.sandbox.protocol import Answer, DocumentRefusal

SCHEMA = GraphQLSchema(
    query=GraphQLObjectType("Query", {"_": GraphQLField(GraphQLString)}),
    mutation=GraphQLObjectType("Mutation", {"_": GraphQLField(GraphQLString)}),
)


def answer(document: DocumentNode) -> Answer:
    """The answer of a schema that has no record fields; introspection is disabled (GRAPHQL section 10).

    Raises DocumentRefusal with Twenty's "Cannot query field", which looks like a missing object.
    """
    errors = validate(SCHEMA, document, [*specified_rules, NoSchemaIntrospectionCustomRule])
    if errors:
        raise DocumentRefusal(*(refusals.of_graphql(error) for error in errors))
    return Answer(200, {"data": execute_sync(SCHEMA, document).data})
