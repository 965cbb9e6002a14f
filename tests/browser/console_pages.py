"""Every kind of page of the console, with an address of each."""

import re
from collections.abc import Callable
from typing import NamedTuple

from tests.browser.console_ledgers import ACCOUNT_FILE, ANN, ANN_LINE
from tests.browser.console_world import Console


class Page(NamedTuple):
    """A kind of page: where one is, the beginning of its title, and its heading."""

    at: Callable[[Console], str]
    title: str
    heading: str


def stream(contact: dict[str, str]) -> str:
    """The stream of a contact."""
    return f"contact:{contact['id']}"


def _first(*parts: str, name: str) -> Callable[[Console], str]:
    """The first of a list of the API's, by an attribute."""
    return lambda console: console.at(*parts, str(console.api(*parts)["items"][0][name]))


def file_of(console: Console, name: str = ACCOUNT_FILE, ledger: str = "story") -> str:
    """The word of a file."""
    return next(str(one["file"]) for one in console.api("files", ledger=ledger)["items"] if one["name"] == name)


def resumed_run(console: Console) -> str:
    """The run that was killed, and gone on with."""
    return next(str(one["run_id"]) for one in reversed(console.api("runs")["items"]))


def held_stream(console: Console) -> str:
    """A stream that no record was made of."""
    found = console.api("holds", reason="amount_invalid")["items"]
    return next(str(one["source_key"]) for one in found if one["source_key"])


def report(kind: str) -> Callable[[Console], str]:
    """A report of a kind."""
    return lambda console: console.at(
        "reports",
        str(next(one["position"] for one in console.api("reports")["items"] if one["type"] == kind)),
    )


PAGES: dict[str, Page] = {
    "ledgers": Page(lambda console: f"{console.url}/", "Ledgers", "Ledgers"),
    "overview": Page(lambda console: console.at(), "story", "story"),
    "records": Page(lambda console: console.at("records", limit="8"), "Records", "Records"),
    "found": Page(lambda console: console.at("records", q="ann"), "Records", "Found for “ann”"),
    "found row": Page(lambda console: console.at("records", q=f"{ACCOUNT_FILE}:5"), "Records", "Found for “contacts"),
    "nothing found": Page(lambda console: console.at("records", q="no such"), "Records", "Found for “no such”"),
    "record": Page(
        lambda console: console.at("record", key=stream(ANN), object="person"), "Anna Archer", "Anna Archer"
    ),
    "pointing": Page(
        lambda console: console.at("pointing", key=stream(ANN), object="person"), "What points at", "What points at"
    ),
    "held record": Page(
        lambda console: console.at("record", key=held_stream(console)), "transaction:", "transaction:"
    ),
    "holds": Page(lambda console: console.at("holds", limit="8"), "Holds", "Holds"),
    "released holds": Page(lambda console: console.at("holds", state="released", limit="8"), "Holds", "Holds"),
    "runs": Page(lambda console: console.at("runs"), "Runs", "Runs"),
    "run": Page(_first("runs", name="run_id"), "", ""),
    "interrupted run": Page(lambda console: console.at("runs", resumed_run(console)), "", "load"),
    "events": Page(lambda console: console.at("events", limit="8"), "Events", "Events"),
    "event": Page(_first("events", name="position"), "Event ", "Event "),
    "files": Page(lambda console: console.at("files"), "Files", "Files of Kartra"),
    "file": Page(
        lambda console: console.at("files", file_of(console), line=str(ANN_LINE)), ACCOUNT_FILE, ACCOUNT_FILE
    ),
    "reports": Page(lambda console: console.at("reports"), "Reports", "Reports"),
    "comparison": Page(report("ReconciliationMade"), "Report ", "Comparison with Twenty"),
    "proof of a rollback": Page(report("RollbackProven"), "Report ", "Proof of a rollback"),
    "verification": Page(report("VerificationMade"), "Report ", "Verification"),
    "mappings": Page(lambda console: console.at("mappings"), "Mapping", "Mappings that were confirmed"),
    "mapping": Page(lambda console: console.at("mappings", "3"), "Mapping 3", "Mapping as confirmed"),
    "rollback plan": Page(lambda console: console.at("rollback-plan"), "Rollback plan", ""),
    "verify": Page(lambda console: console.at("verify"), "Verify", "Verify"),
    "recomputed": Page(lambda console: console.at("verify", "run"), "Verify", "Verify"),
    "api": Page(lambda console: f"{console.url}/api/v1/docs", "API", "API"),
    "not found": Page(lambda console: console.at("nowhere"), "404", "There is no such thing"),
    "bad request": Page(lambda console: console.at("holds", state="odd"), "400", "That cannot be shown"),
}  # fmt: skip

_SECTIONS = "ledgers|records|record|holds|runs|events|files|reports|mappings|rollback-plan|verify|run|api|v1|docs"


def kind(path: str) -> str:
    """A path without what names one ledger, run, file or event."""
    return "/".join(part if re.fullmatch(_SECTIONS, part) else "*" for part in path.split("/")[1:])
