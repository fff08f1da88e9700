"""`/api/improver/v1`: what is missing in, instruments out."""

from __future__ import annotations

import httpx2
import pytest
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.improver import api
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.instruments.model import Catalogue
from werkpod.vocab.starter import starter_labels
from werkpod.vocab.taxonomy import starter

PLANS = "/api/improver/v1/plans"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return starter_catalogue()


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> httpx2.AsyncClient:
    return client_of(api.routes(starter(), catalogue, base_url=BASE_URL))


async def test_a_plan_covers_what_can_be_covered(client: httpx2.AsyncClient, catalogue: Catalogue) -> None:
    """Each instrument with what it covers, the rest named; every competence in one of the two."""
    known = [iri for iri in sorted(catalogue.competences) if any(i.guide == "eva" for i in catalogue.developing(iri))]
    nobody = sorted(set(starter_labels()) - catalogue.competences)
    asked = [*known[:4], *nobody[:1]]
    answer = await client.post(PLANS, json={"missing": asked})
    assert answer.status_code == 200
    plan = answer.json()
    assert {each["iri"] for step in plan["plan"] for each in step["covers"]} == set(known[:4])
    assert [each["iri"] for each in plan["uncovered"]] == nobody[:1]
    assert all(each["label"] for step in plan["plan"] for each in step["covers"])
    assert plan["optimal"] is True
    assert plan["plan"][0]["instrument"]["name"]


async def test_nothing_missing_needs_nothing(client: httpx2.AsyncClient) -> None:
    """An empty list gives an empty plan."""
    answer = await client.post(PLANS, json={"missing": []})
    assert answer.json() == {"plan": [], "uncovered": [], "optimal": True}


async def test_unknown_competences_are_named(client: httpx2.AsyncClient) -> None:
    """A 422 with each one that is not known; a body without the list is told what it lacks."""
    answer = await client.post(PLANS, json={"missing": ["urn:x", sorted(starter_labels())[0]]})
    assert answer.status_code == 422
    assert answer.json()["unknown"] == [{"in": "missing[0]", "value": "urn:x"}]
    assert "missing" in (await client.post(PLANS, json={})).json()["detail"]
