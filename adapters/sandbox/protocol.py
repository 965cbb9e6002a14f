"""What goes in and out of the two GraphQL endpoints, and how a refusal looks.

    Refusal (code "refused")           one root field is refused: message, code, subCode, further extensions
    DocumentRefusal (code "document")  the whole document is refused; nothing ran

Both are terminal: asking again gives the same. Shapes are those of the recordings; HTTP stays 200.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

BAD_INPUT = "BAD_USER_INPUT"
UNKNOWN_ERROR = "An error occurred."


class Call(msgspec.Struct, frozen=True):
    """A GraphQL request body."""

    query: str
    variables: Mapping[str, Any] = msgspec.field(default_factory=dict)
    operation_name: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """An HTTP status and the JSON value of its body."""

    status: int
    body: Any


class Refusal(Exception):
    """One error of an answer, as Twenty words it."""

    code = "refused"

    def __init__(
        self,
        message: str,
        *,
        sub_code: str | None = None,
        friendly: Any = UNKNOWN_ERROR,
        error_code: str = BAD_INPUT,
        **extensions: Any,
    ) -> None:
        """`friendly` is userFriendlyMessage (None: left out); `extensions` are added as they are."""
        super().__init__(message)
        self.message, self.sub_code, self.error_code = message, sub_code, error_code
        self.extensions: dict[str, Any] = {}
        if sub_code is not None:
            self.extensions["subCode"] = sub_code
        if friendly is not None:
            self.extensions["userFriendlyMessage"] = friendly
        self.extensions |= {**extensions, "code": error_code}

    def shown(self) -> dict[str, Any]:
        """The entry of `errors`."""
        return {"message": self.message, "extensions": self.extensions}


class DocumentRefusal(Exception):
    """The answer to a document that is refused as a whole."""

    code = "document"

    def __init__(self, *errors: Mapping[str, Any], data: Any = msgspec.UNSET, status: int = 200) -> None:
        """`errors` are entries of the answer's `errors`; `data` is left out unless given."""
        super().__init__("; ".join(str(error["message"]) for error in errors))
        self.errors, self.data, self.status = errors, data, status

    def answer(self) -> Answer:
        """The whole answer."""
        body: dict[str, Any] = {"errors": list(self.errors)}
        if self.data is not msgspec.UNSET:
            body["data"] = self.data
        return Answer(self.status, body)


def located(message: str, positions: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """An error of document validation: a message and the (line, column) pairs it is about."""
    return {"message": message, "locations": [{"line": line, "column": column} for line, column in positions]}
