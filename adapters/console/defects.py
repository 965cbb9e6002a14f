"""Defects: told in the log by kind and place alone, since an error's own text may quote somebody's values."""

import traceback

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def tell_defect(what: str, error: BaseException) -> None:
    """Say in the log what went wrong, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    log.error(what, error=type(error).__name__, at=where)
