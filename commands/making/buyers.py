"""Whom rows name: the contact's stream of a buyer, by Kartra's number, else by e-mail."""

from collections.abc import Iterable

from adapters.mapping import Buyer
from commands.making.maker import Maker
from ledger.projections import identities

Named = tuple[Buyer, int]
"""A buyer, and the position where a row named it first: an e-mail may have been another's then."""


async def people_of(maker: Maker, named: Iterable[Named]) -> dict[Named, str]:
    """The contact's stream of every buyer that is known: by Kartra's number, else by e-mail."""
    aliases = {one: _aliases(maker, one[0]) for one in named}
    reader = maker.ledger.reader
    known = await identities.streams(reader, {alias for some in aliases.values() for alias in some})
    moves = await identities.moves(reader)
    found: dict[Named, str] = {}
    for one, some in aliases.items():
        alias = next((alias for alias in some if alias in known), None)
        if alias is not None:
            before = (former for position, former in moves.get(alias, ()) if position > one[1])
            found[one] = next(before, known[alias])
    return found


def _aliases(maker: Maker, buyer: Buyer) -> list[str]:
    numbered = [f"contact:{buyer.number}"] if buyer.number else []
    return [*numbered, maker.private("contact", buyer.email)] if buyer.email else numbered
