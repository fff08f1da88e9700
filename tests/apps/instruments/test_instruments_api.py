"""`/api/instruments/v1`: instruments in our own form, and as products in the SDG form."""

from __future__ import annotations

import copy
import csv
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from support.jsonapis import BASE_URL, client_of
from support.yamlschema import problems, read_schemas

from werkpod.apps.instruments import api
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.instruments.model import Catalogue, Instrument
from werkpod.apps.instruments.upl import NAMES, OTHERWISE, uniform_name

PDC = Path(__file__).resolve().parents[3].parent / "shared" / "specs" / "pdc"
needs_pdc = pytest.mark.skipif(
    not PDC.exists(), reason="the PDC documents are not on this machine (../shared/specs/pdc)"
)
ROOT = "/api/instruments/v1"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return starter_catalogue()


@pytest.fixture(scope="module")
def client(catalogue: Catalogue) -> httpx2.AsyncClient:
    return client_of(api.routes(catalogue, base_url=BASE_URL))


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return read_schemas((PDC / "sdg" / "openapi.yaml").read_text(encoding="utf-8"))


async def test_the_list_has_every_instrument(client: httpx2.AsyncClient, catalogue: Catalogue) -> None:
    """All guides together, with what each develops and whether that was confirmed."""
    answer = (await client.get(f"{ROOT}/instruments")).json()
    assert answer["count"] == len(answer["results"]) == len(catalogue)
    developing = next(each for each in answer["results"] if each["develops"])
    assert {"iri", "label", "level", "evidence", "confirmed", "stale", "because"} == set(developing["develops"][0])


async def test_the_list_narrows_to_a_guide_or_a_competence(client: httpx2.AsyncClient, catalogue: Catalogue) -> None:
    """Only instruments for employers; only what develops one competence."""
    dennis = (await client.get(f"{ROOT}/instruments", params={"guide": "dennis"})).json()["results"]
    assert dennis
    assert {each["guide"] for each in dennis} == {"dennis"}
    iri = sorted(catalogue.competences)[0]
    found = (await client.get(f"{ROOT}/instruments?competence={quote(iri, safe='')}")).json()["results"]
    assert [each["id"] for each in found] == [each.id for each in catalogue.developing(iri)]


async def test_one_instrument_in_two_languages(client: httpx2.AsyncClient) -> None:
    """What a program needs is in the reader's language: competences and duration."""
    dutch, english = [(await client.get(f"{ROOT}/instruments/eva-6?lang={lang}")).json() for lang in ("nl", "en")]
    assert dutch["duration"]["text"] == "2 dagen"
    assert english["duration"]["text"] == "2 days"
    assert dutch["develops"][0]["iri"] == english["develops"][0]["iri"]
    assert dutch["develops"][0]["label"] != english["develops"][0]["label"]


@pytest.mark.parametrize("path", ["/instruments/eva-999", "/pdc/producten/x", "/pdc/producten?page=9"])
async def test_what_is_not_there_is_a_404_that_helps(client: httpx2.AsyncClient, path: str) -> None:
    """The detail says what a valid one looks like."""
    answer = await client.get(ROOT + path)
    assert answer.status_code == 404
    assert any(word in answer.json()["detail"] for word in ("eva-12", "uuid", "last one is 2"))


@needs_pdc
async def test_products_pass_the_published_schema(client: httpx2.AsyncClient, schemas: dict[str, Any]) -> None:
    """The list and each product are what the "PDC API voor producten in de SDG" says they are."""
    page = (await client.get(f"{ROOT}/pdc/producten")).json()
    rest = (await client.get(page["next"].removeprefix(BASE_URL))).json()
    assert page["count"] == len(page["results"]) + len(rest["results"]) > 100
    for each in (page, rest):
        assert problems(each, schemas["PaginatedProductList"], schemas) == []
    one = (await client.get(page["results"][0]["url"].removeprefix(BASE_URL))).json()
    assert one == page["results"][0]


@needs_pdc
async def test_the_schema_check_sees_what_is_wrong(client: httpx2.AsyncClient, schemas: dict[str, Any]) -> None:
    """A product with a member too few, of another type, too long or of another form does not pass."""
    good = (await client.get(f"{ROOT}/pdc/producten")).json()["results"][0]
    for change in (
        {"doelgroep": "eu-kat"}, {"versie": "1"}, {"url": "geen adres"}, {"uuid": "x"}, {"publicatieDatum": "morgen"},
        {"vertalingen": [{**good["vertalingen"][0], "titel": "x" * 151}]}, {"extra": 1},
        {"verantwoordelijkeOrganisatie": {}}, {"locaties": [{}]},
    ):  # fmt: skip
        assert problems({**good, **change}, schemas["Product"], schemas), change
    less = copy.deepcopy(good)
    del less["upnUri"]
    assert problems(less, schemas["Product"], schemas) == ["$: upnUri is missing"]


@needs_pdc
def test_names_and_laws_are_those_of_the_uniform_list() -> None:
    """Every name that an instrument can get is in the Uniforme Productnamenlijst, with its own URI and its own law."""
    with (PDC / "UPL-actueel.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    published = {(row["UniformeProductnaam"], row["URI"], row["Grondslaglabel"], row["Grondslag"]) for row in rows}
    names = [name for _, name in NAMES] + [OTHERWISE]
    assert {(each.label, each.uri, each.basis, each.basis_uri) for each in names} <= published
    links = {row["Grondslag"]: row["Grondslaglink"] for row in rows}
    assert [each.label for each in names if each.law and f":{each.law}&" not in links[each.basis_uri]] == []


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Loonkostensubsidie", "loonkostensubsidie"),
        ("Jobcoaching op de werkplek", "werkbegeleiding werkzoekenden"),
        ("Hulp bij geld en schulden", "schuldhulpverlening"),
        ("Scholingsvoucher", "opleidingsvergoeding werklozen"),
        ("Tolk bij het gesprek", "tolk"),
        ("Bbz: geld voor je bedrijf", "bijstand zelfstandigen"),
        ("Heftruckcertificaat", "re-integratie"),
    ],
)
def test_instruments_with_a_name_of_their_own_get_it(called: str, name: str) -> None:
    """What has its own name in the list is not just called re-integratie."""
    assert uniform_name(Instrument("eva-1", "eva", "u", called, "")).label == name


@needs_pdc
async def test_product_types_pass_the_published_schema(client: httpx2.AsyncClient) -> None:
    """The list, each product type and its texts are what Open Product 1.7.0 says they are."""
    schemas = read_schemas((PDC / "open-product" / "producttypen-openapi.yaml").read_text(encoding="utf-8"))
    page = (await client.get(f"{ROOT}/open-product/producttypen")).json()
    rest = (await client.get(page["next"].removeprefix(BASE_URL))).json()
    assert page["count"] == len(page["results"]) + len(rest["results"]) > 100
    for each in (page, rest):
        assert problems(each, schemas["PaginatedProductTypeList"], schemas) == []
    one = page["results"][5]
    assert (await client.get(f"{ROOT}/open-product/producttypen/{one['uuid']}")).json() == one
    texts = (await client.get(f"{ROOT}/open-product/producttypen/{one['uuid']}/content")).json()
    assert [problem for each in texts for problem in problems(each, schemas["NestedContentElement"], schemas)] == []
    assert {"doel", "werkwijze", "competenties-bevestigd"} <= {label for each in texts for label in each["labels"]}
    assert problems({**one, "code": "klein"}, schemas["ProductType"], schemas) != []
