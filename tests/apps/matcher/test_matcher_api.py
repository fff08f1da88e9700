"""`/api/matcher/v1`: a CV in, fitting occupations out."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.matcher import api
from werkpod.vocab.taxonomy import Taxonomy, starter

MATCHES = "/api/matcher/v1/matches"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


@pytest.fixture(scope="module")
def client(taxonomy: Taxonomy) -> httpx2.AsyncClient:
    return client_of(api.routes(taxonomy, base_url=BASE_URL))


async def asked(client: httpx2.AsyncClient, **body: Any) -> list[dict[str, Any]]:
    answer = await client.post(MATCHES, json=body)
    assert answer.status_code == 200, answer.text
    matches: list[dict[str, Any]] = answer.json()["matches"]
    return matches


async def test_a_work_history_gets_matches_in_the_promised_form(client: httpx2.AsyncClient) -> None:
    """Occupation, score, have (with the job it comes from) and missing; best first; as many as asked."""
    job = {"occupation": "8344", "from": "2015-03", "to": None}
    matches = await asked(client, experience=[job], limit=5, lang="nl")
    assert len(matches) == 5
    assert {"iri", "code", "isco", "title"} == set(matches[0]["occupation"])
    assert [m["score"] for m in matches] == sorted((m["score"] for m in matches), reverse=True)
    have = next(m["have"] for m in matches if m["have"])
    assert have[0]["experience"] == ["http://data.europa.eu/esco/isco/C8344"]


async def test_have_and_missing_are_what_the_occupation_asks(client: httpx2.AsyncClient, taxonomy: Taxonomy) -> None:
    """The two lists split the essential competences of every match."""
    for match in await asked(client, experience=[{"occupation": "5120"}], limit=20):
        occupation = taxonomy.occupation(match["occupation"]["iri"])
        assert occupation
        essential = {link.competence.iri for link in taxonomy.links(occupation) if link.kind == "essential"}
        have, missing = ({each["iri"] for each in match[part]} for part in ("have", "missing"))
        assert have | missing == essential
        assert not have & missing


async def test_occupations_done_are_left_out_by_code_and_by_iri(client: httpx2.AsyncClient) -> None:
    """Nobody is offered the work that they had."""
    iri = "http://data.europa.eu/esco/isco/C9333"
    matches = await asked(client, experience=[{"occupation": "8344"}, {"occupation": iri}], limit=200)
    assert not {"8344", "9333"} & {match["occupation"]["code"] for match in matches}


async def test_competences_alone_are_enough(client: httpx2.AsyncClient, taxonomy: Taxonomy) -> None:
    """Someone without a job before is matched on what they can; a competence named is had."""
    occupation = taxonomy.occupation("5120")
    assert occupation
    some = [link.competence.iri for link in taxonomy.links(occupation)][:6]
    matches = await asked(client, competences=some)
    assert matches[0]["occupation"]["code"] == "5120"
    assert {each["iri"] for match in matches for each in match["have"]} <= set(some)


async def test_an_empty_cv_fits_nothing(client: httpx2.AsyncClient) -> None:
    """Nothing in, nothing out, and no error."""
    assert await asked(client) == []


async def test_unknown_iris_and_codes_are_all_named(client: httpx2.AsyncClient) -> None:
    """A 422 with each unknown value and its place."""
    body = {
        "experience": [{"occupation": "8344"}, {"occupation": "no-code"}],
        "competences": ["https://w3id.org/werkpod/competence/none", "urn:x"],
    }
    answer = await client.post(MATCHES, json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert [each["value"] for each in problem["unknown"]] == ["no-code", *body["competences"]]
    assert problem["unknown"][0]["in"] == "experience[1].occupation"
    assert "no-code" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"limit": 0}, "limit is a whole number from 1 to 200"),
        ({"limit": 201}, "limit is a whole number from 1 to 200"),
        ({"limit": "10"}, "limit"),
        ({"lang": "de"}, "lang is en or nl"),
        ({"experience": {}}, "experience"),
        ({"experience": [{"from": "2015"}]}, "occupation"),
        ({"experience": [{"occupation": "8344", "until": "2015"}]}, "until"),
        ({"experience": [{"occupation": "8344", "from": "2015-13"}]}, "experience[0].from"),
        ({"experience": [{"occupation": "8344", "from": "2020", "to": "2019"}]}, "before"),
        ({"competences": [1]}, "competences[0]"),
        ({"skills": []}, "skills"),
        ([], "object"),
    ],
)
async def test_another_form_is_a_422_that_names_the_member(client: httpx2.AsyncClient, body: Any, says: str) -> None:
    """The detail holds the path of the member and what it may be."""
    answer = await client.post(MATCHES, json=body)
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"lang": "\xff"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 422),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b" " * 1_100_000 + b"{}", "application/json", 413),
    ],
)
async def test_what_is_not_json_is_told_apart(
    client: httpx2.AsyncClient, content: bytes, media_type: str, status: int
) -> None:
    """No JSON, another media type, too much: each has its own status, as problem details."""
    answer = await client.post(MATCHES, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_answer_is_not_kept_anywhere(client: httpx2.AsyncClient) -> None:
    """Caches are told to forget what was said about a person."""
    answer = await client.post(MATCHES, json={"experience": [{"occupation": "8344"}]})
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
