"""Where every column of Kartra's files goes under a mapping: fields, identity, or nowhere."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from adapters.mapping.config import MappingConfig
from adapters.mapping.targets import COMPANY, NOTE, TARGETS, Target, targets

FOUND_BY: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "contacts": ("id", "email"),
        "transactions": ("id", "transaction_type", "date", "amount", "lead_id", "buyer_email"),
        "subscriptions": ("subscription_id", "lead_id", "buyer_email"),
        "bookings": ("calendar_subscription_id", "event_date", "events", "lead_id", "email"),
        "affiliates": ("username", "email"),
    }
)
"""Columns that say which record a row is, whom it belongs to, or whether it may be moved: read by name (`intake`)."""

_PERSONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "transactions": ("lead_id", "buyer_email"),
        "subscriptions": ("lead_id", "buyer_email"),
        "bookings": ("lead_id", "email"),
        "affiliates": ("email",),
    }
)
_AFFILIATE_OF_SALE = {
    "affiliate_username": "username",
    "affiliate_name": "name",
    "affiliate_email": "email",
    "affiliate_revenue": "earned",
}


def homes(config: MappingConfig) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """(kind, column) → what is made of it: fields and relations as `object.field`, an object by its name alone.

    A money column goes by its plain name: `amount` for `amount:USD`.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for kind, column, field in _named(config):
        found.setdefault((kind, column), {}).setdefault(field)
    return {place: tuple(fields) for place, fields in found.items()}


def _named(config: MappingConfig) -> Iterator[tuple[str, str, str]]:
    for target in targets(config):
        for name, spec in target.fields.items():
            yield from ((target.kind, column, f"{target.object}.{name}") for column in spec.columns)
    for target in targets(config):
        if target.object != NOTE:
            yield from ((target.kind, column, _found(target, column)) for column in FOUND_BY.get(target.kind, ()))
    yield from (("contacts", names.column, names.object.name) for names in config.names)
    if config.person.company:
        yield "contacts", config.person.company, f"{COMPANY}.name"
    if config.opportunity is not None and config.opportunity.company:
        yield "transactions", config.opportunity.company, f"{COMPANY}.name"
    if config.opportunity is not None and config.affiliate is not None:
        affiliate = config.affiliate.object.name
        yield from (("transactions", column, f"{affiliate}.{field}") for column, field in _AFFILIATE_OF_SALE.items())


def _found(target: Target, column: str) -> str:
    """What a column finds: the person of the record, or else the record itself."""
    if column not in _PERSONS.get(target.kind, ()):
        return target.object
    tie = target.person.removesuffix("Id") if target.person else "targetPerson"
    return f"{TARGETS.get(target.object, target.object)}.{tie}"
