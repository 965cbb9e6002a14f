"""Identifiers of runs: UUID version 7 (RFC 9562 section 5.7), so that they sort by the time they were made."""

import secrets
import time
import uuid


def new_run_id() -> str:
    """A UUIDv7: 48 bits of Unix milliseconds, then version, variant and 74 random bits."""
    millis = time.time_ns() // 1_000_000
    value = (millis & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
