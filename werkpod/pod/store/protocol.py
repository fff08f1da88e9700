"""The seam between Werkpod and a database engine: statements in, rows out.

One file an engine (`sqlite.py`, later `postgres.py`); the SQL above this seam is shared by both and written with
numbered parameters (`?1, ?2`). Every primary key starts with the pod and every unit of writing touches one pod, so a
pod is a shard. The conformance test module runs against every engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Value = str | bytes | int | float | None
Row = tuple[Value, ...]


class ExpectationFailed(Exception):
    """A statement changed or returned another number of rows than it said; its whole unit was rolled back.

    `index` is the statement's place in the unit. This is how a compare-and-swap loses.
    """

    def __init__(self, index: int) -> None:
        super().__init__(f"statement {index} met another number of rows than expected")
        self.index = index


class Duplicate(Exception):
    """A statement met a row with the same key; its whole unit was rolled back. `index` is the statement's place."""

    def __init__(self, index: int) -> None:
        super().__init__(f"statement {index} met a row with the same key")
        self.index = index


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement of a unit. `rows`: exactly how many rows it must change or return; None takes any number."""

    sql: str
    params: tuple[Value, ...] = ()
    rows: int | None = None


class Database(Protocol):
    """One database. Contract for every engine:

    - `write` is atomic and, where the database was opened durable, on disk when it returns; a unit that raises has left
      nothing behind, and has not disturbed units that were committed with it (group commit).
    - Writes from one caller happen in the order in which they were awaited; a read started after a write
      returned sees it.
    - `fetch` never waits for a writer.
    - All methods may be called from the event loop's thread only; `close` is idempotent.
    """

    async def fetch(self, sql: str, *params: Value) -> Sequence[Row]:
        """The rows of a query; an empty sequence when there are none."""
        ...

    async def write(self, *statements: Statement) -> list[Sequence[Row]]:
        """Carry out one unit; the rows that each statement returned. Raises ExpectationFailed, Duplicate."""
        ...

    async def scrub(self) -> None:
        """Leave no trace of deleted rows in the engine's own files, as far as the engine can. Idempotent."""
        ...

    async def shrink(self) -> bool:
        """Give a little of the free space back to the file system, as far as the engine can; False when that is all."""
        ...

    async def close(self) -> None:
        """Finish what is queued, then let go of the files."""
        ...
