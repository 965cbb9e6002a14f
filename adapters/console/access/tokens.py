"""Who may come in: named tokens, of which only hashes are kept, in one file of the operator's alone.

A token is 256 random bits, so a plain SHA-256 of it can be undone by nobody and looked up by nobody.
"""

import fcntl
import hashlib
import hmac
import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import tomlkit

from adapters.console.errors import BadTokenName, NoSuchToken, TokensUnreadable, TokensUnwritable, TokenTaken

PREFIX = "k2t_"
"""What every token begins with, so that one in a place where it should not be is found."""

_NAME = r"^[A-Za-z0-9._-]{1,64}\Z"
_LARGEST = 1 << 20
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_PATIENCE_S = 5.0

_Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
_Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Signature = tuple[int, int, int, int]


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token as it is kept: what it is called, its hash, and since when there is one."""

    name: _Name
    sha256: _Sha256
    created_at: _Moment


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: tuple[Token, ...] = ()


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def add(path: Path, name: str) -> str:
    """Make a token; answers the token itself, which is kept nowhere and cannot be shown again.

    Raises:
        BadTokenName: it is no name.
        TokenTaken: there is a token of that name.
        TokensUnreadable: as `listed`.
        TokensUnwritable: the file cannot be written; what stood there stands.
    """
    if not re.match(_NAME, name):
        raise BadTokenName
    token = PREFIX + secrets.token_urlsafe(32)
    with _held(path):
        kept = listed(path)
        if any(one.name == name for one in kept):
            raise TokenTaken(path, name)
        _write(path, [*kept, Token(name, hash_of(token), datetime.now(UTC))])
    return token


def revoke(path: Path, name: str) -> None:
    """Take a token out: it opens nothing from now on, and what was opened with it ends.

    Raises:
        NoSuchToken: there is none of that name.
        TokensUnreadable: as `listed`.
        TokensUnwritable: as `add`.
    """
    if not listed(path):
        raise NoSuchToken(path)
    with _held(path):
        kept = listed(path)
        left = [one for one in kept if one.name != name]
        if len(left) == len(kept):
            raise NoSuchToken(path)
        _write(path, left)


def listed(path: Path) -> list[Token]:
    """The tokens there are, oldest first; none where there is no file.

    Raises:
        TokensUnreadable: the file is open to others, no TOML, or holds what no token file does.
    """
    found = _read(path)
    return [] if found is None else found[1]


class TokenFile:
    """The tokens as the file has them now: it is read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        """Read `path`, once somebody asks."""
        self.path = path
        self._signature: _Signature | None = None
        self._tokens: list[Token] = []

    def tokens(self) -> list[Token]:
        """Every token there is now.

        Raises:
            TokensUnreadable: as `listed`.
        """
        try:
            signature = _signature(self.path.stat())
        except FileNotFoundError:
            signature = None
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if signature is None or signature != self._signature:
            self._signature = None
            self._signature, self._tokens = _read(self.path) or (None, [])
        return self._tokens

    def find(self, secret: str) -> Token | None:
        """The token that `secret` is, if it is one. How long that takes tells nothing of the others.

        Raises:
            TokensUnreadable: as `listed`.
        """
        digest = hash_of(secret)
        found = None
        for one in self.tokens():
            if hmac.compare_digest(one.sha256, digest):
                found = one
        return found


def _read(path: Path) -> tuple[_Signature, list[Token]] | None:
    try:
        with open(path, "rb", opener=_unwaiting) as file:  # Path.open takes no opener
            state = os.fstat(file.fileno())
            _refuse_unsafe(path, state)
            return _signature(state), _decoded(path, file.read(_LARGEST + 1))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error


def _unwaiting(path: str, flags: int) -> int:
    """Open without waiting: a pipe in the file's place would otherwise be read for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _refuse_unsafe(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise TokensUnreadable(path, "is no file", "name another with --tokens PATH")
    if state.st_uid != os.geteuid():
        raise TokensUnreadable(path, "is another user's", "give it to this user, or name --tokens PATH")
    if state.st_mode & _OTHERS:
        raise TokensUnreadable(path, "is open to others than its owner", f"`chmod 600 {path}`, once nobody changed it")
    if state.st_size > _LARGEST:
        raise TokensUnreadable(path, "is larger than any list of tokens", "name another with --tokens PATH")


def _decoded(path: Path, content: bytes) -> list[Token]:
    try:
        kept = list(msgspec.toml.decode(content, type=_Kept).token)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # What is wrong may be a hash, or a token pasted by hand: only where it stands is told.
        kind = "holds what is no token's" if isinstance(error, msgspec.ValidationError) else "is not TOML"
        raise _not_understood(path, kind) from None
    if len({one.name for one in kept}) < len(kept):
        raise _not_understood(path, "holds two tokens of one name")
    return kept


def _not_understood(path: Path, problem: str) -> TokensUnreadable:
    return TokensUnreadable(path, problem, "put it back as it was, or move it away and make new tokens")


def _unreadable(path: Path, error: OSError) -> TokensUnreadable:
    return TokensUnreadable(path, f"cannot be read ({error.strerror})", "give it to this user, or name --tokens PATH")


def _signature(state: os.stat_result) -> _Signature:
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Hold the file's folder for a change; a lock on the file itself would go when another takes its place."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise TokensUnwritable(path, str(error.strerror)) from error
    try:
        _lock(folder, path)
        yield
        os.fsync(folder)
    finally:
        os.close(folder)


def _lock(folder: int, path: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        with suppress(BlockingIOError):
            return fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.monotonic() > until:
            raise TokensUnwritable(path, "another process holds its folder")
        time.sleep(0.01)


def _write(path: Path, tokens: Sequence[Token]) -> None:
    text = tomlkit.dumps({"token": [msgspec.to_builtins(one, builtin_types=(datetime,)) for one in tokens]})
    try:
        # mkstemp's files are 0600 from the start; beside the target, so that taking its place is one step.
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise TokensUnwritable(path, str(error.strerror)) from error
