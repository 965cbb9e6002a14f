"""The plan's data model beside Twenty's: what is there, what is to be made, and other names for what is taken."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from adapters.mapping import MappingConfig
from adapters.mapping.config import CustomSection, ObjectNames
from adapters.mapping.editing import Rename
from adapters.mapping.names import RESERVED, numbered
from adapters.mapping.strategies import Strategy
from adapters.mapping.types import FieldPlan, ObjectPlan
from adapters.twenty import Field, Model, equal
from commands.modelling import Wanted
from commands.present import Present

State = Literal["not looked", "to be made", "there", "options to be added", "differs"]


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """An object (`field` empty) or a field of the plan, and how Twenty stands to it.

    `detail` says what differs, or how many options there are or are missing.
    """

    object: str
    field: str
    type: str
    state: State
    detail: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Names that something else has in Twenty: tables to be renamed, settings to be changed, own columns' new names."""

    renames: tuple[Rename, ...] = ()
    settings: tuple[Strategy, ...] = ()
    own: Mapping[str, str] = {}

    def __bool__(self) -> bool:
        return bool(self.renames or self.settings or self.own)


def compared(wanted: Wanted, model: Model | None) -> tuple[Element, ...]:
    """Everything wanted, objects first; `model` None: nobody looked."""
    elements = (*(_object(plan, model) for plan in wanted.objects), *(_field(plan, model) for plan in wanted.fields))
    if model is None:
        return elements
    known = Present(model, wanted.ids)
    return tuple(_under_its_name(one, known.renamed(one.object, one.field)) for one in elements)


def _under_its_name(one: Element, today: str | None) -> Element:
    """What people renamed differs, whatever stands under its old name now."""
    return msgspec.structs.replace(one, state="differs", detail=f"its name is {today} now") if today else one


def taken(wanted: Wanted, elements: Iterable[Element], config: MappingConfig, model: Model) -> Taken:
    """Other names for what differs: a custom object as a whole where anything of it does, else field by field.

    `config` is the mapping without the account's own columns, whose fields stand in no table there. A name an earlier
    plan gave, and Twenty has by now, is found again.
    """
    differing = [one for one in elements if one.state == "differs"]
    sections = dict(_custom_sections(config))
    objects = dict.fromkeys(one.object for one in differing if one.object in sections)
    settings = tuple(found for name in objects for found in _other_object(*sections[name], model))
    plans = {(plan.object, plan.name): plan for plan in wanted.fields}
    renames, own = [], {}
    for one in (one for one in differing if one.object not in sections):
        new = _other_field(plans[one.object, one.field], wanted, model)
        table = _table_of(config, one)
        if table is None:
            own[one.field] = new
        else:
            told = f"Twenty has {one.object}.{one.field} already, and {one.detail}"
            renames.append(Rename(table=table, old=one.field, new=new, reason=told))
    return Taken(renames=tuple(renames), settings=settings, own=own)


def _other_field(plan: FieldPlan, wanted: Wanted, model: Model) -> str:
    planned = {one.name for one in wanted.fields if one.object == plan.object}
    others = (msgspec.structs.replace(plan, name=name) for name in numbered(plan.name) if name not in planned)
    return next(other.name for other in others if _state(other, model)[0] != "differs")


def _object(plan: ObjectPlan, model: Model | None) -> Element:
    there = model.objects.get(plan.name) if model else None
    if there is None:
        return Element(object=plan.name, field="", type="object", state="to be made" if model else "not looked")
    differences = [
        words
        for words, differs in (("it is switched off", not there.is_active), ("its plural", there.plural != plan.plural))
        if differs
    ]
    state: State = "differs" if differences else "there"
    return Element(object=plan.name, field="", type="object", state=state, detail=", ".join(differences))


def _field(plan: FieldPlan, model: Model | None) -> Element:
    state, detail = _state(plan, model)
    return Element(object=plan.object, field=plan.name, type=plan.type, state=state, detail=detail)


def _state(plan: FieldPlan, model: Model | None) -> tuple[State, str]:
    options = _counted(len(plan.options)) if plan.options else ""
    if model is None:
        return "not looked", options
    owner = model.objects.get(plan.object)
    there = owner.fields.get(plan.name) if owner else None
    if there is None:
        return ("differs", "Twenty keeps that word for itself") if plan.name in RESERVED else ("to be made", options)
    missing = _missing(plan, there)
    unequal = [name for name in equal(plan, there) if name != "options" or not missing]
    if unequal:
        return "differs", f"its {', '.join(unequal)} differs ({there.type})"
    return ("options to be added", _counted(len(missing))) if missing else ("there", options)


def _counted(options: int) -> str:
    return f"{options} option{'' if options == 1 else 's'}"


def _missing(plan: FieldPlan, there: Field) -> list[str]:
    present = {option.value for option in there.options or ()}
    return [value for value in plan.options if value not in present]


def _table_of(config: MappingConfig, one: Element) -> tuple[str, ...] | None:
    """The table the field stands in, or None for one of the account's own columns, which has none."""
    subscription = config.subscription.opportunity if config.subscription else None
    places = (
        ("person", ("person", "fields"), config.person.fields),
        ("company", ("company", "fields"), config.company.fields),
        ("opportunity", ("opportunity", "fields"), config.opportunity.fields if config.opportunity else {}),
        ("opportunity", ("subscription", "opportunity", "fields"), subscription.fields if subscription else {}),
    )
    return next((table for name, table, fields in places if name == one.object and one.field in fields), None)


def _custom_sections(config: MappingConfig) -> Iterator[tuple[str, tuple[tuple[str, ...], ObjectNames]]]:
    """Custom object → the path of its names in the file, and the names."""
    custom: tuple[tuple[tuple[str, ...], CustomSection | None], ...] = (
        (("subscription", "custom"), config.subscription.custom if config.subscription else None),
        (("affiliate",), config.affiliate),
    )
    for path, section in custom:
        if section is not None:
            yield section.object.name, ((*path, "object"), section.object)
    for place, names in (("tags", config.tags), ("lists", config.lists)):
        if names is not None:
            yield names.object.name, ((place, "object"), names.object)
            yield names.junction.object.name, ((place, "junction", "object"), names.junction.object)


def _other_object(path: tuple[str, ...], names: ObjectNames, model: Model) -> Iterator[Strategy]:
    pairs = zip(numbered(names.name), numbered(names.plural), strict=False)
    singular, plural = next(pair for pair in pairs if _is_free(*pair, model))
    told = f"Twenty has {names.name} already, and it differs"
    for key, value in (("name", singular), ("plural", plural)):
        yield Strategy(path=(*path, key), value=value, confidence=1.0, reason=told, changed=True)


def _is_free(singular: str, plural: str, model: Model) -> bool:
    """Nobody has either name, or an object has both: it was made by such a plan."""
    there = model.objects.get(singular)
    if there is not None:
        return there.is_active and there.plural == plural
    return plural not in {one.plural for one in model.objects.values()}
