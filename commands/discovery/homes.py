"""Where the values of a column go by the mapping, and which columns have no home in Twenty."""

from collections.abc import Iterator, Mapping

from adapters.mapping import KINDS
from adapters.mapping.config import MappingConfig
from adapters.mapping.targets import targets

OWN_FIELD = "person (own field)"
"""Where a column of the account's own goes that no field names."""

_RELATIONS: Mapping[tuple[str, str], str] = {
    ("transactions", "lead_id"): "opportunity.pointOfContact",
    ("transactions", "buyer_email"): "opportunity.pointOfContact",
    ("transactions", "affiliate_username"): "kartraAffiliate",
    ("transactions", "affiliate_name"): "kartraAffiliate",
    ("transactions", "affiliate_email"): "kartraAffiliate",
    ("transactions", "affiliate_revenue"): "kartraAffiliate",
    ("subscriptions", "lead_id"): "person",
    ("subscriptions", "buyer_email"): "person",
    ("bookings", "lead_id"): "taskTarget",
    ("bookings", "email"): "taskTarget",
    ("bookings", "events"): "task",
    ("contacts", "sequences"): "rebuild inventory",
}
"""Columns that make a relation or another record, and so stand in no field."""


class Homes:
    """The fields of a mapping, by kind of file and column."""

    def __init__(self, config: MappingConfig) -> None:
        self._config = config
        self._fields: dict[tuple[str, str], str] = {}
        # A field made of one column tells more of it than one made of several.
        for key, field, _ in sorted(_fields(config), key=lambda entry: entry[2]):
            self._fields.setdefault(key, field)

    def of(self, kind: str, column: str) -> str:
        """The field a column goes to (of several, the one that is most its own); empty where it stays in the ledger."""
        base = column.partition(":")[0]
        field = self._fields.get((kind, base))
        if field:
            return field
        if (kind, base) in _RELATIONS:
            return _RELATIONS[kind, base]
        return OWN_FIELD if kind == "contacts" and column not in self._config.contact_columns else ""


def _fields(config: MappingConfig) -> Iterator[tuple[tuple[str, str], str, int]]:
    """Kind and column, the field, and of how many columns it is made."""
    for target in targets(config):
        for name, spec in target.fields.items():
            for column in spec.columns:
                yield (KINDS.get(target.kind, target.kind), column), f"{target.object}.{name}", len(spec.columns)
    for names in config.names:
        yield ("contacts", names.column), names.object.name, 1
    if config.person.company:
        yield ("contacts", config.person.company), "company.name", 1
    if config.opportunity is not None and config.opportunity.company:
        yield ("transactions", config.opportunity.company), "company.name", 1
