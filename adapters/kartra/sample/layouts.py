"""The files of a sample: headers as in both layouts of kartra.md section 1.3 and 1.4, and how each file is written."""

import csv
import io
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from adapters.kartra.sample.cells import Cell

_API_NAMES = (
    "email",
    "first_name",
    "middle_name",
    "last_name",
    "last_name2",
    "phone_country_code",
    "phone",
    "company",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "date_joined",
    "website",
    "ip",
    "ip_country",
    "facebook",
    "twitter",
    "linkedin",
    "sales_tax_id",
    "source",
    "score",
    "lead_preferred_time_zone",
    "blacklisted",
    "gdpr_lead_status",
    "gdpr_lead_status_date",
    "gdpr_lead_communications",
    "lists",
    "tags",
    "notes",
    "coaching_goal",
    "budget_band",
    "topics_of_interest",
)
API_HEADERS: Mapping[str, str] = MappingProxyType({name: name for name in _API_NAMES})
NUMBERED_HEADERS: Mapping[str, str] = MappingProxyType({"id": "id", **API_HEADERS})
LABEL_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Email": "email",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Phone": "phone",
        "Company": "company",
        "Country": "country",
        "Date Joined": "date_joined",
        "Lead Source": "source",
        "Score": "score",
        "Lists": "lists",
        "Tags": "tags",
        "GDPR Status": "gdpr_lead_status",
        "Birthday": "birthday",
    }
)


class Layout(NamedTuple):
    """How one file is written.

    `word` begins its name. With `commas`, names in a cell are cut by commas, and statuses are words.
    """

    word: str
    headers: Mapping[str, str]
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    commas: bool = False
    kind: str = "contacts"

    @property
    def columns(self) -> tuple[str, ...]:
        """The canonical columns by position."""
        return tuple(self.headers.values())

    @property
    def numbered(self) -> bool:
        """Whether rows carry Kartra's number."""
        return "id" in self.columns

    def takes(self, made: Mapping[str, Cell]) -> bool:
        """Whether the file's encoding has every character of a row."""
        try:
            "".join(made[column].written for column in self.columns).encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


LAYOUTS = (
    Layout("contacts_all", API_HEADERS),
    Layout("contacts_newsletter", NUMBERED_HEADERS, encoding="utf-8-sig", newline="\r\n"),
    Layout("contacts_webinar", LABEL_HEADERS, commas=True),
    Layout("contacts_vip", NUMBERED_HEADERS, delimiter=";", encoding="utf-16"),
    Layout("contacts_kunden", LABEL_HEADERS, delimiter="\t", encoding="cp1252", commas=True),
)
"""The overlapping exports of a dirty sample, oldest first."""

CLEAN_LAYOUT = Layout("contacts_clean", NUMBERED_HEADERS)


class ExportFile:
    """A file being written, which knows the physical line where each entry starts (header = 1)."""

    def __init__(self, layout: Layout, name: str) -> None:
        self.layout = layout
        self.name = name
        self.kind = layout.kind
        self.rows = 0
        self._parts: list[str] = []
        self._line = 1
        self._write(layout.headers)

    def row(self, made: Mapping[str, Cell]) -> int:
        """Write a row, and return its line."""
        return self.cells([made[column].written for column in self.layout.columns])

    def cells(self, cells: Iterable[str]) -> int:
        """Write any cells as a row, fitting the header or not, and return its line."""
        self.rows += 1
        return self._write(cells)

    def broken(self, text: str) -> int:
        """Write a row that is none, as it stands, and return its line."""
        self.rows += 1
        return self._append(text + self.layout.newline)

    def blank(self) -> None:
        """Leave a line blank."""
        self._append(self.layout.newline)

    def content(self) -> bytes:
        """The whole file."""
        return "".join(self._parts).encode(self.layout.encoding)

    def _write(self, cells: Iterable[str]) -> int:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=self.layout.delimiter, lineterminator=self.layout.newline).writerow(cells)
        return self._append(buffer.getvalue())

    def _append(self, text: str) -> int:
        start = self._line
        self._parts.append(text)
        self._line += text.count("\n")
        return start
