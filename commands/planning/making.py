"""A plan from end to end: look, propose, ask, write the text, and hold it against Twenty's data model."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import anyio
import msgspec

from adapters.kartra import Scan
from adapters.kartra.aliases import LAYOUTS
from adapters.mapping import MappingConfig, load_mapping, plans, vocabulary
from adapters.mapping.config import TYPES
from adapters.mapping.editing import OwnField, edited, remark
from adapters.mapping.homes import homes
from adapters.mapping.proposal import Known, Proposed, Seen, plain, propose
from adapters.mapping.strategies import Strategy, order_of, strategies
from adapters.mapping.targets import COMPANY, targets
from adapters.twenty import Model
from commands.modelling import Wanted
from commands.planning.assisting import Assistant, assisted
from commands.planning.evidence import look
from commands.planning.model import Element, Taken, compared, taken
from commands.planning.needs import needs_of
from commands.reporting import Reporter

ALIASES = {kind: layout.aliases for kind, layout in LAYOUTS.items()}
"""Kind of file → canonical column → other headers accepted for it."""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """Columns with what they become and are like, settings, the data model, and the text that says it all.

    `types` is Twenty's type of every field made of a column.
    """

    rows: Mapping[str, int]
    columns: tuple[Seen, ...]
    proposals: tuple[Proposed, ...]
    settings: tuple[Strategy, ...]
    elements: tuple[Element, ...]
    types: Mapping[str, str]
    text: str


async def plan(found: Scan, model: Model | None, assistant: Assistant | None, reporter: Reporter) -> Planned:
    """Plan for the exports of a folder; `model` is what Twenty has, None where nobody looked.

    Raises:
        KartraError: a file cannot be read.
    """
    shipped = load_mapping()
    with reporter.phase("look", None) as advance:
        looked = await anyio.to_thread.run_sync(look, found, shipped, advance)
    settings = strategies(shipped, looked.evidence)
    words = vocabulary(looked.gathered, shipped)
    known = Known(aliases=ALIASES, described=looked.described, order=order_of(settings, shipped), names=words.custom)
    proposals = propose(looked.columns, shipped, known)
    if assistant is not None:
        proposals = await assisted(assistant, proposals, looked.columns, shipped, ALIASES, reporter)
    labels = {field.name: field.label for field in plans(shipped, words)}
    draft = _Draft(settings=settings, proposals=proposals, labels=labels, base=shipped.text)
    with reporter.phase("model", None):
        settled = await anyio.to_thread.run_sync(_settle, draft, partial(needs_of, exports=found.exports), model)
    text = settled.draft.text()
    config = load_mapping(text=text)
    return Planned(
        rows=looked.rows,
        columns=looked.columns,
        proposals=tuple(settled.draft.shown(config)),
        settings=(*settings, *settled.draft.taken.settings),
        elements=settled.elements,
        types=_types(config),
        text=text,
    )


class _Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that goes into the text."""

    base: str
    settings: tuple[Strategy, ...]
    proposals: tuple[Proposed, ...]
    labels: Mapping[str, str]
    taken: Taken = Taken()

    def text(self) -> str:
        """The mapping's text."""
        return edited(
            self.base,
            settings=(*self.settings, *self.taken.settings),
            proposals=self.proposals,
            fields=self._own_fields(),
            renames=self.taken.renames,
        )

    def config(self) -> MappingConfig:
        """The mapping the text is."""
        return load_mapping(text=self.text())

    def shown(self, config: MappingConfig) -> Iterator[Proposed]:
        """The proposals with the fields as they are in the end: strategies and taken names have had their say."""
        made = homes(config)
        for one in self.proposals:
            yield msgspec.structs.replace(one, fields=made.get((one.kind, plain(one.column)), ()))

    def _own_fields(self) -> Iterator[OwnField]:
        for one in self.proposals:
            if one.transform is not None:
                [field] = one.fields
                name = field.partition(".")[2]
                yield OwnField(
                    name=self.taken.own.get(name, name),
                    label=self.labels[name],
                    column=one.column,
                    transform=one.transform,
                    comment=remark(one.confidence, one.reason),
                )


class _Settled(msgspec.Struct, frozen=True, kw_only=True):
    draft: _Draft
    elements: tuple[Element, ...]


def _settle(draft: _Draft, needs: Callable[[MappingConfig], Wanted], model: Model | None) -> _Settled:
    """Hold the draft against Twenty's model, and give other names to what is taken there."""
    wanted = needs(draft.config())
    elements = compared(wanted, model)
    if model is None:
        return _Settled(draft=draft, elements=elements)
    others = taken(wanted, elements, load_mapping(text=draft.base), model)
    if not others:
        return _Settled(draft=draft, elements=elements)
    draft = msgspec.structs.replace(draft, taken=others)
    return _Settled(draft=draft, elements=compared(needs(draft.config()), model))


def _types(config: MappingConfig) -> dict[str, str]:
    """Twenty's type of every field, as `object.field`."""
    made = {
        f"{target.object}.{name}": TYPES[spec.transform]
        for target in targets(config)
        for name, spec in target.fields.items()
    }
    return made | {f"{COMPANY}.{name}": TYPES[spec.transform] for name, spec in config.company.fields.items()}
