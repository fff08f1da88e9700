"""Folding of refusals: somebody who is refused again and again does not fill a citizen's log (record 30).

Of one asker at one pod the first `EACH` refusals of an hour get a line each, of all askers at one pod together the
first `ALL`. What comes after is counted, and written as a line that stands for several (`AccessEntry.times`): at the
first, so that the log says from where on they are counted, when there are ten more, a hundred more, and so on, when the
hour is over, when that asker is let in, and at the end of the process. A crash loses the count since the last such
line, never the fact. What is allowed is never folded, and an act of the citizen is not either.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

from werkpod.pod.access.model import AccessEntry

EACH = 20
"""Refusals of one asker at one pod that get a line of their own in an hour."""
ALL = 200
"""The same, of all askers at that pod together."""
HOUR = 3600.0
COUNTED = "counted together: "
"""What the reason of a line starts with that may stand for several."""
KEPT = 4096
"""Askers that are kept count of. Whoever is dropped starts anew, after a line for what was counted."""

Key = tuple[str, str | None, str | None]


@dataclass(slots=True)
class _Fold:
    """One asker at one pod (agent and client None: all others at it). `since`: when its hour began."""

    since: float
    written: int = 0
    counted: int = 0
    step: int = 1
    last: AccessEntry | None = None
    mixed: bool = False


class Folds:
    """What was refused lately. Each method yields the lines that are to be written now, each with its pod.

    A line counts as written when the next one is asked for: where writing fails, the count stays.
    """

    def __init__(self) -> None:
        self._folds: OrderedDict[Key, _Fold] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether anybody was refused lately: if not, what is let in is simply written."""
        return bool(self._folds)

    def admit(self, pod: str, entry: AccessEntry) -> Iterator[tuple[str, AccessEntry]]:
        """The lines to write before `entry` is answered: mostly the entry itself."""
        key = (pod, entry.agent, entry.client)
        if entry.outcome != "refused" or ":" in entry.action:
            if (known := self._folds.get(key)) is not None:
                yield from _settle(pod, known)
            yield pod, entry
            return
        fold = yield from self._fold(key, entry.at)
        everybody = yield from self._fold((pod, None, None), entry.at)
        if fold.written < EACH and everybody.written < ALL:
            yield pod, entry
            fold.written += 1
            everybody.written += 1
        elif fold.written:
            yield from _count(pod, fold, entry)
        else:
            yield from _count(pod, everybody, replace(entry, agent=None, client=None, grant=None))

    def over(self, now: float) -> Iterator[tuple[str, AccessEntry]]:
        """The lines of those whose hour is over at `now`; they are forgotten."""
        for key, fold in list(self._folds.items()):
            if not 0 <= now - fold.since < HOUR:
                yield from _settle(key[0], fold)
                self._folds.pop(key, None)

    def rest(self) -> Iterator[tuple[str, AccessEntry]]:
        """The lines of all that is counted and not written yet."""
        for key, fold in list(self._folds.items()):
            yield from _settle(key[0], fold)

    def _fold(self, key: Key, at: float) -> Generator[tuple[str, AccessEntry], None, _Fold]:
        """The hour of an asker that `at` is in; a line for the one before, and for whoever is dropped for it."""
        fold = self._folds.get(key)
        if fold is not None and 0 <= at - fold.since < HOUR:
            self._folds.move_to_end(key)
            return fold
        if fold is not None:
            yield from _settle(key[0], fold)
            del self._folds[key]
        while len(self._folds) >= KEPT:
            dropped, oldest = next(iter(self._folds.items()))
            yield from _settle(dropped[0], oldest)
            del self._folds[dropped]
        fold = self._folds[key] = _Fold(at)
        return fold


def _count(pod: str, fold: _Fold, entry: AccessEntry) -> Iterator[tuple[str, AccessEntry]]:
    fold.mixed = fold.counted > 0 and (fold.mixed or fold.last is None or fold.last.path != entry.path)
    fold.last = entry
    fold.counted += 1
    if fold.counted >= fold.step:
        step = fold.step
        yield from _settle(pod, fold)
        fold.step = step * 10


def _settle(pod: str, fold: _Fold) -> Iterator[tuple[str, AccessEntry]]:
    """One line for what was counted; of what was asked for at several places it names none."""
    if fold.last is None or not fold.counted:
        return
    path = "" if fold.mixed else fold.last.path
    yield pod, replace(fold.last, path=path, times=fold.counted, reason=COUNTED + fold.last.reason)
    fold.counted, fold.mixed = 0, False
