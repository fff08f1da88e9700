"""Small crosswalk files, in the forms that their publishers give them, about the small ESCO of `support.esco`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from support.esco import OCCUPATION, SKILL

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data"
"""Where the real files are, when the machine has them."""
REAL_FILES = (
    "competentnl/competentnl_boc_esco_isco.csv", "competentnl/uwv_boc_to_esco_NL_mapping.csv",
    "vdab/competent_occupations_to_esco.csv", "vdab/competent_competences_to_esco.csv",
)  # fmt: skip
CNL = "https://linkeddata.competentnl.nl/uwv/id/occupation/{}"
ELSEWHERE = "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-0000000000ff"
"""An occupation that the small ESCO does not have."""
TABLE_HEADER = (
    "cnlOccupationUri", "cnlPrefLabel", "uwvBocCode", "uwvBocLabel", "escoUri", "escoLabelNl", "isco08",
    "mappingRelation",
)  # fmt: skip


def write_uwv(path: Path, rows: Iterable[Sequence[str]] | None = None) -> Path:
    """UWV's mapping: (ESCO IRI, code, label, relation)."""
    known = (
        (OCCUPATION.format(1), "101", "Kok a la carte", "skos:exactMatch"),
        (OCCUPATION.format(1), "102", "Chefkok", "skos:narrowMatch"),
        (OCCUPATION.format(2), "102", "Chefkok", "skos:narrowMatch"),
        (OCCUPATION.format(1), "103", "Medewerker horeca", "skos:narrowMatch"),
        (OCCUPATION.format(3), "103", "Medewerker horeca", "skos:narrowMatch"),
        (OCCUPATION.format(2), "104", "Ziekenhuiskok", "skos:broadMatch"),
        (ELSEWHERE, "105", "Lantaarnopsteker", "skos:exactMatch"),
    )
    preamble = [("Mapping project name", "ESCO to Dutch NOC"), ("Classification 1 Concept type", "Occupation"),
                ("Classification 2 Version", "21.1"), ()]  # fmt: skip
    header = (
        "Classification 1 URI", "Classification 1 PrefLabel", "Classification 1 URL", "Classification 2 ID",
        "Classification 2 PrefLabel", "Classification 2 URL", "Mapping relation",
    )  # fmt: skip
    body = ((iri, "", iri, code, label, "", how) for iri, code, label, how in (known if rows is None else rows))
    return _write(path, [*(_padded(row, 7) for row in preamble), header, *body])


def write_vdab(path: Path, *, competences: bool = False) -> Path:
    """VDAB's mappings: occupations, or competences; each has its labels in Dutch and French."""
    header = (
        "Classification 1 URI", "Classification 1 ID", "Classification 1 PrefLabel", "Classification 1 URL",
        "Classification 2 URI", "Classification 2 ID", "Classification 2 PrefLabel NL", "Classification 2 PrefLabel FR",
        "Classification 2 URL", "Mapping Relation" if competences else "Mapping relation",
    )  # fmt: skip
    kind = "Competence" if competences else "Occupation"
    if competences:
        rows = [(SKILL.format(3), "", "SK-1", "Vaatwerk spoelen", "Laver", "skos:closeMatch"),
                (SKILL.format(1), "", "SK-2", "Eten klaarmaken", "Cuisiner", "skos:broadMatch")]  # fmt: skip
    else:
        rows = [(OCCUPATION.format(3), "9412.1", "OP-1", "Spoelkeukenhulp", "Plongeur", "skos:exactMatch")]
    body = (
        (iri.rsplit("/", 1)[1], code, "", iri, f"0000-{at}", own, nl, fr, "", how)
        for at, (iri, code, own, nl, fr, how) in enumerate(rows)
    )
    preamble = [("Mapping project name", "ESCO"), ("Classification 1 Concept type", kind)]
    preamble.append(("Classification 2 Version", "Competent 3,8"))
    return _write(path, [*(_padded(row, 10) for row in preamble), header, *body])


def write_table(path: Path) -> Path:
    """The table of CompetentNL, with BO&C's codes and ISCO-08 in it."""
    rows = (
        (CNL.format("AA01"), "Kok", "101", "Kok a la carte", OCCUPATION.format(1), "kok", "5120", "exactMatch"),
        (CNL.format("AA02"), "Lampenier", "105", "Lantaarnopsteker", ELSEWHERE, "", "9622", "closeMatch"),
    )
    return _write(path, [TABLE_HEADER, *rows])


def _padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row, *[""] * (width - len(row)))


def _write(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path
