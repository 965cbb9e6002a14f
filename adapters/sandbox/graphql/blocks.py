"""Markdown as the block document Twenty's editor keeps beside it: one block a line, random ids (FACTS section 11)."""

import json
import re
from typing import Any
from uuid import uuid4

_HEADING = re.compile(r"(#{1,6}) +(.*)")
_BULLET = re.compile(r"[-*+] +(.*)")


def blocknote(markdown: str) -> str:
    """The JSON text of the blocks; inline marks stay plain text."""
    return json.dumps([_block(line) for line in markdown.splitlines() if line.strip()], separators=(",", ":"))


def _block(line: str) -> dict[str, Any]:
    props: dict[str, Any] = {"backgroundColor": "default", "textColor": "default", "textAlignment": "left"}
    if heading := _HEADING.fullmatch(line):
        props |= {"level": len(heading[1]), "isToggleable": False}
        return _typed("heading", props, heading[2])
    if bullet := _BULLET.fullmatch(line):
        return _typed("bulletListItem", props, bullet[1])
    return _typed("paragraph", props, line)


def _typed(kind: str, props: dict[str, Any], text: str) -> dict[str, Any]:
    content = [{"type": "text", "text": text, "styles": {}}]
    return {"id": str(uuid4()), "type": kind, "props": props, "content": content, "children": []}
