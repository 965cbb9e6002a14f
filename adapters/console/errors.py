"""What the console refuses, each with a stable code and an HTTP status.

ConsoleError
├── NotFound        404    no such ledger, run, record, event, file or report
├── Refused         400    what was asked for makes no sense; the sentence says why
│   └── BadCursor   400    a cursor that is none of ours
└── NotCounted      503    a first count is being made; ask again
"""

from typing import ClassVar


class ConsoleError(Exception):
    """Something the console refuses; `code` is stable."""

    code: ClassVar[str] = "console_error"
    status: ClassVar[int] = 400


class NotFound(ConsoleError):
    """There is no such thing in this ledger."""

    code = "not_found"
    status = 404


class Refused(ConsoleError):
    """What was asked for makes no sense."""

    code = "refused"


class BadCursor(Refused):
    """The cursor is not one that this list gave."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__("this is no cursor of this list; begin with its first page")


class NotCounted(ConsoleError):
    """The first count is still being made."""

    code = "not_counted"
    status = 503

    def __init__(self) -> None:
        super().__init__("this is being counted for the first time; ask again in some seconds")
