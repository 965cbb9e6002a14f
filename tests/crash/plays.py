"""What is played with one migration, whose moments are random: a seed names each."""

import random
import signal
import time

from tests.crash import checks
from tests.crash.world import DONE, KILLED, UNDONE, UNREACHABLE, Migration

RESUMES = 25
LOSING = "drop-after=0.2"
BAD = "drop-after=0.08 drop-before=0.08 http-500=0.04 http-502=0.04 limit=0.05"


def go_on(migration: Migration) -> None:
    """Resume a killed load, and see that all is as if nothing had happened."""
    ended = migration.go_on()
    assert ended.code in (DONE, UNDONE), ended.err
    checks.loaded(migration)


def load_killed_at_random(migration: Migration, seed: str) -> None:
    """Kill a load, and up to two resumes, each after a random time; then go on to the end."""
    moments = random.Random(f"load {seed}")
    with migration.twenty():
        command = migration.load()
        for _ in range(3):
            time.sleep(moments.uniform(0.05, 1.5))
            command.signal(signal.SIGKILL)
            if migration.wait(command).code != KILLED:
                break
            command = migration.start("resume")
        else:
            migration.wait(command)
        go_on(migration)


def rollback_killed_at_random(migration: Migration, seed: str) -> None:
    """Kill a rollback twice, each time after a random while; then let the same command come to its end."""
    moments = random.Random(f"rollback {seed}")
    with migration.twenty():
        for _ in range(2):
            command = migration.start("rollback", "--yes")
            time.sleep(moments.uniform(0.05, 1.2))
            command.signal(signal.SIGKILL)
            assert migration.wait(command).code in (KILLED, DONE)
        ended = migration.run("rollback", "--yes")
        assert ended.code == DONE, ended.out + ended.err
        checks.whole(migration)
        checks.nothing_to_resume(migration)
    checks.rolled_back(migration)


def load_through_faults(migration: Migration, moment: str) -> None:
    """Load against a Twenty with faults (`SEED FAULT…`), resuming as often as it takes."""
    seed, *faults = moment.split()
    with migration.twenty(*faults, seed=int(seed)):
        ended = migration.wait(migration.load())
        if ended.code == UNREACHABLE:
            ended = migration.go_on(RESUMES)
    assert ended.code == UNDONE, ended.err
    checks.loaded(migration)


def roll_back_through_faults(migration: Migration, moment: str) -> None:
    """Roll back against a Twenty with faults (`SEED FAULT…`), resuming as often as it takes."""
    seed, *faults = moment.split()
    with migration.twenty(*faults, seed=int(seed)):
        ended = migration.run("rollback", "--yes")
        for _ in range(RESUMES):
            if ended.code != UNREACHABLE:
                break
            ended = migration.run("rollback", "--yes")
    assert ended.code == DONE, ended.out + ended.err
    checks.nothing_to_resume(migration)
    checks.whole(migration)
    checks.rolled_back(migration)


def load_while_twenty_dies(migration: Migration, seed: str) -> None:
    """Kill Twenty a random while after a load began, and start it again."""
    moments = random.Random(f"twenty {seed}")
    with migration.twenty():
        command = migration.load()
        time.sleep(moments.uniform(0.3, 1.6))
        migration.stop_twenty(signal.SIGKILL)
        migration.start_twenty()
        ended = migration.wait(command)
        if ended.code == UNREACHABLE:
            ended = migration.go_on(2)
        assert ended.code == UNDONE, ended.err
        checks.loaded(migration)
