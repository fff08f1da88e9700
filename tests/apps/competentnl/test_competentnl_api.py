"""`/api/competentnl/v1`: occupations by text, and what they ask."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from support.esco import OCCUPATION, SKILL, write_esco
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.competentnl import api, compat
from werkpod.vocab.esco import import_esco
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.taxonomy import Taxonomy, load_pack, starter

OCCUPATIONS = "/api/competentnl/v1/occupations"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


@pytest.fixture(scope="module")
def client(taxonomy: Taxonomy) -> httpx2.AsyncClient:
    return client_of(api.routes(taxonomy, base_url=BASE_URL))


@pytest.fixture(scope="module")
def esco(tmp_path_factory: pytest.TempPathFactory) -> httpx2.AsyncClient:
    folder: Path = tmp_path_factory.mktemp("esco")
    import_esco(write_esco(folder / "csv"), folder / "esco.pack")
    return client_of(api.routes(load_pack(folder / "esco.pack"), base_url=BASE_URL))


async def test_a_search_answers_in_the_promised_form(client: httpx2.AsyncClient) -> None:
    """IRI, code, ISCO code, title and score, best first, as many as asked."""
    answer = await client.get(OCCUPATIONS, params={"q": "heftruck", "lang": "nl", "limit": 3})
    results = answer.json()["results"]
    assert 1 <= len(results) <= 3
    assert {"iri", "code", "isco", "title", "score"} <= set(results[0])
    assert (results[0]["iri"], results[0]["isco"]) == ("http://data.europa.eu/esco/isco/C8344", "8344")
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    assert results[0]["matched"] == "heftruck"


async def test_titles_come_in_the_language_asked(client: httpx2.AsyncClient) -> None:
    """`lang=en` searches and answers in English."""
    answer = await client.get(OCCUPATIONS, params={"q": "nurse", "lang": "en"})
    assert "nurs" in answer.json()["results"][0]["title"].lower()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "q is missing; q is text of 1 to 200 characters"),
        ("q=", "q='' is wrong; q is text of 1 to 200 characters"),
        ("q=kok&lang=fr", "lang='fr' is wrong; lang is en or nl"),
        ("q=kok&limit=0", "limit='0' is wrong; limit is a whole number from 1 to 100"),
        ("q=kok&limit=101", "limit is a whole number from 1 to 100"),
        ("q=kok&limit=ten", "limit='ten' is wrong"),
        ("q=kok&limit=1.5", "limit='1.5' is wrong"),
        ("q=kok&q=bakker", "given twice"),
        ("q=kok&langue=nl", "langue is not a query parameter of this address; known here: q, lang, limit"),
        ("q=" + "k" * 201, "200 characters"),
    ],
)
async def test_bounds_are_named(client: httpx2.AsyncClient, query: str, says: str) -> None:
    """400 says which parameter, what was given and what it may be."""
    answer = await client.get(f"{OCCUPATIONS}?{query}")
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


async def test_a_text_that_nothing_is_like_gives_an_empty_list(client: httpx2.AsyncClient) -> None:
    """No result is a result."""
    assert (await client.get(OCCUPATIONS, params={"q": "xqzw"})).json() == {"results": []}


@pytest.mark.parametrize("code", ["8344", "http://data.europa.eu/esco/isco/C8344"])
@pytest.mark.parametrize("encoded", [True, False])
async def test_an_occupation_is_named_by_code_or_iri(client: httpx2.AsyncClient, code: str, encoded: bool) -> None:
    """A code, and an IRI with its slashes encoded or not, give what the occupation asks."""
    answer = await client.get(f"{OCCUPATIONS}/{quote(code, safe='' if encoded else ':/')}/competences")
    assert answer.status_code == 200
    asked = answer.json()
    assert asked["occupation"]["code"] == "8344"
    assert asked["essential"]
    every = (*asked["essential"], *asked["optional"])
    assert all({"iri", "label", "kind", "weight", "type", "plain", "group"} == set(each) for each in every)
    assert {(each["kind"], each["weight"]) for each in every} == {("essential", 1.0), ("optional", 0.5)}


@pytest.mark.parametrize("code", ["abc", "5399", "http://example.org/x", "8344%20"])
async def test_an_unknown_occupation_is_a_404_that_shows_a_known_one(client: httpx2.AsyncClient, code: str) -> None:
    """The detail names the code and what valid ones look like."""
    answer = await client.get(f"{OCCUPATIONS}/{quote(code, safe='%')}/competences")
    assert answer.status_code == 404
    assert "An occupation is a code such as" in answer.json()["detail"]
    assert answer.json()["code"] == "unknown_code"


async def test_a_label_in_another_language_is_marked(esco: httpx2.AsyncClient) -> None:
    """A competence without a Dutch label has `lang`; the others do not."""
    asked = (await esco.get(f"{OCCUPATIONS}/5120.1/competences?lang=nl")).json()
    labels = {each["iri"]: each for each in asked["essential"]}
    assert (labels[SKILL.format(4)]["label"], labels[SKILL.format(4)]["lang"]) == ("write menus", "en")
    assert "lang" not in labels[SKILL.format(1)]
    assert asked["occupation"]["iri"] == OCCUPATION.format(1)


async def test_competences_are_found_and_lead_to_occupations(client: httpx2.AsyncClient, taxonomy: Taxonomy) -> None:
    """From words to a competence, from the competence to who needs it."""
    occupation = taxonomy.occupation("8344")
    assert occupation
    competence = taxonomy.links(occupation)[0].competence
    found = await client.get("/api/competentnl/v1/competences", params={"q": competence.label("nl")})
    assert found.json()["results"][0]["iri"] == competence.iri
    asking = await client.get(f"/api/competentnl/v1/competences/{quote(competence.iri, safe='')}/occupations")
    assert "8344" in [each["code"] for each in asking.json()["occupations"]]
    unknown = await client.get("/api/competentnl/v1/competences/urn%3Ax/occupations")
    assert unknown.status_code == 404


def test_numbers_of_the_pilots_calls_are_the_same_in_any_order() -> None:
    """They come from what is numbered; of two that want one number, the one with the earlier IRI has it."""
    iris = [f"http://example.org/{n}" for n in range(50)] + [f"{ISCO_IRI}8344"]
    codes = compat.numbered(((iri, iri) for iri in iris), "CP")
    assert compat.numbered(((iri, iri) for iri in reversed(iris)), "CP") == codes
    assert codes["CP-8344"] == f"{ISCO_IRI}8344"
    assert all(re.fullmatch(r"CP-\d{12}", code) for code in codes if code != "CP-8344")
    assert len(codes) == len(iris)


def test_two_that_want_one_number_both_get_one() -> None:
    """With one digit for nine things some have to move; the first by IRI has its own, and the order does not matter."""
    iris = [f"http://example.org/{n}" for n in range(9)]
    codes = compat.numbered(((iri, iri) for iri in iris), "CP", digits=1)
    assert len({compat.number(iri, 1) for iri in iris}) < len(iris) == len(codes)
    assert codes[f"CP-{compat.number(iris[0], 1)}"] == iris[0]
    assert compat.numbered(((iri, iri) for iri in reversed(iris)), "CP", digits=1) == codes


async def test_an_answer_is_zipped_for_who_takes_it_and_has_a_tag_of_its_own(client: httpx2.AsyncClient) -> None:
    """The same JSON either way; either tag is good for a 304; HEAD has the headers and no body."""
    path = f"{OCCUPATIONS}/8344/competences"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    zipped = await client.get(path, headers={"Accept-Encoding": "br, gzip;q=0.8"})
    assert (zipped.headers["content-encoding"], zipped.json()) == ("gzip", plain.json())
    assert "content-encoding" not in plain.headers
    assert zipped.headers["etag"] != plain.headers["etag"]
    for tag in (plain.headers["etag"], f"W/{zipped.headers['etag']}"):
        again = await client.get(path, headers={"If-None-Match": tag, "Accept-Encoding": "identity"})
        assert (again.status_code, again.content) == (304, b"")
    head = await client.head(path, headers={"Accept-Encoding": "identity"})
    assert (head.content, head.headers["content-length"]) == (b"", str(len(plain.content)))
