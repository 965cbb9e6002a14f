"""Tags that look as if they recorded what somebody did, and what of it no export can bring back.

The words are a guess made from names alone, and reported as one. What Kartra keeps of each act is only told by its
webhooks, from the day they are switched on (kartra.md sections 6.3 and 8): the past is not to be had.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from adapters.mapping.text import words
from commands.discovery.document import Behaviour, Count, commonest

_LISTED = 40

_FAMILIES: Mapping[str, tuple[str, str]] = {
    "Forms and opt-ins": (
        r"forms?|opt ?ins?|optedin|submitted|submission|sign ?ups?|signedup|squeeze|lead ?magnet|download(?:ed|s)?",
        "which form or page it was, when, and the answers: each new submission replaced the earlier ones",
    ),
    "Webinars and events": (
        r"webinars?|masterclass(?:es)?|workshops?|summits?|challenges?|replays?|attend(?:ed|ee|ees)?|no ?shows?|live",
        "registration and attendance times, how long somebody stayed, chat and poll answers",
    ),
    "Surveys and quizzes": (
        r"surveys?|quiz(?:zes)?|polls?|assessments?|questionnaires?|answered|scored?",
        "the questions, the answers and their scores; only a result that became a tag is left",
    ),
    "Memberships and courses": (
        r"memberships?|members?|courses?|lessons?|modules?|students?|enrol(?:l|led|ment)?|completed|graduat(?:e|ed|es)",
        "lessons begun and completed, log-ins and access dates; the present level comes only with answers about leads",
    ),
    "Videos": (
        r"videos?|watch(?:ed|ing)?|view(?:ed|er|ers)?|play(?:ed)?",
        "plays, how far somebody watched, and when",
    ),
    "Pages and clicks": (
        r"pages?|visit(?:ed|or|ors)?|click(?:ed|er|ers|s)?|landing|funnels?|retarget(?:ing)?|utm",
        "page visits, links clicked, the campaign somebody came by, and every date of these",
    ),
    "E-mail": (
        r"open(?:ed|er|ers|s)?|unopened|engaged|unengaged|inactive|broadcasts?|newsletters?|re ?engag(?:e|ed|ement)",
        "e-mails sent, opened, clicked and bounced; Kartra exports none of it",
    ),
    "Calls and calendars": (
        r"calls?|book(?:ed|ing|ings)?|appointments?|consult(?:ation|ations)?|discovery|calendars?",
        "dates and outcomes, unless bookings are exported or were collected by webhook",
    ),
    "Buying": (
        r"buy(?:er|ers)?|bought|purchas(?:e|ed|er|es)|customers?|abandon(?:ed)?|carts?|checkout|upsells?|refund(?:ed|s)?"
        r"|trials?|paid",
        "the sale behind the tag, unless the transactions export has it; abandoned carts are in no export",
    ),
    "Sequences and automations": (
        r"sequences?|automations?|nurture|drip|campaigns?|onboarding|workflows?|series",
        "when somebody entered, moved on and left; which rule gave the tag",
    ),
}
_COMPILED = {family: (re.compile(rf"\b(?:{pattern})\d*\b"), absent) for family, (pattern, absent) in _FAMILIES.items()}


def behaviours(
    names: Mapping[str, Sequence[str]], bearers: Iterable[Mapping[str, tuple[int, ...]]]
) -> tuple[Behaviour, ...]:
    """Sort names into families of acts, the family with most contacts first; a name may be in several.

    `names` are those of each column (tags, lists) by their numbers, `bearers` the numbers each contact has.
    """
    families = {family: _numbers(names, pattern) for family, (pattern, _) in _COMPILED.items()}
    contacts: Counter[str] = Counter()
    bearing: Counter[tuple[str, int]] = Counter()
    for borne in bearers:
        bearing.update((column, number) for column, numbers in borne.items() for number in numbers)
        contacts.update(
            family
            for family, wanted in families.items()
            if any(not wanted[column].isdisjoint(numbers) for column, numbers in borne.items())
        )
    every = [
        Behaviour(
            family=family,
            contacts=contacts[family],
            tags=tuple(_tags(names, families[family], bearing)),
            absent=_COMPILED[family][1],
        )
        for family in contacts
    ]
    return tuple(sorted(every, key=lambda behaviour: (-behaviour.contacts, behaviour.family)))


def _numbers(names: Mapping[str, Sequence[str]], pattern: re.Pattern[str]) -> dict[str, frozenset[int]]:
    return {
        column: frozenset(number for number, name in enumerate(of_column) if pattern.search(" ".join(words(name))))
        for column, of_column in names.items()
    }


def _tags(
    names: Mapping[str, Sequence[str]], wanted: Mapping[str, frozenset[int]], bearing: Counter[tuple[str, int]]
) -> list[Count]:
    counts: Counter[str] = Counter()
    for column, numbers in wanted.items():
        for number in numbers:
            counts[names[column][number]] += bearing[column, number]
    return list(commonest(counts)[:_LISTED])
