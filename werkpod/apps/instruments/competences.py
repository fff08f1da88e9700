"""Which competences instruments develop: what editors decided, what ships with the starter catalogue, and proposals for
the rest. What is confirmed and what is proposed stay apart."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from werkpod.apps.instruments.decisions import Decision, Decisions, Verdict
from werkpod.apps.instruments.guides import CONFIRMED, starter_develops, starter_instruments
from werkpod.apps.instruments.model import Develops, Instrument
from werkpod.apps.instruments.proposing import Proposer
from werkpod.vocab.starter import starter_labels
from werkpod.vocab.taxonomy import Competence, Taxonomy, starter

LEVELS = ("1", "2", "3", "4")
"""How far a person comes, as in a CV: a little, can do it, does it well, can teach it."""
State = Literal["confirmed", "proposed", "refused"]


@dataclass(frozen=True, slots=True)
class Line:
    """A competence of an instrument as the editor sees it. `decision`: what an editor said, None when none did."""

    develops: Develops
    state: State
    decision: Decision | None = None

    @property
    def stale(self) -> bool:
        """Whether the text has changed since it was confirmed or refused."""
        return self.develops.stale


class Competences:
    """What instruments develop. `taxonomy` gives the starter taxonomy, which proposals come from: it takes half a
    second to build, so it is asked for when the first proposal is."""

    def __init__(self, decisions: Decisions, taxonomy: Callable[[], Taxonomy] = starter) -> None:
        self._decisions, self._taxonomy = decisions, taxonomy
        self._lock = threading.Lock()
        self._made: Taxonomy | None = None
        self._proposer: Proposer | None = None
        self._proposed: dict[Instrument, Sequence[Develops]] = {}
        self._labels: Mapping[str, Mapping[str, str]] | None = None
        self._shipped: Mapping[str, tuple[str, tuple[Develops, ...]]] | None = None

    def take(self, taxonomy: Taxonomy) -> None:
        """Use this taxonomy, which is the starter, instead of building it once more."""
        self._made = taxonomy

    def stamp(self) -> object:
        """Something that changes with each decision."""
        return self._decisions.stamp()

    def apply(self, instruments: Sequence[Instrument], *, propose: bool = True) -> list[Instrument]:
        """The instruments with what they develop, the confirmed first. Takes some ms an instrument; not `propose`:
        only what is decided, at once."""
        decided = self._decisions.all()

        def developed(each: Instrument) -> tuple[Develops, ...]:
            lines = self._lines(each, decided.get(each.uuid, {}), propose)
            return tuple(line.develops for line in lines if line.state != "refused")

        if len(self._proposed) > 2 * len(instruments):  # most of it is of texts that are no more
            self._proposed = {}
        return [dataclasses.replace(each, develops=developed(each)) for each in instruments]

    def lines(self, instrument: Instrument) -> list[Line]:
        """All that was decided and proposed for one instrument, what was refused too."""
        return self._lines(instrument, self._decisions.all().get(instrument.uuid, {}))

    def knows(self, competence: str) -> bool:
        """Whether a competence (IRI) may be linked to an instrument."""
        return competence in self._named()

    def decide(self, instrument: Instrument, competence: str, verdict: Verdict, level: str, by: str) -> Decision:
        """Keep what an editor says."""
        return self._decisions.decide(instrument, competence, verdict, level, by)

    def forget(self, instrument: Instrument, competence: str) -> None:
        """Let what was proposed count again."""
        self._decisions.forget(instrument, competence)

    def find(self, text: str, lang: str, *, limit: int = 8) -> list[Competence]:
        """Competences by free text, best first: for what was not proposed. Takes half a second the first time."""
        return [hit.competence for hit in self._starter().search_competences(text, lang=lang, limit=limit)]

    def _lines(self, instrument: Instrument, decided: Mapping[str, Decision], propose: bool = True) -> list[Line]:
        confirmed, proposed, refused = list[Line](), list[Line](), list[Line]()
        known = {each.competence: each for each in self._before(instrument, propose)}
        for iri, decision in decided.items():
            stale = decision.is_stale(instrument)
            labels = known[iri].labels if iri in known else self._named().get(iri)
            if labels is None:  # a competence that the taxonomy no longer has
                continue
            level = decision.level or (known[iri].level if iri in known else "")
            line = Develops(iri, labels, level, CONFIRMED, confirmed=True, stale=stale)
            if decision.verdict == "confirmed":
                confirmed.append(Line(line, "confirmed", decision))
            elif not stale or iri not in known or known[iri].confirmed:
                refused.append(Line(dataclasses.replace(line, confirmed=False, evidence=""), "refused", decision))
            else:  # another text: it is proposed again, and the editor sees that it was refused before
                proposed.append(Line(dataclasses.replace(known[iri], stale=True), "proposed", decision))
        for iri, develops in known.items():
            if iri not in decided:
                (confirmed if develops.confirmed else proposed).append(
                    Line(develops, "confirmed" if develops.confirmed else "proposed")
                )
        return [*confirmed, *proposed, *refused]

    def _before(self, instrument: Instrument, propose: bool) -> Sequence[Develops]:
        """What is said of an instrument where no editor did: with the starter catalogue, or else proposed."""
        shipped = self._all_shipped().get(instrument.uuid)
        if shipped is None:
            return self._propose(instrument) if propose else []
        digest, develops = shipped
        if digest == instrument.digest:
            return develops
        return [dataclasses.replace(each, stale=each.confirmed) for each in develops]

    def _propose(self, instrument: Instrument) -> Sequence[Develops]:
        """Remembered: each decision puts the whole catalogue together anew, and a proposal takes some 8 ms."""
        bare = dataclasses.replace(instrument, develops=())
        if (found := self._proposed.get(bare)) is None:
            found = self._proposed[bare] = tuple(each.develops() for each in self._proposing().propose(bare))
        return found

    def _all_shipped(self) -> Mapping[str, tuple[str, tuple[Develops, ...]]]:
        if self._shipped is None:
            found = starter_develops()
            self._shipped = {each.uuid: (each.digest, found.get(each.id, ())) for each in starter_instruments()}
        return self._shipped

    def _proposing(self) -> Proposer:
        starter_taxonomy = self._starter()
        with self._lock:
            if self._proposer is None:
                self._proposer = Proposer(starter_taxonomy, starter_instruments())
            return self._proposer

    def _starter(self) -> Taxonomy:
        with self._lock:
            if self._made is None:
                self._made = self._taxonomy()
            return self._made

    def _named(self) -> Mapping[str, Mapping[str, str]]:
        if self._labels is None:
            self._labels = starter_labels()
        return self._labels
