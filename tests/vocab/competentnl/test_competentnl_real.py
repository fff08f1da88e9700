"""The real labels of CompetentNL, at their real number, with links that are made up: the real ones need a key."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from support.competentnl import AREA, REAL

from werkpod.vocab.choice import pack_path
from werkpod.vocab.competentnl import import_from_files
from werkpod.vocab.taxonomy import Taxonomy, load_pack

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.exists(), reason="the labels are not on this machine (../shared/data/competentnl)"),
]
SKOS = "http://www.w3.org/2004/02/skos/core#"
CNLO = "https://linkeddata.competentnl.nl/def/competentnl#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a file of labels."""
    with (REAL / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory: pytest.TempPathFactory) -> Taxonomy:
    data = tmp_path_factory.mktemp("data")
    with (data / "labels.nt").open("w", encoding="utf-8") as file:

        def named(iri: str, label: str, kind: str = "prefLabel") -> None:
            text = label.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'<{iri}> <{SKOS}{kind}> "{text}"@nl .\n')

        capabilities = rows("cnl_humancapability_labels.csv")
        for row in capabilities:
            file.write(f"<{row['uri']}> <{TYPE}> <{CNLO}HumanCapability> .\n")
            named(row["uri"], row["prefLabel"])
            for label in filter(None, row["altLabels"].split(" | ")):
                named(row["uri"], label, "altLabel")
        for n in range(40):
            file.write(f"<{AREA.format(n)}> <{TYPE}> <{CNLO}KnowledgeArea> .\n")
            named(AREA.format(n), f"Verzonnen gebied {n}")
        for n, row in enumerate(rows("cnl_occupation_labels.csv")):
            iri = row["occupationUri"]
            file.write(f"<{iri}> <{TYPE}> <{CNLO}Occupation> .\n")
            named(iri, row["label"], row["labelType"])
            file.write(f"<{iri}> <{CNLO}requiresHATEssential> <{AREA.format(n % 40)}> .\n")
            file.write(f"<{iri}> <{CNLO}requiresHATImportant> <{capabilities[n % len(capabilities)]['uri']}> .\n")
    import_from_files([data / "labels.nt"], data)
    return load_pack(pack_path(data, "competentnl"))


def test_every_occupation_and_capability_is_there(taxonomy: Taxonomy) -> None:
    """3,262 occupations, 112 capabilities; each occupation by IRI and by code, with what it asks."""
    assert (taxonomy.occupation_count, taxonomy.competence_count) == (3262, 112 + 40)
    kinds = Counter(link.kind for each in taxonomy.occupations() for link in taxonomy.links(each))
    assert set(kinds) == {"essential", "important"}
    for occupation in taxonomy.occupations():
        assert taxonomy.occupation(occupation.code) == taxonomy.occupation(occupation.iri) == occupation


@pytest.mark.parametrize(("typed", "title"), [("videojockey", "VJ"), ("asfaltafwerker", "Asfaltafwerker")])
def test_its_names_find_an_occupation(taxonomy: Taxonomy, typed: str, title: str) -> None:
    """A name that is not the preferred one, and one that is."""
    assert title in [hit.occupation.title("nl") for hit in taxonomy.search_occupations(typed)[:3]]


def test_titles_place_some_in_isco(taxonomy: Taxonomy) -> None:
    """Where nothing else tells it, a title that is a job title of a unit group does; no place is made up."""
    placed = [each for each in taxonomy.occupations() if each.isco]
    assert 300 < len(placed) < taxonomy.occupation_count
    assert all(taxonomy.group(each.isco) for each in placed)
