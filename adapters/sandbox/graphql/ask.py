"""One root field that is to run, with what it runs on."""

import sqlite3
from collections.abc import Mapping
from typing import Any

import msgspec

from adapters.sandbox.graphql import refusals
from adapters.sandbox.graphql.document import Selected
from adapters.sandbox.model import Model, ObjectMeta
from adapters.sandbox.workspace import Workspace


class Ask(msgspec.Struct, frozen=True):
    """A root field: its object, its selection and its arguments with variables filled in."""

    workspace: Workspace
    model: Model
    item: ObjectMeta
    root: Selected
    arguments: Mapping[str, Any]

    @property
    def connection(self) -> sqlite3.Connection:
        """The workspace's database."""
        return self.workspace.connection

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An argument that must be an object.

        Raises Refusal with subCode INVALID_QUERY_INPUT where it is left out, null or something else.
        """
        value = self.arguments.get(name)
        if not isinstance(value, Mapping):
            raise refusals.missing_argument(name, "object")
        return value

    def records(self, name: str) -> list[Any]:
        """An argument that must be a list."""
        value = self.arguments.get(name)
        if not isinstance(value, list):
            raise refusals.missing_argument(name, "array")
        return value
