"""What we made of Twenty's data model: objects, fields, relations, options; and what was there before us."""

from collections.abc import Mapping

import msgspec

from ledger.events import (
    Element,
    Event,
    FieldCreated,
    ObjectCreated,
    OptionsAdded,
    RelationCreated,
    SchemaAdopted,
    SchemaIntended,
    SchemaRemoved,
)
from ledger.reader import Reader

_CREATED = """UPDATE schema_element SET state = 'created', twenty_id = :twenty_id, run_id = :run_id,
                                                  position = :position
  WHERE object = :object AND name = {name}"""

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    SchemaIntended: (
        """INSERT INTO schema_element (object, name, element, state, absent, run_id, payload_hash, position)
           SELECT :object, :name, :element, 'intended', :absent, :run_id, :payload_hash, :position
           WHERE :element <> 'options'
           ON CONFLICT (object, name) DO UPDATE SET
             element = excluded.element, state = 'intended', absent = excluded.absent, twenty_id = NULL,
             run_id = excluded.run_id, payload_hash = excluded.payload_hash, position = excluded.position""",
        """INSERT INTO schema_options_intended (object, name, payload_hash, position)
           SELECT :object, :name, :payload_hash, :position WHERE :element = 'options'
           ON CONFLICT (object, name) DO UPDATE SET
             payload_hash = excluded.payload_hash, position = excluded.position""",
    ),
    ObjectCreated: (_CREATED.format(name="''"),),
    FieldCreated: (_CREATED.format(name=":name"),),
    RelationCreated: (_CREATED.format(name=":name"),),
    SchemaAdopted: (
        """INSERT INTO schema_element (object, name, element, state, absent, twenty_id, run_id, position)
           VALUES (:object, :name, :element, 'adopted', 0, :twenty_id, :run_id, :position)
           ON CONFLICT (object, name) DO UPDATE SET
             state = 'adopted', absent = 0, twenty_id = excluded.twenty_id, position = excluded.position""",
    ),
    OptionsAdded: (
        # Options are of the run that asked for them, also where another one found out that they are there.
        """INSERT INTO schema_option (object, name, value, twenty_id, run_id, payload_hash, position)
           SELECT :object, :name, value, :twenty_id, coalesce(
                    (SELECT event.run_id FROM schema_options_intended AS intended
                     JOIN event ON event.position = intended.position
                     WHERE intended.object = :object AND intended.name = :name), :run_id), :payload_hash, :position
           FROM json_each(:values) WHERE TRUE
           ON CONFLICT (object, name, value) DO UPDATE SET
             twenty_id = excluded.twenty_id, run_id = excluded.run_id, payload_hash = excluded.payload_hash""",
        "DELETE FROM schema_options_intended WHERE object = :object AND name = :name",
    ),
    SchemaRemoved: (
        """UPDATE schema_element SET state = 'removed', twenty_id = NULL, position = :position
           WHERE object = :object AND (name = :name OR :element = 'object') AND :element <> 'options'""",
        """DELETE FROM schema_option WHERE object = :object
             AND (name = :name OR :element = 'object') AND :element <> 'options'""",
        """DELETE FROM schema_option
           WHERE :element = 'options' AND object = :object AND name || '.' || value = :name""",
        """DELETE FROM schema_options_intended WHERE object = :object
             AND (name = :name OR :element = 'object') AND :element <> 'options'""",
    ),
}


class SchemaElement(msgspec.Struct, frozen=True):
    """An element of the data model, as the ledger knows it."""

    object: str
    name: str
    element: Element
    state: str
    absent: bool
    twenty_id: str | None
    run_id: str
    payload_hash: str | None
    position: int


class SchemaOption(msgspec.Struct, frozen=True):
    """An option of ours: the digest of its value; its body maps the value to its label."""

    object: str
    name: str
    value: str
    twenty_id: str
    run_id: str
    payload_hash: str
    position: int


async def elements(reader: Reader) -> list[SchemaElement]:
    """Every element ever intended or adopted, in the order of its last change."""
    rows = await reader.rows("SELECT * FROM schema_element ORDER BY position")
    return msgspec.convert([{**row, "absent": bool(row["absent"])} for row in rows], list[SchemaElement])


class OptionsIntended(msgspec.Struct, frozen=True):
    """An addition of options without an outcome."""

    object: str
    name: str
    payload_hash: str
    position: int


async def options_intended(reader: Reader) -> list[OptionsIntended]:
    """Additions of options whose outcome is not known."""
    return await reader.fetch(OptionsIntended, "SELECT * FROM schema_options_intended")


async def options(reader: Reader) -> list[SchemaOption]:
    """Every option of ours that Twenty holds."""
    return await reader.fetch(SchemaOption, "SELECT * FROM schema_option ORDER BY object, name, value")
