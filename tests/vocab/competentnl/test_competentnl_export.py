"""CompetentNL from an export in RDF: what becomes of its vocabulary, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse, serialize
from support.competentnl import (
    AREA,
    CAPABILITY,
    ESCO_COOK,
    ESCO_PORTER,
    ESCO_WASHING,
    OCCUPATION,
    TASK,
    TURTLE,
    write_turtle,
)
from support.esco import write_esco

from werkpod.vocab.choice import pack_path
from werkpod.vocab.competentnl import import_from_files
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.esco import import_esco
from werkpod.vocab.status import Status
from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy, load_pack


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Status, Taxonomy]:
    data = tmp_path_factory.mktemp("data")
    import_esco(write_esco(data / "csv"), pack_path(data, "esco"))
    status = import_from_files([write_turtle(data)], data)
    return status, load_pack(pack_path(data, "competentnl"))


@pytest.fixture(scope="module")
def taxonomy(imported: tuple[Status, Taxonomy]) -> Taxonomy:
    return imported[1]


def occupation(taxonomy: Taxonomy, number: int) -> Occupation:
    found = taxonomy.occupation(OCCUPATION.format(number))
    assert found
    return found


def competence(taxonomy: Taxonomy, iri: str) -> Competence:
    found = taxonomy.competence(iri)
    assert found
    return found


def test_the_import_says_what_it_read(imported: tuple[Status, Taxonomy]) -> None:
    """Counts, version (from the file's name), language, licence, and what was found in another way or not at all."""
    status, _ = imported
    assert (status.id, status.title, status.version, status.languages) == ("competentnl", "CompetentNL", "1.2", ("nl",))
    assert (status.occupations, status.competences, status.links, status.groups) == (4, 6, 14, 4)
    assert "CC BY 4.0" in status.notice
    assert ["(1)" in note for note in status.notes] == [True] * 3


def test_links_have_three_kinds_and_tasks_are_competences(taxonomy: Taxonomy) -> None:
    """Essential, important and somewhat weigh 1, 0.75 and 0.5; tasks and areas of knowledge are asked as well."""
    links = {link.competence.iri: (link.kind, link.weight) for link in taxonomy.links(occupation(taxonomy, 1))}
    assert links == {
        CAPABILITY.format(1): ("essential", 1.0), TASK.format(1): ("essential", 1.0),
        CAPABILITY.format(2): ("important", 0.75), AREA.format(1): ("important", 0.75),
        CAPABILITY.format(3): ("optional", 0.5), TASK.format(2): ("optional", 0.5),
    }  # fmt: skip
    kinds = [competence(taxonomy, iri.format(1)).kind for iri in (CAPABILITY, AREA, TASK)]
    assert kinds == ["skill", "knowledge", "skill"]
    assert taxonomy.competence(CAPABILITY.format(77)) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("eetcafékok", 1),
        ("petit-café-kok", 1),
        ("kok dagmenu", 1),
        ("afwasser bedrijfskeuken", 2),
        ("heftruckrijder verzonnen", 3),
    ],
)
def test_every_name_finds_its_occupation(taxonomy: Taxonomy, typed: str, number: int) -> None:
    """Preferred, other and specialised names, of SKOS and SKOS-XL, labels with an IRI and without."""
    assert taxonomy.search_occupations(typed)[0].occupation.iri == OCCUPATION.format(number)


def test_an_occupation_stands_in_isco_by_its_source_by_esco_or_by_its_title(taxonomy: Taxonomy) -> None:
    """Its core occupation tells, else the closest ESCO occupation, else a job title of the starter, else nothing."""
    assert [occupation(taxonomy, n).isco for n in range(1, 5)] == ["5120", "9412", "8344", ""]


def test_unit_groups_stand_for_the_occupations_in_them(taxonomy: Taxonomy) -> None:
    """ "5120" can be worked with, as with ESCO; the tree of ISCO-08 is whole and has titles in both languages."""
    group = taxonomy.occupation("5120")
    assert group
    assert group.is_group
    assert group.title("nl") == "Kok"
    assert next(link.competence.iri for link in taxonomy.links(group)) in (CAPABILITY.format(1), TASK.format(1))
    found = [match.occupation.iri for match in taxonomy.rank({TASK.format(2): 1.0}, exclude=[group.iri])]
    assert found == [OCCUPATION.format(2)]
    unit = taxonomy.group("5120")
    assert unit
    assert unit.title == {"nl": "Koks", "en": "Cooks"}
    assert len(taxonomy.isco) == 619


def test_mappings_to_esco_are_kept_both_ways(taxonomy: Taxonomy) -> None:
    """Of occupations, directly or by way of an item, and of competences; looked up from either side, closest first."""
    assert [(match.relation, match.iri) for match in taxonomy.matches(occupation(taxonomy, 1))] == [
        ("exactMatch", ESCO_COOK)
    ]
    assert [each.relation for each in taxonomy.matches(occupation(taxonomy, 2))] == ["closeMatch", "broadMatch"]
    assert [each.iri for each in taxonomy.occupations_matching(ESCO_COOK)] == [OCCUPATION.format(n) for n in (1, 2)]
    assert [each.iri for each in taxonomy.occupations_matching(ESCO_PORTER)] == [OCCUPATION.format(2)]
    assert taxonomy.competences_matching(ESCO_WASHING) == (competence(taxonomy, CAPABILITY.format(2)),)
    assert taxonomy.occupations_matching("http://data.europa.eu/esco/occupation/none") == ()


def test_competences_are_in_groups(taxonomy: Taxonomy) -> None:
    """A broader capability that nobody asks is a group; what has none is in that of its class."""
    first = competence(taxonomy, CAPABILITY.format(1)).group
    assert first
    assert first.label("nl") == "Hoe je werkt"
    assert taxonomy.broader(first)[0].label("en") == "Skills"
    task = competence(taxonomy, TASK.format(1)).group
    assert task
    assert task.label("nl") == "Taken"


@pytest.mark.parametrize("kind", [RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.TRIG], ids=lambda kind: kind.name)
def test_other_forms_of_rdf_say_the_same(tmp_path: Path, kind: RdfFormat) -> None:
    """N-Triples, N-Quads and TriG are read as Turtle is, the order of the triples does not matter."""
    quads = sorted(parse(TURTLE.encode(), RdfFormat.TURTLE), key=str, reverse=True)
    export = tmp_path / f"export.{kind.file_extension}"
    export.write_bytes(serialize(quads, format=kind) or b"")
    status = import_from_files([export], tmp_path)
    assert (status.occupations, status.competences, status.links) == (4, 6, 14)


def test_an_export_in_several_files_is_one(tmp_path: Path) -> None:
    """Occupations in one file and what they ask in another, as UWV and CompetentNL publish them."""
    prefixes, _, rest = TURTLE.partition("\nocc:")
    occupations, _, concepts = rest.partition("\ncap:")
    one, other = tmp_path / "a.ttl", tmp_path / "b.ttl"
    one.write_text(f"{prefixes}\nocc:{occupations}", encoding="utf-8")
    other.write_text(f"{prefixes}\ncap:{concepts}", encoding="utf-8")
    assert import_from_files([one, other], tmp_path).competences == 6
    with pytest.raises(ImportFailed, match="ask nothing that has a label"):
        import_from_files([one], tmp_path)


def test_links_to_what_is_not_described_are_left_out_and_told(tmp_path: Path) -> None:
    """One of many is passed over; when it is more than one in twenty the export is not whole, and is refused."""
    one = TURTLE.replace("occ:0000000004 a", "occ:0000000004 cnlo:requiresHATEssential cap:0000000008 ; a")
    with pytest.raises(ImportFailed, match=r"1 of the 15 links lead to what is not described, .*0000000008"):
        import_from_files([write_turtle(tmp_path, one)], tmp_path)
    extra = "".join(f'\ntask:{n:010} a uwv:OccupationTask ; skos:prefLabel "Taak {n}" .\nocc:0000000004 '
                    f"uwv:isCharacterizedByOccupationTask_Optional task:{n:010} ." for n in range(10, 20))  # fmt: skip
    status = import_from_files([write_turtle(tmp_path, one + extra)], tmp_path)
    assert status.notes[0] == "Left out: links to concepts without a class or a label (1)."


def test_a_damaged_export_is_refused_by_line_and_changes_nothing(tmp_path: Path) -> None:
    """File and line are named; the pack that was in use stays."""
    import_from_files([write_turtle(tmp_path)], tmp_path)
    before = pack_path(tmp_path, "competentnl").read_bytes()
    lines = TURTLE.splitlines(keepends=True)
    lines[20] = "dit is geen turtle\n"
    with pytest.raises(ImportFailed, match="not Turtle") as caught:
        import_from_files([write_turtle(tmp_path, "".join(lines))], tmp_path)
    assert (caught.value.file.name, caught.value.line) == ("competentnl-1.2.ttl", 21)
    assert pack_path(tmp_path, "competentnl").read_bytes() == before
    assert not list((tmp_path / "vocab").glob(".*"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.rdf", b"<rdf/>", "must be Turtle or N-Triples"),
        ("a.ttl", b"", "no occupation in it"),
        ("none.nt", None, "cannot be read"),
    ],
)
def test_what_is_no_export_is_refused(tmp_path: Path, name: str, content: bytes | None, says: str) -> None:
    """RDF/XML, an empty file, no file: each says what would be right."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ImportFailed, match=says):
        import_from_files([tmp_path / name], tmp_path)
    assert not pack_path(tmp_path, "competentnl").exists()
