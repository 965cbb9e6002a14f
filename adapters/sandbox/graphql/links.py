"""Links as Twenty stores them: scheme and host in lower case, no trailing slash (FACTS section 4)."""

import re
from collections.abc import Mapping
from typing import Any

from adapters.sandbox.protocol import Refusal

_ABSOLUTE = re.compile(r"(?P<origin>https?://[^\s/?#]+)(?P<rest>[/?#]\S*)?", re.IGNORECASE)
_BARE = re.compile(r"[^\s/:]+\.[^\s/:.]+(?::\d+)?(?:/\S*)?")


def normalised(url: str) -> str:
    """A URL as stored; one without a scheme is kept as it is.

    Raises Refusal with subCode INVALID_URL, which names neither field nor value.
    """
    if match := _ABSOLUTE.fullmatch(url):
        return (match["origin"].lower() + (match["rest"] or "")).removesuffix("/")
    if _BARE.fullmatch(url):
        return url
    raise Refusal("The URL of the link is not valid", sub_code="INVALID_URL", friendly="Invalid URL format.")


def secondary(entries: list[Any]) -> list[dict[str, str]]:
    """The secondary links that have a URL."""
    kept = (entry for entry in entries if isinstance(entry, Mapping) and entry.get("url"))
    return [{"url": normalised(str(entry["url"])), "label": str(entry.get("label") or "")} for entry in kept]
