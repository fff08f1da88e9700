"""An app from its first page to its last, with the real authorization server and the real pod."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message
from support.apphouse import BASE, Browser, House, app_house

from werkpod.apps.kit import AccessRequest, AppCard, CitizenApp, Text, Visit
from werkpod.vocab.cv import Experience

CARD = AppCard(
    slug="proef",
    name=Text("Proefapp", "Trial app"),
    what=Text("Proefapp telt je banen.", "Trial app counts your jobs."),
    access=AccessRequest(
        ("experience", "education"), ("read",), "https://w3id.org/dpv#ServiceProvision", Text("Tellen.", "To count.")
    ),
    reasons={"experience": Text("Om je banen te tellen.", "To count your jobs.")},
)


async def experience(request: Request, visit: Visit) -> Response:
    """The section experience as it came."""
    return PlainTextResponse((await visit.pod.get("cv/experience")).body)


async def three_times(request: Request, visit: Visit) -> Response:
    """The section, asked three times at once."""
    found = await asyncio.gather(*(visit.pod.get("cv/experience") for _ in range(3)))
    return PlainTextResponse(str(len(found)))


async def nothing() -> Message:
    """An empty body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def save(request: Request, visit: Visit) -> Response:
    """A form that does nothing but say that it came in."""
    return PlainTextResponse("gelukt")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The house with one app, `proef`."""
    async with app_house(tmp_path) as house:
        app = CitizenApp(CARD, base_url=BASE, http=house.http, keys=b"p" * 32, pages=house.pages, clock=house.clock)
        house.give_routes(
            [
                *app.routes(),
                app.page("", experience),
                app.page("drie", three_times),
                app.page("bewaar", save, methods=["POST"]),
            ]
        )
        yield house


@pytest.fixture
async def noor(house: House) -> Browser:
    """A citizen with one job."""
    browser = await house.person("Noor Zandstra")
    await browser.write("experience", Experience("kok", label="Kok bij De Pan"))
    return browser


async def test_the_start_page_says_who_asks_what_and_why(noor: Browser) -> None:
    """Before anything was asked, the page names the app, each section and its reason, and reads nothing."""
    page = await noor.get("/apps/proef/")
    for words in ("Proefapp", "Proefapp telt je banen.", "Je werk", "Om je banen te tellen.", "90 dagen"):
        assert words in page.text
    assert "wp-app--proef" in page.text
    assert await noor.log() == []


async def test_after_yes_the_app_reads_what_was_shared_and_the_log_has_it(noor: Browser) -> None:
    """A yes leads back into the app with a session; the section is read over HTTP and is in the access log."""
    landed = await noor.share("proef")
    assert (landed.status_code, landed.headers["location"]) == (303, "/apps/proef/")
    assert "Kok bij De Pan" in (await noor.get("/apps/proef/")).text
    assert ("read", "cv/experience", "allowed") in await noor.log()


async def test_after_no_nothing_was_read(noor: Browser) -> None:
    """A no leads to a page that says so; there is no session and no read in the log."""
    page = await noor.get(await noor.back("proef", yes=False))
    assert page.status_code == 200
    assert "Je hebt nee gezegd." in page.text
    assert "Er is niets gelezen." in page.text
    assert "proef-session" not in str(noor.client.cookies)
    assert await noor.log() == []


async def test_the_way_back_leads_to_where_the_person_was_going(noor: Browser) -> None:
    """Who asked for a page deep in the app lands there after the yes."""
    landed = await noor.share("proef", "/apps/proef/drie?x=1")
    assert landed.headers["location"] == "/apps/proef/drie?x=1"


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/", "//evil.example/apps/proef/", "/apps/proef/../../regie/delen", "/apps/proefje/",
        "/apps/proef/\\..\\x", "/apps/proef/" + "x" * 9000, "/apps/proef/\r\nX: y", "javascript:alert(1)",
    ],
)  # fmt: skip
async def test_the_way_back_leads_nowhere_else(noor: Browser, onward: str) -> None:
    """An address outside the app is replaced by the app's home: no open redirect."""
    assert (await noor.share("proef", onward)).headers["location"] == "/apps/proef/"


async def test_a_long_way_back_survives(noor: Browser) -> None:
    """An address with forty competences, as a plan has, is come back to in full; the cookie stays small enough."""
    iris = "&mist=".join(f"http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2F{secrets.token_hex(16)}" for _ in range(40))
    onward = f"/apps/proef/drie?mist={iris}"
    assert (await noor.share("proef", onward)).headers["location"] == onward


async def test_a_server_that_cannot_be_reached_is_said_to_be_so(noor: Browser) -> None:
    """When the authorization server is away the page says to try again, and nothing breaks."""
    away = CitizenApp(
        CARD, base_url=BASE, issuer="https://away.invalid", http=noor.house.http, keys=b"a" * 32,
        pages=noor.house.pages,
    )  # fmt: skip
    request = Request({
        "type": "http", "method": "POST", "path": "/apps/proef/vraag", "query_string": b"",
        "headers": [(b"origin", BASE.encode()), (b"content-length", b"0")],
    }, receive=nothing)  # fmt: skip
    page = await away.routes()[1].endpoint(request)  # type: ignore[attr-defined]
    assert page.status_code == 503
    assert "Wacht even en probeer het dan opnieuw." in bytes(page.body).decode()


async def test_after_a_stop_the_next_request_fails(noor: Browser) -> None:
    """The page says that it is not shared any more, the refusal is in the log, and the session is gone."""
    await noor.share("proef")
    await noor.get("/apps/proef/")
    await noor.stop("proef")
    page = await noor.get("/apps/proef/")
    assert page.status_code == 403
    assert "Je deelt dit niet meer met Proefapp." in page.text
    assert "Kok" not in page.text
    assert (await noor.log())[-1] == ("read", "cv/experience", "refused")
    assert "Wat Proefapp van je vraagt" in (await noor.get("/apps/proef/")).text


async def test_parallel_requests_after_the_token_ended_refresh_once(noor: Browser, house: House) -> None:
    """Six requests with one old cookie all succeed: a refresh token used twice would have killed the session."""
    await noor.share("proef")
    house.clock.ahead = 400
    pages = await asyncio.gather(*(noor.get("/apps/proef/drie") for _ in range(6)))
    assert [page.text for page in pages] == ["3"] * 6
    house.clock.ahead = 800
    assert (await noor.get("/apps/proef/")).status_code == 200


async def test_a_cookie_from_before_the_refresh_still_works_just_after(noor: Browser, house: House) -> None:
    """A request that was on its way with the old cookie while another refreshed gets its answer."""
    await noor.share("proef")
    old = dict(noor.client.cookies)
    house.clock.ahead = 400
    assert (await noor.get("/apps/proef/")).status_code == 200
    late = house.stranger()
    for name, value in old.items():
        late.client.cookies.set(name, value)
    house.clock.ahead = 410
    assert "Kok" in (await late.get("/apps/proef/")).text
    assert "Kok" in (await noor.get("/apps/proef/")).text


async def test_a_stop_is_noticed_at_the_refresh_too(noor: Browser, house: House) -> None:
    """When the access token has ended as well, the refused refresh leads to the same plain page."""
    await noor.share("proef")
    await noor.stop("proef")
    house.clock.ahead = 400
    assert "Je deelt dit niet meer met Proefapp." in (await noor.get("/apps/proef/")).text


async def test_signing_off_gives_the_tokens_back(noor: Browser, house: House) -> None:
    """After signing off an old copy of the cookie is worth nothing; what is shared stays shared."""
    await noor.share("proef")
    thief = house.stranger()
    for name, value in dict(noor.client.cookies).items():
        thief.client.cookies.set(name, value)
    assert (await noor.post("/apps/proef/weg")).status_code == 303
    assert "Ga verder" in (await noor.get("/apps/proef/")).text
    house.clock.ahead = 400
    assert "Kok" not in (await thief.get("/apps/proef/")).text
    assert len(await house.grants.list(noor.account.id, active_only=True)) == 1


async def test_a_second_yes_is_not_asked_when_the_grant_still_holds(noor: Browser) -> None:
    """An app that was given what it asks gets its code without another consent page."""
    await noor.share("proef")
    await noor.post("/apps/proef/weg")
    there = await noor.post("/apps/proef/vraag")
    back = await noor.get(there.headers["location"])
    assert back.headers["location"].startswith(f"{BASE}/apps/proef/terug?")
    assert (await noor.get(back.headers["location"])).headers["location"] == "/apps/proef/"


async def test_what_is_asked_is_in_no_address(noor: Browser, house: House) -> None:
    """The request is pushed (RFC 9126): the browser carries the client id and a random name, and it works once."""
    there = (await noor.post("/apps/proef/vraag")).headers["location"]
    assert set(parse_qs(urlsplit(there).query)) == {"client_id", "request_uri"}
    assert (await noor.get(await noor.answer(there))).headers["location"] == "/apps/proef/"
    with pytest.raises(Exception, match="pushed request is over"):
        await noor.get(there)


async def test_a_server_that_takes_no_pushed_requests_gets_it_in_the_address(noor: Browser, house: House) -> None:
    """An authorization server of others, by its metadata: the same request, with all its parameters."""
    app = CitizenApp(CARD, base_url=BASE, http=house.http, keys=b"p" * 32, pages=house.pages, clock=house.clock)
    known = await app.oauth.metadata()
    app.oauth._metadata = msgspec.structs.replace(known, pushed_authorization_request_endpoint="")
    query = parse_qs(urlsplit((await app.oauth.begin(CARD.access))[0]).query)
    assert {"code_challenge", "dpop_jkt", "state", "authorization_details", "redirect_uri"} <= set(query)


async def test_less_than_asked_is_what_the_app_gets(noor: Browser) -> None:
    """A citizen who gives one of two sections: the other is not read and the app works on."""
    await noor.share("proef", sections=["experience"])
    assert "Kok" in (await noor.get("/apps/proef/")).text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"state": "other"}, "twee vensters"), ({"iss": "https://evil.example"}, "niet goed afgerond"),
        ({"iss": ""}, "niet goed afgerond"), ({"code": "wrong"}, "niet goed afgerond"),
    ],
)  # fmt: skip
async def test_an_answer_that_was_tampered_with_makes_no_session(
    noor: Browser, change: dict[str, str], says: str
) -> None:
    """Another state, another or no issuer (mix-up), another code: a plain page, and nothing was read."""
    back = await noor.back("proef")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    page = await noor.client.get("/apps/proef/terug", params={**answer, **change})
    assert page.status_code == 400
    assert says in page.text
    assert "proef-session" not in str(noor.client.cookies)
    assert await noor.log() == []


async def test_the_answer_of_one_browser_is_worth_nothing_in_another(noor: Browser, house: House) -> None:
    """A code that an attacker obtained and makes a victim's browser bring in (login CSRF) makes no session there."""
    back = await noor.back("proef")
    victim = house.stranger()
    assert (await victim.get(back)).status_code == 400
    assert "proef-session" not in str(victim.client.cookies)


async def test_a_code_works_once(noor: Browser, house: House) -> None:
    """Going back in the browser to the redirect address does not make a second session."""
    back = await noor.back("proef")
    assert (await noor.get(back)).status_code == 303
    assert (await noor.get(back)).status_code == 400


async def test_a_form_from_elsewhere_is_refused(noor: Browser) -> None:
    """Another site cannot press the app's buttons, with or without a session."""
    await noor.share("proef")
    for path in ("/apps/proef/bewaar", "/apps/proef/vraag", "/apps/proef/weg"):
        with pytest.raises(Exception, match="sent from") as refused:
            await noor.post(path, origin="https://evil.example")
        assert type(refused.value).__name__ == "Forbidden"
    assert (await noor.post("/apps/proef/bewaar")).text == "gelukt"


async def test_the_client_document_says_who_the_app_is(noor: Browser) -> None:
    """The document at the client id is Solid-OIDC's form: own address, redirect, key, and what the app asks."""
    answer = await noor.get("/apps/proef/client.jsonld")
    document = answer.json()
    assert answer.headers["content-type"] == "application/ld+json"
    assert document["@context"][0] == "https://www.w3.org/ns/solid/oidc-context.jsonld"
    assert document["client_id"] == f"{BASE}/apps/proef/client.jsonld"
    assert document["redirect_uris"] == [f"{BASE}/apps/proef/terug"]
    assert document["token_endpoint_auth_method"] == "private_key_jwt"
    assert document["werkpod:access"]["sections"] == ["experience", "education"]
    assert "d" not in document["jwks"]["keys"][0]
