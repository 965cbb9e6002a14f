"""Whether a mapping and a workspace fit each other, told before anything is recorded."""

from collections.abc import Iterator, Sequence

from adapters.mapping import MappingConfig, Target, targets
from adapters.mapping.targets import COMPANY, TARGETS
from adapters.twenty import Model
from commands.errors import WrongUse
from commands.objects import in_order

_OF_EVERY_CUSTOM_OBJECT = frozenset({"name", "createdAt"})


def check_fit(config: MappingConfig, model: Model, only: Sequence[str] = ()) -> None:
    """Refuse a mapping that writes fields nobody will have made, and objects asked for that it does not write.

    Raises:
        WrongUse: naming the field or the object, and what to do.
    """
    written = _objects(config)
    if unknown := [name for name in only if name not in written]:
        raise WrongUse(f"the mapping writes no {', '.join(unknown)}; --only takes {', '.join(written)}")
    for object_name, field in _bare_fields(config, model):
        raise WrongUse(
            f"the mapping writes {object_name}.{field}, which Twenty does not have; give it a label and it is made, or"
            " take it out"
        )


def _objects(config: MappingConfig) -> list[str]:
    made = [target.object for target in targets(config)]
    ties = [TARGETS[name] for name in made if name in TARGETS]
    named = [name for one in config.names for name in (one.object.name, one.junction.object.name)]
    return in_order(dict.fromkeys([COMPANY, *made, *ties, *named]))


def _bare_fields(config: MappingConfig, model: Model) -> Iterator[tuple[str, str]]:
    """Fields without a label: nobody makes them, so they must be there."""
    for target in targets(config):
        there = _there(target, model)
        yield from (
            (target.object, name) for name, spec in target.fields.items() if not spec.label and name not in there
        )
    for name, company in config.company.fields.items():
        if not company.label and name not in model.object(COMPANY).fields:
            yield COMPANY, name


def _there(target: Target, model: Model) -> frozenset[str]:
    known = model.objects.get(target.object)
    if known is not None:
        return frozenset(known.fields)
    return _OF_EVERY_CUSTOM_OBJECT if target.names is not None else frozenset()
