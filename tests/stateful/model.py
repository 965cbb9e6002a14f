"""What Twenty must hold, kept by the simplest means: a handful of contacts, in memory, without ids, events or bodies.

A contact has five fields: `email` (which of its addresses), `first` and `score` as Kartra's latest row has them, `tags`
as a set, and `job`, which only people in Twenty write. The rules are those of the program's documentation, told anew.
"""

from collections.abc import Container, Iterable, Iterator, Mapping

from tests.stateful.contacts import NOTHING, Change, Contact, Row, Stray, Values
from tests.stateful.undoing import images, touched_before, undone

_SINGLE = ("email", "first", "score")
"""Fields that hold one value."""


class Scope:
    """What a rollback is to take back: all, one run, what came after a moment, or one contact."""

    def __init__(self, run: int | None = None, since: int | None = None, contact: int | None = None) -> None:
        self._run = run
        self._since = since
        self._contact = contact

    def holds(self, run: int, contact: int) -> bool:
        """Whether what a run did with a contact is to be taken back."""
        return (
            self._run in (None, run) and (self._since is None or run > self._since) and self._contact in (None, contact)
        )


class Model:
    """Twenty and the migration, as they must be."""

    def __init__(self, contacts: Iterable[int]) -> None:
        self.contacts = {number: Contact() for number in contacts}
        self._moment = 0

    # --- people in Twenty --------------------------------------------------------------------------------------------

    def make(self, number: int, values: Values) -> None:
        """Somebody makes a record with a contact's e-mail."""
        self.contacts[number].row = Row({**NOTHING, "email": 0, **values}, touched=self._tick())

    def edit(self, number: int, values: Values) -> None:
        """Somebody changes a record."""
        row = self.contacts[number].row
        assert row is not None
        row.values |= values
        row.touched = self._tick()

    def bin(self, number: int) -> None:
        """Somebody puts a record into the bin."""
        row = self.contacts[number].row
        assert row is not None
        row.binned = True
        row.touched = self._tick()

    def destroy(self, number: int) -> None:
        """Somebody destroys a record."""
        self.contacts[number].row = None

    # --- the migration -----------------------------------------------------------------------------------------------

    def load(
        self, run: int, account: Mapping[int, Values], policies: Mapping[str, str], only: Container[int] | None = None
    ) -> None:
        """The first load, or the same files again: what is not in Twenty comes there, nothing there is changed.

        With `only` these alone come.
        """
        for number, said in account.items():
            contact = self.contacts[number]
            contact.in_first = True
            contact.mean(contact.said or {**NOTHING, **said})
        self._write(run, policies, only)

    def delta(self, run: int, account: Mapping[int, Values], policies: Mapping[str, str], *, complete: bool) -> None:
        """A later export: new rows are written, changed ones merged; tags go only where the export is complete."""
        for number, said in account.items():
            self._hear(self.contacts[number], said, complete=complete)
        if complete:
            for number, contact in self.contacts.items():
                contact.gone = contact.said is not None and number not in account
        self._write(run, policies)
        for contact in self.contacts.values():
            if contact.state in ("held", "changed") and contact.base is not None:
                self._update(run, contact, policies)

    @staticmethod
    def _hear(contact: Contact, said: Values, *, complete: bool) -> None:
        before = contact.said or NOTHING
        tags = said["tags"] if complete or contact.said is None else before["tags"] | said["tags"]
        now = {**NOTHING, **said, "tags": tags}
        # What stood in the way of a record that is not there may be gone, also where its rows say what they said.
        if now != contact.said or contact.gone or contact.base is None:
            contact.mean(now)
        contact.gone = False

    def _write(self, run: int, policies: Mapping[str, str], only: Container[int] | None = None) -> None:
        for number, contact in self.contacts.items():
            if contact.state != "pending" or (only is not None and number not in only):
                continue
            assert contact.said is not None
            if contact.row is None:
                contact.row = contact.ours = Row(dict(contact.said), touched=self._tick())
                contact.state, contact.base, contact.run, contact.adopted = "written", contact.said, run, False
                contact.made = contact.said
            elif policies["deleted" if contact.row.binned else "existing"] == "hold":
                contact.state = "held"
            else:
                contact.ours, contact.adopted, contact.run = contact.row, True, run
                overwrite = policies["adoption"] == "overwrite"
                self._send(run, contact, _merge(NOTHING, contact.said, contact.row.values, set(), overwrite=overwrite))

    def _update(self, run: int, contact: Contact, policies: Mapping[str, str]) -> None:
        assert contact.said is not None and contact.base is not None
        in_bin = contact.row is not None and contact.row.binned and policies["deleted"] == "hold"
        if contact.row is None or contact.row is not contact.ours or in_bin:
            contact.state = "held"
            return
        theirs, conflict = contact.row.values, policies["conflict"]
        if conflict == "hold" and any(_conflicts(contact.base, contact.said, theirs)):
            contact.state = "held"
            return
        sent = _merge(contact.base, contact.said, theirs, _put_by_us(contact), overwrite=conflict == "overwrite")
        self._send(run, contact, sent)

    def _send(self, run: int, contact: Contact, sent: Values) -> None:
        assert contact.row is not None
        assert contact.said is not None
        before = {name: contact.row.values[name] for name in sent}
        base = contact.base or {}
        asked = {name: value for name, value in contact.said.items() if name not in base or base[name] != value}
        change = Change(run, self._tick(), contact.base, asked, before, sent)
        if sent or contact.row.binned:
            change.binned, change.touched, change.answered = contact.row.binned, contact.row.touched, self._tick()
            contact.row.binned, contact.row.touched = False, change.answered
        contact.changes.append(change)
        contact.row.values |= sent
        contact.base, contact.state = contact.said, "written"

    def _tick(self) -> int:
        self._moment += 1
        return self._moment

    # --- taking back -------------------------------------------------------------------------------------------------

    def roll_back(self, scope: Scope, *, force: bool, soft: bool = False) -> set[int]:
        """Take back what was done in a scope; answers whose records, or parts of them, stay for what people did."""
        return {number for number in self.contacts if self._take_back(number, scope, force=force, soft=soft)}

    def _take_back(self, number: int, scope: Scope, *, force: bool, soft: bool) -> bool:
        contact = self.contacts[number]
        if contact.ours is None:
            return self._take_stray(number, scope, force=force, soft=soft)
        goes = not contact.adopted and scope.holds(contact.run, number)
        group = [one for one in contact.standing if scope.holds(one.run, number)]
        if contact.row is not contact.ours:
            if goes or group:
                self._lose(contact)
            return False
        if goes:
            return self._take_out(contact, force=force, soft=soft)
        kept = bool(group) and self._undo(contact, group, force=force)
        # One that we had made, put into the bin and taken out of it again lies there once more, and goes like any.
        return kept or (contact.ours is None and self._take_stray(number, scope, force=force, soft=soft))

    def _lose(self, contact: Contact) -> None:
        moment = self._tick()
        for one in contact.standing:
            one.undone = moment
        contact.forget()

    def _take_out(self, contact: Contact, *, force: bool, soft: bool) -> bool:
        assert contact.row is not None and contact.base is not None
        if contact.row.values != contact.base and not force:
            return True
        if soft:
            contact.row.binned, contact.row.touched = True, self._tick()
            contact.stray = Stray(contact.row, contact.base, contact.run)
        else:
            contact.row = None
        self._lose(contact)
        return False

    def _take_stray(self, number: int, scope: Scope, *, force: bool, soft: bool) -> bool:
        """What we put into the bin before goes for good, unless somebody edited it there."""
        contact = self.contacts[number]
        stray = contact.stray
        if stray is None or contact.row is not stray.row or not scope.holds(stray.run, number):
            return False
        if stray.row.values != stray.base and not force:
            return True
        if not soft:
            contact.row = contact.stray = None
        return False

    def _undo(self, contact: Contact, group: list[Change], *, force: bool) -> bool:
        assert contact.row is not None
        later = [one for one in contact.standing if one.done > group[-1].done]
        if contact.adopted and group[0].base is None and later:
            return True
        before, sent = images(group)
        row = contact.row
        standing = {name: value for one in later for name, value in one.sent.items() if name not in one.returned}
        back, kept = undone(before, sent, row.values, standing, force=force)
        calls = [one for one in group if one.answered is not None]
        untouched = bool(calls) and row.touched == calls[-1].answered
        rebin = bool(calls) and calls[0].binned and not row.binned
        if rebin and not (force or (untouched and not kept)):
            rebin, kept = False, True
        if rebin or any(row.values[name] != value for name, value in back.items()):
            row.touched = touched_before(calls) if untouched and not kept else self._tick()
        row.values |= back
        row.binned = row.binned or rebin
        moment = self._tick()
        for one in group:
            one.returned |= set(back) if kept else set()
            one.undone = None if kept else moment
        if not kept and any(one.base is None for one in group):
            contact.state, contact.base, contact.ours, contact.adopted = "pending", None, None, False
        elif back or not kept:
            contact.base = contact.left
            contact.state = "written" if contact.base == contact.said else "changed"
        return kept

    @property
    def has_strays(self) -> bool:
        """Whether something we put into the bin is there."""
        return any(one.stray is not None and one.row is one.stray.row for one in self.contacts.values())

    # --- what is told of it ------------------------------------------------------------------------------------------

    def edited(self) -> set[tuple[int, str]]:
        """What people did to records of ours: by contact, the fields that are other than ours, or that it is gone."""
        found: set[tuple[int, str]] = set()
        for number, contact in self.contacts.items():
            if contact.ours is None:
                continue
            if contact.row is not contact.ours:
                found.add((number, "missing"))
                continue
            found |= {(number, "in_bin")} if contact.row.binned else set()
            found |= {(number, name) for name, value in contact.held.items() if contact.row.values[name] != value}
        return found


def _conflicts(base: Values, ours: Values, theirs: Values) -> Iterator[str]:
    for name in _SINGLE:
        if len({base[name], ours[name], theirs[name]}) == 3:
            yield name


def _merge(base: Values, ours: Values, theirs: Values, put: set[str], *, overwrite: bool) -> Values:
    """What is sent: where ours changed and theirs did not, or where it is to win."""
    sent: Values = {}
    for name in _SINGLE:
        changed = ours[name] not in (base[name], theirs[name])
        if changed and (overwrite or theirs[name] == base[name]):
            sent[name] = ours[name]
    tags = theirs["tags"] - ((base["tags"] - ours["tags"]) & put) | (ours["tags"] - base["tags"])
    return sent if tags == theirs["tags"] else {**sent, "tags": tags}


def _put_by_us(contact: Contact) -> set[str]:
    """The tags that are there by our hand."""
    changes = contact.standing
    first = (changes[0].base if changes else contact.base) or NOTHING
    put = set() if contact.adopted else set(first["tags"])
    for one in changes:
        if "tags" in one.sent:
            put = (put & one.before["tags"] & one.sent["tags"]) | (one.sent["tags"] - one.before["tags"])
    return put
