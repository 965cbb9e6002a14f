"""Numbers as people read them: grouped, exact, never through floats where money is concerned."""

MICROS = 1_000_000
"""Micros of one unit of money."""

_DECIMALS = 2


def count(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def percent(part: int, whole: int) -> str:
    """A share in whole per cent; `<1%` and `>99%` keep what is not nothing, or not all, from looking so."""
    if whole == 0:
        return "–"
    hundredths = round(100 * part / whole)
    if hundredths == 0 and part:
        return "<1%"
    return ">99%" if hundredths == 100 and part != whole else f"{hundredths}%"


def money(micros: int, currency: str) -> str:
    """Exact to the micro, two decimals at least: `-1,020.50 USD`."""
    return f"{amount(micros)} {currency}"


def amount(micros: int) -> str:
    """As `money`, without the currency."""
    units, rest = divmod(abs(micros), MICROS)
    decimals = f"{rest:06}".rstrip("0").ljust(_DECIMALS, "0")
    return f"{'−' if micros < 0 else ''}{units:,}.{decimals}"


def short(number: int, divisor: int = 1) -> str:
    """A round figure for an axis: `12k`, `1.5M`."""
    value = number / divisor
    for size, letter in ((1_000_000_000, "bn"), (1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}".replace("-", "−")
    return f"{value:g}".replace("-", "−")
