"""Companies: one for every spelling of a name, another for another legal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping import assign_companies, company_key


@pytest.mark.parametrize(
    ("key", "spellings"),
    [
        ("acme inc", ["Acme, Inc.", "ACME Incorporated", " acme  inc", "A.C.M.E. Inc", "Ac-me inc."]),
        ("larssonsoner ab", ["Lärsson & Söner, AB", "LARSSON SÖNER A.B."]),
        ("oharathecoach ltd", ['O’Hara "The Coach" Ltd', "O'Hara The Coach Limited"]),
        ("muller gmbhcokg", ["Müller GmbH & Co. KG", "MULLER GmbH und Co KG"]),
        ("foo sro", ["Foo s. r. o.", "Foo, s.r.o."]),
        ("koala ptyltd", ["Koala Pty Ltd", "Koala (Pty.) Limited"]),
        ("acme", ["Acme", "acme!", "Ac me"]),
        ("東京商会", ["東京商会", "東京 商会"]),
        ("inc", ["Inc", "INC."]),
    ],
)
def test_spellings_of_one_company(key: str, spellings: list[str]) -> None:
    """Case, accents, punctuation, blanks and the way a legal form is written do not tell companies apart."""
    assert {str(company_key(spelling)) for spelling in spellings} == {key}


def test_a_name_of_nothing_but_signs_is_a_name() -> None:
    """Names without any letter still differ from each other."""
    assert str(company_key("🔥")) == "🔥"
    assert company_key("!!!") != company_key("???")


def test_the_first_spelling_names_the_company() -> None:
    """All spellings lead to one company, which has the first one's name on one line."""
    assigned = assign_companies(["ACME,  Inc.", "Acme Incorporated", "acme"])
    (made,) = assigned.companies
    assert (made.name, made.key, made.stream) == ("ACME, Inc.", "acme inc", "company:acme inc")
    assert {assigned.of(spelling) for spelling in ("ACME,  Inc.", " acme ", "Acme Incorporated")} == {made}
    assert assigned.aliases == {"company:acme": "company:acme inc"}
    assert assigned.look_alikes == ()


def test_a_bare_name_joins_the_only_form_whatever_the_order() -> None:
    """With and without legal form is one company, also when the bare spelling comes first."""
    (made,) = assign_companies(["acme", "Acme Inc"]).companies
    assert (made.name, made.key) == ("acme", "acme inc")


def test_two_forms_are_two_companies_that_look_alike() -> None:
    """Two legal forms of one name are two companies; a bare name then is a third; all are reported."""
    assigned = assign_companies(["Nordlicht GmbH", "Nordlicht", "Nordlicht AG"])
    assert [made.key for made in assigned.companies] == ["nordlicht gmbh", "nordlicht", "nordlicht ag"]
    (alike,) = assigned.look_alikes
    assert (alike.base, set(alike.keys)) == ("nordlicht", {"nordlicht gmbh", "nordlicht", "nordlicht ag"})


def test_an_assigned_spelling_stays() -> None:
    """A spelling the ledger knows stays with its company when other forms turn up later."""
    known = {"company:acme inc": "company:acme inc", "company:acme": "company:acme inc"}
    assigned = assign_companies(["Acme LLC", "Acme"], known)
    assert assigned.by_spelling["Acme"].stream == "company:acme inc"
    assert assigned.by_spelling["Acme LLC"].stream == "company:acme llc"
    assert assigned.aliases == {}


def test_a_form_joins_a_bare_name_the_ledger_knows() -> None:
    """The first legal form of a name known bare is the same company, under its old stream; the second is another."""
    assigned = assign_companies(["Acme Inc", "Acme GmbH"], {"company:acme": "company:acme"})
    assert [made.stream for made in assigned.companies] == ["company:acme", "company:acme gmbh"]
    assert assigned.aliases == {"company:acme inc": "company:acme"}


def test_empty_cells_name_nothing() -> None:
    """Sentinels are no companies."""
    assigned = assign_companies(["N/A", "-", " "])
    assert assigned.companies == ()
    assert assigned.of("N/A") is None


@given(
    st.lists(
        st.sampled_from(["Acme", "ACME Inc", "acme, inc.", "Acme LLC", "Beta", "Beta AG", "Gamma Ltd"]), max_size=9
    )
)
def test_a_second_load_assigns_the_same(spellings: list[str]) -> None:
    """Knowing what a first load taught, the same spellings lead to the same streams and teach nothing."""
    first = assign_companies(spellings)
    known = {made.stream: made.stream for made in first.companies} | dict(first.aliases)
    second = assign_companies(spellings[::-1], known)
    assert {name: made.stream for name, made in second.by_spelling.items()} == {
        name: made.stream for name, made in first.by_spelling.items()
    }
    assert second.aliases == {}
