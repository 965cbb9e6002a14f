"""Asking a language model about what is left open. Whatever goes wrong is a warning, and the plan goes on without."""

import os
from collections.abc import Sequence

import msgspec

from adapters.assist import Answer, AssistError, Question, ask
from adapters.mapping import MappingConfig
from adapters.mapping.homes import FOUND_BY
from adapters.mapping.proposal import Proposed, Seen, plain
from adapters.mapping.similarity import Aliases, missing_columns
from adapters.mapping.suggestions import SUGGESTIBLE, Suggestion, open_questions, with_suggestions
from commands.reporting import Reporter

KEY = "KARTRA_TO_TWENTY_ASSIST_KEY"
"""The environment variable that holds the endpoint's key, where it wants one."""


class Assistant(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to ask."""

    url: str
    model: str


async def assisted(
    assistant: Assistant,
    proposals: tuple[Proposed, ...],
    columns: Sequence[Seen],
    config: MappingConfig,
    aliases: Aliases,
    reporter: Reporter,
) -> tuple[Proposed, ...]:
    """The proposals with the suggestions that can be taken."""
    asked = open_questions(proposals, columns)
    if not asked:
        reporter.say("assist: no column is open, nobody was asked")
        return proposals
    try:
        answers = await ask(
            assistant.url,
            assistant.model,
            os.environ.get(KEY),
            [_question(one) for one in asked],
            _choices(asked, columns, proposals, config, aliases),
        )
    except AssistError as error:
        reporter.say(f"warning: assist: {error}; the plan goes on without")
        return proposals
    suggestions = [suggestion for answer in answers if (suggestion := _suggestion(answer)) is not None]
    settled = with_suggestions(proposals, columns, suggestions, config, aliases)
    taken = sum(one.by == "assist" for one in settled)
    reporter.say(f"assist: {len(asked)} columns asked about, {len(answers)} suggestions, {taken} taken")
    return settled


def _question(seen: Seen) -> Question:
    profile = seen.profile
    return Question(
        kind=seen.kind,
        column=seen.column,
        filled_share=round(profile.share, 2),
        distinct=profile.distinct,
        shapes=profile.shapes,
    )


def _choices(
    asked: Sequence[Seen],
    columns: Sequence[Seen],
    proposals: Sequence[Proposed],
    config: MappingConfig,
    aliases: Aliases,
) -> dict[str, object]:
    present = {(one.kind, plain(one.column)) for one in columns}
    present |= {(one.kind, one.stands_for) for one in proposals if one.stands_for}
    known = {
        kind: [name for name in missing_columns(kind, config, aliases, present) if name not in FOUND_BY.get(kind, ())]
        for kind in dict.fromkeys(one.kind for one in asked)
    }
    return {"like": known, "as": {"contacts": list(SUGGESTIBLE)}}


def _suggestion(answer: Answer) -> Suggestion | None:
    """An answer in our own words; None for a reading there is not."""
    try:
        return msgspec.convert(msgspec.to_builtins(answer), Suggestion)
    except msgspec.ValidationError:
        # One answer of no use does not spoil the others; what is taken is counted and marked.
        return None
