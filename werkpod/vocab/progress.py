"""Progress of long work on a terminal: a bar that redraws itself, or one plain line a stage where nobody watches."""

from __future__ import annotations

import time
from typing import Protocol, TextIO

_WIDTH = 30
_REDRAW_SECONDS = 0.1


class Progress(Protocol):
    """Told how far the work is. `stage` starts a part of `total` steps, `at` says how many are done."""

    def stage(self, name: str, total: int) -> None:
        """A part of the work starts."""
        ...

    def at(self, done: int) -> None:
        """So many steps of the part are done."""
        ...

    def finish(self) -> None:
        """The last part is done."""
        ...


class NoProgress:
    """Says nothing."""

    def stage(self, name: str, total: int) -> None:
        """Nothing."""

    def at(self, done: int) -> None:
        """Nothing."""

    def finish(self) -> None:
        """Nothing."""


class TextProgress:
    """Progress on a text stream: a bar when it is a terminal, otherwise a line when a stage is done."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._bar = stream, stream.isatty()
        self._name, self._total, self._started, self._drawn = "", 0, 0.0, 0.0

    def stage(self, name: str, total: int) -> None:
        """Close the previous stage and start this one."""
        self.finish()
        self._name, self._total, self._started, self._drawn = name, max(total, 1), time.monotonic(), 0.0
        self.at(0)

    def at(self, done: int) -> None:
        """Redraw the bar, at most ten times a second."""
        now = time.monotonic()
        if not self._bar or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        share = min(done / self._total, 1.0)
        filled = int(share * _WIDTH)
        self._stream.write(f"\r{self._name:<32} [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}")
        self._stream.flush()

    def finish(self) -> None:
        """Close the stage that is going on, if any."""
        if not self._name:
            return
        seconds = time.monotonic() - self._started
        start, bar = ("\r", f"[{'#' * _WIDTH}] 100%") if self._bar else ("", "done")
        self._stream.write(f"{start}{self._name:<32} {bar} {seconds:5.1f} s\n")
        self._stream.flush()
        self._name = ""
