"""A small ESCO download, in the official layout, that tests may break; and where the real one is."""

from __future__ import annotations

import csv
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from werkpod.vocab.esco import import_esco
from werkpod.vocab.starter import isco_titles

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "esco"
"""The real files, when the machine has them."""
OCCUPATION = "http://data.europa.eu/esco/occupation/00000000-0000-4000-8000-00000000000{}"
SKILL = "http://data.europa.eu/esco/skill/00000000-0000-4000-9000-00000000000{}"
GROUP = "http://data.europa.eu/esco/skill/00000000-0000-4000-a000-00000000000{}"
FIELD = "http://data.europa.eu/esco/isced-f/{}"
LANGUAGES = ("nl", "en")
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
    "fr": [
        (1, "5120", "cuisinier", "cuisinière", "5120.1"),
        (2, "5120", "cuisinier diététicien", "", "5120.2"),
        (3, "9412", "aide de cuisine", "plongeur", "9412.1"),
    ],
}
_SKILLS = {
    "en": [
        (1, "skill/competence", "prepare meals"), (2, "knowledge", "nutrition"), (3, "skill/competence", "wash dishes"),
        (4, "skill/competence", "write menus"),
    ],
    "nl": [(1, "skill/competence", "maaltijden bereiden"), (2, "knowledge", "voedingsleer"),
           (3, "skill/competence", "afwassen")],
    "fr": [(1, "skill/competence", "préparer des repas"), (4, "skill/competence", "rédiger des menus")],
}  # fmt: skip
_GROUPS = {
    "en": [(GROUP.format(1), "skills", "S"), (GROUP.format(2), "preparing food", "S1"), (GROUP.format(3), "knowledge",
           "K"), (FIELD.format("10"), "services", "10"), (FIELD.format("101"), "personal services", "101")],
    "nl": [(GROUP.format(1), "vaardigheden", "S"), (GROUP.format(2), "eten maken", "S1"), (GROUP.format(3), "kennis",
           "K"), (FIELD.format("10"), "diensten", "10"), (FIELD.format("101"), "persoonlijke diensten", "101")],
}  # fmt: skip
_PATHS = ((1,), (1, 2), (3,), (3, "10"), (3, "10", "101"))
_BROADER = [
    ("SkillGroup", GROUP.format(2), "SkillGroup", GROUP.format(1)),
    ("SkillGroup", FIELD.format("10"), "SkillGroup", GROUP.format(3)),
    ("SkillGroup", FIELD.format("101"), "SkillGroup", FIELD.format("10")),
    ("KnowledgeSkillCompetence", SKILL.format(1), "SkillGroup", GROUP.format(2)),
    ("KnowledgeSkillCompetence", SKILL.format(2), "SkillGroup", GROUP.format(2)),
    ("KnowledgeSkillCompetence", SKILL.format(2), "SkillGroup", FIELD.format("101")),
    ("KnowledgeSkillCompetence", SKILL.format(3), "SkillGroup", GROUP.format(2)),
    ("KnowledgeSkillCompetence", SKILL.format(4), "KnowledgeSkillCompetence", SKILL.format(1)),
]
_COLLECTIONS = {"digital": (4,), "green": (3, 4), "language": (), "transversal": (3,)}
_RELATIONS = [
    (1, "essential", 1), (1, "optional", 2), (1, "essential", 4), (2, "essential", 1), (2, "essential", 2),
    (3, "essential", 3), (3, "optional", 1), (3, "optional", 3),
]  # fmt: skip
"""The last one repeats a pair, as the real file does: essential wins."""


def real_pack(factory: pytest.TempPathFactory) -> Path:
    """The pack of the real files; made once a run, by the first worker that asks. Skips where the files are not."""
    if not REAL.is_dir():
        pytest.skip("the ESCO download is not on this machine (../shared/data/esco)")
    base = factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    pack = folder / "real-esco" / "esco.pack"
    with (folder / "real-esco.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not pack.exists():
            import_esco(REAL, pack)
    return pack


def write_esco(folder: Path, languages: Sequence[str] = LANGUAGES) -> Path:
    """Write the small download: 3 occupations, 4 skills (one without a Dutch label), 8 relations, 5 groups, 4
    collections. There is made-up French for the concepts, none for the groups."""
    folder.mkdir(parents=True, exist_ok=True)
    for lang in languages:
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
                ("ISCOGroup", f"http://data.europa.eu/esco/isco/C{code}", code, titles.get(lang, f"groupe {code}"))
                for code, titles in isco_titles().items()
            ],
        )
    _write(
        folder / "occupationSkillRelations_en.csv",
        ["occupationUri", "relationType", "skillType", "skillUri"],
        [(OCCUPATION.format(o), relation, "", SKILL.format(s)) for o, relation, s in _RELATIONS],
    )
    _write_order(folder, [lang for lang in languages if lang in _GROUPS])
    return folder


def _write_order(folder: Path, languages: Sequence[str]) -> None:
    for lang in languages:
        header = ["conceptType", "conceptUri", "preferredLabel", "code"]
        _write(folder / f"skillGroups_{lang}.csv", header, [("SkillGroup", *group) for group in _GROUPS[lang]])
        header = [f"Level {level} {part}" for level in range(4) for part in ("URI", "preferred term")]
        labels = {iri: label for iri, label, _ in _GROUPS[lang]}
        paths = [[GROUP.format(p) if isinstance(p, int) else FIELD.format(p) for p in path] for path in _PATHS]
        rows = [tuple(cell for iri in path for cell in (iri, labels[iri])) for path in paths]
        _write(
            folder / f"skillsHierarchy_{lang}.csv", [*header, "Level 0 code"], rows
        )  # rows as short as the real ones
    header = ["conceptType", "conceptUri", "broaderType", "broaderUri"]
    _write(folder / "broaderRelationsSkillPillar_en.csv", header, _BROADER)
    for name, members in _COLLECTIONS.items():
        rows = [("KnowledgeSkillCompetence", SKILL.format(n)) for n in members]
        _write(folder / f"{name}SkillsCollection_en.csv", ["conceptType", "conceptUri"], rows)


def _write(path: Path, header: list[str], rows: Sequence[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
