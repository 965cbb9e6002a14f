"""Who asks the metadata endpoint, of which workspace, and what that key may do."""

import msgspec

from adapters.sandbox.metadata import refusals
from adapters.sandbox.settings import KeyState
from adapters.sandbox.workspace import Workspace


class Context(msgspec.Struct, frozen=True):
    """One call's context; `key_state` is None where no key was sent."""

    workspace: Workspace
    key_state: KeyState | None

    def may_read(self) -> None:
        """Any key may read the data model. Raises Refusal without one."""
        if self.key_state is None:
            raise refusals.forbidden_resource()

    def may_change(self) -> None:
        """Only a key of the Admin role may change the data model or see keys and roles. Raises Refusal."""
        self.may_read()
        if self.key_state == "read-only":
            raise refusals.permission_denied()

    def may_see_webhooks(self) -> None:
        """As `may_change`, refused in the words of the settings. Raises Refusal."""
        self.may_read()
        if self.key_state == "read-only":
            raise refusals.settings_denied()
