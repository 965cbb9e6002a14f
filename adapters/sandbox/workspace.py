"""One workspace: its database, its data model, and the changes the model allows.

    workspace.model                 objects and fields as they are now (`model.Model`)
    with workspace.transaction():   reads and writes on workspace.connection, all or nothing
    with workspace.schema_change(): the same, and metadataVersion rises by one

Inside a schema change, `add_object`, `add_field`, `replace_field`, `remove_field`, `remove_object` alter the model and
the record tables together; `model` shows each at once. A workspace is used by one thread at a time: `lock` is held by
whoever answers a request.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from uuid import uuid4

from adapters.sandbox import catalog, tables
from adapters.sandbox.model import FieldMeta, Model, ObjectMeta
from adapters.sandbox.seed import plant
from adapters.sandbox.settings import MEMORY, SandboxSettings
from adapters.sandbox.standard import standard_objects

APPLICATION_ID = 0x54574E54  # "TWNT": tells this file from any other SQLite database


def now() -> str:
    """This moment as records store it: UTC with six digits of a second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shown(stored: str) -> str:
    """A stored time as the API shows it: cut to milliseconds."""
    return stored[:23] + "Z"


class Workspace:
    """The open database of one workspace."""

    def __init__(self, settings: SandboxSettings) -> None:
        """Open `settings.db`, creating a new workspace where there is none."""
        self.settings = settings
        self.lock = RLock()
        self.connection = _connect(settings.db)
        self._model: Model | None = None
        if not self.connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            self._create()
        self.row = catalog.read_workspace(self.connection)

    @property
    def model(self) -> Model:
        """The data model as of the last change."""
        if self._model is None:
            self._model = catalog.read_model(self.connection, self.metadata_version)
        return self._model

    @property
    def metadata_version(self) -> int:
        """Rises with every change of the data model; kept outside all tables."""
        return int(self.connection.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is committed together, or nothing of it."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield self.connection
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextmanager
    def schema_change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that changes the data model."""
        try:
            with self.transaction() as connection:
                connection.execute(f"PRAGMA user_version = {self.metadata_version + 1}")
                yield connection
        finally:
            self._model = None

    def add_object(self, item: ObjectMeta) -> None:
        """Store an object with `item.fields` and create its record table."""
        catalog.write_object(self.connection, item)
        for field in item.fields:
            catalog.write_field(self.connection, field)
        self._model = None
        tables.create_table(self.connection, self.model, item)

    def add_field(self, field: FieldMeta) -> None:
        """Store a field and give its object's table the columns it needs (none for one-to-many relations)."""
        catalog.write_field(self.connection, field)
        self._model = None
        tables.add_columns(self.connection, self.model, self.model.object_of(field), field)

    def replace_field(self, field: FieldMeta) -> None:
        """Store a field's new label, options, settings or uniqueness; its name and type stay.

        Raises sqlite3.IntegrityError when it is to be unique and values repeat.
        """
        before, item = self.model.field_by_id[field.id], self.model.by_id[field.object_id]
        catalog.write_field(self.connection, field)
        if before.is_unique != field.is_unique:
            change = tables.create_unique_index if field.is_unique else tables.drop_unique_index
            change(self.connection, item, field)
        self._model = None

    def remove_field(self, field: FieldMeta) -> None:
        """Forget a field and drop its columns."""
        tables.drop_columns(self.connection, self.model.object_of(field), field)
        catalog.delete_field(self.connection, field.id)
        self._model = None

    def remove_object(self, item: ObjectMeta) -> None:
        """Forget an object, every relation to it, and its record table."""
        for field in [field for other in self.model.objects for field in other.fields]:
            if field.target_object_id == item.id and field.object_id != item.id:
                self.remove_field(field)
        tables.drop_table(self.connection, item)
        catalog.delete_object(self.connection, item.id)
        self._model = None

    def now(self) -> str:
        """This moment, as records store it."""
        return now()

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def _create(self) -> None:
        moment = shown(now())
        row = catalog.WorkspaceRow(str(uuid4()), "Sandbox", "sandbox", str(uuid4()), str(uuid4()), moment)
        with self.transaction() as connection:
            for statement in catalog.SCHEMA.split(";\n"):
                connection.execute(statement)
            catalog.write_workspace(connection, row)
            for item in standard_objects(row.id, row.standard_application_id, moment):
                catalog.write_object(connection, item)
                for field in item.fields:
                    catalog.write_field(connection, field)
            for item in self.model.objects:
                tables.create_table(connection, self.model, item)
            plant(connection, self.model, row.id, active=self.settings.workflow_active)
            connection.execute("PRAGMA user_version = 1")
        self._model = None


def _connect(path: str) -> sqlite3.Connection:
    if path != MEMORY:
        _make_private(Path(path))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA case_sensitive_like = ON")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.create_function("fold", 1, lambda value: value and value.lower(), deterministic=True)
    return connection


def _make_private(path: Path) -> None:
    # A file that is there must not be opened and closed: that lets go of every lock this process holds on it.
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        path.chmod(0o600)
