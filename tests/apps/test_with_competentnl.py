"""The services with CompetentNL in use: three kinds of link, occupations without an ISCO group, its notice."""

from __future__ import annotations

from urllib.parse import quote

import httpx2
import pytest
from support.competentnl import CAPABILITY, OCCUPATION, TASK, write_turtle
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.competentnl import api, pages
from werkpod.apps.isco import pages as isco
from werkpod.apps.matcher import api as matcher
from werkpod.apps.wish import api as wish
from werkpod.vocab.choice import pack_path
from werkpod.vocab.competentnl import import_from_files
from werkpod.vocab.taxonomy import load_pack
from werkpod.web.pages import Pages


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> httpx2.AsyncClient:
    data = tmp_path_factory.mktemp("data")
    import_from_files([write_turtle(data)], data)
    taxonomy, made = load_pack(pack_path(data, "competentnl")), Pages(["werkpod.apps"], base_url=BASE_URL)
    return client_of(
        [
            *pages.routes(taxonomy, pages=made), *isco.routes(taxonomy.isco, pages=made),
            *(route for each in (api, matcher, wish) for route in each.routes(taxonomy, base_url=BASE_URL)),
        ]
    )  # fmt: skip


def page_of(number: int) -> str:
    return f"/apps/competentnl/beroep?beroep={quote(OCCUPATION.format(number), safe='')}"


async def test_the_page_of_an_occupation_has_three_lists(client: httpx2.AsyncClient) -> None:
    """What one must be able to do, what is important and what is useful, each under its heading, with the source."""
    page = (await client.get(page_of(1))).text
    heads = ["Dit moet je kunnen", "Dit is belangrijk om te kunnen", "Dit is handig om te kunnen"]
    assert sorted(heads, key=page.index) == heads
    assert "Dagmenu koken" in page.partition(heads[1])[0]
    assert "van CompetentNL (CC BY 4.0)" in page
    assert "from CompetentNL" in (await client.get(page_of(1), headers={"Accept-Language": "en"})).text


async def test_an_occupation_without_an_isco_group_has_a_page_all_the_same(client: httpx2.AsyncClient) -> None:
    """It does not lead to a group that is not there."""
    assert "ISCO-groep" in (await client.get(page_of(1))).text
    answer = await client.get(page_of(4))
    assert (answer.status_code, "ISCO-groep" in answer.text, "Sterrenkijker" in answer.text) == (200, False, True)
    assert (await client.get("/apps/isco/5120")).status_code == 200


async def test_the_api_gives_three_lists(client: httpx2.AsyncClient) -> None:
    """`essential`, `important`, `optional`."""
    found = (
        await client.get(f"/api/competentnl/v1/occupations/{quote(OCCUPATION.format(1), safe='')}/competences")
    ).json()
    asked = {kind: {each["iri"] for each in found[kind]} for kind in ("essential", "important", "optional")}
    assert asked["essential"] == {CAPABILITY.format(1), TASK.format(1)}
    assert CAPABILITY.format(2) in asked["important"]
    assert TASK.format(2) in asked["optional"]


async def test_matching_and_gaps_work_with_it(client: httpx2.AsyncClient) -> None:
    """By its own codes and by unit group."""
    for code in ("0000000001", "5120"):
        answer = await client.post("/api/matcher/v1/matches", json={"experience": [{"occupation": code}]})
        assert OCCUPATION.format(2) in [each["occupation"]["iri"] for each in answer.json()["matches"]]
    body = {"wish": "0000000001", "competences": [CAPABILITY.format(1), TASK.format(2)]}
    gap = (await client.post("/api/wish/v1/gaps", json=body)).json()
    assert [each["iri"] for each in gap["missing"]] == [TASK.format(1)]
    assert [each["iri"] for each in gap["useful"]] == [TASK.format(2)]
