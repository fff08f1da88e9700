"""Keeps the catalogue: reads the guides when that is due, puts their instruments together with what they develop, and
lets every reader have the result.

A guide that is down, asks to wait or answers rubbish changes nothing: its last good copy stays in the catalogue.
Any number of processes may keep the same files: each looks whether another has read a guide meanwhile.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import structlog
from anyio import to_thread

from werkpod.apps.errors import GuideUnreadable
from werkpod.apps.instruments.competences import Competences
from werkpod.apps.instruments.guides import read_items, starter_instruments
from werkpod.apps.instruments.kept import Kept, KeptGuides, Status
from werkpod.apps.instruments.model import Catalogue, Instrument, LiveCatalogue
from werkpod.apps.instruments.reading import AskLater, GuideReader, client_for
from werkpod.apps.instruments.sources import GuideSource

SECONDS = 30.0
"""How often it is looked whether a guide is due or another process has kept something."""
MOST_LEFT_OUT = 0.1
"""The part of a guide's instruments that may be unreadable; with more of them the whole answer is rubbish."""
_TOLD = 20
"""Unreadable instruments that are told one by one."""
_log = structlog.get_logger("werkpod.instruments")


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as `status` tells it."""

    source: GuideSource
    status: Status
    instruments: int


def sift(source: GuideSource, items: Sequence[dict[str, object]], today: str) -> tuple[list[Instrument], list[str]]:
    """The instruments that can be read, and what is wrong with each of the others. Raises GuideUnreadable when too many
    cannot, or two have the same id."""
    found: dict[str, Instrument] = {}
    wrong: list[str] = []
    for place, item in enumerate(items):
        where = f"{source.name}, instrument {place + 1}"
        try:
            read = read_items(source.kind, [item], source=where, name=source.name, today=today)
        except GuideUnreadable as error:
            wrong.append(error.detail)
            continue
        for each in read:
            if each.id in found:
                raise GuideUnreadable(f"{where}: two instruments have the id {each.id}.")
            found[each.id] = each
    if len(wrong) > MOST_LEFT_OUT * len(items):
        raise GuideUnreadable(f"{len(wrong)} of {len(items)} instruments cannot be read. {wrong[0]}")
    return list(found.values()), wrong


class Keeper:
    """The catalogue of the configured guides; without any, the starter catalogue."""

    def __init__(
        self, sources: Sequence[GuideSource], folder: Path, competences: Competences, *, allow_loopback: bool = False,
        clock: Callable[[], float] = time.time, reader: Callable[[GuideSource, httpx2.AsyncClient], GuideReader] = (
            GuideReader
        ),
    ) -> None:  # fmt: skip
        self.sources, self.competences, self._clock = tuple(sources), competences, clock
        self._kept, self._allow_loopback, self._reader = KeptGuides(folder), allow_loopback, reader
        self._seen: object = None
        self.catalogue = LiveCatalogue(Catalogue([]))

    # -- putting together -----------------------------------------------------------------------------------------

    def load(self, *, quick: bool = False) -> None:
        """Swap in what is kept now. Blocks; call it in a thread where a server runs. `quick`: for the start, without
        proposals, which may take a second; the next `catch_up` adds them."""
        stamp = None if quick else self._stamp()
        self.catalogue.swap(Catalogue(self.competences.apply(self._instruments(), propose=not quick)))
        self._seen = stamp

    async def catch_up(self) -> None:
        """Load when another copy or another decision was kept since, by whichever process, or another day began."""
        if self._seen != await to_thread.run_sync(self._stamp):
            await to_thread.run_sync(self.load)

    def _stamp(self) -> object:
        return (self._today(), self.competences.stamp(), *(self._kept.stamp(each.name) for each in self.sources))

    def _today(self) -> str:
        return dt.datetime.fromtimestamp(self._clock(), dt.UTC).date().isoformat()

    def _instruments(self) -> list[Instrument]:
        if not self.sources:
            return starter_instruments()
        found: list[Instrument] = []
        for source in self.sources:
            copy = self._kept.copy(source.name)
            try:
                found += sift(source, copy.items, self._today())[0] if copy else []
            except GuideUnreadable as error:  # kept by a version that read it otherwise
                _log.warning("guide_copy_unreadable", guide=source.name, problem=error.detail)
        return found

    # -- reading --------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """The chore: read the guides that are due, and have what is new."""
        for source in self.sources:
            if self._due(source):
                await self.refresh(source)
        await self.catch_up()

    def _due(self, source: GuideSource) -> bool:
        status, now = self._kept.status(source.name), self._clock()
        if now < status.not_before:
            return False
        # one that is down is asked again sooner, and ever less often: after 1, 2, 4, ... minutes
        minutes = min(source.refresh_minutes, 2 ** (status.failures - 1) if status.failures else source.refresh_minutes)
        return now - status.checked >= 60 * minutes or now < status.checked

    async def refresh(self, source: GuideSource) -> Status:
        """Read one guide now and keep what came. Never raises for what the guide does; the status tells it."""
        known, before = self._kept.copy(source.name), self._kept.status(source.name)
        now = self._clock()
        later = 0.0
        try:
            async with client_for(source, allow_loopback=self._allow_loopback) as http:
                read = await self._reader(source, http).read(known)
            instruments, wrong = await to_thread.run_sync(sift, source, read.kept.items, self._today())
            if known and known.items and not read.kept.items:
                raise GuideUnreadable(f"The guide {source.name} has no instruments any more; it had some.")
        except AskLater as error:
            problem, later = error.detail, now + error.seconds
        except GuideUnreadable as error:
            problem = error.detail
        else:
            if not read.unchanged:
                await to_thread.run_sync(self._kept.keep, source.name, read.kept)
            status = Status(checked=now, good=now, instruments=len(instruments), left_out=tuple(wrong[:_TOLD]))
            await to_thread.run_sync(self._kept.note, source.name, status)
            return status
        _log.warning("guide_not_read", guide=source.name, problem=problem)
        status = Status(
            checked=now, good=before.good, problem=problem, instruments=before.instruments, left_out=before.left_out,
            not_before=later, failures=min(before.failures + 1, 20),
        )  # fmt: skip
        await to_thread.run_sync(self._kept.note, source.name, status)
        return status

    def guides(self) -> list[Guide]:
        """Each guide, how reading it went, and how many of its instruments are kept."""
        return [Guide(each, self._kept.status(each.name), len(_items(self._kept.copy(each.name)))) for each in
                self.sources]  # fmt: skip


def _items(copy: Kept | None) -> Sequence[object]:
    return copy.items if copy else ()
