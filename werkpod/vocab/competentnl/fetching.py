"""Reading the whole of what matters from the service: occupations page by page, then what they lead to."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from werkpod.vocab.choice import pack_path
from werkpod.vocab.competentnl import queries, terms
from werkpod.vocab.competentnl.graph import Gathered
from werkpod.vocab.competentnl.partial import PageInfo, Partial, Plan
from werkpod.vocab.competentnl.service import Service
from werkpod.vocab.errors import SourceFailed
from werkpod.vocab.progress import Progress

MOST_PAGES = 20_000
"""Pages of one import; all of CompetentNL is some 300, and some 10,000 where they have a single occupation."""
_CONCEPTS = 2
"""Concepts in a page for each occupation in one: they have fewer triples."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """`day`: when the reading began, which is the version of what was read (ISO 8601)."""

    day: str


@contextlib.contextmanager
def fetch_all(service: Service, data_dir: Path, gathered: Gathered, progress: Progress) -> Iterator[Fetched]:
    """Read everything into `gathered`; pages are kept until the block ends well. Raises SourceFailed, KeyRefused."""
    partial = Partial(pack_path(data_dir, "competentnl").with_suffix(".partial"))
    with partial.locked():
        reading = _Reading(service, partial, gathered, progress)
        plan = asyncio.run(reading.run())
        yield Fetched(plan.started[:10])
        partial.remove()


class _Reading:
    def __init__(self, service: Service, partial: Partial, gathered: Gathered, progress: Progress) -> None:
        self._service, self._partial, self._gathered, self._progress = service, partial, gathered, progress
        self._last, self._ended, self._pages = "", False, 0
        self._asked: set[str] = set()

    async def run(self) -> Plan:
        plan = self._partial.plan(self._service.url)
        async with self._service.opened():
            if plan is None:
                total = await self._total()
                plan = Plan(self._service.url, dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), total)
                self._partial.begin(plan)
            else:
                self._go_on(plan)
            await self._occupations(plan)
            await self._concepts()
        return plan

    async def _total(self) -> int:
        for quad in await self._service.ask(queries.count_occupations()):
            if quad.predicate.value == queries.SUBJECTS and (told := _number(quad.object)) is not None:
                return told
        raise SourceFailed(f"{self._service.host} does not say how many occupations it has; is this a SPARQL service?")

    def _go_on(self, plan: Plan) -> None:
        """Take in the pages that are there already."""
        self._progress.stage(f"kept since {plan.started[:10]}", 1)
        for info, quads in self._partial.pages():
            self._take(info, quads)

    def _take(self, info: PageInfo, quads: list[Quad]) -> None:
        self._pages += 1
        if self._pages > MOST_PAGES:
            self._partial.clear()
            raise SourceFailed(f"{self._service.host} gives more than {MOST_PAGES} pages, and does not end.")
        self._gathered.add(quads)
        self._asked.update(info.asked)
        if not info.asked:
            self._last, self._ended = info.last, info.ended

    async def _occupations(self, plan: Plan) -> None:
        self._progress.stage("occupations", plan.total)
        size = self._service.page
        while not self._ended:
            self._progress.at(self._count())
            quads = await self._service.ask(queries.occupations(self._last, size))
            described = _described(quads)
            if described is None:
                size = self._smaller(size)
                continue
            if described and self._known().issuperset(described):
                raise SourceFailed(f"{self._service.host} gives the same occupations again, whatever is asked.")
            info = PageInfo(last=max(described, default=self._last), ended=len(described) < size)
            self._partial.keep(info, quads)
            self._take(info, quads)
        if (count := self._count()) < plan.total:
            self._partial.clear()
            raise SourceFailed(
                f"{self._service.host} said that it has {plan.total} occupations, and gave {count}: it changed "
                "meanwhile, or does not give all. Start the import again; it starts anew."
            )

    async def _concepts(self) -> None:
        size = self._service.page * _CONCEPTS
        while wanted := sorted(filter(queries.is_iri, self._gathered.referred() - self._asked - self._known())):
            self._progress.stage("what they ask and match", len(wanted))
            done = 0
            while done < len(wanted):
                self._progress.at(done)
                iris = wanted[done : done + size]
                quads = await self._service.ask(queries.concepts(iris))
                if _described(quads) is None:
                    size = self._smaller(size)
                    continue
                info = PageInfo(asked=tuple(iris))
                self._partial.keep(info, quads)
                self._take(info, quads)
                done += len(iris)

    def _known(self) -> set[str]:
        return {iri for iri, kind in self._gathered.kinds.items() if kind == terms.OCCUPATION}

    def _count(self) -> int:
        return len(self._known())

    def _smaller(self, size: int) -> int:
        if size == 1:
            raise SourceFailed(f"{self._service.host} cuts its answers off, even of one concept at a time.")
        return size // 2


def _number(value: object) -> int | None:
    """A count that the service gives; None for what is no count."""
    said = value.value if isinstance(value, Literal) else ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None


def _described(quads: list[Quad]) -> list[str] | None:
    """The subjects that an answer describes; None where it does not hold all that it says it should."""
    told: int | None = None
    expected: dict[str, int] = {}
    found: Counter[str] = Counter()
    for subject, predicate, value in {(q.subject, q.predicate, q.object) for q in quads}:
        if not isinstance(subject, NamedNode):
            continue
        if predicate.value == queries.SUBJECTS:
            told = _number(value)
        elif predicate.value == queries.TRIPLES and (count := _number(value)) is not None:
            expected[subject.value] = count
        elif predicate.value != terms.SKOSXL + "literalForm":
            found[subject.value] += 1
    if told is None or len(expected) != told:
        return None
    whole = all(found[iri] >= count for iri, count in expected.items())
    return sorted(expected) if whole else None
