"""Schemas of the OpenAPI document in a few words."""

from typing import Any


def kind_of(schema: dict[str, Any]) -> str:
    """A schema in a few words, for a table."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for word in ("oneOf", "anyOf"):
        if word in schema:
            return " or ".join(kind_of(one) for one in schema[word])
    if schema.get("type") == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    said = schema.get("type", "anything")
    return " or ".join(said) if isinstance(said, list) else str(said)
