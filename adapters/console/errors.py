"""What the console itself refuses.

    ConsoleError                console_error: terminal, a person must change something first
    ├── TokensUnreadable        console_tokens_unreadable: the file of tokens is not ours alone, or not understood
    ├── TokensUnwritable        console_tokens_unwritable: disk, rights, or another process holds its folder
    ├── BadTokenName            console_bad_token_name
    ├── TokenTaken              console_token_taken
    └── NoSuchToken             console_no_such_token

No message quotes a token, or what stands in the file.
"""

from pathlib import Path
from typing import ClassVar


class ConsoleError(Exception):
    """The console cannot be used like this; `code` is stable."""

    code: ClassVar[str] = "console_error"


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
