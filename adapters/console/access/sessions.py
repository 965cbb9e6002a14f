"""Who is in: sessions in memory, which end when they rest, when they are old, and when their token is revoked."""

import secrets
import time
from collections.abc import Callable

import msgspec

from adapters.console.access.tokens import Token, TokenFile, hash_of

IDLE_S = 60 * 60
LIFETIME_S = 12 * 60 * 60
LIMIT = 1000


def clock() -> float:
    """Seconds that nobody sets back, and that pass while the machine sleeps where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class _Session(msgspec.Struct):
    token: Token
    begun: float
    seen: float


class Sessions:
    """The sessions of one process, at most `LIMIT`: then the one that rested longest gives way.

    Of a session's id only the hash is kept, so that looking one up takes no time that tells of another.
    """

    def __init__(self, tokens: TokenFile, clock: Callable[[], float] = clock) -> None:
        """Keep sessions opened by `tokens`."""
        self._tokens = tokens
        self._clock = clock
        self._sessions: dict[str, _Session] = {}

    def begin(self, token: Token) -> str:
        """Open a session by a token; answers its id, which only the browser keeps."""
        self._let_go()
        session_id, now = secrets.token_urlsafe(32), self._clock()
        self._sessions[hash_of(session_id)] = _Session(token, now, now)
        return session_id

    def who(self, session_id: str) -> str | None:
        """The name of the token that opened a session, or None where there is no such session any more.

        Raises:
            TokensUnreadable: nobody can tell whether that token still stands.
        """
        key = hash_of(session_id)
        session = self._sessions.get(key)
        if session is None:
            return None
        if self._is_over(session) or session.token not in self._tokens.tokens():
            del self._sessions[key]
            return None
        session.seen = self._clock()
        return session.token.name

    def stands(self, session_id: str) -> bool:
        """Whether a session is one still; to ask this is no use of it, and keeps it for no longer.

        Raises:
            TokensUnreadable: as `who`.
        """
        session = self._sessions.get(hash_of(session_id))
        return session is not None and not self._is_over(session) and session.token in self._tokens.tokens()

    def end(self, session_id: str) -> None:
        """End a session, if there is one."""
        self._sessions.pop(hash_of(session_id), None)

    def _is_over(self, session: _Session) -> bool:
        now = self._clock()
        return now - session.seen >= IDLE_S or now - session.begun >= LIFETIME_S

    def _let_go(self) -> None:
        for key in [key for key, session in self._sessions.items() if self._is_over(session)]:
            del self._sessions[key]
        while len(self._sessions) >= LIMIT:
            del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].seen)]
