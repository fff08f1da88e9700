"""What the catalogue's editors decided of the competences of instruments: a small database beside the others.

Reference data: no citizen is in it. A decision is about an instrument (its UUID, which stays the same in any guide) and
a competence; it keeps the digest of the text that it was made on, so that it can be told when that changed since.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from werkpod.apps.errors import DecisionsUnavailable
from werkpod.apps.instruments.model import Instrument
from werkpod.vocab.files import make_folder

Verdict = Literal["confirmed", "refused"]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS decision (
    instrument TEXT NOT NULL,
    competence TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('confirmed', 'refused')),
    level TEXT NOT NULL,
    digest TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at REAL NOT NULL,
    PRIMARY KEY (instrument, competence)
) WITHOUT ROWID
"""
_WAIT = 5.0
"""Seconds that a write waits for that of another process."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor decided. `level` "1" to "4" ("" for what was refused); `digest` of the text at that time; `by`: a
    WebID, or "api"; `at`: Unix seconds."""

    verdict: Verdict
    level: str
    digest: str
    by: str
    at: float

    def is_stale(self, instrument: Instrument) -> bool:
        """Whether the instrument's text has changed since."""
        return self.digest != instrument.digest


class Decisions:
    """The decisions in a file, which is made with the first one. Each call opens the file for itself, so any number of
    threads and processes may share it. Methods block and raise DecisionsUnavailable."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock

    def all(self) -> Mapping[str, Mapping[str, Decision]]:
        """Every decision: UUID of the instrument -> IRI of the competence -> decision."""
        found: dict[str, dict[str, Decision]] = {}
        if self._path.exists():
            with self._open() as database:
                for row in database.execute(
                    "SELECT instrument, competence, verdict, level, digest, decided_by, decided_at FROM decision"
                ):
                    found.setdefault(row[0], {})[row[1]] = Decision(*row[2:])
        return found

    def decide(self, instrument: Instrument, competence: str, verdict: Verdict, level: str, by: str) -> Decision:
        """Write a decision, in place of an earlier one on the same. On disk when this returns."""
        made = Decision(verdict, level if verdict == "confirmed" else "", instrument.digest, by, self._clock())
        with self._open() as database:
            database.execute(
                "INSERT OR REPLACE INTO decision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                (instrument.uuid, competence, made.verdict, made.level, made.digest, made.by, made.at),
            )
        return made

    def forget(self, instrument: Instrument, competence: str) -> None:
        """Take a decision back, so that what was proposed counts again. None there: nothing happens."""
        if self._path.exists():
            with self._open() as database:
                database.execute(
                    "DELETE FROM decision WHERE instrument = ?1 AND competence = ?2", (instrument.uuid, competence)
                )

    def stamp(self) -> object:
        """Something that changes with each decision, by whichever process."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """The database in a transaction: committed at the end, rolled back on an error, closed in any case."""
        try:
            make_folder(self._path.parent)
            # SQLite would make it readable for others on the machine: who decided what is for the owner alone
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            database = sqlite3.connect(self._path, timeout=_WAIT)
            try:
                with database:
                    database.execute(_SCHEMA)
                    yield database
            finally:
                database.close()
        except (sqlite3.Error, OSError) as error:
            raise DecisionsUnavailable(f"The decisions on instruments cannot be kept or read: {error}.") from error
