"""A part of what is to be written: some objects with all they point at, or a sample of people with what is theirs.

A sample is stratified: people are parted by what they have (a company, orders, subscriptions, …), every kind of person
is there as often as its share asks for, and at least once while there is room. It is told by the ledger, the size and
the seed alone, so a load that was interrupted goes on with the very same one.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from commands.objects import in_order, written_objects
from ledger import work
from ledger.events import Setting
from ledger.reader import Reader
from ledger.work import Linked

Key = tuple[str, str]
"""Object and stream of a record."""


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """What a write is about. `keys`: object → streams, where not all of an object is meant."""

    objects: tuple[str, ...]
    keys: Mapping[str, frozenset[str]] | None = None

    def keys_of(self, object_name: str) -> frozenset[str] | None:
        """The streams of an object that are meant; None for all."""
        return None if self.keys is None else self.keys.get(object_name, frozenset())


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator asked for: so many people, or these objects."""

    sample: int | None = None
    seed: int = 0
    only: tuple[str, ...] = ()

    @property
    def settings(self) -> dict[str, Setting]:
        """As a run records it."""
        return {"sample": self.sample, "seed": self.seed, "only": ",".join(self.only) or None}


def asked_before(settings: Mapping[str, Setting]) -> Asked:
    """What a run was asked for when it began."""
    sample, only = settings.get("sample"), settings.get("only")
    return Asked(
        sample=None if sample is None else int(sample),
        seed=int(settings.get("seed") or 0),
        only=tuple(str(only).split(",")) if only else (),
    )


async def portion_of(reader: Reader, asked: Asked) -> Portion:
    """The part of the ledger's records that is asked for."""
    objects = await written_objects(reader)
    if asked.only:
        objects = in_order(await _with_targets(reader, asked.only, objects))
    if asked.sample is None:
        return Portion(objects=tuple(objects))
    keys = sampled(await work.links(reader), asked.sample, asked.seed)
    return Portion(objects=tuple(name for name in objects if name in keys), keys=keys)


async def _with_targets(reader: Reader, only: Iterable[str], objects: Iterable[str]) -> list[str]:
    """Objects, and those that their records point at, in the order given."""
    pointing = await work.linked_objects(reader)
    wanted, fresh = set(only), set(only)
    while fresh:
        fresh = {target for name in fresh for target in pointing.get(name, ())} - wanted
        wanted |= fresh
    return [name for name in objects if name in wanted]


def sampled(records: Iterable[Linked], size: int, seed: int) -> dict[str, frozenset[str]]:
    """A sample of people, with every record that points at them and all that these point at: object → streams."""
    links: dict[Key, list[Key]] = {(one.object, one.source_key): _targets(one) for one in records}
    having: dict[Key, set[str]] = {key: set() for key in links if key[0] == "person"}
    pointing: dict[Key, list[Key]] = {}
    for key, targets in links.items():
        for target in targets:
            pointing.setdefault(target, []).append(key)
            if key in having:
                having[key].add(target[0])
            if target in having:
                having[target].add(key[0])
    strata: dict[tuple[str, ...], list[Key]] = {}
    for key, has in having.items():
        strata.setdefault(tuple(sorted(has)), []).append(key)
    chosen = [key for some in _drawn(strata, size, seed) for key in some]
    return _with_theirs(chosen, links, pointing)


def _drawn(strata: Mapping[tuple[str, ...], list[Key]], size: int, seed: int) -> Iterable[list[Key]]:
    """So many of each stratum: one each, largest first, while there is room; the rest by share."""
    total = sum(map(len, strata.values()))
    size = min(size, total)
    ordered = sorted(strata, key=lambda stratum: (-len(strata[stratum]), stratum))
    counts = {stratum: int(at < size) for at, stratum in enumerate(ordered)}
    while (left := size - sum(counts.values())) > 0:
        # Whoever is furthest below its share comes next; nobody beyond what there is of it.
        open_ones = [stratum for stratum in ordered if counts[stratum] < len(strata[stratum])]
        behind = sorted(open_ones, key=lambda stratum: counts[stratum] - size * len(strata[stratum]) / total)
        for stratum in behind[:left]:
            counts[stratum] += 1
    for stratum in ordered:
        yield sorted(strata[stratum], key=lambda key: _lot(seed, key))[: counts[stratum]]


def _lot(seed: int, key: Key) -> bytes:
    return hashlib.sha256(f"{seed}\n{key[1]}".encode()).digest()


def _with_theirs(
    people: Iterable[Key], links: Mapping[Key, list[Key]], pointing: Mapping[Key, list[Key]]
) -> dict[str, frozenset[str]]:
    wanted = dict.fromkeys(people)
    wanted |= dict.fromkeys(key for person in list(wanted) for key in pointing.get(person, ()))
    fresh = list(wanted)
    while fresh:
        fresh = [target for key in fresh for target in links.get(key, ()) if target not in wanted]
        wanted |= dict.fromkeys(fresh)
    found: dict[str, set[str]] = {}
    for object_name, stream in wanted:
        found.setdefault(object_name, set()).add(stream)
    return {object_name: frozenset(streams) for object_name, streams in found.items()}


def _targets(record: Linked) -> list[Key]:
    return [(target["object"], target["source_key"]) for target in record.links.values()]
