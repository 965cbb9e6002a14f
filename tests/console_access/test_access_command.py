"""`serve` and `serve token`: what is asked of the operator, and what is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import commands.serve
from adapters.console.access.tokens import PREFIX, TokenFile, listed
from adapters.console.errors import (
    AddressRefused,
    BadTokenName,
    ConsoleError,
    NoSuchToken,
    TokensUnreadable,
    TokensUnwritable,
    TokenTaken,
)
from commands.errors import exit_code, is_ours
from commands.main import cli
from commands.options import Options
from commands.serve import Serving

HERE = Path("here")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of its own, where `var/console.toml` will be."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Serving]:
    """What would be served; nothing is."""
    seen: list[Serving] = []

    async def serve(_options: Options, serving: Serving) -> None:
        seen.append(serving)

    monkeypatch.setattr(commands.serve, "_serve", serve)
    return seen


def run(*words: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def refused(*words: str) -> str:
    """The one line of a refusal, which ends 2."""
    told = run(*words)
    lines = [line for line in told.stderr.splitlines() if line.startswith("error: ")]
    assert (told.exit_code, told.stdout, len(lines)) == (2, "", 1)
    return lines[0]


def test_a_token_is_shown_once() -> None:
    """On stdout and alone there, with what to do with it on stderr; no other command shows it."""
    told = run("serve", "token", "add", "ann")
    token = told.stdout.strip()
    assert (told.exit_code, told.stdout) == (0, f"{token}\n")
    assert token.startswith(PREFIX)
    assert "/login" in told.stderr
    assert token not in told.stderr
    found = TokenFile(Path("var/console.toml")).find(token)
    assert found is not None
    assert found.name == "ann"
    for words in (["list"], ["list", "--json"], ["-h"]):
        assert token not in run("serve", "token", *words).output


def test_tokens_are_documents_too() -> None:
    """`--json` is one document on stdout, before the command or behind it."""
    added = json.loads(run("--json", "serve", "token", "add", "ann").stdout)
    assert set(added) == {"name", "token", "file"}
    assert (added["name"], added["file"]) == ("ann", "var/console.toml")
    [one] = json.loads(run("serve", "token", "list", "--json").stdout)["tokens"]
    assert (set(one), one["name"]) == ({"name", "created_at"}, "ann")
    assert json.loads(run("serve", "--json", "token", "revoke", "ann").stdout) == {"revoked": "ann"}
    assert json.loads(run("serve", "token", "list", "--json").stdout) == {"tokens": []}


def test_tokens_are_listed_and_revoked() -> None:
    """By name, with the moment they were made; without their hashes."""
    run("serve", "token", "add", "ann")
    run("serve", "token", "add", "bob")
    told = run("serve", "token", "list").stdout
    assert [line.split()[0] for line in told.splitlines()] == ["name", "ann", "bob", "2"]
    assert all(one.sha256 not in told for one in listed(Path("var/console.toml")))
    assert run("serve", "token", "revoke", "ann").stdout.startswith("revoked: ann")
    assert [one.name for one in listed(Path("var/console.toml"))] == ["bob"]


def test_the_file_of_tokens_can_be_another() -> None:
    """`--tokens` counts before `token` and behind it, the last one more."""
    for words in (
        ["serve", "--tokens", "a.toml", "token", "add", "ann"],
        ["serve", "token", "add", "ann", "--tokens", "b.toml"],
        ["serve", "--tokens", "x.toml", "token", "add", "ann", "--tokens", "c.toml"],
    ):
        assert run(*words).exit_code == 0
    assert {path.name for path in Path().iterdir()} == {"a.toml", "b.toml", "c.toml"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add", "a b"], "1 to 64 letters"),
        (["add", ""], "1 to 64 letters"),
        (["add", "ann"], "has a token ann already"),
        (["revoke", "bob"], "no token of that name"),
        (["add"], "Missing argument"),
    ],
)
def test_wrong_use_of_tokens_is_one_line(words: list[str], why: str) -> None:
    """What, where, and what next; nothing is changed."""
    run("serve", "token", "add", "ann")
    before = Path("var/console.toml").read_bytes()
    assert why in refused("serve", "token", *words)
    assert Path("var/console.toml").read_bytes() == before


def test_a_file_that_is_not_trusted_is_one_line() -> None:
    """It is named, with what to do; `--json` has the code."""
    run("serve", "token", "add", "ann")
    Path("var/console.toml").chmod(0o644)
    assert "chmod 600 var/console.toml" in refused("serve", "token", "list")
    assert "chmod 600 var/console.toml" in refused("serve", "--login")
    error = json.loads(run("--json", "serve", "token", "add", "bob").stdout)["error"]
    assert (error["code"], error["exit_code"]) == ("console_tokens_unreadable", 2)


def test_options_of_serving_are_none_of_tokens() -> None:
    """Nobody is left to think that a token is of a port."""
    assert "--port" in refused("serve", "--port", "9", "token", "list")
    assert "--host-name" in refused("serve", "--host-name", "console.example", "token", "list")


@pytest.mark.parametrize(
    "error",
    [
        TokensUnreadable(HERE, "is x", "y"),
        TokensUnwritable(HERE, "x"),
        BadTokenName(),
        TokenTaken(HERE, "x"),
        NoSuchToken(HERE),
        AddressRefused("::1", 80, OSError(13, "Permission denied")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_of_the_console_is_wrong_use(error: ConsoleError) -> None:
    """Exit 2, told in one line, with a code of its own."""
    assert (exit_code(error), is_ours(error)) == (2, True)
    assert "\n" not in str(error)
    assert error.code.startswith("console_")
    assert error.code != ConsoleError.code


def test_on_loopback_nobody_needs_a_token(served: list[Serving]) -> None:
    """The defaults: this machine alone, port 8020, the ledger of --ledger."""
    told = run("--ledger", "a.db", "serve")
    assert (told.exit_code, told.stderr) == (0, "")
    [one] = served
    assert (one.host, one.port, one.ledgers, one.mask, one.tls) == ("127.0.0.1", 8020, (Path("a.db"),), False, None)
    assert (one.access.required, one.access.secure) == (False, False)
    assert one.access.hosts == {"localhost", "127.0.0.1", "::1"}


def test_what_is_said_is_what_is_served(served: list[Serving]) -> None:
    """More ledgers in their order, masked, on a free port, with a token also on loopback."""
    run("serve", "token", "add", "ann", "--tokens", "t.toml")
    words = ["--port", "0", "--also", "b.db", "--also", "c.db", "--mask", "--login", "--tokens", "t.toml"]
    assert run("serve", "--host", "::1", "--ledger", "a.db", *words).exit_code == 0
    [one] = served
    assert (one.host, one.port, one.mask) == ("::1", 0, True)
    assert one.ledgers == (Path("a.db"), Path("b.db"), Path("c.db"))
    assert (one.access.required, [token.name for token in one.access.tokens.tokens()]) == (True, ["ann"])


@pytest.mark.parametrize(
    "words",
    [
        ["--host", "192.0.2.7"],
        ["--host", "console.example"],
        ["--host", "0.0.0.0", "--host-name", "console.example"],
        ["--host", "::", "--host-name", "console.example"],
        ["--host", "fd00::1"],
        ["--host-name", "console.example"],
        ["--login"],
    ],
    ids=" ".join,
)
def test_elsewhere_nobody_comes_in_without_a_token(served: list[Serving], words: list[str]) -> None:
    """Without any, nothing is served, and the way to one is told; with one, everybody is asked for it."""
    assert "`serve token add NAME`" in refused("serve", *words)
    assert served == []
    run("serve", "token", "add", "ann")
    assert run("serve", *words).exit_code == 0
    assert [one.access.required for one in served] == [True]
    run("serve", "token", "revoke", "ann")
    assert "`serve token add NAME`" in refused("serve", *words)


def test_who_is_on_the_way_is_warned_of(served: list[Serving]) -> None:
    """Elsewhere without TLS it is said that others can read; on loopback it is not."""
    run("serve", "token", "add", "ann")
    assert "warning: without TLS" in run("serve", "--host", "192.0.2.7").stderr
    assert "warning" not in run("serve", "--login").stderr
    assert len(served) == 2


def test_every_address_has_no_name(served: list[Serving]) -> None:
    """Listening everywhere wants the names it is called by, which are the only ones then."""
    run("serve", "token", "add", "ann")
    for host in ("0.0.0.0", "::", ""):
        assert "--host-name" in refused("serve", "--host", host)
    run("serve", "--host", "0.0.0.0", "--host-name", "Console.Example", "--host-name", "192.0.2.7")
    assert [one.access.hosts for one in served] == [{"console.example", "192.0.2.7"}]


@pytest.mark.parametrize("name", ["http://x.example", "x.example:8020", "x y", "", "-x", "a/b", "a..b", "ä.example"])
def test_what_is_no_host_name_is_refused(served: list[Serving], name: str) -> None:
    """A name that no Host header could bear would be allowed for nobody."""
    assert "a host name is one like" in refused("serve", f"--host-name={name}")
    assert served == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--tls-cert", "cert.pem"], "both"),
        (["--tls-key", "key.pem"], "both"),
        (["--tls-cert", "gone.pem", "--tls-key", "key.pem"], "No such file"),
        (["--tls-cert", "cert.pem", "--tls-key", "key.pem"], "serve no TLS"),
    ],
)
def test_tls_that_cannot_be_is_told_at_once(served: list[Serving], folder: Path, words: list[str], why: str) -> None:
    """Before anybody is served."""
    for name in ("cert.pem", "key.pem"):
        (folder / name).write_text("no PEM")
    assert why in refused("serve", *words)
    assert served == []


def test_help_names_what_there_is() -> None:
    """`serve -h` shows the options and the tokens; `serve token` alone is help."""
    told: Any = run("serve", "-h")
    assert all(word in told.stdout for word in ("--host-name", "--tls-cert", "--also", "--mask", "token"))
    assert (run("serve", "token").exit_code, run("serve", "nonsense").exit_code) == (2, 2)
