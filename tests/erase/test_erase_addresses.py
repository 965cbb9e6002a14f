"""What counts as her e-mail in a text: the whole address, whatever stands around it, and nothing that only holds it."""

import pytest

from adapters.kartra import email_alias
from adapters.mapping.types import SourceRow
from commands.forgetting import Forgotten
from ledger.hashing import digest

KEY = b"key"


def alias(email: str) -> str:
    """The name of an e-mail."""
    return email_alias(email, lambda text: digest(KEY, text))


JANE = Forgotten(names=frozenset({alias("jane@acme.example"), alias("jörg@firma.example")}), known={}, digest_key=KEY)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("jane@acme.example", ""),
        ("ask JANE@Acme.example, please", "ask , please"),
        ("<mailto:jane@acme.example>.", "<mailto:>."),
        ("?a=1&email=jane@acme.example&b=2", "?a=1&email=&b=2"),
        ("'jane@acme.example' or JÖRG@firma.example", "'' or "),
        ("jo\N{COMBINING DIAERESIS}rg@firma.example", ""),
        ("first line\njane@acme.example", "first line\n"),
    ],
)
def test_her_address_is_cut_out(text: str, left: str) -> None:
    """In any letter case and form, at the begin or the end of a sentence, a link or a line."""
    assert JANE.cut({"said": [text, 7]}) == {"said": [left, 7]}
    assert JANE.quoted_in({"said": [text, 7]})


@pytest.mark.parametrize(
    "text",
    ["mary.jane@acme.example", "maryjane@acme.example", "jane@acme.example.au", "jane@acme.example-shop.com",
     "o'jane@acme.example", "x+jane@acme.example", "jane@acme", "jane at acme.example", ""],
)  # fmt: skip
def test_another_address_stays(text: str) -> None:
    """One that ends or begins like hers is somebody else's."""
    assert JANE.cut(text) == text
    assert not JANE.quoted_in([text])


def test_a_row_with_another_s_number_is_another_s() -> None:
    """A sale with her e-mail beside the number of a contact who is known only quotes her; by itself it is hers."""
    people = Forgotten(names=JANE.names, known={"contact:2": "contact:2"}, digest_key=KEY)
    cells = {"id": "9", "buyer_email": "jane@acme.example", "lead_id": "2"}
    quoting = SourceRow(kind="transactions", file="f", line=2, cells=cells)
    assert not people.owns(quoting)
    assert people.redacted(quoting)[0].cells == {"id": "9", "lead_id": "2"}
    hers = SourceRow(kind="transactions", file="f", line=3, cells={**cells, "lead_id": "3"})
    assert people.owns(hers)
    assert people.further(hers) == {"contact:3"}
