"""What is answered to who is not let in: one JSON shape for programs, a page for people."""

import math

import msgspec
import structlog

from adapters.console.access import TooManyAttempts
from adapters.console.access.pages import RefusalPage
from adapters.console.errors import TokensUnreadable

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Header = tuple[bytes, bytes]


class Refusal(msgspec.Struct, frozen=True):
    """Why a request goes no further; `code` is stable."""

    status: int
    code: str
    title: str
    message: str
    headers: tuple[Header, ...] = ()

    def body(self, page: RefusalPage | None) -> bytes:
        """The refusal as `page` makes it, or as JSON where there is none."""
        if page is None:
            return msgspec.json.encode({"error": {"code": self.code, "message": self.message}})
        return page(self.status, self.title, self.message).encode()


def method_not_allowed(allowed: tuple[str, ...]) -> Refusal:
    """Nothing can be changed here."""
    said = ", ".join(allowed)
    message = f"the console only shows; here it takes {said}"
    return Refusal(405, "method_not_allowed", "Not allowed", message, ((b"allow", said.encode()),))


def host_not_allowed() -> Refusal:
    """Called by a name that is not ours."""
    message = "the console is not called by this name; `serve --host-name NAME` lets it be"
    return Refusal(421, "host_not_allowed", "Wrong name", message)


def bad_request(message: str, status: int = 400) -> Refusal:
    """Not a request that could be meant for us."""
    return Refusal(status, "bad_request", "Bad request", message)


def cross_site() -> Refusal:
    """A form that another site sent."""
    message = "the form came from another site; open the console's own page and send it from there"
    return Refusal(403, "cross_site", "Not from here", message)


def asked_elsewhere() -> Refusal:
    """A page of another site asked in its reader's name."""
    message = "another site asked for this; open the console's own page and ask there"
    return Refusal(403, "cross_site", "Not from here", message)


def not_logged_in(location: str | None) -> Refusal:
    """Nobody we know: a program is told so, a person is led to `location`."""
    message = "a token is wanted: log in, or send it as Authorization: Bearer"
    if location is None:
        return Refusal(401, "not_logged_in", "Log in", message, ((b"www-authenticate", b"Bearer"),))
    return Refusal(303, "not_logged_in", "Log in", message, ((b"location", location.encode("ascii")),))


def not_heard(why: TooManyAttempts | TokensUnreadable) -> Refusal:
    """No token is heard just now. Where the file of tokens is why, the log says so, and there alone."""
    if isinstance(why, TooManyAttempts):
        return _too_many_attempts(math.ceil(why.wait_s))
    log.warning("nobody can come in", why=str(why))
    message = "who may come in cannot be read just now; ask who runs the console, whose log says why"
    return Refusal(503, "access_unreadable", "Not now", message)


def _too_many_attempts(seconds: int) -> Refusal:
    retry = ((b"retry-after", str(seconds).encode()),)
    message = f"too many wrong tokens; try again in {seconds} s"
    return Refusal(429, "too_many_attempts", "Too many attempts", message, retry)


def defect() -> Refusal:
    """Something of ours is broken; what it is stays here."""
    return Refusal(500, "defect", "A defect", "a defect of the console's; its log says where")
