"""Who may come into the console: tokens, sessions, a throttle, and the names it may be called by.

access = access_to(Path("var/console.toml"), host="127.0.0.1")
app = Litestar([login_page, log_in, log_out, ...], state=State({"access": access}))       # login.py
served = Guard(app, access)                                                              # guard.py
"""

from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from adapters.console.access.hosts import allowed_names, is_loopback
from adapters.console.access.sessions import Sessions, clock
from adapters.console.access.throttle import Throttle
from adapters.console.access.tokens import Token, TokenFile

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class TooManyAttempts(Exception):
    """Too many wrong tokens were tried; the next try is heard in `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        """Say how long to wait."""
        super().__init__(f"too many wrong tokens; wait {wait_s:.0f} s")
        self.wait_s = wait_s


class Access(msgspec.Struct, frozen=True):
    """What is asked of everybody who comes.

    `hosts` are the names a Host header may bear; `required` says that nobody comes in without a token; `secure` that
    browsers come by TLS.
    """

    tokens: TokenFile
    sessions: Sessions
    throttle: Throttle
    hosts: frozenset[str]
    required: bool
    secure: bool

    def cookie(self, port: int | None) -> str:
        """The name of the session's cookie; under TLS one that no other host or path can set.

        A browser sends cookies to every port of a host, so that consoles beside each other need names of their own.
        """
        return "-".join(["__Host-k2t" if self.secure else "k2t", *([] if port is None else [str(port)])])

    def admitted(self, client: str, secret: str) -> Token | None:
        """The token that `secret` is, or None, which counts against the client.

        Raises:
            TooManyAttempts: it is none, and the client, or everybody, has to wait before the next wrong one.
            TokensUnreadable: nobody can tell.
        """
        # A right one is heard whoever tries wrong ones: 256 random bits are not found by trying.
        token = self.tokens.find(secret)
        if token is not None:
            return token
        wait_s = self.throttle.seconds_to_wait(client)
        if wait_s:
            raise TooManyAttempts(wait_s)
        self.throttle.failed(client)
        log.warning("a wrong token was tried")
        return None


def access_to(
    tokens: Path,
    *,
    host: str,
    host_names: tuple[str, ...] = (),
    login: bool = False,
    secure: bool = False,
    clock: Callable[[], float] = clock,
) -> Access:
    """What is asked of who comes to a console that listens on `host`.

    Whoever comes by another name than this machine's own comes from elsewhere (a tunnel, a proxy), so that more
    `host_names` ask for a token too.
    """
    file = TokenFile(tokens)
    elsewhere = not is_loopback(host) or not all(map(is_loopback, host_names))
    return Access(
        tokens=file,
        sessions=Sessions(file, clock),
        throttle=Throttle(clock),
        hosts=allowed_names(host, host_names),
        required=login or elsewhere,
        secure=secure,
    )
