"""`/api/isco/v1`: code in, title and place out."""

from __future__ import annotations

import httpx2
import pytest
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.isco import api
from werkpod.vocab.isco import IscoTree
from werkpod.vocab.starter import isco_titles


@pytest.fixture(scope="module")
def client() -> httpx2.AsyncClient:
    return client_of(api.routes(IscoTree(isco_titles()), base_url=BASE_URL))


async def test_a_unit_group_has_titles_and_a_parent(client: httpx2.AsyncClient) -> None:
    """Code, level, title in both languages, parent: the form that the services promise."""
    answer = await client.get("/api/isco/v1/groups/5321")
    assert answer.status_code == 200
    group = answer.json()
    assert (group["code"], group["level"], group["parent"]) == ("5321", 4, "532")
    assert group["title"] == {"nl": "Ziekenverzorgers", "en": "Health care assistants"}
    assert answer.headers["api-version"] == "1.0.0"


async def test_a_major_group_has_no_parent_and_names_its_children(client: httpx2.AsyncClient) -> None:
    """The tree can be walked from the top; zero at the front of a code counts."""
    group = (await client.get("/api/isco/v1/groups/0")).json()
    assert group["parent"] is None
    assert [child["code"] for child in group["children"]] == ["01", "02", "03"]
    tops = (await client.get("/api/isco/v1/groups")).json()
    assert [top["code"] for top in tops["groups"]] == list("0123456789")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("5399", "Under 53 it has: 531, 532"),
        ("99999", "one to four digits"),
        ("kok", "'kok' is not an ISCO-08 code"),
        ("53.1", "one to four digits"),
        ("../../etc", "one to four digits"),
        ("٥", "one to four digits"),
    ],
)
async def test_a_wrong_code_is_told_what_a_valid_one_looks_like(
    client: httpx2.AsyncClient, code: str, says: str
) -> None:
    """A 404 as problem details that helps to find the right code."""
    answer = await client.get("/api/isco/v1/groups/" + code.replace("/", "%2F"))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


async def test_an_answer_is_kept_until_it_changes(client: httpx2.AsyncClient) -> None:
    """A GET has an ETag, and 304 for who has the answer already."""
    first = await client.get("/api/isco/v1/groups/5321")
    etag = first.headers["etag"]
    again = await client.get("/api/isco/v1/groups/5321", headers={"If-None-Match": f'"x", W/{etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert "max-age" in first.headers["cache-control"]


async def test_other_methods_are_refused_with_the_right_ones_named(client: httpx2.AsyncClient) -> None:
    """405 with Allow; OPTIONS says the same, for pages of any origin."""
    answer = await client.post("/api/isco/v1/groups/5321")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    options = await client.options("/api/isco/v1/groups/5321")
    assert options.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (await client.head("/api/isco/v1/groups/5321")).status_code == 200


async def test_query_parameters_that_do_not_exist_are_named(client: httpx2.AsyncClient) -> None:
    """A mistyped parameter is not silently left out."""
    answer = await client.get("/api/isco/v1/groups/5321?language=nl")
    assert answer.status_code == 400
    assert "language is not a query parameter" in answer.json()["detail"]
