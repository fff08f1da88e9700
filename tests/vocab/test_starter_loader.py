"""The starter's files are read strictly: what contradicts itself is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.starter import starter_folder, starter_tables
from werkpod.vocab.status import vocab_status
from werkpod.vocab.taxonomy import starter


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(starter_folder(), tmp_path / "starter"))


@pytest.mark.parametrize(
    ("file", "row", "column", "says"),
    [
        ("links/83.csv", "8344,,no-such-competence", "useful", "no-such-competence"),
        ("links/83.csv", "83,{known},", "unit_group", "83"),
        ("links/83.csv", "9999,{known},", "unit_group", "9999"),
        ("links/11.csv", "1111,,{known} {known}", "useful", "twice"),
        ("titles/83.csv", "8344,fr,cariste", "lang", "fr"),
        ("titles/83.csv", "834,nl,heftruck", "unit_group", "834"),
        ("competences/zorg.csv", "x,hobby,nl,en,plain,", "kind", "hobby"),
        ("competences/zorg.csv", "x,skill,nl,en,plain,http://x", "esco", "UUID"),
        ("competences/zorg.csv", "{known},skill,nl,en,plain,", "id", "bouw"),
        ("everyday.csv", "834,Chauffeur,Driver", "unit_group", "834"),
    ],
)
def test_a_row_that_contradicts_the_rest_is_named(copy: Path, file: str, row: str, column: str, says: str) -> None:
    """File, line and column lead to the row."""
    known = (copy / "competences" / "bouw.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    path = copy / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text + row.format(known=known) + "\n", encoding="utf-8")
    with pytest.raises(ImportFailed, match=says) as caught:
        starter_tables(copy)
    assert caught.value.file == path
    assert caught.value.line == text.count("\n") + 1
    assert caught.value.column == column


def test_a_group_without_an_everyday_name_is_named(copy: Path) -> None:
    """No page falls back to an official title unseen."""
    path = copy / "everyday.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("8344,")), encoding="utf-8")
    with pytest.raises(ImportFailed, match="8344") as caught:
        starter_tables(copy)
    assert caught.value.file == path


def test_an_occupation_is_called_as_people_call_it() -> None:
    """The everyday name is the title; the official one leads to the occupation and stays the title of the group."""
    taxonomy = starter()
    occupation, group = taxonomy.occupation("5152"), taxonomy.group("5152")
    assert occupation
    assert group
    assert (occupation.title("nl"), occupation.title("en")) == ("Huishoudster", "Housekeeper")
    assert group.title == {"nl": "Huishoud(st)ers in privéhuishoudens", "en": "Domestic housekeepers"}
    for lang, title in group.title.items():
        assert taxonomy.search_occupations(title, lang=lang, limit=1)[0].occupation == occupation


def test_the_status_without_a_pack_is_the_starters(tmp_path: Path) -> None:
    """`vocab status` tells what is in use, with counts, languages and licence notice."""
    status, taxonomy = vocab_status(tmp_path).used, starter()
    assert status
    assert (status.id, status.path, status.size) == ("starter", None, 0)
    assert (status.occupations, status.competences, status.links) == (
        taxonomy.occupation_count, taxonomy.competence_count, taxonomy.link_count,
    )  # fmt: skip
    assert status.languages == ("nl", "en")
    assert "EUPL" in status.notice


def test_occupations_are_found_by_iri_code_and_isco_iri() -> None:
    """Each way of naming an occupation leads to the same one; what is unknown leads nowhere."""
    taxonomy = starter()
    by_code = taxonomy.occupation("8344")
    assert by_code
    assert by_code == taxonomy.occupation("http://data.europa.eu/esco/isco/C8344")
    assert taxonomy.occupation("C8344") is None
    assert taxonomy.occupation("") is None
    assert taxonomy.competence("https://w3id.org/werkpod/competence/none") is None


def test_a_competence_has_an_everyday_name_in_dutch_only() -> None:
    """A page shows the plain Dutch name, in English the label."""
    taxonomy = starter()
    occupation = taxonomy.occupation("8344")
    assert occupation
    competence = taxonomy.links(occupation)[0].competence
    assert competence.everyday("nl") == competence.plain
    assert competence.everyday("en") == competence.labels["en"]
    assert competence.label_lang("en") == "en"
