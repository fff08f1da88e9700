"""`/api/wish/v1`: a wish and a CV in, what is missing out."""

from __future__ import annotations

import httpx2
import pytest
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.wish import api
from werkpod.vocab.taxonomy import Taxonomy, starter

GAPS = "/api/wish/v1/gaps"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


@pytest.fixture(scope="module")
def client(taxonomy: Taxonomy) -> httpx2.AsyncClient:
    return client_of(api.routes(taxonomy, base_url=BASE_URL))


async def test_a_wish_is_split_into_have_and_missing(client: httpx2.AsyncClient, taxonomy: Taxonomy) -> None:
    """What the wish asks and a job before gave is had, the rest is missing."""
    body = {"wish": "8344", "experience": [{"occupation": "9333", "from": "2018-01", "to": None}], "competences": []}
    gap = (await client.post(GAPS, json=body)).json()
    wish, done = taxonomy.occupation("8344"), taxonomy.occupation("9333")
    assert wish
    assert done
    asks = {link.competence.iri for link in taxonomy.links(wish) if link.kind == "essential"}
    gave = {link.competence.iri for link in taxonomy.links(done) if link.kind == "essential"}
    assert gap["occupation"]["code"] == "8344"
    assert {each["iri"] for each in gap["have"]} == asks & gave
    assert {each["iri"] for each in gap["missing"]} == asks - gave


async def test_without_a_cv_everything_is_missing_and_with_all_nothing(
    client: httpx2.AsyncClient, taxonomy: Taxonomy
) -> None:
    """The two ends of the way."""
    wish = taxonomy.occupation("5322")
    assert wish
    iris = [link.competence.iri for link in taxonomy.links(wish)]
    nothing = (await client.post(GAPS, json={"wish": wish.iri})).json()
    everything = (await client.post(GAPS, json={"wish": "5322", "competences": iris})).json()
    assert nothing["have"] == everything["missing"] == []
    assert [each["iri"] for each in nothing["missing"]] == [each["iri"] for each in everything["have"]]
    assert {each["iri"] for each in everything["have"] + everything["useful"]} == set(iris)


async def test_an_unknown_wish_is_named(client: httpx2.AsyncClient) -> None:
    """A 422 names the wish and shows a known occupation; no wish at all is told too."""
    answer = await client.post(GAPS, json={"wish": "astronaut"})
    assert answer.status_code == 422
    assert answer.json()["unknown"] == [{"in": "wish", "value": "astronaut"}]
    assert "wish" in (await client.post(GAPS, json={})).json()["detail"]
