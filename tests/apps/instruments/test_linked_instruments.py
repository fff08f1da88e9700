"""Instruments as linked data: in the terms of the Gemeentelijk Gegevensmodel, by content negotiation."""

from __future__ import annotations

import csv
import re
from importlib import resources
from pathlib import Path

import httpx2
import pytest
from pyoxigraph import RdfFormat, Triple, parse
from support.jsonapis import BASE_URL, client_of

from werkpod.apps.instruments import api
from werkpod.apps.instruments.ggm import GIDS, LAWS
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.instruments.model import Catalogue, LiveCatalogue
from werkpod.apps.instruments.negotiated import preferred_rdf

SPECS = Path(__file__).resolve().parents[3].parent / "shared" / "specs"
ROOT = "/api/instruments/v1"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
CLASSES = {
    "Diensttype", "Voorwaardetype", "Regeling", "Verstrekkingsvorm", "Aanvraagtype", "Leveringscomponenttype",
}  # fmt: skip
TURTLE, JSON_LD = "text/turtle", "application/ld+json"


@pytest.fixture(scope="module")
def client() -> httpx2.AsyncClient:
    return client_of(api.routes(starter_catalogue(), base_url=BASE_URL))


def triples(raw: bytes, form: RdfFormat) -> set[Triple]:
    return {quad.triple for quad in parse(raw, form)}


def ontology() -> set[Triple]:
    raw = resources.files("werkpod.vocab.ontology").joinpath("instruments.ttl").read_bytes()
    return triples(raw, RdfFormat.TURTLE)


async def test_an_address_answers_in_the_form_that_is_asked(client: httpx2.AsyncClient) -> None:
    """JSON where nothing is asked, the same triples in Turtle and JSON-LD; caches keep them apart."""
    plain = await client.get(f"{ROOT}/instruments/eva-6")
    assert plain.headers["content-type"] == "application/json"
    assert "Accept" in plain.headers.get_list("vary")
    turtle = await client.get(f"{ROOT}/instruments/eva-6", headers={"Accept": TURTLE})
    linked = await client.get(f"{ROOT}/instruments/eva-6", headers={"Accept": JSON_LD})
    assert [each.headers["content-type"].partition(";")[0] for each in (turtle, linked)] == [TURTLE, JSON_LD]
    assert turtle.headers["vary"] == "Accept"
    assert triples(turtle.content, RdfFormat.TURTLE) == triples(linked.content, RdfFormat.JSON_LD)
    tag = turtle.headers["etag"]
    again = await client.get(f"{ROOT}/instruments/eva-6", headers={"Accept": TURTLE, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


async def test_the_whole_list_is_that_of_the_catalogue_as_it_is_now() -> None:
    """It is written once for each catalogue: who asks after a refresh has the new one."""
    first, second = starter_catalogue().instruments[:2]
    live = LiveCatalogue(Catalogue([first]))
    asked = client_of(api.routes(live, base_url=BASE_URL))
    headers = {"Accept": TURTLE}
    before = [(await asked.get(f"{ROOT}/instruments", headers=headers)).content for _ in range(2)]
    live.swap(Catalogue([second]))
    after = (await asked.get(f"{ROOT}/instruments", headers=headers)).text
    assert before[0] == before[1]
    assert first.name in before[0].decode()
    assert (first.name in after, second.name in after) == (False, True)


async def test_what_is_not_there_is_said_in_json(client: httpx2.AsyncClient) -> None:
    """A problem that helps, whatever form was asked."""
    answer = await client.get(f"{ROOT}/instruments/eva-999", headers={"Accept": TURTLE})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", None), ("*/*", None), ("text/html,application/json;q=0.9", None), (TURTLE, RdfFormat.TURTLE),
        (JSON_LD, RdfFormat.JSON_LD), ("application/json, text/turtle;q=0.5", None),
        ("text/turtle;q=0.9, application/json;q=0.5, */*;q=0.1", RdfFormat.TURTLE), ("text/turtle;q=x", None),
        ("text/turtle, */*", None),
    ],
)  # fmt: skip
def test_linked_data_is_given_to_who_prefers_it(accept: str, form: RdfFormat | None) -> None:
    """By quality (RFC 9110, 12.5.1); a browser and a plain client get JSON."""
    assert preferred_rdf(accept) == form


async def test_every_instrument_has_the_classes_of_the_model(client: httpx2.AsyncClient) -> None:
    """A Diensttype with its conditions, form of provision and way to apply; a law where its target group has one; each
    competence a component with level and status. Every term that is used is defined."""
    found = triples((await client.get(f"{ROOT}/instruments", headers={"Accept": TURTLE})).content, RdfFormat.TURTLE)
    kinds = {t.object.value.removeprefix(GIDS) for t in found if t.predicate.value == TYPE}  # type: ignore[union-attr]
    assert kinds == CLASSES
    services = [t.subject for t in found if t.predicate.value == TYPE and t.object.value == GIDS + "Diensttype"]  # type: ignore[union-attr]
    assert len(services) == len(starter_catalogue())
    said = {(t.subject, t.predicate.value.removeprefix(GIDS)) for t in found}
    for name in ("voorwaardetype", "verstrekkingsvorm", "aanvraagtype", "regeling"):
        assert [each for each in services if (each, name) not in said] == [], name
    components = {t.object for t in found if t.predicate.value == GIDS + "develops"}
    assert components
    for each in components:
        assert {(each, "competence"), (each, "level"), (each, "status")} <= said
    defined = {t.subject.value for t in ontology()}  # type: ignore[union-attr]
    used = {t.predicate.value for t in found} | {t.object.value for t in found if hasattr(t.object, "value")}
    assert {term for term in used if term.startswith(GIDS)} <= defined


def test_classes_have_their_number_in_the_model() -> None:
    """As the model Diensten of the Gemeentelijk Gegevensmodel numbers them."""
    path = SPECS / "gbi" / "ggm_diensten.md"
    if not path.exists():
        pytest.skip("the model Diensten is not on this machine (../shared/specs/gbi); nothing to compare with")
    numbers = {
        found[1].strip(): found[2].replace("\\", "")
        for found in re.finditer(r"\n### (.+?)\n.*?\| id \| (EAID\S+) \|", path.read_text("utf-8"), re.DOTALL)
    }
    ours = {
        t.subject.value.removeprefix(GIDS): t.object.value  # type: ignore[union-attr]
        for t in ontology()
        if t.predicate.value == "http://purl.org/dc/terms/identifier"
    }
    assert ours == {name: numbers[name] for name in CLASSES}


def test_laws_have_their_number_in_the_register() -> None:
    """As the links of the Uniforme Productnamenlijst have it."""
    path = SPECS / "pdc" / "UPL-actueel.csv"
    if not path.exists():
        pytest.skip("the UPL is not on this machine (../shared/specs/pdc); nothing to compare with")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["Grondslaglabel"], row["Grondslaglink"]) for row in csv.DictReader(file)]
    for law in LAWS.values():
        assert [1 for label, link in rows if label.endswith(law.name) and f":{law.number}" in link], law
