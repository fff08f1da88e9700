"""A small ESCO download, in the official layout, that tests may break; and where the real one is."""

from __future__ import annotations

import csv
from pathlib import Path

from werkpod.vocab.starter import isco_titles

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "esco"
"""The real files, when the machine has them."""
OCCUPATION = "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-00000000000{}"
SKILL = "http://data.europa.eu/esco/skill/00000000-0000-4000-9000-00000000000{}"
_OCCUPATION_HEADER = ["conceptType", "conceptUri", "iscoGroup", "preferredLabel", "altLabels", "status", "code"]
_OCCUPATIONS = {
    "en": [
        (1, "5120", "cook", "chef\nkitchen cook", "5120.1"),
        (2, "5120", "diet cook", "", "5120.2"),
        (3, "9412", "kitchen porter", "dish washer", "9412.1"),
    ],
    "nl": [
        (1, "5120", "kok", "kokkin\nkeukenkok", "5120.1"),
        (2, "5120", "dieetkok", "", "5120.2"),
        (3, "9412", "keukenhulp", "afwasser\nhulp in de keuken", "9412.1"),
    ],
}
_SKILLS = {
    "en": [
        (1, "skill/competence", "prepare meals"), (2, "knowledge", "nutrition"), (3, "skill/competence", "wash dishes"),
        (4, "skill/competence", "write menus"),
    ],
    "nl": [(1, "skill/competence", "maaltijden bereiden"), (2, "knowledge", "voedingsleer"),
           (3, "skill/competence", "afwassen")],
}  # fmt: skip
_RELATIONS = [
    (1, "essential", 1), (1, "optional", 2), (1, "essential", 4), (2, "essential", 1), (2, "essential", 2),
    (3, "essential", 3), (3, "optional", 1), (3, "optional", 3),
]  # fmt: skip
"""The last one repeats a pair, as the real file does: essential wins."""


def write_esco(folder: Path) -> Path:
    """Write the small download: 3 occupations, 4 skills (one without a Dutch label), 8 relations, nl and en."""
    folder.mkdir(parents=True, exist_ok=True)
    for lang in ("nl", "en"):
        _write(
            folder / f"occupations_{lang}.csv",
            _OCCUPATION_HEADER,
            [
                ("Occupation", OCCUPATION.format(n), isco, label, others, "released", code)
                for n, isco, label, others, code in _OCCUPATIONS[lang]
            ],
        )
        _write(
            folder / f"skills_{lang}.csv",
            ["conceptType", "conceptUri", "skillType", "preferredLabel"],
            [("KnowledgeSkillCompetence", SKILL.format(n), kind, label) for n, kind, label in _SKILLS[lang]],
        )
        _write(
            folder / f"ISCOGroups_{lang}.csv",
            ["conceptType", "conceptUri", "code", "preferredLabel"],
            [
                ("ISCOGroup", f"http://data.europa.eu/esco/isco/C{code}", code, titles[lang])
                for code, titles in isco_titles().items()
            ],
        )
    _write(
        folder / "occupationSkillRelations_en.csv",
        ["occupationUri", "relationType", "skillType", "skillUri"],
        [(OCCUPATION.format(o), relation, "", SKILL.format(s)) for o, relation, s in _RELATIONS],
    )
    return folder


def _write(path: Path, header: list[str], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
