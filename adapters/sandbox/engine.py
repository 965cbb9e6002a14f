"""The sandbox behind its HTTP edge: one workspace, its bucket, its keys and its faults."""

from adapters.sandbox import graphql, metadata, worker
from adapters.sandbox.faults import Faults
from adapters.sandbox.graphql.execution import refused_by_limit
from adapters.sandbox.keys import Keys
from adapters.sandbox.limiter import Limiter
from adapters.sandbox.protocol import Answer, Call, DocumentRefusal
from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.workspace import Workspace

DEFAULT_LIMIT = (100, 60.0)


class Sandbox:
    """An embedded Twenty. Its methods are synchronous and safe to call from any thread."""

    def __init__(self, settings: SandboxSettings) -> None:
        """Open the workspace; a new one is created where `settings.db` has none."""
        self.settings = settings
        self.workspace = Workspace(settings)
        self.keys = Keys(settings)
        self.faults = Faults(settings.faults, settings.seed)
        self._limiter = Limiter(*settings.rate_limit) if settings.rate_limit else None

    def records(self, call: Call, authorization: str | None) -> Answer:
        """Answer POST /graphql."""
        with self.workspace.lock:
            try:
                key_state = self.keys.state_of(authorization)
            except DocumentRefusal as refusal:
                return refusal.answer()
            return graphql.answer(self.workspace, self._limiter, call, key_state)

    def metadata(self, call: Call, authorization: str | None) -> Answer:
        """Answer POST /metadata."""
        with self.workspace.lock:
            try:
                key_state = self.keys.state_of(authorization)
            except DocumentRefusal as refusal:
                return refusal.answer()
            worker.apply_due(self.workspace)
            return metadata.answer(self.workspace, call, key_state)

    def over_limit(self, call: Call) -> Answer:
        """The answer of an empty bucket, whatever the bucket holds."""
        return refused_by_limit(call, *(self.settings.rate_limit or DEFAULT_LIMIT))

    def settle(self) -> int:
        """Let the queue finish everything that waits, due or not; the number of jobs done."""
        with self.workspace.lock:
            return worker.apply_due(self.workspace, float("inf"))

    def close(self) -> None:
        """Close the database."""
        with self.workspace.lock:
            self.workspace.close()
