"""A language model's opinion on unmapped columns, over an OpenAI-compatible endpoint. Never needed, never trusted.

    async with ...: answer = await ask(url, model, key, questions, choices)     # list of Answer

What leaves is a `Question` per column: its header, its kind of file, how full and varied it is, and the shapes of a few
values (`Aaaa 99-99`), never a value. Errors are AssistError's tree in `errors`; whoever asks goes on without.
"""

from adapters.assist.client import Answer, Question, ask, check_address
from adapters.assist.errors import AssistAddress, AssistError, AssistRefused, AssistUnreachable, AssistUnreadable

__all__ = [
    "Answer",
    "AssistAddress",
    "AssistError",
    "AssistRefused",
    "AssistUnreachable",
    "AssistUnreadable",
    "Question",
    "ask",
    "check_address",
]
