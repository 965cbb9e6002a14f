"""Standard output and error as pipes, which their readers leave whenever they like."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Print for as long as somebody reads: `history | head` is no error."""
    try:
        yield
    except BrokenPipeError:
        let_go(sys.stdout)
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            let_go(sys.stdout)


def let_go(stream: TextIO) -> None:
    """Send what is still to be written where nobody reads, so that closing the stream is no error either."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, stream.fileno())
    os.close(descriptor)
