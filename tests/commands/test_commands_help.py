"""The shape of the command line: help, examples, and options before and after a command."""

import pytest
from click.testing import CliRunner

from commands.main import COMMANDS, NAME, cli
from commands.options import Options
from tests.commands.tree import commands, examples_of, parse
from tests.hostile.place import Place

TREE = commands()
BOTH = {("automations",), ("holds",), ("serve",)}
"""Groups that are commands too."""
LEAVES = [path for path in TREE if not hasattr(TREE[path], "commands") or path in BOTH]
GENERAL = {"--ledger", "--mapping", "--json", "--actor", "--verbose"}


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_every_command_shows_an_example_that_parses(path: tuple[str, ...]) -> None:
    """Help ends in examples of this very command, and each is a command line the program takes."""
    examples = examples_of(TREE[path])
    assert examples
    assert {tuple(parse(one).command_path.split()[1 : 1 + len(path)]) for one in examples} == {path}


@pytest.mark.parametrize("path", TREE, ids=" ".join)
def test_help_comes_by_both_its_names(monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...]) -> None:
    """`-h` and `--help` say the same on stdout, in 80 columns, and end 0."""
    monkeypatch.setenv("COLUMNS", "80")
    short, long = (CliRunner().invoke(cli, [*path, how], prog_name=NAME) for how in ("-h", "--help"))
    assert (short.exit_code, long.exit_code, short.stderr) == (0, 0, "")
    assert short.stdout == long.stdout
    assert "Usage: kartra-to-twenty" in short.stdout
    assert max(map(len, short.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_the_overview_says_what_the_command_says_of_itself(name: str) -> None:
    """The overview loads no command, so it keeps their first paragraphs; they are the same."""
    first = (TREE[(name,)].help or "").strip().split("\n\n")[0]
    assert " ".join(first.split()) == COMMANDS[name]


def test_the_overview_lists_every_command(place: Place) -> None:
    """`kartra-to-twenty -h` names all commands, and what to do first."""
    told = place.run("-h")
    assert all(f"\n  {name} " in told.out for name in COMMANDS)
    assert "A first run:" in told.out


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_general_options_are_taken_before_and_after(path: tuple[str, ...]) -> None:
    """What every command takes, it takes on either side of its name."""
    own = {name for parameter in TREE[path].params for name in parameter.opts}
    assert own >= GENERAL
    example = examples_of(TREE[path])[-1]
    given = "--ledger here.db --mapping m.toml --json --actor me -vv"
    program, _, rest = example.partition(" ")
    for line in (f"{program} {given} {rest}", f"{example} {given}"):
        options = parse(line).find_object(Options)
        assert options is not None
        said = (str(options.ledger), str(options.mapping), options.as_json, options.actor, options.verbosity)
        assert said == ("here.db", "m.toml", True, "me", 2)


def test_what_is_said_last_counts() -> None:
    """An option given on both sides: the one after the command wins."""
    options = parse("kartra-to-twenty --ledger a.db status --ledger b.db").find_object(Options)
    assert options is not None
    assert str(options.ledger) == "b.db"


def test_the_version_is_told(place: Place) -> None:
    """`--version` names the program and its version."""
    told = place.run("--version")
    assert (told.code, told.out.startswith("kartra-to-twenty, version ")) == (0, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["load"], "Missing argument 'FOLDER'"),
        (["load", "x", "--automations", "maybe"], "'maybe' is not one of"),
        (["status", "--nonsense"], "No such option"),
        (["verify", "--expect", "12"], "POSITION:HASH"),
        (["verify", "--expect", "x:y"], "POSITION:HASH"),
        (["show", "first"], "not a valid integer"),
        (["sample", "--contacts", "0", "--out", "x"], "0"),
        (["sandbox", "serve", "--fault", "fire=1"], "drop-before"),
        (["sandbox", "serve", "--fault", "limit=2"], "between 0 and 1"),
        (["sandbox", "serve", "--rate-limit", "fast"], "N/SECONDS"),
        (["--timeout", "0", "status"], "0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_line_and_a_document(place: Place, words: list[str], why: str) -> None:
    """What click refuses ends as every other error: exit 2, one line with the way to help, a document with --json."""
    told = place.run(*words)
    assert (told.code, told.out) == (2, "")
    assert why in told.error
    assert "-h` shows how" in told.error
    assert len(told.err.splitlines()) == 1
    as_json = place.run("--json", *words)
    assert as_json.document == {
        "error": {"code": "wrong_use", "message": told.error.removeprefix("error: "), "exit_code": 2}
    }


def test_a_watch_is_for_people(place: Place) -> None:
    """`status --watch` shows again and again, which is no one document: with --json it is wrong use."""
    told = place.run("status", "--watch", "--json")
    assert (told.code, "--watch" in told.document["error"]["message"]) == (2, True)


def test_no_command_at_all_shows_help(place: Place) -> None:
    """`kartra-to-twenty schema` alone is help on stderr and exit 2."""
    told = place.run("schema")
    assert (told.code, told.out) == (2, "")
    assert "apply" in told.err


def test_the_tree_is_the_one_agreed() -> None:
    """The commands are those the design names so far; another is added on purpose."""
    assert set(cli.list_commands(None)) == set(COMMANDS)  # type: ignore[arg-type]
    assert {path for path in TREE if len(path) == 2} == {
        ("schema", "apply"),
        ("automations", "restore"),
        ("holds", "give-up"),
        ("holds", "release"),
        ("holds", "set"),
        ("holds", "show"),
        ("ledger", "backup"),
        ("ledger", "rebuild"),
        ("ledger", "views"),
        ("sandbox", "serve"),
        ("serve", "token"),
    }
