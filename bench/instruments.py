"""How well the competences that are proposed for an instrument are those that an editor would confirm.

`python -m bench.instruments`: for each instrument of the starter catalogue that develops something, what is confirmed
is left out, proposed anew from its text, and compared. Beside it: what the search for competences finds for its name
and summary. The proposer's few weights were chosen on this same catalogue, so its figures are those of a seen set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkpod.apps.instruments.guides import starter_catalogue, starter_instruments
from werkpod.apps.instruments.model import Catalogue, Instrument
from werkpod.apps.instruments.proposing import Proposer
from werkpod.vocab.taxonomy import Taxonomy, starter

Proposing = Callable[[Instrument], Sequence[tuple[str, str]]]
"""From an instrument to (competence, level), best first."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares, 0 to 1. `precision_5`: of the first five, `recall_10`: of what is confirmed among the first ten (of ten
    at most), `precision` and `recall` of all that is proposed, `level`: of what was found, at the confirmed level.
    `untaught`: what is proposed for instruments that develop nothing, an instrument."""

    precision_5: float
    recall_10: float
    precision: float
    recall: float
    level: float
    untaught: float


def agreement(catalogue: Catalogue, propose: Proposing) -> Agreement:
    """How what is proposed agrees with what is confirmed."""
    first, tenth = list[float](), list[float]()
    right = proposed = wanted = levels = nothing = none = 0
    for each in catalogue.instruments:
        gold = {one.competence: one.level for one in each.develops if one.confirmed}
        found = propose(each)
        hits = [competence in gold for competence, _ in found]
        proposed, right, wanted = proposed + len(found), right + sum(hits), wanted + len(gold)
        levels += sum(gold.get(competence) == level for competence, level in found)
        if gold:
            first.append(sum(hits[:5]) / 5)
            tenth.append(sum(hits[:10]) / min(10, len(gold)))
        else:
            nothing, none = nothing + len(found), none + 1
    return Agreement(
        sum(first) / len(first), sum(tenth) / len(tenth), right / max(proposed, 1), right / wanted,
        levels / max(right, 1), nothing / max(none, 1),
    )  # fmt: skip


def by_proposer(taxonomy: Taxonomy) -> Proposing:
    """What Werkpod proposes."""
    proposer = Proposer(taxonomy, starter_instruments())
    return lambda each: [(one.competence.iri, one.level) for one in proposer.propose(each)]


def by_search(taxonomy: Taxonomy) -> Proposing:
    """What the search for competences finds for name and summary."""
    return lambda each: [
        (hit.competence.iri, "2") for hit in taxonomy.search_competences(f"{each.name} {each.summary}"[:200], limit=10)
    ]


def main() -> None:
    """Print both."""
    taxonomy, catalogue = starter(), starter_catalogue()
    print(f"{'':10}{'P@5':>7}{'R@10':>7}{'P':>7}{'R':>7}{'level':>7}{'untaught':>10}")
    for name, propose in (("proposed", by_proposer(taxonomy)), ("search", by_search(taxonomy))):
        one = agreement(catalogue, propose)
        figures = (one.precision_5, one.recall_10, one.precision, one.recall, one.level)
        print(f"{name:10}" + "".join(f"{figure:7.3f}" for figure in figures) + f"{one.untaught:10.2f}")


if __name__ == "__main__":
    main()
