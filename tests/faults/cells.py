"""The fault matrix as data: every command that calls Twenty, every fault of the embedded Twenty, and how it ends."""

from collections.abc import Mapping
from typing import NamedTuple

FAULTS: Mapping[str, tuple[str, str]] = {
    "drop-before": ("drop-before=1", "the connection is cut before the call is done"),
    "drop-after": ("drop-after=1", "the call is done, its answer never comes"),
    "http-500": ("http-500=1", "Twenty answers with HTTP 500"),
    "http-502": ("http-502=1", "a gateway answers with a page of its own"),
    "limit": ("limit=1", "Twenty refuses every call as one too many"),
    "slow": ("slow=40", "every answer takes its time"),
}
"""Fault → how the embedded Twenty is started with it on every call, and what it means."""

UNREACHABLE = 5


class Asked(NamedTuple):
    """A command: the state it begins in (new, loaded, cut off), its words, and its exit code when nothing is wrong.

    In words, EXPORTS, LATER, MAPPING and RECORD stand for folders, a file and a record's id.
    """

    state: str
    words: tuple[str, ...]
    code: int = 0


def code_of(command: str, fault: str) -> int:
    """How a command ends beside a fault. Calls of the data model are not limited (FACTS); `plan` makes no others."""
    harmless = fault == "slow" or (command, fault) == ("plan", "limit")
    return COMMANDS[command].code if harmless else UNREACHABLE


_LOAD = ("load", "EXPORTS", "--accept-defaults", "--automations", "leave")
_RESUME = ("resume",)

COMMANDS: Mapping[str, Asked] = {
    "plan": Asked("new", ("--mapping", "MAPPING", "plan", "EXPORTS", "--force")),
    "preflight": Asked("new", ("preflight", "EXPORTS"), 3),
    "automations": Asked("new", ("automations",)),
    "schema apply": Asked("new", ("schema", "apply", "EXPORTS", "--accept-defaults")),
    "load --dry-run": Asked("new", (*_LOAD, "--dry-run")),
    "load": Asked("new", _LOAD),
    "write": Asked("made", ("write", "--automations", "leave")),
    "resume": Asked("cut off", _RESUME),
    "delta --dry-run": Asked("loaded", ("delta", "LATER", "--dry-run")),
    "delta": Asked("loaded", ("delta", "LATER", "--automations", "leave")),
    "reconcile": Asked("loaded", ("reconcile",)),
    "rollback --check": Asked("loaded", ("rollback", "--check")),
    "rollback --record": Asked("loaded", ("rollback", "--yes", "--record", "RECORD")),
    "rollback": Asked("loaded", ("rollback", "--yes")),
}
"""Every command that calls Twenty."""

TAKES_BACK = frozenset({"rollback", "rollback --record"})

HALF_WAY: Mapping[str, tuple[str, str, str]] = {
    "SIGKILL at any moment": ("killed", "resume → 0", "tests/crash/test_crash_load.py"),
    "SIGKILL among updates and adoptions": ("killed", "resume → 0", "tests/faults/test_fault_changes.py"),
    "SIGKILL where records make way": ("killed", "resume → 0", "tests/faults/test_fault_displaced.py"),
    "SIGINT, SIGTERM": ("130", "resume → 0", "tests/crash/test_crash_stops.py::test_an_interrupted_load_ends_in_order"),
    "disk full": ("8", "resume → 0", "tests/crash/test_crash_stops.py::test_a_full_disk_ends_a_load_in_order"),
    "read-only ledger folder": ("8", "reading goes on",
                                "tests/ledger/test_ledger_file.py::test_a_read_only_folder_cannot_be_written"),
    "clock set back": ("0", "in the order of positions", "tests/faults/test_fault_places.py::test_a_clock_set_back"),
    "ledger copied while in use": ("0", "the copy verifies",
        "tests/ledger/test_ledger_backup.py::test_a_file_copied_without_its_log_is_shorter_and_whole"),
    "two ledgers, one workspace": ("2", "--beside",
                                   "tests/journey/test_journey_operators.py"
                                   "::test_a_second_ledger_on_a_workspace_has_to_say_so"),
    "two runs, one ledger": ("7", "when the other ends",
        "tests/journey/test_journey_operators.py::test_a_second_operator_is_told_who_is_at_work_and_may_look_on"),
    "Twenty restarted": ("0 or 5", "resume → 0", "tests/crash/test_crash_faults.py::test_a_load_outlives_twenty"),
    "Twenty stays away": ("5", "resume → 0",
                          "tests/crash/test_crash_faults.py::test_a_load_gives_up_on_a_twenty_that_stays_away"),
    "key revoked half-way": ("4", "resume with a key → 0", "tests/faults/test_fault_places.py"
    "::test_a_key_revoked_half_way"),
    "field deleted half-way": ("4", "made again, resume → 0",
                               "tests/hostile/test_hostile_halfway.py::test_a_field_deleted_half_way_is_made_again"),
    "option removed half-way": ("3", "load again → 0", "tests/faults/test_fault_model.py"
    "::test_an_option_removed_half_way_is_made_again"),
    "object renamed half-way": ("4", "renamed back, resume → 0", "tests/faults/test_fault_model.py"
    "::test_an_object_renamed_half_way_is_asked_back"),
    "field renamed between loads": ("4", "renamed back", "tests/journey/test_journey_model.py"
    "::test_a_load_refuses_what_was_renamed"),
}  # fmt: skip
"""What else may happen → exit code, how it goes on, and the test that shows it."""
