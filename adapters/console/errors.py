"""What the console refuses, each with a stable code and, where a reader meets it, an HTTP status.

    ConsoleError
    ├── NotFound            404    no such ledger, run, record, event, file or report
    ├── Refused             400    what was asked for makes no sense; the sentence says why
    │   └── BadCursor       400    a cursor that is none of ours
    ├── NotCounted          503    a first count is being made; ask again
    │   └── Rewriting       503    the file is being written anew, so nothing is read for long
    ├── TooLong             503    the answer takes too long, or too many ask
    ├── AddressRefused             the address cannot be listened on
    ├── TokensUnreadable           the file of tokens is not ours alone, or not understood
    ├── TokensUnwritable           disk, rights, or another process holds its folder
    ├── BadTokenName
    ├── TokenTaken
    └── NoSuchToken

No message quotes a token, or what stands in the file of tokens.
"""

from pathlib import Path
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


class Rewriting(NotCounted):
    """The ledger's file is being written anew, which what reads for long would stand against."""

    code = "rewriting"

    def __init__(self) -> None:
        ConsoleError.__init__(self, "stopped: the ledger is being rewritten; ask again")


class TooLong(ConsoleError):
    """Reading the ledger took longer than an answer may take."""

    code = "too_long"
    status = 503

    def __init__(self) -> None:
        super().__init__("this takes too long to read just now; ask for less (a smaller limit), or ask again")


class AddressRefused(ConsoleError):
    """The console cannot listen there: it is another's, or is no address of this machine."""

    code = "console_address_refused"

    def __init__(self, host: str, port: int, error: OSError) -> None:
        why = error.strerror or "it is no address of this machine"
        super().__init__(f"{host}:{port} cannot be served ({why}); name another --host or --port")
        self.host = host
        self.port = port


class TokensUnreadable(ConsoleError):
    """The file of tokens cannot be trusted or understood (`problem`), so nobody comes in by it."""

    code = "console_tokens_unreadable"

    def __init__(self, path: Path, problem: str, what_next: str) -> None:
        super().__init__(f"{path} {problem}; {what_next}")
        self.path = path
        self.problem = problem


class TokensUnwritable(ConsoleError):
    """The file of tokens cannot be written (`why`); what stood there stands."""

    code = "console_tokens_unwritable"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be written ({why}); what stood there stands; name another by --tokens")
        self.path = path
        self.why = why


class BadTokenName(ConsoleError):
    """Not a name for a token."""

    code = "console_bad_token_name"

    def __init__(self) -> None:
        super().__init__("a token's name is 1 to 64 letters, digits, - _ or .; say who will use it: audit-2026")


class TokenTaken(ConsoleError):
    """There is a token of that name already."""

    code = "console_token_taken"

    def __init__(self, path: Path, name: str) -> None:
        super().__init__(f"{path} has a token {name} already; `serve token revoke {name}` ends it; or name another")
        self.name = name


class NoSuchToken(ConsoleError):
    """There is no token of that name."""

    code = "console_no_such_token"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} has no token of that name; `serve token list` shows those there are")
