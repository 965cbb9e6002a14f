"""Companies are assigned, and texts kept, on disk as they would be in memory."""

from collections.abc import Iterable, Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mapping import LookAlike, assign_companies, company_key
from adapters.mapping.companies import CompanyKey, company_name
from adapters.mapping.distinct import Distinct

_NAMES = ["Acme", "ACME Inc", "acme, inc.", "Acme LLC", "Beta", "Beta AG", "BETA Aktiengesellschaft", "Gamma Ltd", "-"]
_SPELLINGS = st.lists(st.sampled_from(_NAMES) | st.text(max_size=4), max_size=12)
_ANY_TEXT = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\x00\ud800\udfff"), max_size=3)
_KEYS = ["acme", "acme inc", "acme llc", "beta", "beta ag", "gamma", "delta", "delta kg"]
_KNOWN = st.dictionaries(*(st.sampled_from([f"company:{key}" for key in _KEYS]) for _ in range(2)), max_size=5)


class _Plain:
    """The rules of companies by dictionaries alone: forms first, then bare names, each key as it is come to."""

    def __init__(self, spellings: Iterable[str], known: Mapping[str, str]) -> None:
        names = dict.fromkeys(name for name in map(company_name, spellings) if name)
        self.keys = {name: company_key(name) for name in names}
        self.forms: dict[str, dict[str, str]] = {}
        for alias, stream in known.items():
            base, _, form = alias.removeprefix("company:").partition(" ")
            self.forms.setdefault(base, {})[form] = stream
        for key in sorted(dict.fromkeys(self.keys.values()), key=lambda key: not key.form):
            self._settle(key)
        found = {f"company:{key}": self.forms[key.base][key.form] for key in self.keys.values()}
        self.aliases = {alias: stream for alias, stream in found.items() if alias not in {stream, *known}}

    def _settle(self, key: CompanyKey) -> None:
        forms = self.forms.setdefault(key.base, {})
        streams = set(forms.values())
        joins = len(streams) == 1 and (not key.form or set(forms) == {""})
        forms.setdefault(key.form, next(iter(streams)) if joins else f"company:{key}")

    @property
    def by_spelling(self) -> dict[str, tuple[str, str]]:
        """Stream and first name of each spelling."""
        streams = {name: self.forms[key.base][key.form] for name, key in self.keys.items()}
        first = {stream: name for name, stream in reversed(streams.items())}
        return {name: (stream, first[stream]) for name, stream in streams.items()}

    @property
    def look_alikes(self) -> tuple[LookAlike, ...]:
        """Names of several companies."""
        several = {base: tuple(dict.fromkeys(forms.values())) for base, forms in self.forms.items()}
        return tuple(
            LookAlike(base=base, keys=tuple(stream.removeprefix("company:") for stream in streams))
            for base, streams in several.items()
            if len(streams) > 1
        )


@settings(deadline=None)
@given(_SPELLINGS, _KNOWN)
def test_companies_are_assigned_as_dictionaries_do(spellings: list[str], known: dict[str, str]) -> None:
    """The same companies in the same order, of the same names, and the same news, whatever the ledger knows."""
    assigned, plain = assign_companies(spellings, known), _Plain(spellings, known)
    found = {name: (made.stream, made.name) for name, made in assigned.by_spelling.items()}
    assert list(found.items()) == list(plain.by_spelling.items())
    assert [(made.stream, made.name) for made in assigned.companies] == list(dict.fromkeys(found.values()))
    assert [assigned.of(name) for name in found] == list(assigned.by_spelling.values())
    assert list(assigned.aliases.items()) == list(plain.aliases.items())
    assert assigned.look_alikes == plain.look_alikes


def test_a_company_can_be_given_another_name() -> None:
    """All its spellings then lead to that name, and no other company's do."""
    assigned = assign_companies(["Acme", "ACME Inc", "Beta"])
    assert assigned.of("Acme").name == "Acme"
    assigned.rename([("acme inc", "Acme Corporate"), ("gamma", "Gamma")])
    assert [assigned.of(name).name for name in ("Acme", "ACME Inc", "Beta")] == ["Acme Corporate"] * 2 + ["Beta"]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a", "A", "é", "", "a' --", "\x00", "a\x00b"]) | st.text(max_size=3)), st.integers(0, 3)
)
def test_distinct_texts_are_the_keys_of_a_dictionary(texts: list[str], most: int) -> None:
    """In order of first sight, and again after some more."""
    seen = Distinct(most)
    for text in texts:
        seen.add(text)
    assert list(seen) == list(dict.fromkeys(texts))
    for text in reversed(texts):
        seen.add(text)
    seen.add("new")
    assert list(seen) == list(dict.fromkeys([*texts, "new"]))
