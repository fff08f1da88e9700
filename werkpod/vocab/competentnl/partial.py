"""What came of an import that is not finished: pages on disk, each put there whole, so that an import that breaks goes
on where it was.

    {data}/vocab/competentnl.partial/plan.json   which service, since when, how many occupations it says it has
                                     00001.nt    a page: a comment with what it is, then its triples
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
from pyoxigraph import Quad, RdfFormat, parse, serialize

from werkpod.vocab.errors import SourceFailed
from werkpod.vocab.files import make_folder

FORMAT = 1
STALE_DAYS = 7
"""After so many days the pages are of another time than what would come now, and the import starts anew."""


class Plan(msgspec.Struct, frozen=True):
    """What the pages are part of. `started`: ISO 8601, UTC; `total`: occupations that the service said it has."""

    url: str
    started: str
    total: int
    format: int = FORMAT


class PageInfo(msgspec.Struct, frozen=True):
    """What a page is. `asked`: the IRIs of the concepts that it describes, empty for a page of occupations; then
    `last` is the IRI of the last of them (`after` that the next page starts) and `ended` says that no more follow."""

    asked: tuple[str, ...] = ()
    last: str = ""
    ended: bool = False


class Partial:
    """The pages in a folder; only one import at a time has it open."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    @contextlib.contextmanager
    def locked(self) -> Iterator[Partial]:
        """Make the folder, and keep others out of it for the block. Raises SourceFailed where another is in."""
        make_folder(self._folder)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SourceFailed(f"Another import is at work in {self._folder}; wait until it is done.") from None
            yield self

    def plan(self, url: str) -> Plan | None:
        """The plan of the pages that are here, or None when there are none of this service, or they are stale: then
        nothing is left of them."""
        try:
            plan = msgspec.json.decode((self._folder / "plan.json").read_bytes(), type=Plan)
            age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(plan.started)
            if (plan.format, plan.url) == (FORMAT, url) and dt.timedelta(0) <= age < dt.timedelta(days=STALE_DAYS):
                return plan
        except (OSError, ValueError, TypeError):
            pass
        self.clear()
        return None

    def begin(self, plan: Plan) -> None:
        """Start anew with a plan."""
        self.clear()
        self._put("plan.json", msgspec.json.encode(plan))

    def pages(self) -> Iterator[tuple[PageInfo, list[Quad]]]:
        """The pages, in order. From one that cannot be read they are removed: what follows was asked because of it."""
        every = sorted(self._folder.glob("[0-9]*.nt"))
        for at, path in enumerate(every):
            try:
                head, _, body = path.read_bytes().partition(b"\n")
                info = msgspec.json.decode(head.removeprefix(b"# "), type=PageInfo)
                quads = list(parse(body, RdfFormat.N_TRIPLES, rename_blank_nodes=True))
            except (OSError, ValueError, SyntaxError, MemoryError):
                for damaged in every[at:]:
                    damaged.unlink(missing_ok=True)
                return
            self._count = int(path.stem)
            yield info, quads

    def keep(self, info: PageInfo, quads: list[Quad]) -> None:
        """Keep a page. Raises OSError when the disk will not have it."""
        self._count += 1
        triples = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES) or b""
        self._put(f"{self._count:05}.nt", b"# " + msgspec.json.encode(info) + b"\n" + triples)

    def clear(self) -> None:
        """Remove all that is here."""
        for path in self._folder.glob("*"):
            if path.name != "lock":
                path.unlink(missing_ok=True)
        self._count = 0

    def remove(self) -> None:
        """Remove the folder itself, at the end."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _put(self, name: str, content: bytes) -> None:
        new = self._folder / f".{name}.new"
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self._folder / name)
