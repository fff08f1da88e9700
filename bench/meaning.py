"""How well the starter taxonomy's links tell which occupations are alike.

Unit groups are ranked by the similarity that matching uses (`werkpod.vocab.similarity`) and compared with O*NET's
related occupations, lifted from ESCO occupations to ISCO-08 unit groups: nDCG@10 with gain 3, 2 and 1 by tier. Beside
it, on the same pairs: ESCO's own links lifted to unit groups, the tree of ISCO-08 alone, and chance.
"""

from __future__ import annotations

import csv
import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from werkpod.vocab.starter import starter_tables
from werkpod.vocab.tables import Tables
from werkpod.vocab.taxonomy import Taxonomy

DATA = Path(__file__).resolve().parents[2] / "shared/data"
PAIRS = DATA / "eval/related_occupations/dev.csv"
_GAIN = {"Primary-Short": 3, "Primary-Long": 2, "Supplemental": 1}
_DEPTH = 10

Ranking = Mapping[str, Sequence[str]]
"""Unit group -> the other unit groups, most alike first."""


def gold(pairs: Path, isco: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Unit group -> related unit group -> gain. `isco`: ESCO occupation -> unit group."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    with pairs.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            one, other = isco.get(row["escoQuery"]), isco.get(row["escoRelated"])
            if one and other and one != other:
                found[one][other] = max(found[one].get(other, 0), _GAIN[row["tier"]])
    return dict(found)


def ndcg(ranked: Sequence[str], gains: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen, 2002), 0 to 1."""
    ideal = sum(gain / math.log2(i + 2) for i, gain in enumerate(sorted(gains.values(), reverse=True)[:_DEPTH]))
    found = sum(gains.get(one, 0) / math.log2(i + 2) for i, one in enumerate(ranked[:_DEPTH]))
    return found / ideal if ideal else 0.0


def by_links(links: Mapping[str, Mapping[str, float]]) -> dict[str, list[str]]:
    """Unit groups by the cosine of what they ask, weighted by IDF. `links`: unit group -> competence -> weight."""
    names = sorted(links)
    used = Counter(one for asked in links.values() for one in asked)
    place = {one: at for at, one in enumerate(used)}
    vectors = np.zeros((len(names), len(used)), dtype=np.float32)
    for row, name in enumerate(names):
        for one, weight in links[name].items():
            vectors[row, place[one]] = weight * math.log(len(names) / used[one])
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    order = np.argsort(-(vectors @ vectors.T), axis=1, kind="stable")
    return {name: [names[at] for at in order[row] if at != row] for row, name in enumerate(names)}


def starter_links(tables: Tables | None = None) -> dict[str, dict[str, float]]:
    """What the starter says that unit groups ask."""
    taxonomy = Taxonomy(tables or starter_tables())
    return {
        each.isco: {link.competence.iri: link.weight for link in taxonomy.links(each)}
        for each in taxonomy.occupations()
    }


def _esco_links(isco: Mapping[str, str]) -> dict[str, dict[str, float]]:
    members = Counter(isco.values())
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    with (DATA / "esco/occupationSkillRelations_en.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            group, skill = isco[row["occupationUri"]], row["skillUri"]
            weight = (1.0 if row["relationType"] == "essential" else 0.5) / members[group]
            found[group][skill] = found[group].get(skill, 0.0) + weight
    return found


def _tree(groups: Sequence[str]) -> dict[str, list[str]]:
    def shared(one: str, other: str) -> int:
        return sum(one[:n] == other[:n] for n in range(1, 5))

    return {q: sorted((g for g in groups if g != q), key=lambda g: -shared(q, g)) for q in groups}


def report(*, worst: int = 0) -> str:
    """The table in Markdown; `worst`: so many of the unit groups that the starter does worst, and what was wanted."""
    if not PAIRS.is_file():
        return f"The related occupations are not at {PAIRS}; nothing to compare with."
    with (DATA / "esco/occupations_en.csv").open(encoding="utf-8", newline="") as file:
        isco = {row["conceptUri"]: row["iscoGroup"] for row in csv.DictReader(file)}
    wanted, groups, chance = gold(PAIRS, isco), sorted(set(isco.values())), random.Random(3)
    starter = starter_links()
    runs: dict[str, Ranking] = {
        "starter": by_links(starter),
        "ESCO's links, lifted": by_links(_esco_links(isco)),
        "the tree of ISCO-08": _tree(groups),
        "chance": {q: chance.sample(groups, len(groups)) for q in wanted},
    }
    scores = {name: {q: ndcg(ranked.get(q, ()), wanted[q]) for q in wanted} for name, ranked in runs.items()}
    lines = [
        f"{len(starter)} unit groups, {sum(map(len, starter.values()))} links; related occupations of {len(wanted)}",
        "", "| unit groups ranked by | nDCG@10 |", "|---|---:|",
        *(f"| {name} | {sum(found.values()) / len(found):.3f} |" for name, found in scores.items()),
    ]  # fmt: skip
    majors: defaultdict[str, list[float]] = defaultdict(list)
    for q, score in scores["starter"].items():
        majors[q[:2]].append(score)
    lines += ["", "by sub-major group: " + ", ".join(f"{k} {sum(v) / len(v):.2f}" for k, v in sorted(majors.items()))]
    for q in sorted(wanted, key=lambda q: scores["starter"][q])[:worst]:
        best = sorted(wanted[q], key=lambda g: -wanted[q][g])[:_DEPTH]
        lines.append(f"{q} {scores['starter'][q]:.2f} wants {' '.join(best)}; has {' '.join(runs['starter'][q][:10])}")
    return "\n".join(lines)
