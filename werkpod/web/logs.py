"""What the server writes about itself: one JSON line an event, without anything that people or apps sent.

A fault is logged with the files and lines that it went through, and never with the values of variables: those are
tokens, passphrases and CVs (OWASP ASVS 5.0, 16.2.5). Addresses of share links are keys, so they are masked.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog

_LINK = re.compile(r"(/k/)[^/?\s\"']+")


def masked(path: str) -> str:
    """A path as a log may have it: without the secret of a share link."""
    return _LINK.sub(r"\1...", path)


def where_it_failed(error: BaseException) -> list[str]:
    """The types of an error and its causes, and the places that each went through; no messages, no values."""
    found: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        found.append(type(current).__name__)
        found += [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or current.__context__
    return found


def _errors(logger: Any, method: str, event: Any) -> Any:
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = where_it_failed(error)
    if isinstance(event.get("path"), str):
        event["path"] = masked(event["path"])
    return event


class _Formatter(logging.Formatter):
    """For the lines of uvicorn: the same, as text."""

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return "\n".join(f"  {line}" for line in where_it_failed(ei[1])) if ei[1] is not None else ""


def configure_logs() -> None:
    """Set up structlog, and the handlers that uvicorn's loggers use. Called once, when the server starts."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            _errors,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": _Formatter, "fmt": "%(levelname)s %(message)s"}},
    "handlers": {"errors": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}},
    "loggers": {"uvicorn": {"handlers": ["errors"], "level": "WARNING", "propagate": False}},
}
"""uvicorn's logging (`dictConfig`): warnings and errors, no access log."""
