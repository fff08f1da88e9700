"""Moving the write-ahead log into the database, outside the event loop, so that it never grows without end.

SQLite begins the log anew only when all of it was moved and nobody reads from it at that moment. With writes that never
pause a passive checkpoint, which lets them go on, never gets that far: the log only grows. So where it has become long
the rest, which is short by then, is moved while writers wait some milliseconds (wal_checkpoint(TRUNCATE), SQLite,
"Checkpointing").
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

LIMIT = 64 << 20
"""Bytes from which the log is begun anew though somebody has to wait for it."""
_SHORT = 256
"""Pages that are moved while writers wait: 1 MB."""
_PASSES = 4
_TRIES = 40
_WAIT_MS = 5
"""How long writers wait at most for somebody who reads from the log, each try."""


def checkpoint(connection: sqlite3.Connection, wal: Path) -> bool:
    """Move the log of a database into it; where it is longer than `LIMIT`, begin it anew. Whether it is short now.

    Blocks; for a thread that has `connection` to itself. Raises sqlite3.Error.
    """
    _, pages, moved = _passive(connection)
    if _size(wal) <= LIMIT:
        return True
    for _ in range(_PASSES):
        if pages - moved <= _SHORT:
            break
        _, pages, moved = _passive(connection)
    ((before,),) = connection.execute("PRAGMA busy_timeout").fetchall()
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_MS}")
    try:
        for _ in range(_TRIES):
            if _emptied(connection):
                return True
            time.sleep(_WAIT_MS / 1000)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(before)}")
    return False  # somebody reads all the time; the next time


def _passive(connection: sqlite3.Connection) -> tuple[int, int, int]:
    ((busy, pages, moved),) = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    return busy, pages, moved


def _emptied(connection: sqlite3.Connection) -> bool:
    try:
        ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
        return False
    return not busy


def _size(wal: Path) -> int:
    try:
        return wal.stat().st_size
    except FileNotFoundError:
        return 0
