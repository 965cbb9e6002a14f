"""The shape of a value: what it looks like, with nothing of what it says."""

import re

_LONGEST = 24
_RUN = re.compile(r"(.)\1{3,}")


def shape(text: str) -> str:
    """`text` with every letter as A or a, every digit as 9 and anything but ASCII punctuation as `?`; runs are cut.

    `Anna-Lena 1987` is `Aaaa-Aaaa 9999`. At most 24 characters: two values of one shape cannot be told apart.
    """
    shown = "".join(map(_sort, text[: 4 * _LONGEST]))
    return _RUN.sub(lambda run: run[1] * 4, shown)[:_LONGEST]


def _sort(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    if character.isspace():
        return " "
    return character if character.isascii() and character.isprintable() else "?"
