"""New versions of an imported taxonomy: what is gone keeps its name, and leads to what came in its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from support.esco import OCCUPATION, SKILL, write_esco

from werkpod.apps.kit import profile_of
from werkpod.apps.kit.naming import same_here, with_names
from werkpod.vocab.choice import pack_path
from werkpod.vocab.commands import import_from_esco, remove
from werkpod.vocab.cv import Competence, Cv
from werkpod.vocab.errors import ImportFailed, PackDamaged
from werkpod.vocab.history import History, Successor, history_path, past_of, read_history
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.loading import elsewhere_of
from werkpod.vocab.progress import NoProgress
from werkpod.vocab.starter import starter_close_matches, starter_labels, starter_meta, starter_tables
from werkpod.vocab.succession import proposed
from werkpod.vocab.tables import CompetenceRow, OccupationRow, Tables, build_tables
from werkpod.vocab.taxonomy import Taxonomy, active

NEW_COOK, NEW_WASH = OCCUPATION.format(8), SKILL.format(8)
Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the first version of the small ESCO."""
    data = tmp_path_factory.mktemp("first")
    import_from_esco(data, write_esco(tmp_path_factory.mktemp("v1") / "v1.0"), NoProgress())
    return data


def upgraded(data: Path, folder: Path, edit: Edit, replaced: str = "", version: str = "v2.0") -> str:
    """Import another version: every file with `edit` done to its text. What the import says."""
    source = write_esco(folder / version)
    for file in source.iterdir():
        file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    given = None
    if replaced:
        given = folder / "replaced.csv"
        given.write_text("old,new\n" + replaced, encoding="utf-8")
    return import_from_esco(data, source, NoProgress(), replaced=given)


def renumbered(text: str) -> str:
    """The cook and washing dishes have other IRIs than before."""
    return text.replace(OCCUPATION.format(1), NEW_COOK).replace(SKILL.format(3), NEW_WASH)


def leads(taxonomy: Taxonomy, iri: str) -> str | None:
    """The IRI of the occupation that one leads to."""
    found = taxonomy.occupation(iri)
    return found.iri if found else None


def history_of(data: Path) -> History:
    """The history of ESCO."""
    found = read_history(history_path(pack_path(data, "esco")))
    assert found is not None
    return found


@pytest.fixture
def data(first: Path, tmp_path: Path) -> Path:
    """A copy of the first version, to import over."""
    return Path(shutil.copytree(first, tmp_path / "data"))


def test_a_concept_with_another_iri_is_found_by_its_label(data: Path, tmp_path: Path) -> None:
    """A proposal, and marked as one; a CV that points at the old one keeps the name and counts as the new one."""
    assert history_of(data).gone == ()
    told = upgraded(data, tmp_path, renumbered)
    assert "Concepts of earlier versions that are gone: 2; 0 have a successor that the publisher names, 2 one" in told
    taxonomy = active(data)
    past = taxonomy.elsewhere.past(OCCUPATION.format(1))
    assert past is not None
    assert (past.labels, past.last, past.gone, past.isco) == ({"nl": "kok", "en": "cook"}, "1.0", "2.0", "5120")
    resolution = taxonomy.resolve(OCCUPATION.format(1))
    assert resolution.best is not None
    assert (resolution.best.iri, resolution.ways[0].via, resolution.ways[0].proposed) == (
        NEW_COOK,
        ("successor",),
        True,
    )
    same = taxonomy.equivalents(SKILL.format(3))
    assert [(each.competence.iri, each.proposed) for each in same] == [(NEW_WASH, True)]
    starter = Taxonomy(starter_tables(), elsewhere_of(data, "starter"))
    assert leads(starter, OCCUPATION.format(1)) == leads(starter, NEW_COOK) == ISCO_IRI + "5120"


def test_what_the_publisher_says_goes_first(data: Path, tmp_path: Path) -> None:
    """A list with columns old and new; what it says of concepts that are still there does not count."""
    said = f"{OCCUPATION.format(1)},{OCCUPATION.format(2)}\n{OCCUPATION.format(3)},{OCCUPATION.format(2)}\n"
    upgraded(data, tmp_path, renumbered, said)
    taxonomy = active(data)
    resolution = taxonomy.resolve(OCCUPATION.format(1))
    assert resolution.best is not None
    assert (resolution.best.iri, resolution.ways[0].proposed) == (OCCUPATION.format(2), False)
    assert leads(taxonomy, OCCUPATION.format(3)) == OCCUPATION.format(3)


def test_chains_over_versions_are_followed_and_what_returns_is_back(data: Path, tmp_path: Path) -> None:
    """The successor of a successor; and a concept that a later version has again is no longer gone."""
    upgraded(data, tmp_path / "b", renumbered)
    third = OCCUPATION.format(9)
    upgraded(data, tmp_path / "c", lambda text: renumbered(text).replace(NEW_COOK, third), version="v3.0")
    taxonomy = active(data)
    for old in (OCCUPATION.format(1), NEW_COOK):
        assert leads(taxonomy, old) == third
    assert {past.gone for past in history_of(data).gone} == {"2.0", "3.0"}
    told = upgraded(data, tmp_path / "d", lambda text: text, version="v4.0")
    assert "are gone: 3" in told
    taxonomy = active(data)
    assert leads(taxonomy, OCCUPATION.format(1)) == OCCUPATION.format(1)
    assert leads(taxonomy, third) == OCCUPATION.format(1)


def test_other_names_and_nothing_at_all(data: Path, tmp_path: Path) -> None:
    """A label that became another name is proposed; what nothing is like has no successor, and an occupation counts
    through its unit group."""
    words = {",kok,": ",keukenbaas,", "kokkin": "kok", ",cook,": ",boss,", "afwassen": "iets anders", "wash": "do"}

    def renamed(text: str) -> str:
        for old, new in words.items():
            text = text.replace(old, new)
        return renumbered(text)

    upgraded(data, tmp_path, renamed)
    assert [(each.old, each.how) for each in history_of(data).successors] == [(OCCUPATION.format(1), "other-name")]
    assert active(data).equivalents(SKILL.format(3)) == ()
    words |= {"kokkin": "bazin", "keukenkok": "keukenbazin", "chef": "x", "kitchen cook": "y"}
    upgraded(data, tmp_path / "again", renamed, version="v3.0")
    assert leads(active(data), OCCUPATION.format(1)) == NEW_COOK  # what was found once stays found


def test_history_outlives_the_pack(data: Path, tmp_path: Path) -> None:
    """A pack that cannot be read, or that was removed, takes nothing along; without the history itself nothing is
    guessed, and a damaged one is never silently left out."""
    pack = pack_path(data, "esco")
    pack.write_bytes(b"of another version")
    upgraded(data, tmp_path, renumbered)
    assert leads(active(data), OCCUPATION.format(1)) == NEW_COOK
    remove(data, "esco")
    past = elsewhere_of(data, "starter").past(NEW_COOK)
    assert past is not None
    assert past.labels == {"nl": "kok", "en": "cook"}
    history_path(pack).write_bytes(b"x")
    with pytest.raises(PackDamaged, match="from a backup"):
        active(data)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ("nee,https://x.example/\n", "line 2, column old: 'nee' is no IRI"),
        (f"{OCCUPATION.format(1)},nee\n", "line 2, column new: 'nee' is no IRI"),
        (f"{OCCUPATION.format(1)},{OCCUPATION.format(1)}\n", "line 2, column new: a concept cannot be its own"),
        (f"{OCCUPATION.format(1)},{OCCUPATION.format(7)}\n", "line 2, column new: .* is not in this version"),
    ],
)
def test_a_wrong_list_of_successors_changes_nothing(data: Path, tmp_path: Path, said: str, says: str) -> None:
    """File, line and column; pack and history stay as they were."""
    before = [path.read_bytes() for path in sorted((data / "vocab").iterdir())]
    with pytest.raises(ImportFailed, match=says):
        upgraded(data, tmp_path, renumbered, said)
    assert [path.read_bytes() for path in sorted((data / "vocab").iterdir())] == before


def test_where_links_are_much_the_same_that_is_proposed() -> None:
    """Neither label nor other name is the same; what is asked is. Within one unit group, and not with few links."""
    row = OccupationRow(OCCUPATION.format(1), "5120.1", "5120", {"nl": "kok"}, links=dict.fromkeys(range(5), 1.0))
    kin = replace(row, iri=NEW_COOK, titles={"nl": "keukenbaas"}, links=dict.fromkeys(range(1, 6), 1.0))
    other = replace(kin, iri=OCCUPATION.format(5), isco="9412", links=dict(row.links))
    skills = [CompetenceRow(SKILL.format(n), "skill", {"nl": f"iets {n}"}) for n in range(7)]

    def tables(*rows: OccupationRow) -> Tables:
        meta = msgspec.structs.replace(starter_meta(), occupations=len(rows), languages=("nl",))
        return build_tables(meta, rows, skills, ())

    old = tables(row)
    gone = [past for past in past_of(old) if past.of == "occupation"]
    assert proposed(gone, old, tables(kin, other)) == [Successor(row.iri, NEW_COOK, "links")]
    assert proposed(gone, old, tables(other)) == []
    assert proposed(gone, None, tables(kin)) == []
    few = tables(replace(row, links={0: 1.0}))
    assert proposed(gone, few, tables(replace(kin, links={0: 1.0}))) == []


def test_competences_of_the_starter_count_in_another_taxonomy(data: Path, tmp_path: Path) -> None:
    """By way of the ESCO skill that each is closest to; and the other way round with the starter in use."""
    iri, skill = next(iter(sorted(starter_close_matches().items())))
    starter = Taxonomy(starter_tables())
    assert iri in {each.competence.iri for each in starter.equivalents(skill)}
    assert starter.equivalents("https://x.example/") == ()
    upgraded(data, tmp_path, lambda text: text.replace(SKILL.format(1), skill))
    esco = active(data)
    assert [(each.competence.iri, each.relation) for each in esco.equivalents(iri)] == [(skill, "closeMatch")]
    assert [each.competence.iri for each in esco.equivalents(SKILL.format(1))] == [skill]
    cv = Cv("https://pod.example/", competences=(Competence("a", "Iets", iri),))
    assert set(profile_of(cv, esco, "nl").skills) == {skill}
    named = with_names(Cv("https://pod.example/", competences=(Competence("a", "", iri),)), esco, "nl")
    assert named.competences[0].label == starter_labels()[iri]["nl"]
    assert same_here(named.competences[0], esco, "nl") == "maaltijden bereiden"
