"""Every refusal Twenty was ever seen to give is understood for what it is."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twenty import NotTwenty, ServerTrouble, TwentyError, classify, is_sound

RECORDED = json.loads((Path(__file__).parent / "recordings" / "errors.json").read_text("utf-8"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: one["name"])
def test_recorded_refusal_is_named(recorded: dict[str, Any]) -> None:
    """A recorded answer gives the error, and the attributes, that the table of recorded errors names."""
    error = classify(recorded["status"], recorded["body"])
    told = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(error).items()
        if name != "said"
    }
    assert (type(error).__name__, told) == (recorded["error"], recorded["attributes"])
    assert not is_sound(recorded["status"], recorded["body"])


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: one["name"])
def test_message_never_quotes_a_value(recorded: dict[str, Any]) -> None:
    """The values Twenty quotes stay in attributes: the message of the error is safe to log."""
    error = classify(recorded["status"], recorded["body"])
    value = recorded["attributes"].get("value")
    assert "\n" not in str(error)
    assert error.said is not None
    if value and len(value) > 2 and value != "null":
        assert value.strip("'\"[] ") not in str(error)
        assert value.strip("'\"[] ") in error.said


def test_proxies_are_told_from_twenty() -> None:
    """Answers that are no GraphQL are named by their status, whatever page they hold."""
    page = "<html>Bad gateway</html>"
    assert isinstance(classify(502, page), ServerTrouble)
    assert isinstance(classify(404, page), NotTwenty)
    assert classify(429, page).code == "twenty_limit_reached"
    assert classify(413, page).code == "twenty_batch_too_large"


def test_http_refusals_of_the_key_are_told() -> None:
    """Where a guard answers by status, the key's trouble is still told from a wrong address."""
    assert classify(401, {"statusCode": 401, "messages": []}).code == "twenty_unauthenticated"
    assert classify(403, {"statusCode": 403, "messages": []}).code == "twenty_permission_denied"
    assert classify(403, "<html>firewall</html>").code == "twenty_not_twenty"


@given(status=st.integers(100, 599), body=JSON | st.fixed_dictionaries({"errors": st.lists(JSON, min_size=1)}))
def test_any_answer_is_classified(status: int, body: object) -> None:
    """No answer, however odd, breaks the classification: it is sound or it is one TwentyError of one line."""
    if not is_sound(status, body):
        error = classify(status, body)
        assert isinstance(error, TwentyError)
        assert str(error).isprintable()


@given(extensions=JSON, message=JSON)
def test_any_graphql_error_is_classified(extensions: object, message: object) -> None:
    """The same for errors whose parts have unexpected shapes."""
    error = classify(200, {"errors": [{"message": message, "extensions": extensions}]})
    assert isinstance(error, TwentyError)


@given(JSON)
def test_any_metadata_error_is_classified(errors: object) -> None:
    """The same for refused changes of the data model."""
    extensions = {"code": "METADATA_VALIDATION_FAILED", "errors": errors}
    assert classify(200, {"errors": [{"message": "m", "extensions": extensions}]}).code == "twenty_schema_refused"
