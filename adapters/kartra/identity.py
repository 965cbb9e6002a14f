"""Who each contact row is about, decided by the order of rows and by what the ledger knows already.

Two passes over the placeable rows of all files, oldest export first: `observe` every row, then `place` every row. The
rules (DESIGN section 5):

- rows with and without Kartra's number are one person where they share an e-mail;
- a number whose e-mail changes stays one person, and its old e-mails stay its own;
- an e-mail under two numbers belongs to the first; rows of the other that carry it are held `email_taken`, unless the
  first is known to the ledger and its newest row carries another e-mail by now: then the address was free, and moves;
- two streams the ledger knows that turn out to be one person are not merged: the row that says so is held
  `identity_conflict`;
- a person without any e-mail, in these files or in the ledger, is held `email_missing`, and so is one whose e-mail a
  later export has emptied.

A stream is keyed `contact:<number>` if the person has a number anywhere in these files, else `contact:~<digest>` of the
e-mail, where `digest` is the ledger's keyed digest; a stream the ledger knows keeps its key for ever.

State is a few small integers a contact, some 13 bytes; the two dictionaries from number and e-mail to it go to disk
when they outgrow memory (`names`). What the ledger knows is remembered of those it knows only.
"""

from array import array
from collections.abc import Callable, Mapping

import msgspec

from adapters.kartra.names import Names

Digest = Callable[[str], str]
"""A normalised e-mail to its keyed digest."""

Lookup = Callable[[str], str | None]
"""An alias (`contact:<number>`, `contact:~<digest>`) to the stream the ledger knows it by; `dict.get` will do."""


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a row belongs: a stream and the aliases it teaches, or the reason it is held and the column at fault.

    `moved` is an alias that was another stream's, the `former`'s, and is this one's from now on.
    """

    stream: str | None = None
    aliases: tuple[str, ...] = ()
    moved: str | None = None
    former: str | None = None
    reason: str | None = None
    column: str | None = None


_EMAIL_MISSING = Placement(reason="email_missing", column="email")
_EMAIL_TAKEN = Placement(reason="email_taken", column="email")
_IDENTITY_CONFLICT = Placement(reason="identity_conflict", column="email")
_NONE = 0  # nobody's number

# The number that a name stands for is its person's, and two bits behind it.
_BITS = 2
_KNOWN, _TAUGHT = 1, 2


def number_alias(number: str) -> str:
    """The alias of a contact with a Kartra number."""
    return f"contact:{number}"


def email_alias(email: str, digest: Digest) -> str:
    """The alias of a contact known by its normalised e-mail."""
    return f"contact:~{digest(email)}"


class IdentityIndex:
    """Resolve contact rows to streams; see the module for the rules.

    `known` finds the stream of an alias in the ledger, `number_of` the Kartra number such a stream has learnt (left
    out, only the stream's own key tells); both are asked while rows are observed, and only about the row at hand.
    Where e-mails never move (`carry` is not called, `moving` is False) nobody's newest e-mail is remembered.
    """

    def __init__(self, digest: Digest, known: Lookup, number_of: Lookup | None = None, *, moving: bool = True) -> None:
        self._digest = digest
        self._known = known
        self._number_of = number_of or _number_in_key
        self._moving = moving
        self._by_number = Names()
        self._by_email = Names()
        self._parents = array("i")
        self._numbers = array("q")
        self._streams: dict[int, str] = {}
        self._by_stream: dict[str, int] = {}
        self._reachable = bytearray()
        self._newest: dict[int, str] = {}
        self._contested: set[int] = set()
        self._carried: Mapping[str, str] | None = None
        self._granted: dict[str, int] = {}

    @property
    def contested(self) -> set[str]:
        """The streams of the ledger whose e-mails rows of other numbers carry."""
        people = map(self._find, self._contested)
        return {self._streams[person] for person in people if person in self._streams}

    def carry(self, carried: Mapping[str, str]) -> None:
        """Let e-mails move: stream → alias of the e-mail that its newest row carries, of the contested ones."""
        self._carried = carried

    def observe(self, number: str | None, email: str | None) -> None:
        """Learn one row's identities; call it for every placeable row, in order, before the first `place`.

        `number` is in plain digits and not 0, `email` is normalised.
        """
        by_number = self._person_of_number(number) if number else None
        by_email = self._person_of_email(email, by_number) if email else None
        if by_number is not None and by_email is not None:
            self._unite(by_number, by_email)
            self._carries(by_number, self._find(by_email), email or "")
        if by_email is not None and by_number in (None, self._find(by_email)):
            self._reachable[self._find(by_email)] = True

    def place(self, number: str | None, email: str | None, *, emptied: bool = False) -> Placement:
        """Say where a row observed before belongs. Rows are asked for in the order they were observed.

        `emptied`: the row is of a later export that has the e-mail's column, so that nothing in it is no e-mail.
        """
        by_number = self._observed(self._by_number, number) if number else None
        by_email = self._holder_of(email) if email else None
        person = by_email if by_number is None else by_number
        if person is None:
            return _EMAIL_MISSING
        if by_email is not None and email is not None and by_email != person:
            if self._is_free(email, by_email):
                return self._moved(person, number, email, self._streams[by_email])
            return _EMAIL_TAKEN if self._numbers[by_email] else _IDENTITY_CONFLICT
        # The ledger never holds a contact without an e-mail, so its streams need none in these files.
        if not self._reachable[person] and (emptied or person not in self._streams):
            return _EMAIL_MISSING
        return self._placed(person, number, email)

    def has_email(self, email: str) -> bool:
        """Whether an e-mail was observed."""
        return self._by_email.get(email) is not None

    def begin_again(self) -> None:
        """Have all rows placed once more, from the first: aliases are taught anew."""
        self._by_number.without(_TAUGHT)
        self._by_email.without(_TAUGHT)
        self._granted.clear()

    def _carries(self, person: int, holder: int, email: str) -> None:
        """Remember the newest e-mail of a person with a number, and whose it was."""
        if self._moving:
            self._newest[person] = email
        if holder != person:
            self._contested.add(holder)

    def _holder_of(self, email: str) -> int:
        """Whose an e-mail is: it may have moved with a row placed before."""
        granted = self._granted.get(email)
        return self._observed(self._by_email, email) if granted is None else granted

    def _observed(self, names: Names, name: str) -> int:
        """The person of a name that was observed."""
        found = names.get(name)
        if found is None:
            raise LookupError("a row is placed that was not observed")
        return self._find(found >> _BITS)

    def _is_free(self, email: str, holder: int) -> bool:
        """Whether the newest row of an e-mail's holder, whom the ledger knows, carries another one."""
        stream = self._streams.get(holder)
        if self._carried is None or stream is None or not self._numbers[holder]:
            return False
        if holder in self._newest:
            return self._newest[holder] != email
        return self._carried.get(stream) not in (None, email_alias(email, self._digest))

    def _moved(self, person: int, number: str | None, email: str, former: str) -> Placement:
        """Place a row whose e-mail was another's; it stays with the person if it is her newest."""
        placed = self._placed(person, number, email)
        if self._newest[person] != email:
            return placed
        self._granted[email] = person
        self._reachable[person] = True
        return msgspec.structs.replace(placed, moved=email_alias(email, self._digest), former=former)

    def _placed(self, person: int, number: str | None, email: str | None) -> Placement:
        aliases = [(number_alias(number), self._by_number, number)] if number else []
        if email:
            aliases.append((email_alias(email, self._digest), self._by_email, email))
        # Without a number nothing links two e-mails: the last alias is then the person's only one.
        stream = self._stream_of(person) or aliases[-1][0]
        news = tuple(alias for alias, names, name in aliases if alias != stream and self._is_news(names, name))
        return Placement(stream=stream, aliases=news)

    def _stream_of(self, person: int) -> str | None:
        number = self._numbers[person]
        return self._streams.get(person) or (number_alias(str(number)) if number else None)

    def _is_news(self, names: Names, name: str) -> bool:
        found = names.get(name)
        if found is None or found & (_KNOWN | _TAUGHT):
            return False
        names.put(name, found | _TAUGHT)
        return True

    def _person_of_number(self, number: str) -> int:
        found = self._by_number.get(number)
        if found is not None:
            return self._find(found >> _BITS)
        person = self._named(self._by_number, number, self._known(number_alias(number)))
        self._number(self._find(person), number)
        return self._find(person)

    def _person_of_email(self, email: str, by_number: int | None) -> int:
        found = self._by_email.get(email)
        if found is not None:
            return self._find(found >> _BITS)
        stream = self._known(email_alias(email, self._digest))
        if stream is None and by_number is not None:
            # An e-mail that nobody had belongs to the number beside it.
            self._by_email.put(email, by_number << _BITS)
            return by_number
        return self._find(self._named(self._by_email, email, stream))

    def _named(self, names: Names, name: str, stream: str | None) -> int:
        """The person of a name seen for the first time, of a stream if the ledger knows it."""
        person = self._person(stream)
        names.put(name, person << _BITS | (_KNOWN if stream is not None else 0))
        return person

    def _person(self, stream: str | None) -> int:
        """The person of a stream the ledger knows, or a new one."""
        if stream is not None and stream in self._by_stream:
            return self._by_stream[stream]
        person = len(self._parents)
        self._parents.append(person)
        self._numbers.append(_NONE)
        self._reachable.append(False)
        if stream is not None:
            self._remember(person, stream)
        return person

    def _remember(self, person: int, stream: str) -> None:
        self._streams[person] = stream
        self._by_stream[stream] = person
        number = self._number_of(stream)
        if number is not None:
            self._number(person, number)

    def _number(self, person: int, number: str) -> None:
        """Give a person its Kartra number, unless it has one: a second one is an alias."""
        if not self._numbers[person]:
            self._numbers[person] = int(number)

    def _unite(self, by_number: int, by_email: int) -> None:
        """Make one person of the two, unless they have two numbers or two streams of the ledger."""
        if by_number == by_email or self._numbers[by_email]:
            return
        if by_number in self._streams and by_email in self._streams:
            return
        self._parents[by_email] = by_number
        self._reachable[by_number] |= self._reachable[by_email]
        stream = self._streams.pop(by_email, None)
        if stream is not None:
            self._streams[by_number] = stream
            self._by_stream[stream] = by_number

    def _find(self, person: int) -> int:
        while (parent := self._parents[person]) != person:
            self._parents[person] = self._parents[parent]
            person = parent
        return person


def _number_in_key(stream: str) -> str | None:
    key = stream.removeprefix("contact:")
    return None if key.startswith("~") else key
