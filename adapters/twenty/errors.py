"""What can go wrong between us and Twenty, told apart by what the caller must do next.

    TwentyError
    ├── TransientError                   nothing happened in Twenty; going on later is safe
    │   ├── Unreachable                    twenty_unreachable
    │   ├── LimitReached                   twenty_limit_reached
    │   └── ServerTrouble                  twenty_server_trouble
    ├── OutcomeUnknown                     twenty_outcome_unknown      a write's answer was lost: read before going on
    └── TerminalError                    the same call will be refused again
        ├── BadAddress                     twenty_bad_address
        ├── TlsFailed                      twenty_tls_failed
        ├── Redirected                     twenty_redirected
        ├── NotTwenty                      twenty_not_twenty
        ├── NoToken                        twenty_no_token
        ├── Unauthenticated                twenty_unauthenticated
        ├── KeyRevoked                     twenty_key_revoked
        ├── PermissionDenied               twenty_permission_denied
        ├── UnknownObject                  twenty_unknown_object
        ├── QueryRefused                   twenty_query_refused
        ├── BatchTooLarge                  twenty_batch_too_large
        ├── NotFound                       twenty_not_found
        ├── StaleModel                     twenty_stale_model
        ├── SchemaRefused                  twenty_schema_refused
        └── RecordRefused                the content of a batch; nothing of it landed
            ├── DuplicateRecord            twenty_duplicate_record
            ├── InvalidValue               twenty_invalid_value
            ├── UnknownField               twenty_unknown_field
            ├── InvalidPhone               twenty_invalid_phone
            ├── InvalidLink                twenty_invalid_link
            └── ForeignKeyMissing          twenty_foreign_key_missing

Twenty's own words may quote a person's values, so they are kept in `said` (a body of the ledger) and never become part
of the message. The API key is in neither.
"""

from typing import ClassVar

_MESSAGE_LENGTH = 300
_AGAIN = "run the command again: it reads the data model anew, and makes what is missing"


class TwentyError(Exception):
    """Anything Twenty, or the way to it, refuses. `code` is stable; `said` is Twenty's text, which may quote values."""

    code: ClassVar[str] = "twenty_error"

    def __init__(self, message: str, *, said: str | None = None) -> None:
        super().__init__(_one_line(message))
        self.said = said


class TransientError(TwentyError):
    """Nothing happened in Twenty, and the same call may well succeed later."""

    code = "twenty_transient"


class Unreachable(TransientError):
    """The call never left, or the answer to a read was lost."""

    code = "twenty_unreachable"


class LimitReached(TransientError):
    """Refused by the rate limit: `tokens` calls in `window_ms` (None where the answer does not say)."""

    code = "twenty_limit_reached"

    def __init__(self, tokens: int | None = None, window_ms: int | None = None, *, said: str | None = None) -> None:
        super().__init__("Twenty's rate limit refuses the call; wait and resume", said=said)
        self.tokens = tokens
        self.window_ms = window_ms


class ServerTrouble(TransientError):
    """Twenty, or a proxy before it, failed on its own side (HTTP `status`)."""

    code = "twenty_server_trouble"

    def __init__(self, status: int, *, said: str | None = None) -> None:
        super().__init__(f"Twenty failed on its side (HTTP {status}); try again later", said=said)
        self.status = status


class OutcomeUnknown(TwentyError):
    """A write left and its answer was lost (`why`): it may have happened. Read by id before anything else."""

    code = "twenty_outcome_unknown"

    def __init__(self, why: str, *, said: str | None = None) -> None:
        super().__init__(f"the answer to a write was lost ({why}); resume: what became of it is read first", said=said)
        self.why = why


class TerminalError(TwentyError):
    """The same call will be refused again: something must change first."""

    code = "twenty_terminal"


class BadAddress(TerminalError):
    """The address given for Twenty cannot be used."""

    code = "twenty_bad_address"


class TlsFailed(TerminalError):
    """The TLS handshake failed: wrong port, certificate not trusted or not for this host."""

    code = "twenty_tls_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"TLS to Twenty failed ({reason}); check the address, the port and the certificate")
        self.reason = reason


class Redirected(TerminalError):
    """Twenty's address answers with a redirect, which a call carrying a key does not follow."""

    code = "twenty_redirected"

    def __init__(self, status: int, location: str) -> None:
        super().__init__(f"Twenty redirects (HTTP {status}) to {location or 'nowhere'}; give that address instead")
        self.status = status
        self.location = location


class NotTwenty(TerminalError):
    """Something answered that is no GraphQL answer of Twenty (a web page, a proxy, cut JSON). `status` is HTTP's."""

    code = "twenty_not_twenty"

    def __init__(self, status: int, why: str, *, said: str | None = None) -> None:
        super().__init__(f"the answer is not Twenty's (HTTP {status}: {why}); check the address", said=said)
        self.status = status
        self.why = why


class NoToken(TerminalError):
    """Twenty saw no key: it shows a schema without any record object (GRAPHQL section 4)."""

    code = "twenty_no_token"

    def __init__(self, *, said: str | None = None) -> None:
        super().__init__("Twenty saw no API key, or a standard object is deactivated; check TWENTY_API_KEY", said=said)


class Unauthenticated(TerminalError):
    """The key is wrong or expired (`expired`)."""

    code = "twenty_unauthenticated"

    def __init__(self, *, expired: bool = False, said: str | None = None) -> None:
        state = "has expired" if expired else "is not valid"
        super().__init__(f"the API key {state}; make a new one in Twenty's settings", said=said)
        self.expired = expired


class KeyRevoked(TerminalError):
    """The key was revoked."""

    code = "twenty_key_revoked"

    def __init__(self, *, said: str | None = None) -> None:
        super().__init__("the API key is revoked; make a new one in Twenty's settings", said=said)


class PermissionDenied(TerminalError):
    """The key's role may not do this, or no API key may."""

    code = "twenty_permission_denied"

    def __init__(self, *, said: str | None = None) -> None:
        super().__init__("the API key's role does not permit this; give it a role that does", said=said)


class UnknownObject(TerminalError):
    """Twenty has no such object or root (`name` as it stood in the document); a missing key looks alike."""

    code = "twenty_unknown_object"

    def __init__(self, name: str, *, said: str | None = None) -> None:
        super().__init__(
            f"Twenty has no {name!r}; {_AGAIN}",
            said=said,
        )
        self.name = name


class QueryRefused(TerminalError):
    """A document, filter or argument was refused: a defect of ours. `reason` is Twenty's subCode, code or status."""

    code = "twenty_query_refused"

    def __init__(self, reason: str, *, said: str | None = None) -> None:
        super().__init__(f"Twenty refused the query ({reason}); this is a defect, please report it", said=said)
        self.reason = reason


class BatchTooLarge(TerminalError):
    """More than one call may carry: `limit` records, or None where the size in bytes was refused."""

    code = "twenty_batch_too_large"

    def __init__(self, limit: int | None, *, said: str | None = None) -> None:
        most = f"at most {limit} records" if limit else "fewer bytes"
        super().__init__(f"the batch is too large for one call; send {most}", said=said)
        self.limit = limit


class NotFound(TerminalError):
    """The record, field or object is not there."""

    code = "twenty_not_found"

    def __init__(self, *, said: str | None = None) -> None:
        super().__init__("Twenty does not have it (any more); read again", said=said)


class StaleModel(TerminalError):
    """The data model changed since it was read; writing by the old one could lose values."""

    code = "twenty_stale_model"

    def __init__(self, field: str) -> None:
        super().__init__(f"the options of {field!r} changed since the data model was read; read it again")
        self.field = field


class SchemaRefused(TerminalError):
    """A change of the data model was refused. `codes` are Twenty's, the cause first (GRAPHQL section 9)."""

    code = "twenty_schema_refused"

    def __init__(self, *codes: str, said: str | None = None) -> None:
        super().__init__(f"Twenty refused the change of its data model ({', '.join(codes)})", said=said)
        self.codes = codes


class RecordRefused(TerminalError):
    """A batch was refused for what a record holds; batches are atomic, so nothing of it landed."""

    code = "twenty_record_refused"


class DuplicateRecord(RecordRefused):
    """An id or unique field is taken. The three are None where Twenty does not tell: id taken, holder soft-deleted."""

    code = "twenty_duplicate_record"

    def __init__(
        self, conflicting_id: str | None, kind: str | None, field_label: str | None, *, said: str | None = None
    ) -> None:
        super().__init__("a record with this id or unique value exists; read ids and keys of the batch", said=said)
        self.conflicting_id = conflicting_id
        self.object = kind
        self.field_label = field_label


class InvalidValue(RecordRefused):
    """A value was refused. `field` is a dotted path, `value` the text Twenty quotes; both None where it does not."""

    code = "twenty_invalid_value"

    def __init__(self, field: str | None, value: str | None, detail: str, *, said: str | None = None) -> None:
        where = f"of {field!r}" if field else "of a record"
        super().__init__(f"Twenty refused a value {where} ({detail})", said=said)
        self.field = field
        self.value = value
        self.detail = detail


class UnknownField(RecordRefused):
    """An object has no such field (or composite no such subfield, `field` being a dotted path)."""

    code = "twenty_unknown_field"

    def __init__(self, kind: str | None, field: str, *, said: str | None = None) -> None:
        super().__init__(
            f"{kind or 'the object'} has no field {field!r}; {_AGAIN}",
            said=said,
        )
        self.object = kind
        self.field = field


class InvalidPhone(RecordRefused):
    """A phone was refused for `reason` (Twenty's subCode). `value`: the number or country quoted, or None."""

    code = "twenty_invalid_phone"

    def __init__(self, value: str | None, reason: str, *, said: str | None = None) -> None:
        super().__init__(f"Twenty refused a phone number ({reason})", said=said)
        self.value = value
        self.reason = reason


class InvalidLink(RecordRefused):
    """A link was refused; Twenty names neither row, field nor value."""

    code = "twenty_invalid_link"

    def __init__(self, *, said: str | None = None) -> None:
        super().__init__("Twenty refused a link as not a URL", said=said)


class ForeignKeyMissing(RecordRefused):
    """A record points at one that is not there. `constraint` stands for one relation of `object`."""

    code = "twenty_foreign_key_missing"

    def __init__(self, constraint: str, kind: str, *, said: str | None = None) -> None:
        super().__init__(f"a {kind} points at a record that is not there ({constraint})", said=said)
        self.constraint = constraint
        self.object = kind


def _one_line(message: str) -> str:
    """Make a message safe for a terminal: names in it come from the server, which may be anything."""
    return "".join(sign if sign.isprintable() else "?" for sign in message[:_MESSAGE_LENGTH])
