"""For a database that is not durable by itself: brings what was written to the disk, once a second.

With `synchronous=NORMAL` a commit reaches the operating system, so it survives a crash of the process, and reaches the
disk at the next flush, so it survives a crash of the machine after that.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from werkpod.pod.store.checkpoint import checkpoint

INTERVAL = 1.0
"""Seconds between two flushes (design, "Storage": of the machine within a second)."""

CHECKPOINT_BYTES = 8 << 20
"""Size of the WAL at which it is moved into the database, here and not in the event loop."""


class Flusher:
    """The flushing thread of one database. `failed` holds the error after which nothing more was flushed."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._wal = path.with_name(path.name + "-wal")
        self._connect = connect
        self._stop = threading.Event()
        self.failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"werkpod-flusher-{path.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Flush once more and end the thread. Blocks; idempotent."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = self._connect()
        try:
            stopped = False
            while not stopped:
                stopped = self._stop.wait(INTERVAL)
                self._flush(connection)
        except (OSError, sqlite3.Error) as error:
            self.failed = error
        finally:
            connection.close()

    def _flush(self, connection: sqlite3.Connection) -> None:
        """Sync the WAL. SQLite keeps no lock on that file, so closing our own descriptor of it releases none."""
        try:
            descriptor = os.open(self._wal, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.fdatasync(descriptor)
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        if size > CHECKPOINT_BYTES:
            checkpoint(connection, self._wal)
