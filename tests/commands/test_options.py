"""Options before and behind a command's name, and the environment: what was typed is what is done."""

from pathlib import Path

import pytest
import rich_click as click
from click.testing import CliRunner

from commands.options import Options, destination

ENVIRONMENT = {
    "KARTRA_TO_TWENTY_LEDGER": "of-the-environment.db",
    "TWENTY_URL": "https://production.example",
    "TWENTY_API_KEY_FILE": "production.key",
    "TWENTY_TIMEOUT": "7",
    "TWENTY_RETRY_FOR": "8",
}
TYPED = ("--ledger", "typed.db", "--twenty-url", "https://staging.example", "--api-key-file", "staging.key",
         "--timeout", "1", "--retry-for", "2")  # fmt: skip
AS_TYPED = (Path("typed.db"), "https://staging.example", Path("staging.key"), 1, 2)


def said(*words: str) -> tuple[object, ...]:
    """What a command makes of a command line, with all in the environment that can be there."""
    found: list[Options] = []

    @click.group()
    @destination
    def program() -> None:
        """Nothing."""

    @program.command("act")
    @destination
    @click.pass_obj
    def act(options: Options) -> None:
        """Tell what was said."""
        found.append(options)

    done = CliRunner().invoke(program, words, env=ENVIRONMENT)
    assert done.exit_code == 0, done.output
    [options] = found
    return options.ledger, options.twenty_url, options.api_key_file, options.timeout_s, options.retry_for_s


@pytest.mark.parametrize("words", [(*TYPED, "act"), ("act", *TYPED), (*TYPED[:4], "act", *TYPED[4:])])
def test_what_was_typed_goes_before_the_environment(words: tuple[str, ...]) -> None:
    """Wherever it was typed: a rollback must never reach a ledger, or a Twenty, other than the one that was named."""
    assert said(*words) == AS_TYPED


def test_the_environment_goes_before_the_defaults() -> None:
    """And of two typed, the one behind the command's name is the last word."""
    ledger, url, key, timeout, retry = said("act")
    assert (str(ledger), url, str(key), timeout, retry) == tuple(
        type_(value) for type_, value in zip((str, str, str, float, float), ENVIRONMENT.values(), strict=True)
    )
    assert said("--ledger", "a.db", "act", "--ledger", "b.db")[0] == Path("b.db")
