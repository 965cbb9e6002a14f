"""Money as exports and people write it, with the micros it means."""

from random import Random

from adapters.kartra.sample.cells import Cell
from adapters.kartra.sample.goods import MICROS

UNREADABLE_AMOUNTS = ("free", "12.34.56", "97..00", "", "N/A")
_CENT = MICROS // 100


def plain(micros: int) -> str:
    """Units, a point, and two decimals, or six where two do not do."""
    units, rest = divmod(abs(micros), MICROS)
    decimals = f"{rest:06d}" if rest % _CENT else f"{rest // _CENT:02d}"
    return f"{'-' if micros < 0 else ''}{units}.{decimals}"


def amount(random: Random, micros: int, currency: str, *, dirty: bool) -> Cell:
    """An amount in one of the ways it is written; it means `micros`. Now and then its sign is missing or wrong."""
    if not dirty or micros % _CENT:
        return Cell(plain(micros), micros)
    written = random.choice(_european(abs(micros)) if currency == "EUR" else _american(abs(micros)))
    forms = ("-{}", "-{}", "({})", "{}") if micros < 0 else ("{}", "{}", "{}", "{}", "{}", "-{}")
    return Cell(random.choice(forms).format(written) if micros else written, micros)


def _american(micros: int) -> tuple[str, ...]:
    text = plain(micros)
    grouped = f"{micros // MICROS:,}{text[-3:]}"
    return text, text, grouped, f"${grouped}", f"USD {text}"


def _european(micros: int) -> tuple[str, ...]:
    text = plain(micros)
    decimals = text[-2:]
    grouped = f"{micros // MICROS:,}".replace(",", ".")
    return text, f"{text[:-3]},{decimals}", f"€ {grouped},{decimals}", f"{grouped},{decimals} €"
