"""Random histories of a migration, step by step beside the model."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.crash.processes import shared
from tests.crash.world import KILLED
from tests.stateful.contacts import Values
from tests.stateful.model import Model, Scope
from tests.stateful.world import World

CONTACTS = range(1, 5)
MOVER = 4
"""The contact whose e-mail changes; nobody else makes a record with one of its addresses."""

_TAGS = ("A", "B", "C")
_POINTS = [
    "inside:RunStarted:1", "after:RunStarted:1", "after:ExportRegistered:1", "inside:RowExtracted:1",
    "after:ExportRead:1", "folded:RowTransformed:1", "after:RowTransformed:1", "after:SchemaIntended:1",
    "answered:metadata_write:1", "answered:metadata_write:3", "before:BatchIntended:1", "after:BatchIntended:1",
    "leaving:create:1", "answered:create:1", "before:RecordCreated:1", "folded:RecordCreated:1",
    "leaving:upsert:1", "answered:upsert:1", "answered:update:1", "leaving:restore:1", "answered:restore:1",
    "before:RecordUpdated:1", "inside:RecordUpdated:1",
    "after:RecordUpdated:1", "before:RecordAdopted:1", "inside:RecordAdopted:1", "after:RowHeld:1",
    "after:CompensationIntended:1", "after:CompensationIntended:2", "answered:destroy:1", "before:RecordDeleted:1",
    "after:RecordDeleted:1", "before:RecordRestored:1", "inside:RecordRestored:1", "after:RecordRestored:1",
    "after:CompensationKept:1", "after:TracesNoted:1", "before:RunCompleted:1", "inside:RunCompleted:1",
]  # fmt: skip

_PATHS = {"emails.primaryEmail": "email", "name.firstName": "first", "kartraScore": "score", "kartraTags": "tags"}

_numbers = st.sampled_from(CONTACTS)
_firsts = st.sampled_from(["Ann", "Bob", "Cyd"])
_scores = st.sampled_from([None, 5, 7])
_tags = st.frozensets(st.sampled_from(_TAGS))
_emails = st.sampled_from([0, 1])
_rows = st.fixed_dictionaries({"email": st.just(0), "first": _firsts, "score": _scores, "tags": _tags})
_ways = st.fixed_dictionaries(
    {
        "existing": st.sampled_from(["hold", "adopt"]),
        "adoption": st.sampled_from(["fill", "overwrite"]),
        "deleted": st.sampled_from(["hold", "restore"]),
    }
)
_conflicts = st.sampled_from(["hold", "overwrite", "keep-twenty"])
_points = st.none() | st.sampled_from(_POINTS)
_edits = st.one_of(
    st.fixed_dictionaries({"first": st.sampled_from(["Ann", "Zoe"])}),
    st.fixed_dictionaries({"score": st.sampled_from([None, 5, 1])}),
    st.fixed_dictionaries({"job": st.sampled_from([None, "Baker"])}),
    st.fixed_dictionaries({"tags": _tags}),
)


class Migration(RuleBasedStateMachine):
    """Operators load, compare, are killed, resume and take back, while people in Twenty edit and delete.

    Before anything is taken back it is asked what would stay, and just that stays.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder, shared())
        self.model = Model(CONTACTS)
        self.account: dict[int, Values] = {}
        self.first: tuple[Path, dict[int, Values]] | None = None
        self.runs: list[int] = []
        self.heads: dict[int, int] = {}

    def teardown(self) -> None:
        """Whatever happened: the chain holds, and a fold from zero gives the projections that there are."""
        if self.runs:
            assert self.world.run("verify").code == 0
            before = self._projections()
            assert self.world.run("ledger", "rebuild").code == 0
            assert self._projections() == before
        shutil.rmtree(self.folder)

    def _projections(self) -> dict[str, list[Any]]:
        names = ("run", "export", "hold", "source_row", "record", "change", "departure", "alias", "compensation")
        there = {name for (name,) in self.world.asked("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {name: sorted(self.world.asked(f"SELECT * FROM {name}"), key=repr) for name in names if name in there}

    # --- Kartra ------------------------------------------------------------------------------------------------------

    @initialize(rows=st.lists(_rows, min_size=2, max_size=3))
    def begin(self, rows: list[Values]) -> None:
        """The account at the beginning."""
        self.account = dict(zip(CONTACTS, rows, strict=False))

    @rule(number=_numbers, row=_rows, email=_emails)
    def kartra_changes(self, number: int, row: Values, email: int) -> None:
        """A contact is new, or other than before."""
        self.account[number] = {**row, "email": email} if number == MOVER else row

    @precondition(lambda self: len(self.account) > 1)
    @rule(data=st.data())
    def kartra_loses(self, data: st.DataObject) -> None:
        """A contact leaves Kartra."""
        del self.account[data.draw(st.sampled_from(sorted(self.account)))]

    # --- operators ---------------------------------------------------------------------------------------------------

    @rule(ways=_ways, point=_points)
    def load(self, ways: dict[str, str], point: str | None) -> None:
        """Load the account; once that was done, load the same files again."""
        if self.first is None:
            self.first = (self.world.export(self.account), dict(self.account))
        folder, account = self.first
        run = self._operate("load", str(folder), *_words(ways), point=point)
        self.model.load(run, account, ways)

    @rule(ways=_ways, point=_points, size=st.sampled_from([1, 2]), seed=st.sampled_from([0, 1]))
    def load_some(self, ways: dict[str, str], point: str | None, size: int, seed: int) -> None:
        """Load a sample of the account; the others wait for whatever is loaded or compared next."""
        if self.first is None:
            self.first = (self.world.export(self.account), dict(self.account))
        folder, account = self.first
        words = ["--sample", str(size), "--seed", str(seed)]
        run = self._operate("load", str(folder), *words, *_words(ways), point=point)
        known = {number for number, one in self.model.contacts.items() if one.said is not None} | account.keys()
        self.model.load(run, account, ways, only=self.world.sample(known, size, seed))

    @precondition(lambda self: self.runs)
    @rule(
        ways=_ways,
        conflict=st.sampled_from(["hold", "overwrite", "keep-twenty"]),
        complete=st.booleans(),
        point=_points,
    )
    def delta(self, ways: dict[str, str], conflict: str, complete: bool, point: str | None) -> None:
        """Hold the account as it is now against what was moved."""
        policies = {**ways, "conflict": conflict}
        words = ["delta", str(self.world.export(self.account)), *_words(policies)]
        run = self._operate(*words, *(["--complete", "contacts"] if complete else []), point=point)
        self.model.delta(run, self.account, policies, complete=complete)

    def _operate(self, *words: str, point: str | None) -> int:
        """Run a load or a delta to its end, whatever kills it on the way; answers its number."""
        before = self.world.head if self.runs else 0
        args = [*words, "--accept-defaults", "--automations", "leave"]
        if self.world.run(*args, point=point).code == KILLED:
            began = bool(self.world.asked("SELECT 1 FROM event WHERE type = 'RunStarted' AND position > ?", before))
            self.world.resume() if began else self.world.run(*args)
        number = len(self.heads) + 1
        self.runs.append(number)
        self.heads[number] = before
        return number

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), way=st.sampled_from(["", "", "--force", "--soft"]), point=_points)
    def roll_back(self, data: st.DataObject, way: str, point: str | None) -> None:
        """Take back everything, one run, what came since, or one record; for good, by force, or into the bin."""
        words, scope = self._scope(data)
        # The data model of a part is not forced from under the records of others, nor from what lies in the bin.
        if way == "--force" and ("--run" in words or (words and self.model.has_strays)):
            way = ""
        manner = [*words, *filter(None, [way])]
        foreseen = self.world.run("rollback", "--check", *manner).document
        args = ["rollback", "--yes", "--patience", "2", *manner]
        ended = self.world.run(*args, point=point)
        if ended.code == KILLED:
            ended = self.world.run(*args)
        kept = {one["id"] for one in _kept(ended.document) if one["object"] == "person"}
        ids = {number: id_ for number, (_, _, id_) in self.world.people().items()}
        stay = self.model.roll_back(scope, force=way == "--force", soft=way == "--soft")
        meant = {ids[number] for number in stay}
        assert kept == meant, (ended.document["proof"]["kept"], stay)
        assert _stays(foreseen["kept"], foreseen["schema"]) == _stays(
            ended.document["proof"]["kept"], _schema(ended.document)
        ), (foreseen, ended.document)
        self._reconcile()

    def _reconcile(self) -> None:
        """What was taken back, and what was left, is no difference; what people did is one, where there is a field."""
        told = self.world.run("reconcile").document
        unlike = {(int(one["source_key"].partition(":")[2]), _said(one)) for one in told["unlike"]}
        assert unlike <= self.model.edited(), (told["unlike"], self.model.edited())

    def _scope(self, data: st.DataObject) -> tuple[list[str], Scope]:
        run = data.draw(st.sampled_from(self.runs))
        number = data.draw(st.sampled_from(CONTACTS))
        way = data.draw(st.sampled_from(["all", "run", "since", "record"]))
        record = self._ours(number)
        if way == "run":
            return ["--run", self._run_id(run)], Scope(run=run)
        if way == "since":
            return ["--since", str(self.heads[run])], Scope(since=run - 1)
        if way == "record" and record is not None:
            return ["--record", record], Scope(contact=number)
        return [], Scope()

    def _run_id(self, run: int) -> str:
        statement = "SELECT run_id FROM event WHERE type = 'RunStarted' AND position > ? ORDER BY position LIMIT 1"
        return str(self.world.asked(statement, self.heads[run])[0][0])

    def _ours(self, number: int) -> str | None:
        """The id of the record that stands for a contact by the ledger."""
        statement = "SELECT twenty_id FROM record WHERE object = 'person' AND source_key = ? AND written_hash NOT NULL"
        found = self.world.asked(statement, f"contact:{number}")
        return found[0][0] if found else None

    # --- people in Twenty --------------------------------------------------------------------------------------------

    @precondition(lambda self: any(one.row for one in self.model.contacts.values()))
    @rule(data=st.data(), values=_edits)
    def person_edits(self, data: st.DataObject, values: Values) -> None:
        """A record is changed by hand, one in the bin too; choices are those that there are."""
        number = data.draw(st.sampled_from([n for n, one in self.model.contacts.items() if one.row]))
        values = self._possible(number, values)
        if values:
            self.world.edit(number, values)
            self.model.edit(number, values)

    @precondition(lambda self: any(one.row for one in self.model.contacts.values()))
    @rule(data=st.data(), for_good=st.booleans())
    def person_deletes(self, data: st.DataObject, for_good: bool) -> None:
        """A record is put into the bin, or destroyed."""
        there = [n for n, one in self.model.contacts.items() if one.row and (for_good or not one.row.binned)]
        if there:
            number = data.draw(st.sampled_from(there))
            self.world.remove(number, for_good=for_good)
            self.model.destroy(number) if for_good else self.model.bin(number)

    @precondition(lambda self: any(one.row is None for n, one in self.model.contacts.items() if n != MOVER))
    @rule(data=st.data(), first=_firsts)
    def person_makes(self, data: st.DataObject, first: str) -> None:
        """A record with the e-mail of a contact is made by hand."""
        number = data.draw(
            st.sampled_from([n for n, one in self.model.contacts.items() if one.row is None and n != MOVER])
        )
        self.world.make(number, {"first": first})
        self.model.make(number, {"first": first})

    def _possible(self, number: int, values: Values) -> Values:
        """What can be said of a record: fields that we made are left alone on records that are not ours.

        A forced rollback takes these fields out with whatever others wrote there, which is another test's concern.
        """
        columns = {name for (name,) in self.world.journey.sql("SELECT name FROM pragma_table_info('person')")}
        contact = self.model.contacts[number]
        if contact.row is not contact.ours and not {"score", "tags"}.isdisjoint(values):
            return {}
        if "tags" in values:
            return {"tags": values["tags"] & self.world.choices()} if "kartraTags" in columns else {}
        return {} if "score" in values and "kartraScore" not in columns else values

    # --- what must be ------------------------------------------------------------------------------------------------

    @invariant()
    def books_balance(self) -> None:
        """Whatever was loaded, compared or taken back: every row and record is accounted for."""
        assert self.world.imbalances() == ()

    @invariant()
    def twenty_is_as_the_model_says(self) -> None:
        """Every contact is in Twenty as the model has them, and nobody else is."""
        if not self.world.journey.options.sandbox_path.exists():
            return
        there = {number: (values, binned) for number, (values, binned, _) in self.world.people().items()}
        meant = {
            number: (one.row.values, one.row.binned)
            for number, one in self.model.contacts.items()
            if one.row is not None
        }
        apart = {one: {"there": there.get(one), "meant": meant.get(one)} for one in there.keys() | meant.keys()}
        apart = {one: both for one, both in apart.items() if both["there"] != both["meant"]}
        assert not apart, apart


def _stays(kept: list[Mapping[str, Any]], schema: list[Mapping[str, str]]) -> set[tuple[str, ...]]:
    """What stays and why, as a check foresees it or a rollback leaves it."""
    records = {(one["object"], one["id"], one["why"], *sorted(one["detail"])) for one in kept}
    return records | {("", one["name"], one["why"]) for one in schema}


def _schema(document: Mapping[str, Any]) -> list[Mapping[str, str]]:
    stays = {"in_use": document["fields_kept"], "in_bin": document["fields_in_bin"]}
    return [{"name": one, "why": why} for why, some in stays.items() for one in some]


def _words(policies: Mapping[str, str]) -> list[str]:
    return [word for name, way in policies.items() for word in (f"--{name}", way)]


def _said(unlike: Mapping[str, Any]) -> str:
    """The model's field that differs, or what else is the matter with the record."""
    return _PATHS.get(unlike["path"], str(unlike["kind"]))


def _kept(document: Mapping[str, Any]) -> list[Mapping[str, str]]:
    kept: list[Mapping[str, str]] = document["proof"]["kept"]
    return kept
