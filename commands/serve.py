"""serve: the auditors' console, and the tokens that open it."""

import ssl
from pathlib import Path
from typing import Any

import msgspec
import rich_click as click
from click.core import ParameterSource

from adapters.console.access import Access, access_to
from adapters.console.access import tokens as kept
from adapters.console.access.hosts import is_every_address, is_host_name, is_loopback
from adapters.console.access.tokens import Token
from commands import reporting
from commands.errors import WrongUse
from commands.options import Options, general, linking
from commands.running import run

DEFAULT_TOKENS = Path("var/console.toml")
_TOKENS = "commands.serve.tokens"
_PATH = click.Path(path_type=Path)


class Serving(msgspec.Struct, frozen=True):
    """What is served, where, and to whom. `ledgers` begins with the one of --ledger; `tls` is certificate and key."""

    host: str
    port: int
    ledgers: tuple[Path, ...]
    mask: bool
    access: Access
    tls: tuple[Path, Path] | None


class HostNameType(click.ParamType[str]):
    """A name the console may be called by: no scheme, no port."""

    name = "NAME"

    def convert(self, value: str, _param: click.Parameter | None, _context: click.Context | None) -> str:
        """Read a name."""
        if not is_host_name(value):
            self.fail("a host name is one like console.example.org, without http:// and without a port")
        return value


def _say_tokens(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    # One store for a command line: `--tokens` may stand before `token` and behind it, and what is said last counts.
    if value is not None:
        context.meta[_TOKENS] = value


_tokens_option = click.option(
    "--tokens",
    type=_PATH,
    expose_value=False,
    callback=_say_tokens,
    help=f"The file of tokens.  [default: {DEFAULT_TOKENS}]",
)


def _tokens_of(context: click.Context) -> Path:
    path: Path = context.meta.get(_TOKENS, DEFAULT_TOKENS)
    return path


@click.group("serve", invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Elsewhere than on loopback only with tokens.")
@click.option("--port", type=click.IntRange(0, 65535), default=8020, show_default=True, help="0 takes a free one.")
@click.option("--also", type=_PATH, multiple=True, metavar="LEDGER", help="One more ledger to show; repeatable.")
@click.option("--mask", is_flag=True, help="Persons' values are shown masked.")
@click.option("--login", is_flag=True, help="Ask for a token on loopback too.")
@click.option(
    "--host-name",
    "host_names",
    type=HostNameType(),
    multiple=True,
    help="A name browsers call it by, where that is not --host; repeatable. Asks for a token on loopback too.",
)
@click.option("--tls-cert", type=_PATH, metavar="PATH", help="A certificate (PEM), with those that lead up to it.")
@click.option("--tls-key", type=_PATH, metavar="PATH", help="A file that holds the certificate's key (PEM).")
@_tokens_option
@linking
@click.pass_context
def command(
    context: click.Context,
    host: str,
    port: int,
    also: tuple[Path, ...],
    mask: bool,
    login: bool,
    host_names: tuple[str, ...],
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """The auditors' console: the history in a browser, read-only.

    On loopback (the default) whoever works on this machine reads. Elsewhere, by --login, or by --host-name, it asks
    for a token; `serve token add NAME` makes one.

    \b
    Example:  kartra-to-twenty serve
    Example:  kartra-to-twenty serve --host 192.0.2.7 --tls-cert cert.pem --tls-key key.pem
    """
    if context.invoked_subcommand is not None:
        _refuse_misplaced(context)
        return
    options: Options = context.obj

    async def work() -> None:
        tls = _tls(tls_cert, tls_key)
        access = access_to(_tokens_of(context), host=host, host_names=host_names, login=login, secure=tls is not None)
        _refuse_unreachable(host, host_names, access)
        await _serve(options, Serving(host, port, (options.ledger, *also), mask, access, tls))

    run(options, work)


async def _serve(options: Options, serving: Serving) -> None:
    # Loaded only here: who hands out a token pays for no web server.
    from adapters.console.serve import serve
    from commands.showing import settings_of

    await serve(
        settings_of(serving.ledgers, mask=serving.mask, twenty_url=options.twenty_url),
        serving.access,
        host=serving.host,
        port=serving.port,
        tls=serving.tls,
        on_ready=lambda port: _tell(options, serving, port),
    )


def _tell(options: Options, serving: Serving, port: int) -> None:
    host = f"[{serving.host}]" if ":" in serving.host else serving.host
    url = f"{'https' if serving.tls else 'http'}://{host}:{port}"
    if options.as_json:
        reporting.document({"url": url, "port": port})
    else:
        reporting.line(f"the console is at {url}; it only reads; Ctrl-C ends it")
    reporting.flush()


def _refuse_misplaced(context: click.Context) -> None:
    for parameter in context.command.params:
        name = str(parameter.name)
        if name in context.params and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            said = f"{parameter.opts[0]} says how to serve, and `serve {context.invoked_subcommand}` serves nothing"
            raise click.UsageError(said)


def _tls(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    """Certificate and key, tried once, so that no browser is the first to find out.

    Raises:
        WrongUse: one is missing, or they are of no use.
    """
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise WrongUse("TLS wants both, --tls-cert and --tls-key; name the other too")
    try:
        # An empty password: a key that wants one is refused, and nobody is asked for it in the middle of nothing.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except OSError as error:
        why = error.strerror or "they are not understood"
        raise WrongUse(f"{certificate} and {key} serve no TLS ({why}); name a PEM pair without a password") from error
    return certificate, key


def _refuse_unreachable(host: str, host_names: tuple[str, ...], access: Access) -> None:
    """Refuse to serve what nobody could come into; warn of what everybody could read on its way.

    Raises:
        WrongUse: there is no token, or no name to call it by.
    """
    if is_every_address(host) and not host_names:
        raise WrongUse(
            f"{host!r} is no name a browser can call; say how it is called: --host-name NAME, or an own --host"
        )
    if access.required and not access.tokens.tokens():
        raise WrongUse(
            f"who comes must show a token, and {access.tokens.path} has none; `serve token add NAME` makes one"
        )
    if not is_loopback(host) and not access.secure:
        reporting.Reporter().say(
            "warning: without TLS whoever is on the way reads all of it, tokens included; --tls-cert and --tls-key"
        )


@command.group("token")
def token_command() -> None:
    """Who may come in: tokens, one for each reader.

    Example:  kartra-to-twenty serve token list
    """


@token_command.command("add")
@click.argument("name")
@_tokens_option
@general
@click.pass_context
def add_command(context: click.Context, name: str) -> None:
    """Make a token for NAME; it is shown this once, and kept as a hash.

    Example:  kartra-to-twenty serve token add ann
    """
    options, path = context.obj, _tokens_of(context)

    async def work() -> str:
        return kept.add(path, name)

    token = run(options, work)
    if options.as_json:
        reporting.document({"name": name, "token": token, "file": str(path)})
        return
    reporting.line(token)
    reporting.Reporter().say(
        f"this is the only time it is shown: hand it to {name} safely. It opens the console at /login; programs send"
        f" it as `Authorization: Bearer TOKEN`; `serve token revoke {name}` ends it"
    )


@token_command.command("list")
@_tokens_option
@general
@click.pass_context
def list_command(context: click.Context) -> None:
    """The tokens there are, by name, and since when.

    Example:  kartra-to-twenty serve token list
    """
    options, path = context.obj, _tokens_of(context)

    async def work() -> list[Token]:
        return kept.listed(path)

    tokens = run(options, work)
    if options.as_json:
        reporting.document({"tokens": [_shown(one) for one in tokens]})
        return
    reporting.table(["name", "created"], [tuple(_shown(one).values()) for one in tokens])
    reporting.line(f"{len(tokens)} tokens")


@token_command.command("revoke")
@click.argument("name")
@_tokens_option
@general
@click.pass_context
def revoke_command(context: click.Context, name: str) -> None:
    """End NAME's token, and what it opened, also in a console that runs.

    Example:  kartra-to-twenty serve token revoke ann
    """
    options, path = context.obj, _tokens_of(context)

    async def work() -> None:
        kept.revoke(path, name)

    run(options, work)
    if options.as_json:
        reporting.document({"revoked": name})
    else:
        reporting.line(f"revoked: {name}; what it opened ends with the next request")


def _shown(token: Token) -> dict[str, Any]:
    """A token as it is listed: without its hash, which is nobody's business."""
    return {"name": token.name, "created_at": token.created_at.isoformat(timespec="seconds")}
