"""How soon what people call their job leads to the right ESCO occupation.

Mean reciprocal rank over the first 50 concepts, each counted once (the protocol of the MELO benchmark's Dutch sets, at
concept level). Each set comes from a mapping that people made: the Belgian one from VDAB's, the Dutch one from UWV's.
So each is measured twice: with ESCO alone, and with the names of the *other* mapping as well, never of its own. The
shares in `werkpod.vocab.names` were chosen on the Belgian set; the Dutch one is only told.
"""

from __future__ import annotations

import csv
import dataclasses
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.meaning import DATA
from werkpod.vocab.crosswalk.naming import named_by
from werkpod.vocab.crosswalk.source import read_crosswalks
from werkpod.vocab.esco import import_esco
from werkpod.vocab.pack import read_pack
from werkpod.vocab.tables import Tables
from werkpod.vocab.taxonomy import Taxonomy

TITLES = DATA / "eval/job_titles"
ESCO = DATA / "esco"
_UWV = ("competentnl/uwv_boc_to_esco_NL_mapping.csv", "competentnl/competentnl_boc_esco_isco.csv")
_VDAB = ("vdab/competent_occupations_to_esco.csv",)
ALLOWED: Mapping[str, tuple[str, Sequence[str]]] = {"bel": ("UWV, CompetentNL", _UWV), "nld": ("VDAB", _VDAB)}
"""For each set the names that are not from the mapping that it is made of."""
MOST = 50


class Figures(NamedTuple):
    """Mean reciprocal rank, the shares found first and among ten, milliseconds a query: median and 99th percentile."""

    mrr: float
    first: float
    ten: float
    median: float
    p99: float


def gold(path: Path) -> dict[str, set[str]]:
    """Title -> the IRIs of the occupations that it stands for."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["title"]].add(row["escoUri"])
    return dict(found)


def measured(taxonomy: Taxonomy, wanted: Mapping[str, set[str]]) -> Figures:
    """The figures of one taxonomy on one set, in this process."""
    taxonomy.prepare()
    taxonomy.search_occupations("kok", limit=MOST)
    places: list[int | None] = []
    took = []
    for title, iris in sorted(wanted.items()):
        started = time.perf_counter()
        hits = taxonomy.search_occupations(title, limit=MOST)
        took.append(time.perf_counter() - started)
        places.append(next((at for at, hit in enumerate(hits) if hit.occupation.iri in iris), None))
    count = len(places)
    median, p99 = np.percentile(np.array(took) * 1000, [50, 99]).tolist()
    return Figures(
        sum(1 / (at + 1) for at in places if at is not None) / count,
        sum(at == 0 for at in places) / count,
        sum(at is not None and at < 10 for at in places) / count,
        median,
        p99,
    )


def size_of(value: object) -> int:
    """The bytes of all arrays in a value, mappings and dataclasses seen through."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Mapping):
        return sum(map(size_of, value.values()))
    if dataclasses.is_dataclass(value):
        return sum(size_of(getattr(value, field.name)) for field in dataclasses.fields(value))
    return 0


def report() -> str:
    """The tables in Markdown."""
    if not (TITLES.is_dir() and ESCO.is_dir()):
        return f"The job titles or ESCO are not at {TITLES} and {ESCO}; nothing to measure."
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder) / "esco.pack"
        started = time.process_time()
        import_esco(ESCO, pack)
        imported = time.process_time() - started
        tables = read_pack(pack)
    lines = ["| titles | names | MRR | first | in ten | median | p99 |", "|---|---|---:|---:|---:|---:|---:|"]
    for which, (said, files) in ALLOWED.items():
        wanted = gold(TITLES / f"{which}_dev.csv")
        more = named_by([each for file in files for each in read_crosswalks(DATA / file)], tables)
        for called, with_ in (("ESCO alone", tables), (f"ESCO, {said}", more)):
            got = measured(Taxonomy(with_), wanted)
            lines.append(
                f"| {which}, {len(wanted)} | {called} | {got.mrr:.3f} | {got.first:.3f} | {got.ten:.3f} "
                f"| {got.median:.1f} ms | {got.p99:.1f} ms |"
            )
    return "\n".join([*lines, "", _sizes(tables), f"Import of ESCO, all of it: {imported:.1f} s of CPU."])


def _sizes(tables: Tables) -> str:
    parts = {
        "names of occupations": tables.occupation_names,
        "names of competences": tables.competence_names,
        "what words are about": tables.lexicon,
    }
    sizes = {name: size_of(part) / 1e6 for name, part in parts.items()}
    told = ", ".join(f"{name} {size:.1f}" for name, size in sizes.items())
    return f"The index in MB, {' and '.join(tables.meta.languages)}: {sum(sizes.values()):.1f} ({told})."
