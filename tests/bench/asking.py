"""Clients that ask a server for page after page, and how long each answer took."""

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from html import unescape
from itertools import cycle
from random import Random
from statistics import median, quantiles
from time import monotonic, perf_counter

import httpx
import msgspec

from tests.bench.pages import Page, Values

STEPS = 20
"""Pages a walk goes."""
_NEXT = re.compile(r"""<(?:a|link)\b(?=[^>]*\brel=["']?next["'\s>])[^>]*\bhref=["']([^"']+)["']""", re.IGNORECASE)


class Times:
    """Milliseconds by kind of page, and every answer that was none."""

    def __init__(self) -> None:
        self.of: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []
        self._turn = threading.Lock()

    def note(self, kind: str, ms: float, wrong: str | None) -> None:
        """Keep one answer's time."""
        with self._turn:
            self.of[kind].append(ms)
            if wrong is not None:
                self.wrong.append(f"{kind}: {wrong}")


class Summary(msgspec.Struct, frozen=True):
    """The times of one kind of page, in milliseconds."""

    count: int
    median: float
    p95: float
    max: float


def summed(times: Sequence[float]) -> Summary:
    """Sum up times; the 95th percentile is the least that 95 of 100 answers did not take longer than."""
    p95 = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return Summary(len(times), median(times), p95, max(times))


def next_of(answer: httpx.Response) -> str | None:
    """The page behind this one, as its HTML, its Link header or its JSON (`next`, a cursor) names it."""
    if "next" in answer.links:
        return str(answer.url.join(answer.links["next"]["url"]))
    if answer.headers.get("content-type", "").startswith("application/json"):
        document = answer.json()
        found = document.get("next") if isinstance(document, dict) else None
        return str(answer.url.copy_set_param("cursor", found)) if isinstance(found, str) else None
    match = _NEXT.search(answer.text)
    return str(answer.url.join(unescape(match[1]))) if match else None


def ask(client: httpx.Client, kind: str, url: str, times: Times) -> httpx.Response | None:
    """Ask for one page and keep its time, whatever comes back."""
    begun = perf_counter()
    try:
        answer = client.get(url)
    except httpx.HTTPError as error:
        times.note(kind, (perf_counter() - begun) * 1000, f"{url} {type(error).__name__}")
        return None
    ms = (perf_counter() - begun) * 1000
    # A first count is told to be under way, and to ask again: an answer like any other.
    right = answer.status_code == 200 or (answer.status_code == 503 and "not_counted" in answer.text)
    times.note(kind, ms, None if right else f"{url} answered {answer.status_code}")
    return answer if answer.status_code == 200 else None


def visit(client: httpx.Client, page: Page, url: str, times: Times, steps: int = STEPS) -> None:
    """Ask for a page; of a walk, for those behind it, which alone are timed."""
    if not page.walk:
        ask(client, page.kind, url, times)
        return
    answer = ask(client, f"{page.kind} (first)", url, times)
    for _ in range(steps):
        following = next_of(answer) if answer is not None else None
        if following is None:
            return
        answer = ask(client, page.kind, following, times)


def first_round(base_url: str, pages: Sequence[Page], values: Values) -> Times:
    """Ask for each page once, right after the start, by one client; of a walk, for one page more."""
    times, dice = Times(), Random(0)
    with httpx.Client(base_url=base_url, timeout=60) as client:
        for page in pages:
            visit(client, page, page.url(values, dice), times, steps=1)
    return times


def rounds(base_url: str, pages: Sequence[Page], values: Values, seconds: float, clients: int) -> Times:
    """Several clients ask for all pages in turn for so long."""
    times, turn = Times(), threading.Lock()
    every, until, dice = cycle(pages), monotonic() + seconds, Random(1)

    def following() -> Iterator[tuple[Page, str]]:
        while monotonic() < until:
            with turn:
                page = next(every)
                url = page.url(values, dice)
            yield page, url

    _together(lambda: _client(base_url, following(), times), clients)
    return times


def _client(base_url: str, asked: Iterator[tuple[Page, str]], times: Times) -> None:
    with httpx.Client(base_url=base_url, timeout=60) as client:
        for page, url in asked:
            visit(client, page, url, times)


def _together(work: Callable[[], None], number: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
