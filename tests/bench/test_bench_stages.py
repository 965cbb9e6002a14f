"""The benchmark of a load's memory knows each stage by itself."""

from importlib import import_module

from tests.bench.costs import within
from tests.bench.stages import STAGES, Peaks

_HELD = 40_000_000


def test_a_stage_has_the_peak_of_its_own_block() -> None:
    """What one stage held and let go counts neither as the next one's nor as the rest's."""
    peaks = Peaks()
    with peaks.of("large"):
        bytearray(b"x" * _HELD)
    with peaks.of("small"):
        pass
    assert peaks.bytes["large"] - max(peaks.bytes["small"], peaks.bytes["the rest"]) > _HELD / 2


def test_every_stage_is_found_in_the_program() -> None:
    """What the load calls is what is looked at, and stands as it was afterwards."""
    loading = import_module("commands.loading")
    import_module("commands.load")
    before = loading.write
    with within(Peaks().of, STAGES):
        assert loading.write is not before
    assert loading.write is before
