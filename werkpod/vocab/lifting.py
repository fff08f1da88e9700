"""Unit groups of ISCO-08 as occupations, in a taxonomy whose occupations are finer: a CV that says only "5321" can be
worked with all the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.starter import name_groups
from werkpod.vocab.tables import ESSENTIAL, IMPORTANT, OPTIONAL, OccupationRow

GROUP_SCALE = 0.65
"""In a search an occupation goes before the group that it is in."""
_LEAST = 10
Steps = Sequence[tuple[float, float]]
"""(mean weight, weight of the link from there up), the highest first."""
TWO_KINDS: Steps = ((0.5, ESSENTIAL), (0.2, OPTIONAL))
THREE_KINDS: Steps = ((0.875, ESSENTIAL), (0.625, IMPORTANT), (0.2, OPTIONAL))
"""The kind whose weight is nearest: where every occupation asks nearly everything a little, half is not essential."""


def lifted(
    occupations: Sequence[OccupationRow],
    groups: Mapping[str, Mapping[str, str]],
    languages: Sequence[str],
    steps: Steps = TWO_KINDS,
    *,
    without: Mapping[str, Mapping[int, float]] | None = None,
) -> list[OccupationRow]:
    """A row for every unit group that has occupations, called as in the starter (the titles in `groups`, code ->
    language -> title, find it too). A competence weighs the mean of its weights in the occupations of the group, in the
    steps of the kinds of link; the ten heaviest are essential whatever they weigh. `without`: what a unit group asks
    that has no occupation (ESCO has none in 3221, nurses of a lower level), by its code."""
    members: defaultdict[str, list[OccupationRow]] = defaultdict(list)
    for row in occupations:
        if row.isco:
            members[row.isco].append(row)
    asked = {code: _mean_links(rows, steps) for code, rows in members.items()}
    asked |= {code: dict(links) for code, links in (without or {}).items() if code not in members and links}
    official = {code: {lang: title for lang, title in groups[code].items() if lang in languages} for code in asked}
    called = name_groups(official)
    return [
        OccupationRow(ISCO_IRI + code, code, code, *called[code], GROUP_SCALE, asked[code]) for code in sorted(called)
    ]


def _mean_links(rows: Sequence[OccupationRow], steps: Steps) -> dict[int, float]:
    total: defaultdict[int, float] = defaultdict(float)
    for row in rows:
        for place, weight in row.links.items():
            total[place] += weight / len(rows)
    heaviest = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    found: dict[int, float] = {}
    for at, (place, mean) in enumerate(heaviest):
        weight = next((weight for least, weight in steps if mean >= least), 0.0)
        if weight or at < _LEAST:
            found[place] = ESSENTIAL if at < _LEAST else weight
    return found
