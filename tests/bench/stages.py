"""Be the program, and note what memory each stage of a load took at the most.

    python -m tests.bench.stages FILE load exports --accept-defaults --automations leave

The kernel's own mark of the process's peak is read at both ends of a stage, and let down: `VmHWM`, and a 5 written to
`clear_refs`. What is left of the command runs as it always does.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import msgspec

from commands.main import main as run_cli
from tests.bench.costs import within

STAGES: Mapping[str, Sequence[str]] = {
    "scan": ["commands.extract:exports_in"],
    "who is who": ["commands.placing:contacts_index"],
    "extract": ["commands.extract:extract_by"],
    "prepare": ["commands.making.prepared:prepare"],
    "transform": ["commands.transform:transform"],
    "data model": ["commands.loading:_model"],
    "write": ["commands.write:write"],
    "sum up": ["commands.loading:_sum_up"],
}
"""The stages of a load, and the functions they are."""
REST = "the rest"
ENTRY = (sys.executable, "-m", "tests.bench.stages")
"""What begins the program so, in place of its own entry; the file comes next, and then the command line."""
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_SELF = Path("/proc/self")


class Peaks:
    """Bytes at the most, by stage: none is within another."""

    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Note the peak of a block under its stage, and of what ran before it under the rest."""
        self.note(REST)
        try:
            yield
        finally:
            self.note(stage)

    def note(self, stage: str) -> None:
        """Note the peak since it was last noted."""
        found = _PEAK.search((_SELF / "status").read_text(encoding="ascii"))
        assert found, "the kernel tells of no peak"
        self.bytes[stage] = max(self.bytes.get(stage, 0), int(found[1]) * 1024)
        (_SELF / "clear_refs").write_text("5")


def main(told: Path) -> None:
    """Run the command line that is left, and say in a file what each stage took."""
    import_module("commands.load")
    peaks = Peaks()
    try:
        with within(peaks.of, STAGES):
            run_cli()
    finally:
        peaks.note(REST)
        told.write_bytes(msgspec.json.encode(peaks.bytes))


if __name__ == "__main__":
    main(Path(sys.argv.pop(1)))
