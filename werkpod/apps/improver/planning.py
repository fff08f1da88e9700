"""A small set of instruments that together develop most of what is missing: a weighted set cover.

Every competence that some instrument develops is covered; of the sets that do so the one with the least weight is
taken. An instrument weighs 1, plus its time (a year of full-time work is 1), plus its cost (5,000 euros is 1): fewer
instruments first, then less time and money. The search is exact (branch and bound on the competence with the fewest
instruments) for as many steps as a request may take; after that the best set found stands, and `optimal` is False.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from werkpod.apps.improver.reach import Reached
from werkpod.apps.instruments.model import Catalogue, Instrument

MOST_STEPS = 20_000
"""Steps of the exact search: about a tenth of a second."""
_YEAR_HOURS, _COST_UNIT = 2080.0, 5000.0


@dataclass(frozen=True, slots=True)
class Step:
    """An instrument of a plan and the missing competences (IRIs) that it develops, in the order they were asked;
    `proposed`: those of them that no editor confirmed yet; `like`: those that it does not develop itself, but something
    that is like it: asked -> developed."""

    instrument: Instrument
    covers: tuple[str, ...]
    proposed: frozenset[str] = frozenset()
    like: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps`: the instruments, the one that covers most first; `uncovered`: IRIs that no instrument develops;
    `optimal`: no set of instruments that covers as much weighs less; `weight` of the set."""

    steps: tuple[Step, ...]
    uncovered: tuple[str, ...]
    optimal: bool
    weight: float


def weight(instrument: Instrument) -> float:
    """What an instrument weighs in a plan; see the module."""
    return 1.0 + instrument.hours / _YEAR_HOURS + (instrument.cost or 0) / _COST_UNIT


def itself(iri: str) -> tuple[Reached, ...]:
    """What serves a competence where the catalogue is linked to the taxonomy in use: nothing but itself."""
    return (Reached(iri),)


def make_plan(
    missing: Iterable[str],
    catalogue: Catalogue,
    *,
    reach: Callable[[str], Sequence[Reached]] = itself,
    most_steps: int = MOST_STEPS,
) -> Plan:
    """The plan for missing competences (IRIs). Only instruments for the person (Eva) are taken, not for an employer.
    What is only proposed counts where nothing confirmed develops a competence; what is only like it (`reach`) where
    nothing else does."""
    catalogue = catalogue.now  # another may be swapped in meanwhile
    asked = tuple(dict.fromkeys(missing))
    sets: dict[str, set[str]] = {}
    unsure: set[str] = set()
    like: dict[str, dict[str, str]] = {}
    for iri in asked:
        found = [(one, reached) for reached in reach(iri) for one in _for_person(catalogue, reached.iri)]
        best = max((reached.likeness for _, reached in found), default=0.0)
        every = [(one, reached.iri) for one, reached in found if reached.likeness == best]
        sure = [(one, by) for one, by in every if any(each.confirmed for each in one.develops if each.competence == by)]
        if every and not sure:
            unsure.add(iri)
        for instrument, by in sure or every:
            sets.setdefault(instrument.id, set()).add(iri)
            if best < 1:
                like.setdefault(instrument.id, {}).setdefault(iri, by)
    options = {key: (frozenset(covered), weight(_get(catalogue, key))) for key, covered in sets.items()}
    coverable = frozenset(iri for covered, _ in options.values() for iri in covered)
    search = _Cover(_undominated(options), most_steps)
    chosen = search.best(coverable)
    steps = [
        Step(
            _get(catalogue, key),
            tuple(iri for iri in asked if iri in sets[key]),
            frozenset(sets[key] & unsure),
            like.get(key, {}),
        )
        for key in chosen
    ]
    steps.sort(key=lambda step: (-len(step.covers), weight(step.instrument), step.instrument.id))
    total = sum(weight(step.instrument) for step in steps)
    return Plan(tuple(steps), tuple(iri for iri in asked if iri not in coverable), search.exact, round(total, 4))


def _for_person(catalogue: Catalogue, iri: str) -> list[Instrument]:
    return [each for each in catalogue.developing(iri) if each.guide == "eva"]


def _get(catalogue: Catalogue, key: str) -> Instrument:
    instrument = catalogue.get(key)
    if instrument is None:
        raise KeyError(key)
    return instrument


_Options = Mapping[str, tuple[frozenset[str], float]]


def _undominated(options: _Options) -> _Options:
    """Without the instruments that another one beats: covers all the same and more, for no more weight."""
    kept: dict[str, tuple[frozenset[str], float]] = {}
    for key, (covered, heavy) in sorted(options.items(), key=lambda item: (item[1][1], -len(item[1][0]), item[0])):
        if not any(covered <= other and heavy >= light for other, light in kept.values()):
            kept[key] = (covered, heavy)
    return kept


class _Cover:
    """Branch and bound. `exact` turns False when the steps run out."""

    def __init__(self, options: _Options, most_steps: int) -> None:
        self._options, self._left = options, most_steps
        self.exact = True
        self._best: tuple[str, ...] = ()
        self._weight = float("inf")

    def best(self, wanted: frozenset[str]) -> tuple[str, ...]:
        """The ids of the lightest set found that covers `wanted`."""
        self._best = self._greedy(wanted)
        self._weight = sum(self._options[key][1] for key in self._best)
        self._branch(wanted, (), 0.0)
        return self._best

    def _greedy(self, wanted: frozenset[str]) -> tuple[str, ...]:
        chosen: list[str] = []
        while wanted:
            key = min(
                self._options,
                key=lambda k: (self._options[k][1] / (len(self._options[k][0] & wanted) or 1e-9), k),
            )
            chosen.append(key)
            wanted -= self._options[key][0]
        return tuple(chosen)

    def _branch(self, wanted: frozenset[str], chosen: tuple[str, ...], so_far: float) -> None:
        if not wanted:
            if so_far < self._weight - 1e-9:
                self._best, self._weight = chosen, so_far
            return
        if so_far + self._bound(wanted) >= self._weight - 1e-9:
            return
        self._left -= 1
        if self._left < 0:
            self.exact = False
            return
        rarest = min(sorted(wanted), key=lambda iri: sum(iri in covered for covered, _ in self._options.values()))
        tries = [(key, covered, heavy) for key, (covered, heavy) in self._options.items() if rarest in covered]
        for key, covered, heavy in sorted(tries, key=lambda t: (t[2] / len(t[1] & wanted), t[0])):
            self._branch(wanted - covered, (*chosen, key), so_far + heavy)

    def _bound(self, wanted: frozenset[str]) -> float:
        """No set covers `wanted` for less: each competence costs at least its share of the best instrument for it."""
        shares = dict.fromkeys(wanted, float("inf"))
        for covered, heavy in self._options.values():
            useful = covered & wanted
            for iri in useful:
                shares[iri] = min(shares[iri], heavy / len(useful))
        return sum(shares.values())
