"""What a piece of work spends its CPU time on, by names given to functions; what they call has names of its own.

The work must be one task: whatever runs while a named function has not come back counts as its own, or as that of the
named one it called, in whichever thread.
"""

import functools
import inspect
import sys
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import FunctionType, ModuleType
from typing import Any

OURS = ("ledger", "adapters", "commands")
Block = AbstractContextManager[None]


class Costs:
    """CPU seconds by name; what no name claims is in `rest`."""

    def __init__(self, rest: str) -> None:
        self.seconds: dict[str, float] = {}
        self._names = [rest]
        self._since = time.process_time()

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count a block under a name."""
        self._settle()
        self._names.append(name)
        try:
            yield
        finally:
            self._settle()
            self._names.pop()

    def _settle(self) -> None:
        now = time.process_time()
        self.seconds[self._names[-1]] = self.seconds.get(self._names[-1], 0) + now - self._since
        self._since = now


@contextmanager
def counted(named: Mapping[str, Sequence[str]], rest: str) -> Iterator[Costs]:
    """Count, while the block runs, what functions cost: name → `module:function` or `module:Class.method`."""
    costs = Costs(rest)
    with within(costs.of, named):
        yield costs
        costs._settle()


@contextmanager
def within(of: Callable[[str], Block], named: Mapping[str, Sequence[str]]) -> Iterator[None]:
    """Have functions, told as `counted` is told them, run within a block of their names while this one runs."""
    blocks = {place: functools.partial(of, name) for name, some in named.items() for place in some}
    with replaced({place: functools.partial(_wrapped, block) for place, block in blocks.items()}):
        yield


@contextmanager
def replaced(by: Mapping[str, Callable[[Any], Any]]) -> Iterator[None]:
    """Put something else in the place of functions while the block runs, wherever they were imported to."""
    undo: list[tuple[Any, str, Any]] = []
    try:
        for place, make in by.items():
            owner, name, found = _found(place)
            other = make(found)
            for holder in [owner] if inspect.isclass(owner) else _holders(found):
                for alias in [alias for alias, value in vars(holder).items() if value is found]:
                    undo.append((holder, alias, found))
                    setattr(holder, alias, other)
            assert undo, f"{place} is nowhere ({name})"
        yield
    finally:
        for holder, alias, found in reversed(undo):
            setattr(holder, alias, found)


def _found(place: str) -> tuple[Any, str, Any]:
    module, _, path = place.partition(":")
    owner: Any = sys.modules[module]
    *outer, name = path.split(".")
    for part in outer:
        owner = getattr(owner, part)
    return owner, name, vars(owner)[name]


def _holders(found: object) -> list[ModuleType]:
    ours = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    return [module for module in ours if any(value is found for value in vars(module).values())]


def _wrapped(block: Callable[[], Block], function: FunctionType) -> Any:
    if inspect.iscoroutinefunction(function):

        async def waited(*args: Any, **kwargs: Any) -> Any:
            with block():
                return await function(*args, **kwargs)

        return waited
    if inspect.isasyncgenfunction(function):

        async def paged(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            pages = function(*args, **kwargs)
            while True:
                with block():
                    page = await anext(pages, None)
                if page is None:
                    return
                yield page

        return paged
    if inspect.isgeneratorfunction(function):

        def drawn(*args: Any, **kwargs: Any) -> Generator[Any, None, None]:
            items = function(*args, **kwargs)
            while True:
                with block():
                    item = next(items, None)
                if item is None:
                    return
                yield item

        return drawn

    def called(*args: Any, **kwargs: Any) -> Any:
        with block():
            return function(*args, **kwargs)

    return called
