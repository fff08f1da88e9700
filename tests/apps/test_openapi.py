"""Each service publishes an OpenAPI document that says what it does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from starlette.routing import BaseRoute
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.competentnl import api as competentnl
from werkpod.apps.improver import api as improver
from werkpod.apps.instruments import api as instruments
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.isco import api as isco
from werkpod.apps.matcher import api as matcher
from werkpod.apps.wish import api as wish
from werkpod.vocab.taxonomy import starter

SERVICES = ["isco", "competentnl", "matcher", "wish", "improver", "instruments"]


@pytest.fixture(scope="module")
def client() -> httpx2.AsyncClient:
    taxonomy, catalogue = starter(), starter_catalogue()
    routes: list[BaseRoute] = [
        *isco.routes(taxonomy.isco, base_url=BASE_URL),
        *competentnl.routes(taxonomy, base_url=BASE_URL),
        *matcher.routes(taxonomy, base_url=BASE_URL),
        *wish.routes(taxonomy, base_url=BASE_URL),
        *improver.routes(taxonomy, catalogue, base_url=BASE_URL),
        *instruments.routes(catalogue, base_url=BASE_URL),
    ]
    return client_of(routes)


async def document(client: httpx2.AsyncClient, service: str) -> dict[str, Any]:
    answer = await client.get(f"/api/{service}/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


@pytest.mark.parametrize("service", SERVICES)
async def test_the_document_has_what_the_design_rules_ask(client: httpx2.AsyncClient, service: str) -> None:
    """OpenAPI 3.1, contact, version in the address, API-Version on each success, no slash at the end, unique ids."""
    found = await document(client, service)
    assert found["openapi"].startswith("3.1")
    assert {"name", "url", "email"} == set(found["info"]["contact"])
    assert found["servers"] == [{"url": f"{BASE_URL}/api/{service}/v1"}]
    ids = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(ids) == len(set(ids))
    for path, _, operation in operations(found):
        assert not path.endswith("/")
        assert "API-Version" in operation["responses"]["200"]["headers"]
        assert {part[1:-1] for part in path.split("/") if part.startswith("{")} == {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"
        }


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_is_described(client: httpx2.AsyncClient, service: str) -> None:
    """A summary, and a sentence on what comes back, in each."""
    for path, _, operation in operations(await document(client, service)):
        assert operation["summary"], path
        assert operation["description"].endswith("."), path


async def test_dates_of_products_say_their_format(client: httpx2.AsyncClient) -> None:
    """A date is a date, a moment a date-time, as in the API that the products follow."""
    schemas = (await document(client, "instruments"))["components"]["schemas"]
    assert schemas["PdcProduct"]["properties"]["publicatieDatum"]["format"] == "date"
    assert schemas["PdcText"]["properties"]["datumWijziging"]["format"] == "date-time"
    assert schemas["PdcOrganisation"]["properties"]["owmsEndDate"]["format"] == "date-time"


@pytest.mark.parametrize("service", SERVICES)
async def test_every_schema_that_is_named_is_there(client: httpx2.AsyncClient, service: str) -> None:
    """A client generator finds each reference."""
    found = await document(client, service)
    known = {f"#/components/{part}/{name}" for part, every in found["components"].items() for name in every}
    assert set(references(found)) <= known


@pytest.mark.parametrize("service", SERVICES)
async def test_the_examples_work(client: httpx2.AsyncClient, service: str) -> None:
    """Each operation answers 200 to its own example; those with a made-up uuid answer 404 as they say,
    those that ask a token 401."""
    found = await document(client, service)
    for path, method, operation in operations(found):
        for each in operation.get("parameters", ()):
            if each["in"] == "path":
                path = path.replace("{" + each["name"] + "}", quote(each["example"], safe=""))
        query = {"q": "kok"} if any(each["name"] == "q" for each in operation.get("parameters", ())) else {}
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        answer = await client.request(method.upper(), f"/api/{service}/v1{path}", params=query, json=body)
        expected = 401 if "security" in operation else 404 if "uuid" in str(operation.get("parameters")) else 200
        assert answer.status_code == expected, (path, answer.text)


async def test_query_parameters_carry_their_bounds(client: httpx2.AsyncClient) -> None:
    """What a parameter may be is in the document."""
    found = await document(client, "competentnl")
    parameters = {each["name"]: each for each in found["paths"]["/occupations"]["get"]["parameters"]}
    assert parameters["q"]["required"] is True
    assert (parameters["limit"]["schema"]["minimum"], parameters["limit"]["schema"]["maximum"]) == (1, 100)
    assert parameters["lang"]["schema"]["enum"] == ["en", "nl"]
