"""The pages of ISCO, CompetentNL and Instrumentengids: what a person finds there."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from support.esco import write_esco
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.competentnl import pages as competentnl
from werkpod.apps.instruments import pages as instruments
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.instruments.model import Catalogue
from werkpod.apps.isco import pages as isco
from werkpod.vocab.esco import import_esco
from werkpod.vocab.esco.importer import NOTICE
from werkpod.vocab.taxonomy import load_pack, starter
from werkpod.web.pages import Pages

TRUCK = "https%3A%2F%2Fw3id.org%2Fwerkpod%2Fcompetence%2Fheftruck-rijden"


@pytest.fixture(scope="module")
def client() -> httpx2.AsyncClient:
    taxonomy, pages = starter(), Pages(["werkpod.apps"], base_url=BASE_URL)
    return client_of(
        [
            *isco.routes(taxonomy.isco, pages=pages),
            *competentnl.routes(taxonomy, pages=pages),
            *instruments.routes(starter_catalogue(), pages=pages),
        ]
    )


@pytest.mark.parametrize(
    ("path", "shows"),
    [
        ("/apps/isco/", "De tien hoofdgroepen"),
        ("/apps/isco/?q=schoonmakers", "/apps/isco/9112"),
        ("/apps/isco/?q=5321", "Ziekenverzorgers"),
        ("/apps/isco/?q=xqzw", "We vonden niets"),
        ("/apps/isco/532", "/apps/isco/5321"),
        ("/apps/competentnl/", "Typ een beroep"),
        ("/apps/competentnl/?q=heftruck", "beroep?beroep=http"),
        ("/apps/competentnl/?q=xqzw", "We vonden niets"),
        ("/apps/competentnl/beroep?beroep=8344", "Dit moet je kunnen"),
        ("/apps/competentnl/?q=heftruck", "competentie?iri=https"),
        (f"/apps/competentnl/competentie?iri={TRUCK}", "Rijden met een heftruck"),
        (f"/apps/competentnl/competentie?iri={TRUCK}&alle=ja", "Vrachtwagenchauffeur"),
        ("/apps/isco/?q=schoonmakker", "/apps/isco/9112"),
        ("/apps/isco/5321", "Zo noemen mensen dit werk: Verzorgende."),
        ("/apps/isco/", "/api/isco/v1/docs"),
        ("/apps/competentnl/", "/api/competentnl/v1/docs"),
        ("/apps/gids/", "/api/instruments/v1/docs"),
        ("/apps/gids/", "Heftruckcertificaat"),
        ("/apps/gids/?voor=werkgever", "Loonkostensubsidie"),
        ("/apps/gids/eva-6", "2 dagen"),
    ],
)
async def test_a_page_shows_what_it_is_for(client: httpx2.AsyncClient, path: str, shows: str) -> None:
    """Each page answers with its own content, and works without scripts."""
    answer = await client.get(path)
    assert answer.status_code == 200
    assert shows in answer.text
    assert '<html lang="nl"' in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/apps/isco/9999",
        "/apps/competentnl/beroep?beroep=x",
        "/apps/gids/eva-999",
        "/apps/competentnl/competentie?iri=x",
    ],
)
async def test_what_is_not_there_leads_back(client: httpx2.AsyncClient, path: str) -> None:
    """A wrong address is told in plain words, with a way on."""
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text
    assert 'href="/apps/' in answer.text


async def test_a_guide_that_offers_nothing_says_so() -> None:
    """Nobody searched, so no word is blamed."""
    empty = Catalogue(each for each in starter_catalogue().instruments if each.guide == "eva")
    asked = client_of(instruments.routes(empty, pages=Pages(["werkpod.apps"], base_url=BASE_URL)))
    page = (await asked.get("/apps/gids/?voor=werkgever")).text
    assert "Er staat hier nu niets in de gids." in page
    assert "Probeer een ander woord" not in page


async def test_words_in_any_form_narrow_the_guide(client: httpx2.AsyncClient) -> None:
    """ "heftrucks" finds the course for the forklift and leaves the language course out."""
    answer = await client.get("/apps/gids/?q=heftrucks")
    assert "Heftruckcertificaat" in answer.text
    assert "Nederlands op de werkvloer" not in answer.text


async def test_a_word_inside_another_by_chance_finds_no_help(client: httpx2.AsyncClient) -> None:
    """ "taal" finds what is about language, not what somebody pays ("betaalt") or what is digital."""
    page = (await client.get("/apps/gids/?q=taal")).text
    assert "Nederlands op de werkvloer" in page
    assert [name for name in ("Rijbewijs B voor werk", "Digitale vaardigheden") if name in page] == []


async def test_what_is_only_like_the_word_is_folded(client: httpx2.AsyncClient) -> None:
    """What has the word is seen at once; what is only written like it is a press away."""
    seen, _, folded = (await client.get("/apps/competentnl/?q=heftruck")).text.partition("<details>")
    assert "Heftruckchauffeur" in seen
    assert "trucker" not in seen
    assert "trucker" in folded


@pytest.mark.parametrize("path", ["/apps/isco/?q={}", "/apps/competentnl/?q={}", "/apps/gids/?q={}", "/apps/isco/{}"])
async def test_what_a_person_types_is_text_and_nothing_else(client: httpx2.AsyncClient, path: str) -> None:
    """Markup in a search is shown, not run."""
    answer = await client.get(path.format("%3Cscript%3Ealert(1)%3C%2Fscript%3E".replace("%2F", "%5C")))
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("path", ["/apps/competentnl/", "/apps/competentnl/beroep?beroep=8344"])
async def test_where_the_list_comes_from_is_told_in_the_readers_language(client: httpx2.AsyncClient, path: str) -> None:
    """Dutch on a Dutch page, English on an English one."""
    dutch, english = [(await client.get(path, headers={"Accept-Language": lang})).text for lang in ("nl", "en")]
    assert "van Werkpod zelf (EUPL-1.2)" in dutch
    assert "It follows the groups of ISCO-08" in english
    assert "It follows" not in dutch
    assert "van Werkpod zelf" not in english


async def test_the_sentence_that_esco_asks_for_stays_as_it_is_worded(tmp_path: Path) -> None:
    """On a Dutch page it is in English, and marked as English."""
    import_esco(write_esco(tmp_path / "csv"), tmp_path / "esco.pack")
    pages = Pages(["werkpod.apps"], base_url=BASE_URL)
    client = client_of(competentnl.routes(load_pack(tmp_path / "esco.pack"), pages=pages))
    page = (await client.get("/apps/competentnl/")).text
    assert f'lang="en">{NOTICE}</p>' in page
    assert "van Werkpod zelf" not in page
