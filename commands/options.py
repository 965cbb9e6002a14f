"""The options every command shares, taken before or after the command's name, and what they come to."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from commands.errors import WrongUse

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_LEDGER = Path("var/ledger.db")
DEFAULT_MAPPING = Path("var/mapping.toml")


class Options:
    """What the operator said, filled while the command line is parsed. `typed` names what was not left to defaults."""

    def __init__(self) -> None:
        self.ledger: Path = DEFAULT_LEDGER
        self.mapping: Path | None = None
        self.as_json = False
        self.verbosity = 0
        self.actor: str | None = None
        self.twenty_url: str | None = None
        self.api_key_file: Path | None = None
        self.sandbox = False
        self.timeout_s: float | None = None
        self.retry_for_s: float | None = None
        self.typed: set[str] = set()

    @property
    def mapping_path(self) -> Path | None:
        """The mapping to use: as said, else as `plan` wrote it, else None for the shipped one."""
        if self.mapping is not None:
            return self.mapping
        return DEFAULT_MAPPING if DEFAULT_MAPPING.exists() else None

    @property
    def sandbox_path(self) -> Path:
        """Where the embedded Twenty keeps its database: beside the ledger."""
        return self.ledger.with_name("sandbox.db")

    def api_key(self) -> str:
        """The key, from the environment or a file, never from an argument.

        Raises:
            WrongUse: there is none.
        """
        if self.api_key_file is not None:
            return _key_in(self.api_key_file)
        key = os.environ.get("TWENTY_API_KEY", "").strip()
        if not key:
            raise WrongUse("no API key: put it into the environment as TWENTY_API_KEY, or name --api-key-file PATH")
        return key


def _key_in(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"the key file {path} cannot be read; name another") from error
    if not key:
        raise WrongUse(f"the key file {path} is empty; put the API key into it, or name another")
    return key


def _store(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        options = context.ensure_object(Options)
        # The option is read before the command's name and behind it: what was typed in either place goes before the
        # environment, which is asked in both.
        typed = context.get_parameter_source(parameter.name or "") is ParameterSource.COMMANDLINE
        if value is not None and value is not False and value != 0 and (typed or name not in options.typed):
            setattr(options, name, value)
        options.typed |= {name} if typed else set()

    return callback


def _option(*names: str, stores: str, **settings: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_store(stores), **settings)


class _Words(click.ParamType[str]):
    """Words of a person's, kept in the ledger: some there must be."""

    name = "TEXT"

    def convert(self, value: str, _param: click.Parameter | None, _context: click.Context | None) -> str:
        """Refuse blanks."""
        if not value.strip():
            self.fail("say why: it is kept in the ledger for whoever asks later")
        return value


WORDS = _Words()
"""The type of an option that says why."""

_PATH = click.Path(path_type=Path)
_SECONDS = click.FloatRange(0, min_open=True)

_GENERAL = (
    _option("--ledger", stores="ledger", type=_PATH, envvar="KARTRA_TO_TWENTY_LEDGER",
            help="The ledger file.  [default: var/ledger.db]"),
    _option("--mapping", stores="mapping", type=_PATH,
            help="The mapping.  [default: var/mapping.toml, else the shipped one]"),
    _option("--json", stores="as_json", is_flag=True, help="One JSON document on stdout, words on stderr."),
    _option("--actor", stores="actor", help="Who acts, as the ledger records it.  [default: user@host]"),
    _option("-v", "--verbose", stores="verbosity", count=True, help="More words; twice: every call."),
)  # fmt: skip

_DESTINATION = (
    _option("--twenty-url", stores="twenty_url", envvar="TWENTY_URL",
            help="Twenty's address; its key comes from TWENTY_API_KEY."),
    _option("--api-key-file", stores="api_key_file", type=_PATH, envvar="TWENTY_API_KEY_FILE",
            help="A file that holds the key."),
    _option("--sandbox", stores="sandbox", is_flag=True,
            help="The embedded Twenty in place of a real one, kept in sandbox.db beside the ledger."),
    _option("--timeout", stores="timeout_s", type=_SECONDS, envvar="TWENTY_TIMEOUT",
            help="Seconds a call to Twenty may take.  [default: 60]"),
    _option("--retry-for", stores="retry_for_s", type=_SECONDS, envvar="TWENTY_RETRY_FOR",
            help="Seconds to go on trying while Twenty is unreachable, or over its limit.  [default: 60, 300]"),
)  # fmt: skip


def general(function: F) -> F:
    """Add the options that every command takes."""
    for option in reversed(_GENERAL):
        function = option(function)
    return function


def linking(function: F) -> F:
    """Add the option that says where records are linked to, of what never calls Twenty."""
    option = _option("--twenty-url", stores="twenty_url", envvar="TWENTY_URL",
                     help="Where records are linked to: Twenty's address.")  # fmt: skip
    return general(option(function))


def destination(function: F) -> F:
    """Add the options that say which Twenty."""
    for option in reversed(_DESTINATION):
        function = option(function)
    return general(function)
