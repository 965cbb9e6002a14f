"""What can go wrong when a model is asked.

    AssistError                assist_error
    ├── AssistUnreachable      assist_unreachable     transient: no connection, no answer in time, 429 or a 5xx
    └── AssistTerminalError
        ├── AssistAddress      assist_address         the URL is none a call could be made to
        ├── AssistRefused      assist_refused         the endpoint answered with a 3xx or a 4xx
        └── AssistUnreadable   assist_unreadable      the answer is not what was asked for

No message quotes the key, the URL's path, or what the model said.
"""

from typing import ClassVar


class AssistError(Exception):
    """No suggestion came of asking; the plan goes on without."""

    code: ClassVar[str] = "assist_error"


class AssistUnreachable(AssistError):
    """Nobody answered, or only to say that it is too much now."""

    code = "assist_unreachable"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} gave no answer ({why}); plan again later to ask again")
        self.host = host
        self.why = why


class AssistTerminalError(AssistError):
    """Asking the same again would give the same."""


class AssistAddress(AssistTerminalError):
    """Not an address of an endpoint."""

    code = "assist_address"

    def __init__(self, why: str) -> None:
        super().__init__(f"the address of --assist is of no use ({why}); give one like https://api.example.com/v1")
        self.why = why


class AssistRefused(AssistTerminalError):
    """The endpoint said no."""

    code = "assist_refused"

    def __init__(self, host: str, status: int) -> None:
        super().__init__(f"{host} refused with status {status}; look at address, model and key")
        self.host = host
        self.status = status


class AssistUnreadable(AssistTerminalError):
    """The answer is too long, or not the JSON that was asked for."""

    code = "assist_unreadable"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"the answer of {host} is of no use ({why}); try another model")
        self.host = host
        self.why = why
