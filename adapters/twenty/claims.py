"""What an API key says of itself: the token is a JWT whose id is the key's id, and whose expiry is the key's (upstream
source). Read without proof, since only Twenty can check the signature; the token itself is never kept here.
"""

from base64 import urlsafe_b64decode
from datetime import UTC, datetime

import msgspec

_JWT_PARTS = 3


class Claims(msgspec.Struct, frozen=True):
    """What a token says of itself, unproven: the key's id, and when it expires (None where it says nothing)."""

    key_id: str | None
    expires_at: datetime | None


class _Payload(msgspec.Struct):
    jti: str | None = None
    exp: float | None = None


def claims_of(api_key: str) -> Claims:
    """Read what a token says of itself; a token that is no JWT says nothing. The signature is Twenty's to check."""
    parts = api_key.strip().split(".")
    if len(parts) != _JWT_PARTS:
        return Claims(None, None)
    try:
        text = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        payload = msgspec.json.decode(text, type=_Payload)
        expires_at = None if payload.exp is None else datetime.fromtimestamp(payload.exp, UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, OSError, RecursionError):
        return Claims(None, None)
    return Claims(payload.jti, expires_at)
