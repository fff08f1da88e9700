"""Crosswalks: codes of UWV, CompetentNL and VDAB lead to occupations and competences of the taxonomy in use."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
from support.crosswalks import CNL, ELSEWHERE, REAL, REAL_FILES, write_table, write_uwv, write_vdab
from support.esco import OCCUPATION, SKILL, write_esco

from werkpod.vocab.choice import pack_path
from werkpod.vocab.commands import import_from_crosswalks, import_from_esco, remove
from werkpod.vocab.crosswalk.importing import import_crosswalks
from werkpod.vocab.crosswalk.kept import crosswalks_path, keep, kept
from werkpod.vocab.crosswalk.naming import names_of
from werkpod.vocab.crosswalk.source import read_crosswalks
from werkpod.vocab.elsewhere import Elsewhere
from werkpod.vocab.errors import ImportFailed, PackDamaged, PackMissing
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.loading import elsewhere_of
from werkpod.vocab.names import ExtraName
from werkpod.vocab.progress import NoProgress
from werkpod.vocab.starter import starter_meta, starter_tables
from werkpod.vocab.status import as_text, vocab_status
from werkpod.vocab.tables import CompetenceRow, OccupationRow, build_tables
from werkpod.vocab.taxonomy import Taxonomy, active


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the small ESCO and every crosswalk; the crosswalks came first, as an operator may do it."""
    data, files = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("files")
    given = [
        write_uwv(files / "uwv.csv"), write_vdab(files / "beroepen.csv"),
        write_vdab(files / "competenties.csv", competences=True), write_table(files / "cnl.csv"),
    ]  # fmt: skip
    keep([each for file in given for each in read_crosswalks(file)], crosswalks_path(data))
    import_from_esco(data, write_esco(files / "esco"), NoProgress())
    return data


@pytest.fixture(scope="module")
def taxonomy(data: Path) -> Taxonomy:
    """The small ESCO with all of them."""
    return active(data)


@pytest.mark.parametrize(
    ("code", "iri", "relation", "via"),
    [
        ("101", OCCUPATION.format(1), "exactMatch", ("uwv-boc",)),
        ("uwv-boc:101", OCCUPATION.format(1), "exactMatch", ("uwv-boc",)),
        ("104", OCCUPATION.format(2), "broadMatch", ("uwv-boc",)),
        ("op-1", OCCUPATION.format(3), "exactMatch", ("vdab",)),
        ("0000-0", OCCUPATION.format(3), "exactMatch", ("vdab",)),
        ("AA01", OCCUPATION.format(1), "exactMatch", ("competentnl",)),
        (CNL.format("AA01"), OCCUPATION.format(1), "exactMatch", ("competentnl",)),
        (OCCUPATION.format(2), OCCUPATION.format(2), "exactMatch", ()),
    ],
)
def test_a_code_of_any_scheme_leads_to_its_occupation(
    taxonomy: Taxonomy, code: str, iri: str, relation: str, via: tuple[str, ...]
) -> None:
    """With how near it is and by which sources; capitals do not matter, and a scheme can be named."""
    resolution = taxonomy.resolve(code)
    assert resolution.best is not None
    assert (resolution.best.iri, resolution.ways[0].relation, resolution.ways[0].via) == (iri, relation, via)
    found = taxonomy.occupation(code)
    assert found is not None
    assert (found.iri, resolution.problem) == (iri, "")


def test_several_that_are_equally_close_are_their_unit_group_or_nothing(taxonomy: Taxonomy) -> None:
    """Two in one group: the group. In two groups: no guess, and the answer names them."""
    group = taxonomy.occupation("102")
    assert group is not None
    assert (group.iri, group.is_group) == (ISCO_IRI + "5120", True)
    resolution = taxonomy.resolve("103")
    assert (resolution.best, taxonomy.occupation("103")) == (None, None)
    assert [way.occupation.iri for way in resolution.ways] == [OCCUPATION.format(1), OCCUPATION.format(3)]
    assert resolution.problem == (
        "'103' is 'Medewerker horeca' in UWV BO&C; leads to 2 occupations of ESCO unknown: kok (5120.1), keukenhulp "
        "(9412.1)."
    )


def test_what_is_unknown_and_what_leads_nowhere_are_told_apart(taxonomy: Taxonomy) -> None:
    """A code that no crosswalk has, and one whose occupation the taxonomy does not have."""
    assert taxonomy.resolve("nee").problem == (
        "'nee' is no occupation of ESCO unknown, nor of CompetentNL or UWV BO&C or VDAB Competent."
    )
    lost = taxonomy.resolve("105")
    assert (lost.best, lost.known[0].scheme, lost.known[0].label) == (None, "uwv-boc", "Lantaarnopsteker")
    assert lost.problem.endswith("and what that leads to is not in ESCO unknown.")
    assert taxonomy.resolve("vdab:101").best is None


def test_competences_of_vdab_lead_to_competences(taxonomy: Taxonomy) -> None:
    """What means the same counts as the same; what is broader only leads there. Codes of one kind are none of the
    other."""
    assert [each.competence.iri for each in taxonomy.equivalents("SK-1")] == [SKILL.format(3)]
    assert taxonomy.equivalents("SK-2") == ()
    assert [(each.competence.iri, each.relation) for each in taxonomy.near("SK-2")] == [(SKILL.format(1), "broadMatch")]
    assert taxonomy.occupation("SK-1") is None


def test_the_names_of_codes_find_concepts(taxonomy: Taxonomy) -> None:
    """Also in a taxonomy that is imported after them; the hit says whose name it is. The code itself finds too."""
    hit = taxonomy.search_occupations("spoelkeukenhulp")[0]
    assert (hit.occupation.iri, hit.why, hit.source) == (OCCUPATION.format(3), "mapped-name", "vdab")
    assert taxonomy.search_competences("vaatwerk spoelen")[0].competence.iri == SKILL.format(3)
    assert taxonomy.search_occupations("OP-1")[0].why == "code"


def test_the_starter_takes_what_is_in_a_unit_group(data: Path) -> None:
    """With the starter in use the codes lead to unit groups, where a file or ESCO tells the group; the names too."""
    tables, elsewhere = starter_tables(), elsewhere_of(data, "starter")
    starter = Taxonomy(tables, elsewhere)
    found = [starter.occupation(code) for code in ("101", "102", "OP-1", "AA02", ELSEWHERE, OCCUPATION.format(2))]
    assert [each and each.code for each in found] == ["5120", "5120", "9412", "9622", "9622", "5120"]
    assert starter.resolve("101").ways[0].via[-1] == "isco"
    assert starter.resolve("103").best is None
    names = {name for each in elsewhere.crosswalks for name in names_of(each, tables)}
    assert ExtraName(ISCO_IRI + "9622", "nl", "Lantaarnopsteker", "uwv-boc") in names


def test_the_status_tells_of_crosswalks_and_they_are_removed(data: Path, tmp_path: Path) -> None:
    """Scheme, version, counts, file; importing a kind again replaces it; without them codes mean nothing."""
    own = tmp_path / "data"
    shutil.copytree(data, own)
    text = as_text(vocab_status(own))
    assert "UWV BO&C 21.1: 5 occupations, 7 matches; uwv.csv" in text
    assert "VDAB Competent 3.8: 2 competences, 2 matches" in text
    told = import_from_crosswalks(own, [write_uwv(tmp_path / "new.csv")], NoProgress())
    assert "3 lead to one occupation of the taxonomy in use, 1 to several that are equally close, 1 to none" in told
    assert len(kept(crosswalks_path(own))) == 5
    assert active(own).search_occupations("ziekenhuiskok")[0].source == "uwv-boc"
    told = import_from_crosswalks(own, [write_uwv(tmp_path / "new.csv")], NoProgress(), names=False)
    assert "not to search by" in told
    assert active(own).search_occupations("ziekenhuiskok")[0].source == ""
    assert "Removed the crosswalks" in remove(own, "crosswalk")
    bare = active(own)
    assert (bare.occupation("101"), vocab_status(own).crosswalks) == (None, ())
    assert bare.search_occupations("spoelkeukenhulp")[0].source == ""
    with pytest.raises(PackMissing, match="no crosswalks to remove"):
        remove(own, "crosswalk")


BROKEN = {
    "no such file": (None, "uwv.csv: the file cannot be read"),
    "another file": ("a,b\n1,2\n", "line 1: this is no crosswalk that is known here"),
    "no code": ("{head}http://data.europa.eu/esco/occupation/{uuid},x,,,Kok,,skos:exactMatch\n",
                "line 3, column Classification 2 ID: there is no code"),
    "no IRI": ("{head}nee,x,,1,Kok,,skos:exactMatch\n", "line 3, column Classification 1 URI: 'nee' is no IRI"),
    "no relation": ("{head}http://data.europa.eu/esco/occupation/{uuid},x,,1,Kok,,same\n",
                    "line 3, column Mapping relation: 'same' is no mapping relation; exactMatch"),
    "cut short": ("{head}http://data.europa.eu/esco/occupation/{uuid},x\n", "line 3, column Classification 1 URL"),
    "nothing in it": ("{head}", "there are no rows after the header"),
    "cut in the header": ("Mapping project name,x,,,,,\nClassification 1 URI,a\n", "column Classification 2 ID"),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_cannot_be_read_says_where_and_changes_nothing(tmp_path: Path, how: str) -> None:
    """File, line and column; what was kept before stays, and nothing of the other files is taken."""
    text, says = BROKEN[how]
    file = tmp_path / "uwv.csv"
    if text is not None:
        head = "Classification 1 Concept type,Occupation,,,,,\nClassification 1 URI,Classification 1 PrefLabel,"
        head += "Classification 1 URL,Classification 2 ID,Classification 2 PrefLabel,Classification 2 URL,"
        head += "Mapping relation\n"
        file.write_text(text.replace("{head}", head).replace("{uuid}", OCCUPATION.format(1).rsplit("/", 1)[1]))
    with pytest.raises(ImportFailed) as failed:
        import_crosswalks(tmp_path, [write_table(tmp_path / "cnl.csv"), file])
    assert says in str(failed.value)
    assert not crosswalks_path(tmp_path).exists()


def test_the_table_of_competentnl_is_checked_too(tmp_path: Path) -> None:
    """Each column that is read; and two files of one kind are refused."""
    file = write_table(tmp_path / "cnl.csv")
    whole = file.read_text()
    for old, new, column in (
        (CNL.format("AA01"), "https://x.example/", "cnlOccupationUri"), ("9622", "96", "isco08"),
        (ELSEWHERE, "iets", "escoUri"), ("closeMatch", "relatedMatch", "mappingRelation"),
    ):  # fmt: skip
        file.write_text(whole.replace(old, new))
        with pytest.raises(ImportFailed, match=f"column {column}"):
            import_crosswalks(tmp_path, [file])
    both = [write_uwv(tmp_path / "a.csv"), write_uwv(tmp_path / "b.csv")]
    with pytest.raises(ImportFailed, match=r"same kind as a\.csv"):
        import_crosswalks(tmp_path, both)


def test_crosswalks_that_were_damaged_are_never_silently_left_out(data: Path, tmp_path: Path) -> None:
    """A server does not start on them, and the status says so."""
    shutil.copytree(data, tmp_path / "data")
    path = crosswalks_path(tmp_path / "data")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(PackDamaged, match=r"Remove the crosswalks .* and import them again"):
        active(tmp_path / "data")
    assert vocab_status(tmp_path / "data").in_use is None
    path.write_bytes(b"iets anders")
    with pytest.raises(PackDamaged, match="not what belongs here"):
        kept(path)


def test_a_pack_that_cannot_be_read_does_not_stop_a_crosswalk(tmp_path: Path) -> None:
    """It has to be imported again anyway, and gets the names then."""
    pack_path(tmp_path, "esco").parent.mkdir()
    pack_path(tmp_path, "esco").write_bytes(b"x")
    assert [each.scheme for each in import_crosswalks(tmp_path, [write_table(tmp_path / "t.csv")])] == [
        "competentnl", "uwv-boc",
    ]  # fmt: skip


def test_the_real_files_are_read_whole() -> None:
    """Every code of the published files."""
    files = [REAL / name for name in REAL_FILES]
    if not all(file.exists() for file in files):
        pytest.skip("the real crosswalks are not in ../shared/data")
    found = [each for file in files for each in read_crosswalks(file)]
    assert [(each.about.scheme, each.about.codes) for each in found] == [
        ("competentnl", 3124), ("uwv-boc", 3146), ("uwv-boc", 3451), ("vdab", 638), ("vdab", 7963),
    ]  # fmt: skip


def test_with_competentnl_in_use_codes_lead_to_its_occupations(tmp_path: Path) -> None:
    """By its own IRI, by label from BO&C, and back from ESCO, which leads nowhere else."""
    rows = [OccupationRow(CNL.format("AA01"), "AA01", "5120", {"nl": "Kok"}, links={0: 1.0})]
    meta = msgspec.structs.replace(starter_meta(), occupations=1, competences=1, languages=("nl",), id="competentnl")
    tables = build_tables(meta, rows, [CompetenceRow("https://x.example/1", "skill", {"nl": "Koken"})], ())
    files = [write_table(tmp_path / "cnl.csv"), write_uwv(tmp_path / "uwv.csv")]
    crosswalks = tuple(each for file in files for each in read_crosswalks(file))
    taxonomy = Taxonomy(tables, Elsewhere(crosswalks))
    for code, relation in (
        ("AA01", "exactMatch"), ("101", "exactMatch"), (OCCUPATION.format(1), "exactMatch"), ("103", "narrowMatch"),
    ):  # fmt: skip
        resolution = taxonomy.resolve(code)
        assert resolution.best is not None, code
        assert (resolution.best.code, resolution.ways[0].relation) == ("AA01", relation)
    assert taxonomy.occupation("104") is None
