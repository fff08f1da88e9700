"""What an editor does with the catalogue, on a page or by a program: see all that is said of an instrument; decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from werkpod.apps.errors import BadContent, UnknownCode
from werkpod.apps.instruments.competences import LEVELS, Line
from werkpod.apps.instruments.keeper import Keeper
from werkpod.apps.instruments.model import Catalogue, Instrument
from werkpod.vocab.taxonomy import Competence

Verdict = Literal["confirmed", "refused", "forgotten"]


class Editing:
    """Decisions on the instruments of a keeper's catalogue. All readers have them when a call returns; calls block."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper, self._competences = keeper, keeper.competences

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue, as all readers have it."""
        return self._keeper.catalogue

    def instrument(self, instrument_id: str) -> Instrument:
        """The instrument with an id. Raises UnknownCode."""
        found = self._keeper.catalogue.get(instrument_id)
        if found is None:
            right = "An id is the guide and a number, as eva-12; /api/instruments/v1/instruments lists them."
            raise UnknownCode(f"There is no instrument {instrument_id[:80]!r}. {right}", value=instrument_id[:300])
        return found

    def lines(self, instrument: Instrument) -> Sequence[Line]:
        """All that was decided and proposed for an instrument."""
        return self._competences.lines(instrument)

    def find(self, text: str, lang: str) -> Sequence[Competence]:
        """Competences by free text, for what was not proposed."""
        return self._competences.find(text, lang)

    def to_look_at(self) -> list[tuple[Instrument, int, int]]:
        """The instruments with something that an editor should look at, most first: proposals, and decisions on a text
        that has changed."""
        found = []
        for each in self._keeper.catalogue.instruments:
            proposed = sum(not one.confirmed for one in each.develops)
            stale = sum(one.stale and one.confirmed for one in each.develops)
            if proposed or stale:
                found.append((each, proposed, stale))
        return sorted(found, key=lambda one: (-one[2], -one[1], one[0].id))

    def decide(self, instrument: Instrument, competence: str, verdict: Verdict, level: str, by: str) -> None:
        """Keep a decision and let every reader have it. Raises BadContent for a competence or level that is none, and
        DecisionsUnavailable."""
        self.decide_all(instrument, [(competence, verdict, level)], by)

    def decide_all(self, instrument: Instrument, decisions: Sequence[tuple[str, Verdict, str]], by: str) -> None:
        """Keep several decisions on one instrument; nothing is kept where one of them is not right."""
        for competence, verdict, level in decisions:
            if not self._competences.knows(competence):
                raise BadContent(
                    f"competence: {competence[:120]!r} is no competence of the starter taxonomy; give an IRI as "
                    "https://w3id.org/werkpod/competence/heftruck-rijden.", member="competence",
                )  # fmt: skip
            if verdict == "confirmed" and level not in LEVELS:
                raise BadContent(f"level: {level[:20]!r} is none; give {', '.join(LEVELS)}.", member="level")
        for competence, verdict, level in decisions:
            if verdict == "forgotten":
                self._competences.forget(instrument, competence)
            else:
                self._competences.decide(instrument, competence, verdict, level, by)
        self._keeper.load()
