"""Reports drawn from values handed in: text is inert everywhere, numbers are exact, charts stand where they should."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reports import charts
from adapters.reports.figures import amount, counted, money, percent, short
from adapters.reports.markdown import markdown
from adapters.reports.model import (
    Bar,
    Bars,
    Block,
    Callout,
    Columns,
    Figure,
    Figures,
    Paragraph,
    Places,
    Report,
    Section,
    Series,
    Share,
    Table,
)
from adapters.reports.pages import page
from adapters.reports.text import line, visible
from adapters.reports.text import markdown as plain

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "| a | b |",
    "`code` **bold** _em_ <b>",
    "https://evil.example www.evil.example @everyone #1",
    "\x1b[31mred\x1b[0m \x07",
    "left\u202eright\u2066 \u200b",
    '"><svg onload=alert(1)>',
    "{{ 7 * 7 }} {% raw %}",
    "</style><script>alert(1)</script>",
)


class _Tags(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> _Tags:
    """A page as a browser would read it."""
    tags = _Tags()
    tags.feed(html)
    return tags


def report(text: str) -> Report:
    """One of every block, every text in it the same."""
    blocks: tuple[Block, ...] = (
        Paragraph(text),
        Callout(text),
        Table(header=(text, "n", "s"), rows=((text, 1, Share(1, 3)),), caption=text, rest=1, total=True),
        Table(header=(text,), rows=((text,),), widths=(100,)),
        Bars(bars=(Bar(text, 1, text),), caption=text, rest=2),
        Columns(groups=(text,), series=(Series(text, (1,)),), currency=text, caption=text),
        Places(caption=text, files=((text, (1, 2)),), rest=3),
    )
    figures = Figures((Figure(text, text, text),))
    section = Section(anchor="one", title=text, lead=text, blocks=blocks)
    return Report(title=text, lead=text, facts=((text, text),), figures=figures, sections=(section,), footer=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_shows_hostile_text_and_obeys_none_of_it(text: str) -> None:
    """No element or attribute comes of a value, and no character that steers the eye gets through."""
    found, harmless = parsed(page(report(text))), parsed(page(report("harmless")))
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in harmless.tags]
    assert [sorted(attributes) for _, attributes in found.tags] == [
        sorted(attributes) for _, attributes in harmless.tags
    ]
    assert line(text) in " ".join(found.text.split()) or visible(text) in found.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2066-\u2069]", page(report(text)))


def test_a_page_needs_nothing_but_itself() -> None:
    """No script, no link to anywhere else, no inline style; the policy allows the one stylesheet and nothing more."""
    found = parsed(page(report("harmless")))
    assert {"script", "link", "img", "iframe", "object", "form", "base"}.isdisjoint(tag for tag, _ in found.tags)
    attributes = [(name, value or "") for _, given in found.tags for name, value in given.items()]
    assert not [name for name, _ in attributes if name == "style" or name.startswith("on")]
    assert all(value.startswith("#") for name, value in attributes if name in {"href", "src"})
    [policy] = [given["content"] for tag, given in found.tags if given.get("http-equiv") == "Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]+='; base-uri 'none'; form-action 'none'", policy or ""
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_hostile_text_and_obeys_none_of_it(text: str) -> None:
    """Every sign that means something is escaped, links and mentions are parted, rows keep their cells."""
    written = markdown(report(text))
    assert not re.search(
        r"(?<!\\)<(?!!-- -->)|(?<!\\)`|://|www\.|@\w|#\d",
        written.replace("<!-- -->://", "").replace("www<!-- -->.", ""),
    )
    rows = [row for row in written.splitlines() if row.startswith("| ") and row.endswith(" |")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {2, 3, 4}
    assert "\x1b" not in written
    assert "\u202e" not in written


@given(st.text(max_size=60))
def test_plain_markdown_stays_on_one_line(text: str) -> None:
    """Whatever stands in a value: one line, nothing unseen, no bare sign that means something."""
    shown = plain(text)
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_|~\[\]]", shown)


@given(st.text(max_size=60))
def test_visible_is_idempotent(text: str) -> None:
    """What was made visible stays as it is."""
    assert visible(visible(text)) == visible(text)


def test_a_long_name_is_cut_on_a_page() -> None:
    """A tag of a million characters does not make a page of a million characters."""
    assert len(page(report("x" * 1_000_000))) < 200_000
    assert len(markdown(report("x" * 1_000_000))) < 200_000
    assert line("x" * 500, 10) == "xxxxxxxxx…"


@pytest.mark.parametrize(
    ("micros", "shown"),
    [
        (0, "0.00"),
        (1, "0.000001"),
        (1_204_500_000, "1,204.50"),
        (-1_020_500_000, "−1,020.50"),
        (2**53, "9,007,199,254.740992"),
    ],
)
def test_money_is_exact(micros: int, shown: str) -> None:
    """To the micro, two decimals at least."""
    assert amount(micros) == shown
    assert money(micros, "USD") == f"{shown} USD"


def test_shares_never_lie() -> None:
    """Something is never 0 %, not all never 100 %, of nothing there is no share."""
    assert [percent(1, 1000), percent(999, 1000), percent(1, 3), percent(3, 3), percent(0, 0)] == [
        "<1%", ">99%", "33%", "100%", "–",
    ]  # fmt: skip
    assert (counted(1, "row"), counted(1200, "row")) == ("1 row", "1,200 rows")
    assert [short(1_500_000_000_000, 1_000_000), short(-20_000), short(7)] == ["1.5M", "−20k", "7"]


@given(
    st.lists(st.lists(st.integers(-(10**15), 10**15), min_size=3, max_size=3), min_size=1, max_size=5),
)
def test_columns_stand_inside_their_chart(values: list[list[int]]) -> None:
    """Stacks grow from zero without a gap, up for positive values and down for negative ones, whatever the amounts."""
    series = tuple(Series(f"s{number}", tuple(of)) for number, of in enumerate(values))
    drawing = charts.columns(Columns(groups=("a", "b", "c"), series=series, currency="USD"))
    for part in drawing.rectangles:
        assert 0 <= part.y <= part.y + part.height <= drawing.height + 1
        assert drawing.left <= part.x < part.x + part.width <= 100
        value = values[part.series][int((part.x - drawing.left) // ((100 - drawing.left) / 3))]
        assert part.y + part.height <= drawing.zero + 1.5 if value > 0 else part.y >= drawing.zero - 1.5
    assert "0" in {tick.text for tick in drawing.ticks}
    assert len(drawing.ticks) <= 9
