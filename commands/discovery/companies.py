"""Company names: which spellings are one company, and which companies may be one without anybody saying so.

Spellings are joined as the load joins them. Near names are found by comparing each folded name with its neighbours in
two sorted orders (from its start and from its end), so that the time grows with the number of names and a slip anywhere
but in the middle of both still brings the two together.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rapidfuzz import fuzz

from adapters.mapping import Assignment, assign_companies, company_key
from commands.discovery.document import Companies, SpelledCompany

_LISTED = 100
_SPELLINGS = 12
_NEIGHBOURS = 12
_ALIKE = 88.0  # per cent; "acmelearning" and "acmelerning" have 96
_SHORTEST = 5  # letters; shorter names are alike by chance
_DIGITS = re.compile(r"\d+")


class CompanyNames:
    """Every spelling of a company, in order of first sight."""

    def __init__(self) -> None:
        self._spellings: dict[str, None] = {}

    def add(self, spelling: str) -> None:
        """Take in the cell of a contact or a sale."""
        self._spellings.setdefault(spelling)

    def companies(self, by_contact: Iterable[str]) -> Companies:
        """Join what is one and report what looks alike. `by_contact` is each contact's newest spelling."""
        assigned = assign_companies(self._spellings)
        people = Counter(made.stream for made in map(assigned.of, by_contact) if made)
        joined = _joined(assigned, people)
        names = {company.key: company.name for company in assigned.companies}
        forms = [tuple(names[key] for key in alike.keys) for alike in assigned.look_alikes]
        near = sorted(_near(names))
        return Companies(
            spellings=len(assigned.by_spelling),
            companies=len(names),
            contacts=people.total(),
            joined=tuple(joined[:_LISTED]),
            joined_count=len(joined),
            forms=tuple(forms[:_LISTED]),
            forms_count=len(forms),
            near=tuple(near[:_LISTED]),
            near_count=len(near),
        )


def _joined(assigned: Assignment, people: Counter[str]) -> list[SpelledCompany]:
    """Companies of several spellings, those with most people first."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for spelling, company in assigned.by_spelling.items():
        spellings[company.stream].append(spelling)
    several = [company for company in assigned.companies if len(spellings[company.stream]) > 1]
    several.sort(key=lambda company: (-people[company.stream], company.key))
    return [
        SpelledCompany(name=company.name, spellings=tuple(spellings[company.stream][:_SPELLINGS]))
        for company in several
    ]


def _near(names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of companies whose folded names are nearly the same, by the names shown."""
    shown = {company_key(name).base: name for name in names.values()}
    bases = [base for base in shown if len(base) >= _SHORTEST]
    forwards, backwards = sorted(bases), sorted(bases, key=lambda base: base[::-1])
    pairs = {pair for ordered in (forwards, backwards) for pair in _neighbours(ordered)}
    for first, second in sorted(pairs):
        if _alike(first, second):
            one, other = sorted((shown[first], shown[second]))
            yield one, other


def _neighbours(ordered: list[str]) -> Iterator[tuple[str, str]]:
    for at, base in enumerate(ordered):
        for other in ordered[at + 1 : at + 1 + _NEIGHBOURS]:
            yield (base, other) if base < other else (other, base)


def _alike(first: str, second: str) -> bool:
    # "studio 54" and "studio 55" differ on purpose.
    if _DIGITS.findall(first) != _DIGITS.findall(second):
        return False
    return fuzz.ratio(first, second, score_cutoff=_ALIKE) > 0
