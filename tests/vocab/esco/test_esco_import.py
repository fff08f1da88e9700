"""The ESCO importer: what it reads, and that a wrong file changes nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from support.esco import FIELD, GROUP, OCCUPATION, SKILL, write_esco

from werkpod.vocab.choice import pack_path
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.esco import import_esco
from werkpod.vocab.progress import TextProgress
from werkpod.vocab.status import vocab_status
from werkpod.vocab.taxonomy import Taxonomy, load_pack


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_esco(tmp_path / "ESCO dataset - v9.8.7 - csv")


@pytest.fixture
def taxonomy(source: Path, tmp_path: Path) -> Taxonomy:
    import_esco(source, tmp_path / "esco.pack")
    return load_pack(tmp_path / "esco.pack")


def test_the_import_says_what_it_read(source: Path, tmp_path: Path) -> None:
    """Counts, version (from the folder's name), languages, date, labels by language and the Commission's notice."""
    status = import_esco(source, pack_path(tmp_path, "esco"))
    assert (status.id, status.version, status.languages) == ("esco", "9.8.7", ("nl", "en"))
    assert (status.occupations, status.competences, status.links) == (3, 4, 8)
    assert status.labelled == {"nl": 3, "en": 4}
    assert status.notice == "This service uses the ESCO classification of the European Commission."
    assert status.created.startswith("20")
    assert vocab_status(tmp_path).used == status


def test_labels_fall_back_and_say_so(taxonomy: Taxonomy) -> None:
    """A skill without a Dutch label is shown in English, and can be marked as such."""
    skill = taxonomy.competence(SKILL.format(4))
    assert skill
    assert (skill.label("nl"), skill.label_lang("nl")) == ("write menus", "en")
    assert taxonomy.competence(SKILL.format(1)).label("nl") == "maaltijden bereiden"  # type: ignore[union-attr]


def test_kinds_links_and_repeated_relations(taxonomy: Taxonomy) -> None:
    """Knowledge is knowledge; essential goes first; a pair that is both essential and optional is essential once."""
    porter = taxonomy.occupation("9412.1")
    assert porter
    assert [(link.competence.label("nl"), link.kind) for link in taxonomy.links(porter)] == [
        ("afwassen", "essential"),
        ("maaltijden bereiden", "optional"),
    ]
    assert taxonomy.competence(SKILL.format(2)).kind == "knowledge"  # type: ignore[union-attr]


def test_a_unit_group_stands_for_its_occupations(taxonomy: Taxonomy) -> None:
    """ "5120" is known, asks what its occupations ask, is never a match, and doing it leaves them all out."""
    group = taxonomy.occupation("5120")
    assert group
    assert group.is_group
    assert group == taxonomy.occupation("http://data.europa.eu/esco/isco/C5120")
    asked = {link.competence.iri: link.weight for link in taxonomy.links(group)}
    assert asked[SKILL.format(1)] == 1
    found = taxonomy.rank({**asked, SKILL.format(3): 1.0}, exclude=[group.iri], limit=10)
    assert [match.occupation.code for match in found] == ["9412.1"]
    assert taxonomy.occupation_count == 3
    assert group not in list(taxonomy.occupations())


def test_a_unit_group_is_called_as_people_call_it(taxonomy: Taxonomy) -> None:
    """Its title as an occupation is the everyday one; the title in the files finds it and stays that of the group."""
    group, occupation = taxonomy.group("5120"), taxonomy.occupation("5120")
    assert group
    assert occupation
    assert (occupation.title("nl"), group.title["nl"]) == ("Kok", "Koks")
    assert occupation in [hit.occupation for hit in taxonomy.search_occupations("Koks")]


def test_other_names_are_searched_in_their_language(taxonomy: Taxonomy) -> None:
    """Alternative labels, one a line in the file, lead to the occupation; an occupation goes before its group."""
    assert taxonomy.search_occupations("afwasser")[0].occupation.iri == OCCUPATION.format(3)
    assert taxonomy.search_occupations("dish washer", lang="en")[0].occupation.iri == OCCUPATION.format(3)
    assert [hit.occupation.code for hit in taxonomy.search_occupations("kok")][:2] == ["5120.1", "5120"]
    assert taxonomy.search_competences("afwassen")[0].competence.iri == SKILL.format(3)
    assert taxonomy.group("5120") is not None


def test_a_competence_has_its_nearest_group_and_what_is_broader(taxonomy: Taxonomy) -> None:
    """A skill's group is the fewest steps up, that of knowledge its field of education; groups have parents."""
    menus, nutrition = taxonomy.competence(SKILL.format(4)), taxonomy.competence(SKILL.format(2))
    assert menus
    assert nutrition
    meals = taxonomy.competence(SKILL.format(1))
    assert taxonomy.broader(menus) == (meals,)
    assert menus.group
    assert (menus.group.iri, menus.group.label("nl")) == (GROUP.format(2), "eten maken")
    assert taxonomy.broader(menus.group)[0].label("en") == "skills"
    assert [each.iri for each in taxonomy.broader(nutrition)] == [FIELD.format("101"), GROUP.format(2)]
    assert nutrition.group
    assert nutrition.group.label("nl") == "persoonlijke diensten"
    assert taxonomy.broader(taxonomy.competence_groups()[0]) == ()
    assert len(taxonomy.competence_groups()) == 5


def test_a_competence_knows_its_collections(taxonomy: Taxonomy) -> None:
    """Digital, green, language and transversal skills are marked, and counted in the status."""
    found = {n: taxonomy.competence(SKILL.format(n)).collections for n in range(1, 5)}  # type: ignore[union-attr]
    assert found == {1: (), 2: (), 3: ("green", "transversal"), 4: ("digital", "green")}
    assert taxonomy.meta.collections == {"digital": 1, "green": 2, "language": 0, "transversal": 1}


def test_a_download_without_groups_or_collections_is_imported_and_says_so(source: Path, tmp_path: Path) -> None:
    """What is absent is told by file; what can be had from the table of the hierarchy is taken from there."""
    for file in ("skillGroups_nl", "skillGroups_en", "broaderRelationsSkillPillar_en", "greenSkillsCollection_en"):
        (source / f"{file}.csv").unlink()
    status = import_esco(source, tmp_path / "esco.pack")
    assert status.groups == 5
    assert [note.split(" is not there")[0] for note in status.notes] == [
        "broaderRelationsSkillPillar_en.csv",
        "greenSkillsCollection_en.csv",
    ]
    taxonomy = load_pack(tmp_path / "esco.pack")
    assert taxonomy.broader(taxonomy.competence_groups()[1]) == taxonomy.competence_groups()[:1]
    assert taxonomy.competence(SKILL.format(1)).group is None  # type: ignore[union-attr]
    for path in source.glob("skillsHierarchy_*"):
        path.unlink()
    status = import_esco(source, tmp_path / "esco.pack")
    assert (status.groups, len(status.notes)) == (0, 3)


@pytest.mark.parametrize(
    ("there", "wanted", "languages"),
    [
        (("nl", "en", "fr"), (), ("nl", "en", "fr")),
        (("fr", "en"), (), ("en", "fr")),
        (("nl", "en", "fr"), ("nl",), ("nl",)),
    ],
)
def test_any_set_of_languages_can_be_imported(
    tmp_path: Path, there: tuple[str, ...], wanted: tuple[str, ...], languages: tuple[str, ...]
) -> None:
    """All that are in the folder, or those that are asked for; what one of them lacks falls back to another."""
    folder = write_esco(tmp_path / "csv", there)
    if wanted == ("nl",):  # alone it must be whole
        text = (folder / "skills_nl.csv").read_text("utf-8")
        (folder / "skills_nl.csv").write_text(
            text + f"KnowledgeSkillCompetence,{SKILL.format(4)},knowledge,menu's schrijven\n", encoding="utf-8"
        )
    status = import_esco(folder, tmp_path / "esco.pack", languages=wanted)
    assert status.languages == languages
    taxonomy = load_pack(tmp_path / "esco.pack")
    cook = taxonomy.occupation("5120.1")
    assert cook
    if "fr" in languages:
        assert cook.title("fr") == "cuisinier"
        assert taxonomy.search_occupations("plongeur", lang="fr")[0].occupation.code == "9412.1"
        assert taxonomy.competence(SKILL.format(2)).label_lang("fr") != "fr"  # type: ignore[union-attr]
    else:
        assert set(cook.labels) == {"nl"}


def test_a_language_that_is_not_there_is_named(source: Path, tmp_path: Path) -> None:
    """Who asks for Polish hears which languages there are."""
    with pytest.raises(ImportFailed, match=r"occupations_pl\.csv.*are: en, nl"):
        import_esco(source, tmp_path / "esco.pack", languages=["pl", "nl"])


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Put `new` in the place of the last `old` in a file."""

    def change(folder: Path) -> None:
        path = folder / name
        with path.open(encoding="utf-8", newline="") as file:
            head, found, tail = file.read().rpartition(old)
        assert found
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(head + new + tail)

    return change


def removed(name: str) -> Callable[[Path], None]:
    """Take a file away."""
    return lambda folder: (folder / name).unlink()


def cut(name: str, by: int) -> Callable[[Path], None]:
    """Take the last bytes off a file."""
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-by]) and None


_BROADER = "broaderRelationsSkillPillar_en.csv"
WRONG = [
    (removed("skills_nl.csv"), "skills_nl.csv", None, None, "No such file"),
    (removed("occupationSkillRelations_en.csv"), "occupationSkillRelations_en.csv", None, None, "No such file"),
    (removed("ISCOGroups_en.csv"), "ISCOGroups_en.csv", None, None, "No such file"),
    (replaced("occupations_nl.csv", "iscoGroup", "isco"), "occupations_nl.csv", 1, "iscoGroup", "no such column"),
    (replaced("skills_en.csv", "preferredLabel", "label"), "skills_en.csv", 1, "preferredLabel", "no such column"),
    (cut("occupationSkillRelations_en.csv", 20), "occupationSkillRelations_en.csv", 9, None, "cut short"),
    (cut("occupations_en.csv", 400), "occupations_en.csv", None, None, "cut short"),
    (cut("ISCOGroups_nl.csv", 20000), "ISCOGroups_nl.csv", None, None, "cut short"),
    (replaced("occupationSkillRelations_en.csv", "optional", "handy"), "occupationSkillRelations_en.csv", 9,
     "relationType", "handy"),
    (replaced("occupationSkillRelations_en.csv", SKILL.format(3), SKILL.format(9)),
     "occupationSkillRelations_en.csv", 9, "skillUri", "not in skills_en.csv"),
    (replaced("occupationSkillRelations_en.csv", OCCUPATION.format(3), OCCUPATION.format(9)),
     "occupationSkillRelations_en.csv", 9, "occupationUri", "not in occupations_en.csv"),
    (replaced("occupationSkillRelations_en.csv", SKILL.format(3), "skill 3"), "occupationSkillRelations_en.csv", 9,
     "skillUri", "UUID"),
    (replaced("skills_en.csv", "knowledge", "feeling"), "skills_en.csv", 3, "skillType", "feeling"),
    (replaced("skills_nl.csv", SKILL.format(3), SKILL.format(8)), "skills_nl.csv", 4, "conceptUri", "does not have"),
    (replaced("skills_en.csv", SKILL.format(4), SKILL.format(3)), "skills_en.csv", 5, "conceptUri", "line 4"),
    (replaced("occupations_en.csv", "9412,kitchen", "9499,kitchen"), "occupations_en.csv", 5, "code", "9412.1"),
    (replaced("occupations_en.csv", "Occupation,", "Job,"), "occupations_en.csv", 5, "conceptType", "Job"),
    (replaced("ISCOGroups_nl.csv", "C9629,9629", "C9699,9699"), "ISCOGroups_nl.csv", None, "code", "9699"),
    (replaced("greenSkillsCollection_en.csv", SKILL.format(4), SKILL.format(9)), "greenSkillsCollection_en.csv", 3,
     "conceptUri", "skills_en.csv does not have"),
    (replaced(_BROADER, SKILL.format(1), SKILL.format(9)), _BROADER, 9, "broaderUri", "not in the skills files"),
    (replaced(_BROADER, GROUP.format(2), GROUP.format(9)), _BROADER, 8, "broaderUri", "not in the skillGroups files"),
    (replaced(_BROADER, FIELD.format("101") + ",Ski", FIELD.format("102") + ",Ski"), _BROADER, 4, "conceptUri",
     "skillGroups"),
    (replaced(_BROADER, SKILL.format(1), SKILL.format(4)), _BROADER, 9, None, "broader than itself"),
    (replaced(_BROADER, "SkillGroup", "Group"), _BROADER, 8, "broaderType", "'Group'"),
    (replaced("skillsHierarchy_nl.csv", FIELD.format("10") + ",", GROUP.format(2) + ","), "skillsHierarchy_nl.csv", 6,
     "Level 1 URI", "does not have this group under"),
    (replaced("skillsHierarchy_nl.csv", FIELD.format("101"), FIELD.format("109")), "skillsHierarchy_nl.csv", 6,
     "Level 2 URI", "skillGroups does not have"),
    (replaced("skillGroups_nl.csv", FIELD.format("101"), FIELD.format("109")), "skillGroups_nl.csv", 6, "conceptUri",
     "skillGroups_en.csv does not have"),
    (replaced("skillGroups_nl.csv", FIELD.format("101"), FIELD.format("10")), "skillGroups_nl.csv", 6, "conceptUri",
     "line 5"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "file", "line", "column", "says"), WRONG)
def test_a_wrong_file_is_named_and_the_old_pack_stays(
    source: Path,
    tmp_path: Path,
    change: Callable[[Path], None],
    file: str,
    line: int | None,
    column: str | None,
    says: str,
) -> None:
    """The error names file, line and column, and the pack that was in use is as it was."""
    target = tmp_path / "vocab" / "esco.pack"
    import_esco(source, target)
    before, beside = target.read_bytes(), sorted(target.parent.iterdir())
    change(source)
    with pytest.raises(ImportFailed, match=says) as caught:
        import_esco(source, target)
    assert caught.value.file == source / file
    assert line is None or caught.value.line == line
    assert column is None or caught.value.column == column
    assert file in str(caught.value)
    assert target.read_bytes() == before
    assert sorted(target.parent.iterdir()) == beside


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_the_files_is_explained(tmp_path: Path, made: bool) -> None:
    """A wrong folder is told apart from a missing one."""
    folder = tmp_path / "empty"
    if made:
        folder.mkdir()
    with pytest.raises(ImportFailed, match="CSV form" if made else "no such folder"):
        import_esco(folder, tmp_path / "esco.pack")
    assert not (tmp_path / "esco.pack").exists()


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(source: Path, tmp_path: Path) -> None:
    """Somebody who watches sees a bar; a log gets one line a stage."""
    plain, terminal = io.StringIO(), Terminal()
    for stream in (plain, terminal):
        import_esco(source, tmp_path / "esco.pack", progress=TextProgress(stream))
    stages = ["skills_en.csv", "occupations_nl.csv", "occupationSkillRelations_en.csv", "search index", "writing"]
    assert all(stage in plain.getvalue() and stage in terminal.getvalue() for stage in stages)
    assert "\r" not in plain.getvalue()
    assert "\r" in terminal.getvalue()
    assert "100%" in terminal.getvalue()
