"""Who asks: bearer tokens and the state of the key behind each (FACTS section 2; recorded in `auth`)."""

import hmac
from typing import Any

from adapters.sandbox.protocol import DocumentRefusal
from adapters.sandbox.settings import KeyState, SandboxSettings

_NOT_AUTHENTICATED = {"id": "z+7x/s", "message": "You must be authenticated to perform this action."}
_NO_PERMISSION = {"id": "q5OVn+", "message": "You do not have permission to perform this action."}


class Keys:
    """The workspace's API keys. Tokens never leave this object, in a repr neither."""

    def __init__(self, settings: SandboxSettings) -> None:
        """Start from the settings' keys."""
        self._states: dict[str, KeyState] = {**settings.other_keys, settings.api_key: "active"}

    def set_state(self, token: str, state: KeyState) -> None:
        """Make a token active, read-only, revoked or expired from the next request on."""
        self._states[token] = state

    def state_of(self, authorization: str | None) -> KeyState | None:
        """The state of the key a request carries; None where it carries no bearer token.

        Raises DocumentRefusal for a token that is unknown, expired or revoked.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        known = token.strip().encode()
        state = next((s for key, s in self._states.items() if hmac.compare_digest(key.encode(), known)), None)
        if state is None:
            raise _unauthenticated("Token invalid.")
        if state == "expired":
            raise _unauthenticated("Token has expired.")
        if state == "revoked":
            raise _refused("This API Key is revoked", "FORBIDDEN_EXCEPTION", "FORBIDDEN", _NO_PERMISSION)
        return state


def _unauthenticated(message: str) -> DocumentRefusal:
    return _refused(message, "UNAUTHENTICATED", "UNAUTHENTICATED", _NOT_AUTHENTICATED)


def _refused(message: str, sub_code: str, code: str, friendly: dict[str, Any]) -> DocumentRefusal:
    extensions = {"userFriendlyMessage": friendly, "subCode": sub_code, "code": code}
    return DocumentRefusal({"message": message, "extensions": extensions})
