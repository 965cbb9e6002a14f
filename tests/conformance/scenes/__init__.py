"""How each recorded file begins, and what happened between its exchanges: read off the recordings themselves."""

from collections.abc import Mapping

from tests.conformance.scenes.changing import CREATE_DUPLICATES, UPSERT_UPDATE
from tests.conformance.scenes.destroying import DELETE_RESTORE_DESTROY, ROLLBACK_FULL, ROLLBACK_FULL_SUSPENDED
from tests.conformance.scenes.edges import AUTH, DOCUMENT_ERRORS, RATE_LIMIT, WORKFLOWS
from tests.conformance.scenes.modelling import METADATA, ROLLBACK_METADATA
from tests.conformance.scenes.querying import EXTRA, READ
from tests.conformance.world import Scene

SCENES: Mapping[str, Scene] = {
    "auth": AUTH,
    "create_duplicates": CREATE_DUPLICATES,
    "delete_restore_destroy": DELETE_RESTORE_DESTROY,
    "document_errors": DOCUMENT_ERRORS,
    "extra": EXTRA,
    "metadata": METADATA,
    "rate_limit": RATE_LIMIT,
    "read": READ,
    "rollback_full": ROLLBACK_FULL,
    "rollback_full_suspended": ROLLBACK_FULL_SUSPENDED,
    "rollback_metadata": ROLLBACK_METADATA,
    "upsert_update": UPSERT_UPDATE,
    "workflows": WORKFLOWS,
}
"""Files not named here begin with a new workspace and need nothing else."""
