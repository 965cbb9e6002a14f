"""Made-up contacts, and the rows different exports have of them."""

from collections.abc import Mapping, Sequence
from random import Random

import msgspec

from adapters.kartra.sample import cells
from adapters.kartra.sample.books import Row
from adapters.kartra.sample.catalog import (
    COMMA_FREE_LISTS,
    COMMA_FREE_TAGS,
    COUNTRIES,
    DOMAINS,
    FIRST_NAMES,
    FIRST_TAG,
    LAST_NAMES,
    LISTS_WITH_COMMA,
    ODD_COMPANIES,
    RIVAL_TAG,
    TAGS_WITH_COMMA,
    CompanyFacts,
    CountryFacts,
    OptionFacts,
    plain_company,
)
from adapters.kartra.sample.cells import Cell

_FIRST_NUMBER = 4_100_000
_EMPTY_SHARE = 0.15
_PHONE_COLUMNS = ("phone", "phone_country_code", "country")


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Who a contact is: what stays the same in every export."""

    index: int
    number: str
    first: str
    last: str
    email: str
    country: CountryFacts
    company: CompanyFacts | None

    @property
    def old_email(self) -> str:
        """The address before it changed, for those whose did."""
        return f"old.{self.email}"


def contact(index: int, random: Random, companies: int, *, dirty: bool) -> Contact:
    """Contact number `index`; every e-mail and every number is its own. The first `companies` name one company each."""
    return Contact(
        index=index,
        number=str(_FIRST_NUMBER + 7 * index),
        first=random.choice(FIRST_NAMES),
        last=random.choice(LAST_NAMES),
        email=f"contact{index}.{random.randrange(1000)}@{random.choice(DOMAINS)}",
        country=random.choice(COUNTRIES),
        company=_company(index, random, companies, dirty=dirty),
    )


def _company(index: int, random: Random, companies: int, *, dirty: bool) -> CompanyFacts | None:
    if not companies:
        return None
    if dirty and random.random() < 0.4:
        return random.choice(ODD_COMPANIES) if random.random() < 0.5 else None
    return plain_company(index % companies)


def row(person: Contact, random: Random, *, dirty: bool, commas: bool) -> Row:
    """One export's row of a contact; tags and lists mean OptionFacts.

    With `commas`, several names in a cell are cut by commas, else by semicolons.
    """
    phone = cells.phone(random, person.country, dirty=dirty)
    city, state, postcode = random.choice(person.country.places)
    handle = f"c{person.index}"
    made: Row = {
        "id": cells.text(person.number),
        "email": Cell(_email(person.email, random, dirty=dirty), person.email),
        "first_name": _name(person.first, random, dirty=dirty),
        "middle_name": cells.text(random.choice(("", "", "J."))),
        "last_name": cells.text(person.last),
        "last_name2": cells.text(random.choice(("", "", "Ruiz"))),
        "phone_country_code": phone.dial,
        "phone": phone.number,
        "company": _spelled(person.company, random),
        "address": cells.text(f"Storgatan {person.index}, lgh 1102"),
        "city": cells.text(city),
        "state": cells.text(state),
        "zip": cells.text(postcode),
        "country": Cell(random.choice(person.country.written), person.country.name),
        "date_joined": cells.joined(random, dirty=dirty),
        "website": cells.link(random, handle, dirty=dirty),
        "ip": cells.text(random.choice(("203.0.113.7", "2001:db8::17"))),
        "ip_country": cells.text(person.country.name),
        "facebook": cells.profile(random, "facebook.com", handle, dirty=dirty),
        "twitter": cells.profile(random, "x.com", handle, dirty=dirty),
        "linkedin": cells.profile(random, "linkedin.com", handle, dirty=dirty),
        "sales_tax_id": cells.text(f"SE{person.index:010d}01"),
        "source": cells.text(random.choice(("single-optin", "double-optin", "checkout", "import", "manual"))),
        "score": cells.score(random, dirty=dirty),
        "lead_preferred_time_zone": cells.text("Europe/Stockholm"),
        "blacklisted": cells.yes_or_no(random),
        "gdpr_lead_status": _gdpr(random, words=commas),
        "gdpr_lead_status_date": cells.text("2021-03-14 02:31:10"),
        "gdpr_lead_communications": cells.yes_or_no(random),
        "lists": _several(random, COMMA_FREE_LISTS, LISTS_WITH_COMMA, commas=commas, dirty=dirty),
        "tags": _several(random, COMMA_FREE_TAGS, TAGS_WITH_COMMA, commas=commas, dirty=dirty),
        "notes": cells.text('Called on 3 May.\nWants the "annual" plan, not monthly.'),
        "coaching_goal": cells.text("Grow to 6 figures,\nthen hire"),
        "budget_band": cells.text(random.choice(("1k-5k", "5k+", "0"))),
        "topics_of_interest": cells.text("Email;Funnels;Paid ads"),
        "birthday": cells.text(random.choice(("1990-02-30", "03/04/1988", "1971-05-06"))),
    }
    return _thinned(made, random) if dirty else made


def telling(made: Row) -> Row:
    """The row with tags and lists that tell the separator, and that the option values of rivals depend on.

    It stands first in every export with semicolons: a column where no cell holds one is cut at commas.
    """
    tags = (FIRST_TAG, RIVAL_TAG)
    lists = COMMA_FREE_LISTS[:2]
    return {
        **made,
        "tags": Cell(cells.several([tag.name for tag in tags], ";"), tags),
        "lists": Cell(cells.several([entry.name for entry in lists], ";"), lists),
    }


def _thinned(made: Row, random: Random) -> Row:
    """Some cells empty, as they are in real exports. Identity stays, and a phone keeps the cells that explain it."""
    kept = {"id", "email", *_PHONE_COLUMNS}
    thinned = {
        column: cells.sentinel(random) if column not in kept and random.random() < _EMPTY_SHARE else cell
        for column, cell in made.items()
    }
    if random.random() < _EMPTY_SHARE:
        thinned |= {column: cells.sentinel(random) for column in _PHONE_COLUMNS}
    return thinned


def _email(email: str, random: Random, *, dirty: bool) -> str:
    return random.choice((email, email, email.upper(), email.title(), f"{email} ", f" {email}")) if dirty else email


def _name(name: str, random: Random, *, dirty: bool) -> Cell:
    if dirty and random.random() < 0.03:
        return Cell(f"{name}\x00", name)
    return Cell(f" {name} ", name) if dirty and random.random() < 0.05 else cells.text(name)


def _spelled(company: CompanyFacts | None, random: Random) -> Cell:
    if company is None:
        return Cell("", blank=True)
    return Cell(random.choice((*company.spellings, *company.bare)), company)


def _gdpr(random: Random, *, words: bool) -> Cell:
    code, word, value = random.choice(cells.GDPR_CODES)
    return Cell(word if words else code, value)


def _several(
    random: Random, plain: Sequence[OptionFacts], with_comma: Sequence[OptionFacts], *, commas: bool, dirty: bool
) -> Cell:
    pool = plain if commas or not dirty else (*plain, *with_comma)
    chosen = random.sample(pool, random.randrange(min(4, len(pool))))
    if dirty and chosen and random.random() < 0.1:
        chosen = [*chosen, chosen[0]]
    separator = random.choice((", ", ",")) if commas else ";"
    return Cell(cells.several([option.name for option in chosen], separator), tuple(chosen), blank=not chosen)


def union(rows: Sequence[Mapping[str, Cell]], column: str) -> list[str]:
    """The option values of a column over all rows, in order of first sight."""
    return list(dict.fromkeys(option.value for made in rows for option in _options(made, column)))


def _options(made: Mapping[str, Cell], column: str) -> tuple[OptionFacts, ...]:
    cell = made.get(column)
    return cell.meaning if cell is not None and not cell.blank else ()
