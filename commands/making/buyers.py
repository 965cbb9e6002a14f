"""Whom rows name: the contact's stream of a buyer, by Kartra's number, else by e-mail."""

from collections.abc import Iterable

from adapters.mapping import Buyer
from commands.making.maker import Maker
from ledger.projections import identities


async def people_of(maker: Maker, buyers: Iterable[Buyer]) -> dict[Buyer, str]:
    """The contact's stream of every buyer that is known: by Kartra's number, else by e-mail."""
    aliases = {buyer: _aliases(maker, buyer) for buyer in buyers}
    known = await identities.streams(maker.ledger.reader, {alias for some in aliases.values() for alias in some})
    found = {buyer: next((known[alias] for alias in some if alias in known), None) for buyer, some in aliases.items()}
    return {buyer: stream for buyer, stream in found.items() if stream is not None}


def _aliases(maker: Maker, buyer: Buyer) -> list[str]:
    numbered = [f"contact:{buyer.number}"] if buyer.number else []
    return [*numbered, maker.private("contact", buyer.email)] if buyer.email else numbered
