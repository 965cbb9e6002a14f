"""Request bodies as Twenty's HTTP edge takes them (GRAPHQL section 4; recorded in `document_errors`).

    BodyRefusal (code "body")   the body is answered without reading a document: HTTP 400, 415 or 500
    NoQuery (code "no-query")   valid JSON without a query: Twenty never answers that

Both are terminal for the request.
"""

import gzip
import json
import zlib
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import msgspec

from adapters.sandbox.protocol import Answer, Call

JSON_TYPES = ("application/json", "application/graphql-response+json", "application/graphql+json")
FORM_TYPE = "application/x-www-form-urlencoded"


class BodyRefusal(Exception):
    """A body that is refused at the HTTP edge; `answer` is what goes back (a body of "" is an empty one)."""

    code = "body"

    def __init__(self, answer: Answer) -> None:
        """Keep the answer."""
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class NoQuery(Exception):
    """A body without `query`: the request hangs."""

    code = "no-query"


def call_of(body: bytes, content_type: str, encoding: str, limit: int) -> Call:
    """The GraphQL call a body holds.

    Raises BodyRefusal for what is no call, NoQuery for JSON without a query.
    """
    plain = _unpacked(body, encoding, limit)
    media = content_type.partition(";")[0].strip().lower()
    if media == FORM_TYPE:
        return _form_call(plain)
    if media not in JSON_TYPES:
        raise BodyRefusal(Answer(415, ""))
    return _json_call(_decoded(plain))


def _unpacked(body: bytes, encoding: str, limit: int) -> bytes:
    """The body without its content encoding; more than `limit` bytes are refused before or after unpacking."""
    try:
        plain = gzip.GzipFile(fileobj=BytesIO(body)).read(limit + 1) if encoding == "gzip" else body
    except (OSError, EOFError, zlib.error) as error:
        raise BodyRefusal(_bad_request("incorrect header check")) from error
    if len(plain) > limit:
        raise BodyRefusal(Answer(500, "request entity too large"))
    return plain


def _decoded(plain: bytes) -> Any:
    text = plain.decode("utf-8", "replace")
    if text.strip() and text.strip()[0] not in "{[":
        first = text.strip()[0]
        raise BodyRefusal(_bad_request(f"Unexpected token '{first}', \"{text.strip()}\" is not valid JSON"))
    try:
        return msgspec.json.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _lenient(text)


def _lenient(text: str) -> Any:
    """JSON with lone surrogates, which JavaScript reads and msgspec does not; each becomes U+FFFD."""
    try:
        return _well_formed(json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as error:
        raise BodyRefusal(_bad_request("Unexpected end of JSON input")) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _well_formed(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_well_formed(key): _well_formed(inner) for key, inner in value.items()}
    return [_well_formed(inner) for inner in value] if isinstance(value, list) else value


def _json_call(value: Any) -> Call:
    if isinstance(value, list):
        raise BodyRefusal(Answer(400, {"errors": [{"message": "Batching is not supported."}]}))
    query, variables, name = value.get("query"), value.get("variables"), value.get("operationName")
    if not isinstance(query, str):
        raise NoQuery
    return Call(query, variables if isinstance(variables, dict) else {}, name if isinstance(name, str) else None)


def _form_call(plain: bytes) -> Call:
    fields = parse_qs(plain.decode("utf-8", "replace"))
    if "query" not in fields:
        raise NoQuery
    return Call(fields["query"][0])


def _bad_request(message: str) -> Answer:
    return Answer(400, {"message": message, "error": "Bad Request", "statusCode": 400})
