"""What a rollback is about: everything, or what one run did, what was done since a position, of an object, records."""

from typing import Any

import msgspec


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions that all hold. `since`: what was done behind this position. `records`: Twenty ids.

    `keys` are single records too, as object and stream; only ours, never asked for by a person.
    """

    run_id: str | None = None
    since: int | None = None
    objects: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    keys: frozenset[tuple[str, str]] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Scope()

    @property
    def covers_runs(self) -> bool:
        """Whether whatever a run of the scope made is in it."""
        return self in (Scope(), Scope(run_id=self.run_id))

    @property
    def words(self) -> str:
        """The scope as a person says it."""
        parts = [
            f"run {self.run_id}" if self.run_id else "",
            f"since {self.since}" if self.since is not None else "",
            f"of {', '.join(self.objects)}" if self.objects else "",
            f"record{'s' if len(self.records) > 1 else ''} {', '.join(self.records)}" if self.records else "",
            f"{len(self.keys)} records" if self.keys is not None else "",
        ]
        return " ".join(filter(None, parts)) or "everything"

    def holds(self, run_id: str | None, position: int, object_name: str) -> bool:
        """Whether an element of the data model is in the scope; single records have none."""
        return (
            not self.records
            and self.keys is None
            and (self.run_id is None or self.run_id == run_id)
            and (self.since is None or position > self.since)
            and (not self.objects or object_name in self.objects)
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """What `condition` names."""
        return {
            "scope_run": self.run_id,
            "scope_since": self.since,
            "scope_objects": _json(self.objects) if self.objects else None,
            "scope_records": _json(self.records) if self.records else None,
            "scope_keys": None if self.keys is None else _json(sorted(f"{name}\n{key}" for name, key in self.keys)),
        }


def condition(
    *, run: str = "run_id", position: str = "position", object_: str = "object", id_: str = "twenty_id",
    key: str = "source_key",
) -> str:  # fmt: skip
    """The SQL that holds for rows of a scope, whose columns go by these names; its parameters are the scope's."""
    return f"""(:scope_run IS NULL OR {run} = :scope_run)
      AND (:scope_since IS NULL OR {position} > :scope_since)
      AND (:scope_objects IS NULL OR {object_} IN (SELECT value FROM json_each(:scope_objects)))
      AND (:scope_records IS NULL OR {id_} IN (SELECT value FROM json_each(:scope_records)))
      AND (:scope_keys IS NULL OR {object_} || char(10) || {key} IN (SELECT value FROM json_each(:scope_keys)))"""


def _json(values: Any) -> str:
    return msgspec.json.encode(list(values)).decode()
