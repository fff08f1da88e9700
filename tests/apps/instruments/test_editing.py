"""Editors decide what instruments develop, on pages and by a program; nobody else does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from support.apphouse import BASE, Browser, House, app_house
from support.guides import competences
from support.jsonapis import BASE_URL, client_of
from support.site import _taxonomy as starter_taxonomy

from werkpod.apps.instruments import api, editor_pages
from werkpod.apps.instruments.editing import Editing
from werkpod.apps.instruments.editors import Editors
from werkpod.apps.instruments.guide_server import starter_items
from werkpod.apps.instruments.keeper import Keeper
from werkpod.apps.instruments.kept import Kept, KeptGuides
from werkpod.apps.instruments.sources import GuideSource
from werkpod.config import SettingError, load
from werkpod.vocab.starter import COMPETENCE_IRI
from werkpod.web.errors import Forbidden

FORKLIFT = COMPETENCE_IRI + "heftruck-rijden"
TOKEN = "een-lang-token-voor-de-redactie-van-de-gids"


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    """A catalogue with one instrument of a guide that nobody here knows."""
    source = GuideSource(name="eva", kind="eva", url="https://eva.example", token="t")
    item = {**starter_items("eva")[5], "uuid": "11111111-2222-4333-8444-555555555555"}
    KeptGuides(tmp_path / "guides").keep("eva", Kept(source.url, 0.0, "", [item]))
    kept = Keeper([source], tmp_path / "guides", competences(tmp_path / "guides" / "decisions.db"))
    kept.load()
    return kept


def said(keeper: Keeper) -> dict[str, tuple[str, bool]]:
    """What the catalogue says: competence -> level and whether it is confirmed."""
    return {each.competence: (each.level, each.confirmed) for each in keeper.catalogue.instruments[0].develops}


@pytest.fixture
async def house(tmp_path: Path, keeper: Keeper) -> AsyncIterator[House]:
    """The house with the editors' pages; the account "eva-redacteur" edits."""
    async with app_house(tmp_path) as house:
        house.give_routes(
            editor_pages.routes(
                base_url=BASE, http=house.http, keys=b"g" * 32, pages=house.pages, editing=Editing(keeper),
                editors=Editors("eva-redacteur, https://elders.example/me", base_url=BASE),
                isco=starter_taxonomy().isco, clock=house.clock,
            )
        )  # fmt: skip
        yield house


@pytest.fixture
async def ed(house: House) -> Browser:
    """An editor, signed in to the guide."""
    ed = await house.person("Eva Redacteur", role="coach")
    await ed.share("gids", "/apps/gids/redactie")
    return ed


async def test_who_is_no_editor_sees_and_decides_nothing(house: House, keeper: Keeper) -> None:
    """Signing in is not enough: the settings say who edits. Of an editor the name is asked and nothing else."""
    stranger = house.stranger()
    asked = (await stranger.get("/apps/gids/client.jsonld")).json()["werkpod:access"]
    assert (asked["sections"], asked["actions"]) == (["identity"], ["read"])
    page = await stranger.get("/apps/gids/redactie")
    assert "Alleen" not in page.text
    assert "Ga verder" in page.text
    somebody = await house.person("Iemand Anders")
    await somebody.share("gids", "/apps/gids/redactie")
    for path in ("/apps/gids/redactie", "/apps/gids/redactie/eva-6"):
        answer = await somebody.get(path)
        assert answer.status_code == 403
        assert "Heftruck" not in answer.text
    digest = keeper.catalogue.instruments[0].digest
    fields = {"tekst": digest, f"keuze:{FORKLIFT}": "3"}
    assert (await somebody.post("/apps/gids/redactie/eva-6", **fields)).status_code == 403
    assert said(keeper)[FORKLIFT] == ("2", False)


async def test_an_editor_sees_what_is_proposed_and_why(ed: Browser) -> None:
    """The list leads to the form; each proposal has the words and where they stand; nothing is ticked yet."""
    listed = (await ed.get("/apps/gids/redactie")).text
    assert "/apps/gids/redactie/eva-6" in listed
    assert re.search(r"\d+ voorstellen", listed)
    page = (await ed.get("/apps/gids/redactie/eva-6")).text
    assert "Heftruck rijden" in page
    assert re.search(r"In (de naam|het doel|de samenvatting) staat “heftruck”", page)
    assert "Dat hoort bij het werk" in page
    assert set(re.findall(r'value="(\w+)" selected', page)) == {"open"}


async def test_an_editor_confirms_changes_and_refuses(ed: Browser, keeper: Keeper) -> None:
    """What is chosen counts at once; what is skipped stays a proposal; a decision can be changed and taken back."""
    digest = keeper.catalogue.instruments[0].digest
    before = said(keeper)
    refused = next(iri for iri in before if iri != FORKLIFT)
    done = await ed.post(
        "/apps/gids/redactie/eva-6", **{"tekst": digest, f"keuze:{FORKLIFT}": "3", f"keuze:{refused}": "nee"}
    )
    assert done.headers["location"] == "/apps/gids/redactie/eva-6?bewaard=2"
    now = said(keeper)
    assert now[FORKLIFT] == ("3", True)
    assert refused not in now
    assert {iri: each for iri, each in now.items() if iri != FORKLIFT} == {
        iri: each for iri, each in before.items() if iri not in (FORKLIFT, refused)
    }
    page = (await ed.get("/apps/gids/redactie/eva-6?bewaard=2")).text
    assert "2 keuzes zijn bewaard." in page
    assert sorted(re.findall(r'value="(3|nee)" selected', page)) == ["3", "nee"]
    [stand] = re.findall(r'name="stand" value="(\w+)"', page)
    await ed.post(
        "/apps/gids/redactie/eva-6",
        **{"tekst": digest, "stand": stand, f"keuze:{FORKLIFT}": "3", f"keuze:{refused}": "open"},
    )
    assert said(keeper)[refused] == before[refused]
    [decision] = keeper.competences._decisions.all()[keeper.catalogue.instruments[0].uuid].values()
    assert decision.by == ed.account.webid


async def test_an_editor_adds_what_was_not_proposed(ed: Browser, keeper: Keeper) -> None:
    """Found by everyday words."""
    page = (await ed.get("/apps/gids/redactie/eva-6?q=engels+spreken")).text
    wanted = COMPETENCE_IRI + "engels-spreken"
    assert f'name="keuze:{wanted}"' in page
    digest = keeper.catalogue.instruments[0].digest
    await ed.post("/apps/gids/redactie/eva-6", **{"tekst": digest, f"keuze:{wanted}": "1"})
    assert said(keeper)[wanted] == ("1", True)


async def test_nothing_is_kept_where_the_text_or_a_choice_is_not_right(ed: Browser, keeper: Keeper) -> None:
    """A text that changed meanwhile, a level that is none, a competence that does not exist, another site's form."""
    before, digest = said(keeper), keeper.catalogue.instruments[0].digest
    path = "/apps/gids/redactie/eva-6"
    old = await ed.post(path, **{"tekst": "0" * 16, f"keuze:{FORKLIFT}": "3"})
    assert old.status_code == 409
    assert "net veranderd" in old.text
    wrong = {"tekst": digest, f"keuze:{FORKLIFT}": "3", "keuze:https://elders.example/x": "2"}
    assert (await ed.post(path, **wrong)).status_code == 400
    assert (await ed.post(path, **{"tekst": digest, f"keuze:{FORKLIFT}": "9"})).status_code == 400
    assert (await ed.post("/apps/gids/redactie/eva-77", tekst=digest)).status_code == 404
    assert (await ed.get("/apps/gids/redactie/eva-77")).status_code == 404
    with pytest.raises(Forbidden, match="elders"):
        await ed.post(path, origin="https://elders.example", **{"tekst": digest, f"keuze:{FORKLIFT}": "3"})
    assert said(keeper) == before


async def test_of_two_editors_the_later_does_not_undo_unseen_what_the_other_decided(
    ed: Browser, keeper: Keeper
) -> None:
    """A form shows how it was; where another decided meanwhile nothing of it is kept, and it says so."""
    path, digest = "/apps/gids/redactie/eva-6", keeper.catalogue.instruments[0].digest
    assert 'name="stand" value=""' in (await ed.get(path)).text
    Editing(keeper).decide(keeper.catalogue.instruments[0], FORKLIFT, "confirmed", "4", "https://ander.example/me")
    late = await ed.post(path, **{"tekst": digest, "stand": "", f"keuze:{FORKLIFT}": "open"})
    assert late.status_code == 409
    assert "Iemand anders besloot" in late.text
    assert said(keeper)[FORKLIFT] == ("4", True)
    assert (await ed.get(path + "?bewaard=²")).status_code == 200


@pytest.fixture
def client(tmp_path: Path, keeper: Keeper) -> httpx2.AsyncClient:
    """The API, with a token for programs."""
    file = tmp_path / "token"
    file.write_text(TOKEN + "\n")
    editors = Editors("", base_url=BASE_URL, token_file=str(file))
    return client_of(api.routes(keeper.catalogue, base_url=BASE_URL, editing=Editing(keeper), editors=editors))


async def test_a_program_decides_with_the_editors_token(client: httpx2.AsyncClient, keeper: Keeper) -> None:
    """The answer has all that is said of the instrument; the list has it at once, confirmed and proposed apart."""
    root, auth = "/api/instruments/v1", {"Authorization": f"Bearer {TOKEN}"}
    lines = (await client.get(f"{root}/decisions/eva-6", headers=auth)).json()["lines"]
    assert {each["state"] for each in lines} == {"proposed"}
    body: dict[str, Any] = {"competence": FORKLIFT, "verdict": "confirmed", "level": "3"}
    answer = await client.post(f"{root}/decisions/eva-6", json=body, headers=auth)
    assert answer.headers["cache-control"] == "no-store"
    [first, *_] = answer.json()["lines"]
    assert (first["state"], first["decidedBy"], first["develops"]["level"]) == ("confirmed", "api", "3")
    found = (await client.get(f"{root}/instruments?competence={quote(FORKLIFT, safe='')}")).json()["results"]
    states = {each["iri"]: each["confirmed"] for each in found[0]["develops"]}
    assert states.pop(FORKLIFT) is True
    assert set(states.values()) == {False}
    assert all(each["because"] for each in found[0]["develops"] if not each["confirmed"])
    assert said(keeper)[FORKLIFT] == ("3", True)


async def test_without_the_token_nothing_is_decided(client: httpx2.AsyncClient, keeper: Keeper) -> None:
    """No token, a wrong one, one of another kind: 401 that says what to send."""
    body = {"competence": FORKLIFT, "verdict": "confirmed", "level": "3"}
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        for answer in (
            await client.post("/api/instruments/v1/decisions/eva-6", json=body, headers=given),
            await client.get("/api/instruments/v1/decisions/eva-6", headers=given),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert TOKEN not in answer.text
    assert said(keeper)[FORKLIFT] == ("2", False)


async def test_what_a_program_says_wrongly_is_named(client: httpx2.AsyncClient) -> None:
    """An unknown instrument, competence, verdict or level."""
    auth = {"Authorization": f"Bearer {TOKEN}"}
    good = {"competence": FORKLIFT, "verdict": "confirmed", "level": "3"}
    for name, change, status in (
        ("eva-77", {}, 404), ("eva-6", {"competence": "https://elders.example/x"}, 422),
        ("eva-6", {"level": ""}, 422), ("eva-6", {"verdict": "maybe"}, 422),
    ):  # fmt: skip
        answer = await client.post(f"/api/instruments/v1/decisions/{name}", json={**good, **change}, headers=auth)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_products_and_linked_data_tell_confirmed_from_proposed(client: httpx2.AsyncClient) -> None:
    """In the SDG form and Open Product in words, in linked data by status and with the evidence."""
    root, auth = "/api/instruments/v1", {"Authorization": f"Bearer {TOKEN}"}
    body = {"competence": FORKLIFT, "verdict": "confirmed", "level": "3"}
    await client.post(f"{root}/decisions/eva-6", json=body, headers=auth)
    product = (await client.get(f"{root}/pdc/producten")).json()["results"][0]
    text = product["vertalingen"][0]["tekst"]
    assert "Dit leer je ermee: heftruck rijden." in text
    assert "Misschien leer je ook:" in text
    assert "nog niet nagekeken" in text
    texts = (await client.get(f"{root}/open-product/producttypen/{product['uuid']}/content")).json()
    labels = {each["labels"][0]: each["content"] for each in texts}
    assert labels["competenties-bevestigd"] == "Dit leer je ermee: heftruck rijden."
    assert "voorstel" in labels["competenties-voorgesteld"]
    turtle = (await client.get(f"{root}/instruments/eva-6", headers={"Accept": "text/turtle"})).text
    assert turtle.count("gids:Confirmed") == 1
    assert turtle.count("gids:Proposed") == turtle.count("gids:evidence") > 2


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"editors": "carla, Jan de Vries"}, "Jan de Vries"),
        ({"editor_token_file": "/nergens/token"}, "/nergens/token"),
    ],
)
def test_editors_in_the_settings_that_are_not_right_are_named(given: dict[str, str], says: str) -> None:
    """A name that is none and a file that is not there."""
    with pytest.raises(SettingError, match=says):
        load(given, {})


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    """A token that can be guessed opens nothing."""
    (tmp_path / "token").write_text("kort")
    with pytest.raises(SettingError, match="32 characters"):
        load({"editor_token_file": str(tmp_path / "token")}, {})
