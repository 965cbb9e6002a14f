"""Twenty's field types, as columns.

A scalar field is one column of the field's name; a composite is one column per subfield (`emailsPrimaryEmail`); a
many-to-one relation is its join column (`companyId`); a one-to-many relation is none. A column's `Kind` says how its
value is stored, and what is shown when it is NULL.
"""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """How a column stores its value, and what NULL reads as."""

    TEXT = "text"  # NULL reads as ""
    WORD = "word"  # text where NULL reads as null: select values, currency codes, block documents
    UUID = "uuid"  # lower-case text
    TIME = "time"  # UTC text of 27 characters with six digits of a second; shown with three
    DATE = "date"  # YYYY-MM-DD
    NUMBER = "number"
    BOOLEAN = "boolean"  # 0 or 1
    LIST = "list"  # JSON text; NULL reads as []
    JSON = "json"  # JSON text; NULL reads as null

    @property
    def sql(self) -> str:
        """The column's declared type."""
        return {Kind.NUMBER: "NUMERIC", Kind.BOOLEAN: "INTEGER"}.get(self, "TEXT")


class SubField(msgspec.Struct, frozen=True):
    """One part of a composite field."""

    name: str
    kind: Kind


class Column(msgspec.Struct, frozen=True):
    """One column of a record table: which field and subfield (None for scalars) it holds."""

    name: str
    kind: Kind
    field: str
    sub: str | None = None


COMPOSITES: dict[str, tuple[SubField, ...]] = {
    "FULL_NAME": (SubField("firstName", Kind.TEXT), SubField("lastName", Kind.TEXT)),
    "EMAILS": (SubField("primaryEmail", Kind.TEXT), SubField("additionalEmails", Kind.LIST)),
    "PHONES": (
        SubField("primaryPhoneNumber", Kind.TEXT),
        SubField("primaryPhoneCountryCode", Kind.TEXT),
        SubField("primaryPhoneCallingCode", Kind.TEXT),
        SubField("additionalPhones", Kind.LIST),
    ),
    "LINKS": (
        SubField("primaryLinkLabel", Kind.TEXT),
        SubField("primaryLinkUrl", Kind.TEXT),
        SubField("secondaryLinks", Kind.LIST),
    ),
    "CURRENCY": (SubField("amountMicros", Kind.NUMBER), SubField("currencyCode", Kind.WORD)),
    "ADDRESS": (
        SubField("addressStreet1", Kind.TEXT),
        SubField("addressStreet2", Kind.TEXT),
        SubField("addressCity", Kind.TEXT),
        SubField("addressPostcode", Kind.TEXT),
        SubField("addressState", Kind.TEXT),
        SubField("addressCountry", Kind.TEXT),
        SubField("addressLat", Kind.NUMBER),
        SubField("addressLng", Kind.NUMBER),
    ),
    "ACTOR": (
        SubField("source", Kind.WORD),
        SubField("workspaceMemberId", Kind.UUID),
        SubField("name", Kind.TEXT),
        SubField("context", Kind.JSON),
    ),
    "RICH_TEXT": (SubField("blocknote", Kind.WORD), SubField("markdown", Kind.TEXT)),
}

SCALARS: dict[str, Kind] = {
    "UUID": Kind.UUID,
    "TEXT": Kind.TEXT,
    "DATE_TIME": Kind.TIME,
    "DATE": Kind.DATE,
    "BOOLEAN": Kind.BOOLEAN,
    "NUMBER": Kind.NUMBER,
    "POSITION": Kind.NUMBER,
    "SELECT": Kind.WORD,
    "RATING": Kind.WORD,
    "MULTI_SELECT": Kind.LIST,
    "ARRAY": Kind.LIST,
    "RAW_JSON": Kind.JSON,
    "FILES": Kind.JSON,
    "TS_VECTOR": Kind.WORD,
}

ACTOR_SOURCES = (
    "EMAIL",
    "CALENDAR",
    "WORKFLOW",
    "AGENT",
    "API",
    "IMPORT",
    "MANUAL",
    "SYSTEM",
    "WEBHOOK",
    "APPLICATION",
)

RATINGS = ("RATING_1", "RATING_2", "RATING_3", "RATING_4", "RATING_5")

UNIQUE_SUBFIELD = {"EMAILS": "primaryEmail", "LINKS": "primaryLinkUrl", "PHONES": "primaryPhoneNumber"}
"""The subfield that carries a composite field's uniqueness."""


def capitalised(name: str) -> str:
    """`primaryEmail` to `PrimaryEmail`."""
    return name[:1].upper() + name[1:]
