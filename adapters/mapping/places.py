"""Where in the text of a TOML file a key stands, so that an error about a value can name its line.

TOML readers keep no positions. This one keeps nothing else: it walks the text by TOML's own tokens (strings of all
four kinds and comments are each one token and cannot be mistaken for keys) and notes the line of every key and list
element. The text is expected to be TOML already; of one that is not, what stands before the fault is found.
"""

import re
import tomllib
from collections.abc import Callable
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<skip>    [ \t\r]+ | \#[^\n]* )
  | (?P<string>  \"{3}(?:\\.|[^\\])*?\"{3}\"{0,2} | '{3}.*?'{3}'{0,2} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<bare>    [^\s\#"'\[\]{}=,.]+ )
  | (?P<mark>    . )
    """,
    re.VERBOSE | re.DOTALL,
)
_DEEPEST = 100  # lists in lists; a mapping has two


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


_END = _Token("end", "", 0)


class _Node:
    """A key or list element: the line where it is first named, or defined, and what stands below it."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.below: dict[str, _Node] = {}

    def child(self, name: str, line: int) -> "_Node":
        return self.below.setdefault(name, _Node(line))

    def element(self, line: int) -> "_Node":
        return self.child(f"[{len(self.below)}]", line)

    def newest(self) -> "_Node":
        """Where keys below go: the last element of a list of tables, else the table itself."""
        return next(reversed(self.below.values())) if "[0]" in self.below else self


def line_of(text: str, path: str) -> int | None:
    """The line (from 1) of the key that `path` names, else of the nearest key above it; None where there is none.

    Parts of a path are joined by dots, list elements are `[2]`, a key may be quoted, and `[...]`, msgspec's word for
    any key or element, is found only where there is just one.
    """
    node, rest, line = _Reader(text).document(), path, None
    while rest and (step := _step(node, rest)) is not None:
        node, rest = step
        line = node.line
    return line


def _step(node: _Node, path: str) -> tuple[_Node, str] | None:
    """The child that `path` goes on with, and what is left of it. Names may hold dots: the longest that fits wins."""
    if path.startswith("[...]") and len(node.below) == 1:
        return next(iter(node.below.values())), path.removeprefix("[...]").removeprefix(".")
    fitting = ((spelled, child) for name, child in node.below.items() for spelled in (name, f'"{name}"', f"'{name}'"))
    ended = r"(?=[.\[]|\Z)"
    found = [(spelled, child) for spelled, child in fitting if spelled and re.match(re.escape(spelled) + ended, path)]
    if not found:
        return None
    spelled, child = max(found, key=lambda pair: len(pair[0]))
    return child, path.removeprefix(spelled).removeprefix(".")


class _Reader:
    """Walks the tokens of a document once. At a token that TOML has no place for, it stops where it is."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def document(self) -> _Node:
        root = table = _Node(0)
        while self._next.kind != "end":
            if self._next.text == "\n":
                self._take()
            elif self._next.text == "[":
                table = self._header(root)
            else:
                self._pair(table, 0)
        return root

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._next
        self._at += 1
        return token

    def _stop(self) -> None:
        self._at = len(self._tokens)

    def _header(self, root: _Node) -> _Node:
        """`[a.b]` or `[[a.b]]`: the table that the keys below it are in."""
        line = self._take().line
        listed = self._next.text == "["
        if listed:
            self._take()
        *outer, name = self._keys() or [""]
        node = root
        for key in outer:
            node = node.child(key, line).newest()
        node = node.child(name, line)
        node.line = line if not listed else node.line
        while self._next.text == "]":
            self._take()
        return node.element(line) if listed else node

    def _pair(self, table: _Node, depth: int) -> None:
        line, node = self._next.line, table
        for key in self._keys():
            node = node.child(key, line)
        if self._take().text == "=":
            self._value(node, depth)
        else:
            self._stop()

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while self._next.kind in {"bare", "string"}:
            keys.append(_key(self._take()))
            if self._next.text != ".":
                break
            self._take()
        return keys

    def _value(self, node: _Node, depth: int) -> None:
        opened = self._take()
        if depth > _DEEPEST:
            self._stop()
        elif opened.text == "[":
            self._enclosed("]", lambda: self._value(node.element(self._next.line), depth + 1))
        elif opened.text == "{":
            self._enclosed("}", lambda: self._pair(node, depth + 1))
        else:  # dates and floats are several tokens
            while self._next.kind == "bare" or self._next.text == ".":
                self._take()

    def _enclosed(self, closing: str, read: Callable[[], None]) -> None:
        """What stands up to `closing`, commas and line ends apart."""
        while self._next.text not in {closing, ""}:
            if self._next.text in {",", "\n"}:
                self._take()
            else:
                read()
        self._take()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skip":
            tokens.append(_Token(match.lastgroup or "", match[0], line))
        line += match[0].count("\n")
    return tokens


def _key(token: _Token) -> str:
    """A key as TOML reads it: without quotes, escapes resolved."""
    if token.kind == "bare":
        return token.text
    try:
        return str(tomllib.loads(f"key = {token.text}")["key"])
    except tomllib.TOMLDecodeError:
        return token.text  # no key of any document: it names nothing, and the document is refused elsewhere
