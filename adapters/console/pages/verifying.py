"""The page that recomputes the chain: it grows while that goes on, without a script."""

import re
from collections.abc import AsyncIterator

from litestar import get
from litestar.params import FromQuery
from litestar.response import Stream

from adapters.console import asked
from adapters.console.answers import Plain, is_head, seen, shelf_of
from adapters.console.errors import Refused
from adapters.console.pages.rendering import environment, html
from adapters.console.proof import Proof
from adapters.console.resources.integrity import tell_integrity
from ledger.reader import Head

_HERE = "<!--steps-->"
_HEAD = re.compile(r"([1-9][0-9]{0,15}):([0-9a-f]{64})", re.ASCII)


@get("/ledgers/{ledger:str}/verify/run", include_in_schema=False)
async def verify_stream(request: Plain, ledger: asked.Ledger, expect: FromQuery[str] = "") -> Stream:
    """Recompute everything; each step is added to the page as it comes."""
    head = _head(expect)
    found, at = await seen(request, ledger, lambda _, reader, at: tell_integrity(reader, at))
    proof = shelf_of(request).find(ledger).proof
    text = html(request, "verify.html", ledger, at, integrity=found, last=None, running=_HERE)
    before, _, after = text.partition(_HERE)
    total = at.head.position
    if is_head(request):
        return Stream(iter(()), media_type="text/html")
    return Stream(lambda: _grown(before, after, proof, head, total), media_type="text/html")


async def _grown(before: str, after: str, proof: Proof, head: Head | None, total: int) -> AsyncIterator[str]:
    yield before
    template = environment().get_template("step.html")
    async for step in proof.follow(head):
        yield template.render(step=step, total=max(total, 1), expected=step.against, asked=head and str(head))
    yield after


def _head(said: str) -> Head | None:
    text = said.strip()
    if not text:
        return None
    whole = _HEAD.fullmatch(text)
    if whole is None:
        raise Refused("a head is POSITION:HASH, as `kartra-to-twenty head` prints it")
    return Head(int(whole[1]), whole[2])
