"""Each service publishes an OpenAPI document that says what it does, with examples that work, and a page to read."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from starlette.applications import Starlette
from support.jsonapis import BASE_URL, SERVICES, client_of, every_service

from werkpod.apps.isco import api as isco
from werkpod.vocab.isco import IscoTree
from werkpod.vocab.starter import isco_titles
from werkpod.web.pages import Pages

JSON = "application/json"


@pytest.fixture(scope="module")
def client() -> httpx2.AsyncClient:
    """All services at once."""
    return client_of(every_service())


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    """Every document, by service."""

    async def read() -> dict[str, Any]:
        one = client_of(every_service())
        return {name: (await one.get(f"/api/{name}/v1/openapi.json")).json() for name in SERVICES}

    return asyncio.run(read())


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation of everything in a document."""
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def example_of(operation: dict[str, Any], path: str) -> tuple[str, dict[str, str], Any]:
    """Path, query and body of the example of an operation."""
    query: dict[str, str] = {}
    for each in operation.get("parameters", ()):
        if each["in"] == "path":
            path = path.replace("{" + each["name"] + "}", quote(each["example"], safe=""))
        elif "example" in each:
            query[each["name"]] = each["example"]
    return path, query, operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example")


def cut_short(value: Any, like: Any) -> Any:
    """`value` with each list as long as the one in `like`."""
    if isinstance(value, dict) and isinstance(like, dict):
        return {name: cut_short(each, like.get(name)) for name, each in value.items()}
    if isinstance(value, list) and isinstance(like, list):
        return [cut_short(one, other) for one, other in zip(value, like, strict=False)]
    return value


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_has_what_the_design_rules_ask(documents: dict[str, Any], service: str) -> None:
    """OpenAPI 3.1, contact, version in the address, API-Version on each success, no slash at the end, unique ids."""
    found = documents[service]
    assert found["openapi"].startswith("3.1")
    assert {"name", "url", "email"} == set(found["info"]["contact"])
    assert found["servers"] == [{"url": f"{BASE_URL}/api/{service}/v1"}]
    ids = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(ids) == len(set(ids))
    for path, method, operation in operations(found):
        assert not path.endswith("/")
        assert all("API-Version" in answer["headers"] for answer in operation["responses"].values())
        assert method != "get" or "security" in operation or "304" in operation["responses"]
        assert {part[1:-1] for part in path.split("/") if part.startswith("{")} == {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"
        }


@pytest.mark.parametrize("service", SERVICES)
def test_the_document_is_valid(documents: dict[str, Any], service: str) -> None:
    """Against the schema of OpenAPI 3.1, and each schema in it against that of JSON Schema 2020-12."""
    schemathesis.openapi.from_dict(documents[service]).validate()
    for schema in documents[service]["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_described(documents: dict[str, Any], service: str) -> None:
    """A summary in English and Dutch, and a sentence on what comes back, in each; every reference leads somewhere."""
    found = documents[service]
    for path, _, operation in operations(found):
        assert operation["summary"], path
        assert operation["x-nl"], path
        assert operation["description"].endswith("."), path
    known = {f"#/components/{part}/{name}" for part, every in found["components"].items() for name in every}
    assert set(references(found)) <= known


def test_dates_of_products_say_their_format(documents: dict[str, Any]) -> None:
    """A date is a date, a moment a date-time, as in the API that the products follow."""
    schemas = documents["instruments"]["components"]["schemas"]
    assert schemas["PdcProduct"]["properties"]["publicatieDatum"]["format"] == "date"
    assert schemas["PdcText"]["properties"]["datumWijziging"]["format"] == "date-time"
    assert schemas["PdcOrganisation"]["properties"]["owmsEndDate"]["format"] == "date-time"


@pytest.mark.parametrize("service", SERVICES)
async def test_the_examples_are_what_is_answered(
    client: httpx2.AsyncClient, documents: dict[str, Any], service: str
) -> None:
    """Each operation has an example of its input and of its answer, and gives that answer to that input. What asks a
    token says so to who has none."""
    for path, method, operation in operations(documents[service]):
        shown = operation["responses"]["200"]["content"][JSON]["example"]
        place, query, body = example_of(operation, path)
        answer = await client.request(method.upper(), f"/api/{service}/v1{place}", params=query, json=body)
        if "security" in operation:
            assert (answer.status_code, answer.json()["code"]) == (401, "not_editor")
            continue
        assert answer.status_code == 200, answer.text
        assert cut_short(answer.json(), shown) == shown
        assert len(json.dumps(shown)) < 12_000


def test_query_parameters_carry_their_bounds(documents: dict[str, Any]) -> None:
    """What a parameter may be is in the document; what may be left out is not called null, which a query cannot say."""
    paths = documents["competentnl"]["paths"]
    parameters = {each["name"]: each for each in paths["/occupations"]["get"]["parameters"]}
    assert parameters["q"]["required"] is True
    assert (parameters["limit"]["schema"]["minimum"], parameters["limit"]["schema"]["maximum"]) == (1, 100)
    assert parameters["lang"]["schema"]["enum"] == ["en", "nl"]
    guide = documents["instruments"]["paths"]["/instruments"]["get"]["parameters"][0]
    assert guide["schema"] == {"enum": ["dennis", "eva"]}
    assert guide["description"].startswith("eva:")


async def test_null_is_not_a_value_of_a_query(client: httpx2.AsyncClient) -> None:
    """It is refused as any other guide that there is not."""
    answer = await client.get("/api/instruments/v1/instruments?guide=null")
    assert answer.status_code == 400
    assert "guide is dennis or eva" in answer.json()["detail"]


async def test_the_document_is_kept_and_only_read(client: httpx2.AsyncClient) -> None:
    """ETag and 304, gzip for who takes it, HEAD without a body, 405 for the rest."""
    place = "/api/competentnl/v1/openapi.json"
    plain = await client.get(place, headers={"Accept-Encoding": "identity"})
    zipped = await client.get(place)
    assert (zipped.headers["content-encoding"], zipped.content) == ("gzip", plain.content)
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert plain.headers["vary"] == "Accept-Encoding"
    for tag in (plain.headers["etag"], zipped.headers["etag"]):
        again = await client.head(place, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["api-version"]) == (304, b"", "1.0.0")
    head = await client.head(place, headers={"Accept-Encoding": "gzip;q=0"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(plain.content))
    wrong = await client.delete(place)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (await client.options(place)).status_code == 204


async def test_the_page_says_what_the_document_says() -> None:
    """Each operation, parameter, form and example, in Dutch and English, and the commands work."""
    pages = Pages(["werkpod.apps"], base_url=BASE_URL)
    client = client_of(isco.routes(IscoTree(isco_titles()), base_url=BASE_URL, pages=pages))
    found = (await client.get("/api/isco/v1/openapi.json")).json()
    dutch, english = [
        unescape((await client.get("/api/isco/v1/docs", headers={"Accept-Language": lang})).text)
        for lang in ("nl", "en")
    ]
    for path, method, operation in operations(found):
        for page, summary in ((dutch, operation["x-nl"]), (english, operation["summary"])):
            assert f'id="{operation["operationId"]}"' in page
            assert f">{summary}</h2>" in page
            assert f"<strong>{method.upper()}</strong> <code>{path}</code>" in page
            assert json.dumps(operation["responses"]["200"]["content"][JSON]["example"], indent=2)[:40] in page
    assert all(f'id="vorm-{name}"' in dutch for name in found["components"]["schemas"])
    assert "1 tot 200 tekens" in dutch
    assert "1 to 200 characters" in english
    assert '<html lang="nl"' in dutch
    addresses = re.findall(r"^(?:<pre.*><code>)?curl '?(\S+?)'?(?:</code>.*)?$", dutch, re.MULTILINE)
    assert len(addresses) == len(found["paths"])
    for address in addresses:
        assert (await client.get(unquote(address.removeprefix(BASE_URL)))).status_code == 200


def test_an_application_can_have_every_service_at_once() -> None:
    """No two services want the same name of a route."""
    names = [route.name for route in Starlette(routes=every_service()).routes if hasattr(route, "name")]
    assert len(names) == len(set(names))
