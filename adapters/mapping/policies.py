"""What to do where Twenty and Kartra meet: a policy an object, or one for all."""

from typing import Literal

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ways of one object, or of all that name none.

    `existing`: Twenty holds the person or company already. `adoption`: what is written to an adopted record: what is
    empty there, or all. `deleted`: it lies in Twenty's bin. `conflict`: Kartra and a person changed the same field.
    `gone`: Kartra does not have it any more.
    """

    existing: Literal["adopt", "hold", "skip"] | None = None
    adoption: Literal["fill", "overwrite"] | None = None
    deleted: Literal["hold", "restore", "destroy"] | None = None
    conflict: Literal["keep-twenty", "overwrite", "hold"] | None = None
    gone: Literal["report", "delete"] | None = None


WAYS = {
    "existing": ("hold", "adopt", "skip"),
    "adoption": ("fill", "overwrite"),
    "deleted": ("hold", "restore", "destroy"),
    "conflict": ("hold", "keep-twenty", "overwrite"),
    "gone": ("report", "delete"),
}
"""Every policy and its ways, the one that holds when nobody says otherwise first."""

ALL = "default"
"""The name of the policy of all objects that have none of their own."""
