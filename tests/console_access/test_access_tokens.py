"""The file of tokens: what is kept, for whom, and that nothing of it is lost."""

import fcntl
import hashlib
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.console.access import tokens
from adapters.console.access.tokens import PREFIX, TokenFile, add, listed, revoke
from adapters.console.errors import (
    BadTokenName,
    ConsoleError,
    NoSuchToken,
    TokensUnreadable,
    TokensUnwritable,
    TokenTaken,
)

ADD = "import sys; from pathlib import Path; from adapters.console.access.tokens import add; " + (
    "[add(Path(sys.argv[1]), f'{sys.argv[2]}.{number}') for number in range(10)]"
)
WHOLE = '[[token]]\nname = "ann"\nsha256 = "' + "a" * 64 + '"\ncreated_at = 2026-01-01T00:00:00Z\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be; its folder is not there yet."""
    return tmp_path / "var" / "console.toml"


def named(file: TokenFile, secret: str) -> str | None:
    """The name of the token that a secret is."""
    found = file.find(secret)
    return found.name if found else None


def test_a_token_is_kept_as_its_hash_only(path: Path) -> None:
    """The file has a name, the hash and the moment; the token is in no file of the folder."""
    token = add(path, "ann")
    [kept] = tomllib.loads(path.read_text())["token"]
    assert (kept["name"], kept["sha256"]) == ("ann", hashlib.sha256(token.encode()).hexdigest())
    assert kept["created_at"].utcoffset().total_seconds() == 0
    assert token.startswith(PREFIX)
    assert len(token) == len(PREFIX) + 43
    assert all(token.encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_the_file_is_its_owners_alone_from_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the umask, no moment of the file's life shows it to others: its mode is right before it has its name."""
    seen = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append((self.stat().st_mode & 0o777, target))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    before = os.umask(0)
    try:
        add(path, "ann")
        add(path, "bob")
    finally:
        os.umask(before)
    assert seen == [(0o600, path), (0o600, path)]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_tokens_differ_and_open_by_themselves_alone(path: Path) -> None:
    """Each token says its own name; another, part of one, or its hash says none."""
    ann, bob = add(path, "ann"), add(path, "bob")
    file = TokenFile(path)
    assert (named(file, ann), named(file, bob)) == ("ann", "bob")
    for wrong in ("", ann[:-1], ann + "x", ann.upper(), listed(path)[0].sha256, "\ud800", "ä"):
        assert named(file, wrong) is None


@pytest.mark.parametrize("name", ["", "a b", "ann\n", "../ann", "ä", "a" * 65, "a\x00", '"'])
def test_an_ill_formed_name_is_refused(path: Path, name: str) -> None:
    """A name is of harmless characters, and nothing is written for another."""
    with pytest.raises(BadTokenName) as refused:
        add(path, name)
    assert "\n" not in str(refused.value)
    assert not path.exists()


def test_a_taken_name_is_refused_and_the_old_token_stays(path: Path) -> None:
    """Nobody's token is replaced by a slip of the pen."""
    token = add(path, "ann")
    with pytest.raises(TokenTaken):
        add(path, "ann")
    assert named(TokenFile(path), token) == "ann"


def test_a_revoked_token_opens_nothing_at_once(path: Path) -> None:
    """A file that was read already is read again; the others stay."""
    ann, bob = add(path, "ann"), add(path, "bob")
    file = TokenFile(path)
    assert named(file, ann) == "ann"
    revoke(path, "ann")
    assert (named(file, ann), named(file, bob)) == (None, "bob")
    with pytest.raises(NoSuchToken):
        revoke(path, "ann")
    revoke(path, "bob")
    assert (listed(path), file.tokens()) == ([], [])


def test_a_revoked_name_comes_back_as_another_token(path: Path) -> None:
    """The same name may be given again; the old token does not come back with it."""
    old = add(path, "ann")
    revoke(path, "ann")
    new = add(path, "ann")
    file = TokenFile(path)
    assert (named(file, old), named(file, new)) == (None, "ann")


def test_no_file_is_no_token(path: Path) -> None:
    """Before the first token, and after the file was taken away, nobody comes in; no folder is made by asking."""
    file = TokenFile(path)
    assert (listed(path), named(file, "x")) == ([], None)
    with pytest.raises(NoSuchToken):
        revoke(path, "ann")
    assert not path.parent.exists()
    token = add(path, "ann")
    assert named(file, token) == "ann"
    path.unlink()
    assert named(file, token) is None


def test_a_file_that_did_not_change_is_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked with every request costs one look at the file's dates."""
    token = add(path, "ann")
    file = TokenFile(path)
    file.tokens()
    monkeypatch.setattr(tokens, "_read", lambda _path: pytest.fail("read again"))
    assert named(file, token) == "ann"


def test_every_kept_hash_is_compared(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right token and a wrong one take the same comparisons: all of them."""
    first = add(path, "ann")
    for name in ("bob", "cid"):
        add(path, name)
    file, compared, compare = TokenFile(path), [], tokens.hmac.compare_digest
    monkeypatch.setattr(tokens.hmac, "compare_digest", lambda *two: compared.append(two) or compare(*two))
    for secret in (first, "wrong"):
        compared.clear()
        named(file, secret)
        assert len(compared) == 3


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_open_to_others_is_refused(path: Path, mode: int) -> None:
    """What others could read or change is trusted for nothing, also when it was trusted before."""
    token = add(path, "ann")
    file = TokenFile(path)
    assert named(file, token) == "ann"
    path.chmod(mode)
    for ask in (
        lambda: listed(path),
        lambda: named(file, token),
        lambda: add(path, "bob"),
        lambda: revoke(path, "ann"),
    ):
        with pytest.raises(TokensUnreadable) as refused:
            ask()
        assert f"chmod 600 {path}" in str(refused.value)
    path.chmod(0o600)
    assert named(file, token) == "ann"


@pytest.mark.parametrize(
    "content",
    [
        b"[[token]",
        b"\xff\xfe",
        b"admin = true\n",
        WHOLE.encode() + b'role = "admin"\n',
        WHOLE.replace("name", "nome").encode(),
        WHOLE.replace("ann", "a b").encode(),
        WHOLE.replace("a" * 64, "k2t_pasted-by-hand").encode(),
        WHOLE.replace("a" * 64, "A" * 64).encode(),
        WHOLE.replace("Z", "").encode(),
        (WHOLE + WHOLE).encode(),
        b"#" * (2 << 20),
    ],
    ids=["cut", "binary", "key", "field", "nameless", "name", "secret", "hash", "zoneless", "doubled", "huge"],
)
def test_a_file_that_is_not_understood_is_refused(path: Path, content: bytes) -> None:
    """It opens nothing, is not written over, and the error names it in one line that quotes nothing of it."""
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_bytes(content)
    for ask in (lambda: named(TokenFile(path), "x"), lambda: add(path, "bob")):
        with pytest.raises(TokensUnreadable) as refused:
            ask()
        said = str(refused.value)
        assert said.startswith(str(path))
        assert "pasted-by-hand" not in said
        assert "\n" not in said
    assert path.read_bytes() == content


def test_what_is_no_file_is_refused(path: Path) -> None:
    """A pipe is not waited for, a folder is no file."""
    path.parent.mkdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(TokensUnreadable):
        listed(path)
    path.unlink()
    path.mkdir(0o700)
    with pytest.raises(TokensUnreadable):
        listed(path)


def test_a_change_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full: one line, the old file, and no rest of the new one."""
    add(path, "ann")
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tokens.os, "fsync", full)
    with pytest.raises(TokensUnwritable, match="No space left"):
        add(path, "bob")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "var").touch()
    with pytest.raises(ConsoleError) as refused:
        add(tmp_path / "var" / "console.toml", "ann")
    assert "Not a directory" in str(refused.value) or "File exists" in str(refused.value)


def test_adds_at_the_same_time_lose_nothing(path: Path) -> None:
    """Four processes add ten tokens each to one file; all forty are there."""
    at_work = [subprocess.Popen([sys.executable, "-c", ADD, path, f"p{number}"]) for number in range(4)]
    assert [process.wait(timeout=30) for process in at_work] == [0, 0, 0, 0]
    assert {one.name for one in listed(path)} == {f"p{number}.{n}" for number in range(4) for n in range(10)}
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_held_by_another_process_is_not_waited_for_without_end(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the folder's lock for good is named as the reason, after some patience."""
    add(path, "ann")
    monkeypatch.setattr(tokens, "_PATIENCE_S", 0.05)
    with _locked(path.parent), pytest.raises(TokensUnwritable, match="another process"):
        add(path, "bob")
    add(path, "bob")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
