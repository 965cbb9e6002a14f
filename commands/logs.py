"""Log lines, on stderr."""

import sys

import structlog
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure(verbosity: int) -> None:
    """Log lines go to stderr: for people on a terminal, JSON elsewhere; warnings only, unless asked for more."""
    set_on_retry_hooks([_log_retry])
    level = {0: 30, 1: 20}.get(verbosity, 10)
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def _log_retry(details: RetryDetails) -> None:
    # Only errors of ours are tried again, and their texts quote no value.
    log.warning("trying again", why=str(details.caused_by), wait_s=round(details.wait_for, 1))
