"""Signing out because an app asks (RP-Initiated Logout 1.0): who is asked first, and where the browser may go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from support.oauth import BASE
from support.site import Site, Visitor, whole_site

from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.tokens import Issue, token_response

BACK = "https://app.example/tot-ziens"
HTML = {"Accept": "text/html"}


@dataclass
class Scene:
    """A site, a citizen at a browser, and an app that registered itself."""

    site: Site
    sanne: Visitor
    client: str
    hint: str

    async def ask(self, who: Visitor | None = None, **said: str) -> httpx2.Response:
        """The browser at the app's address for signing out."""
        visitor = who or self.sanne
        return await visitor.client.get(f"/oauth/logout?{urlencode(said)}", headers=HTML)

    async def signed_in(self) -> bool:
        """Whether the citizen still is."""
        secret = self.sanne.client.cookies.get(self.site.house.sessions.cookie)
        return await self.site.house.sessions.account(secret) is not None


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Sanne is signed in."""
    async with whole_site(tmp_path) as site:
        sanne = await site.person("Sanne Proef")
        body = {"client_name": "Rekenapp", "redirect_uris": ["https://app.example/cb"],
                "post_logout_redirect_uris": [BACK, f"{BACK}?taal=nl"]}  # fmt: skip
        client = (await site.http.post("/oauth/register", json=body)).json()["client_id"]
        yield Scene(site, sanne, client, id_token(site, sanne, client))


def id_token(site: Site, person: Visitor, client: str) -> str:
    """An ID token that the server gave an app about somebody."""
    assert person.account is not None
    grant = GrantRecord(
        id="g", pod=person.account.id, agent=person.account.webid, client=client, receiver_name="", receiver_kind="app",
        created=0.0, not_before=0.0, until=None,
    )  # fmt: skip
    issue = Issue(person.account, client, grant, f"{person.account.id}.f", "openid webid", "jkt")
    body = token_response(issue, site.house.authorization.parts.keys, BASE, site.clock())
    return str(body["id_token"])


async def test_the_metadata_says_where(scene: Scene) -> None:
    """end_session_endpoint; a page of another origin may send its preflight."""
    found = (await scene.site.http.get("/.well-known/openid-configuration")).json()
    assert found["end_session_endpoint"] == f"{BASE}/oauth/logout"
    preflight = await scene.site.http.options("/oauth/logout", headers={"Origin": "https://app.example"})
    assert preflight.headers["access-control-allow-origin"] == "*"


async def test_an_app_with_an_id_token_signs_its_person_out(scene: Scene) -> None:
    """At once, and back to its own address with its state; the session is over on the server too."""
    response = await scene.ask(id_token_hint=scene.hint, post_logout_redirect_uri=BACK, state="a b&c")
    assert (response.status_code, response.headers["location"]) == (303, f"{BACK}?state=a+b%26c")
    assert scene.site.house.sessions.cookie in response.headers["set-cookie"]
    assert response.headers["cache-control"] == "no-store"
    assert not await scene.signed_in()


async def test_state_is_added_to_a_query(scene: Scene) -> None:
    """An address that has a query keeps it."""
    back = f"{BACK}?taal=nl"
    response = await scene.ask(id_token_hint=scene.hint, post_logout_redirect_uri=back, state="1")
    assert response.headers["location"] == f"{back}&state=1"


async def test_without_an_address_the_person_sees_our_page(scene: Scene) -> None:
    """Signed out, and told so."""
    response = await scene.ask(id_token_hint=scene.hint)
    assert response.headers["location"] == "/uitloggen?taal=nl"
    assert not await scene.signed_in()


async def test_it_is_no_open_redirect(scene: Scene) -> None:
    """An address that is not registered, to the letter, is as if it were not there, with an ID token and without."""
    for back in (
        "https://evil.example/", f"{BACK}/", f"{BACK}?x=1", f"{BACK}#x", "https://app.example/cb", "//evil.example",
        "/regie", "javascript:alert(1)", f"{BACK}\r\nX: y", BACK.replace("https", "HTTPS"),
    ):  # fmt: skip
        asked = await scene.ask(client_id=scene.client, post_logout_redirect_uri=back)
        assert (asked.status_code, "location" in asked.headers) == (200, False)
        assert "https://" not in asked.headers["content-security-policy"].partition("form-action")[2]
        nobody = await scene.ask(scene.site.visitor(), id_token_hint=scene.hint, post_logout_redirect_uri=back)
        assert nobody.headers["location"] == "/uitloggen?taal=nl", back


async def test_who_did_not_ask_for_it_is_asked(scene: Scene) -> None:
    """Without an ID token a link signs nobody out: a page asks, a form of ours does it."""
    response = await scene.ask(client_id=scene.client, post_logout_redirect_uri=BACK, state="s")
    assert (response.status_code, "location" in response.headers) == (200, False)
    assert "Wil je uitloggen?" in response.text
    assert "Rekenapp" in response.text
    assert "form-action 'self' https://app.example" in response.headers["content-security-policy"]
    assert await scene.signed_in()
    fields: dict[str, str | list[str]] = {"client_id": scene.client, "post_logout_redirect_uri": BACK, "state": "s"}
    done = await scene.sanne.post("/oauth/uitloggen", fields)
    assert (done.status_code, done.headers["location"]) == (303, f"{BACK}?state=s")
    assert not await scene.signed_in()


async def test_a_form_of_another_site_signs_nobody_out(scene: Scene) -> None:
    """The confirmation is ours alone (Origin, Sec-Fetch-Site)."""
    for headers in ({"Origin": "https://evil.example"}, {"Origin": BASE, "Sec-Fetch-Site": "cross-site"}, {}):
        data = {"client_id": scene.client}
        response = await scene.sanne.client.post("/oauth/uitloggen", data=data, headers={**HTML, **headers})
        assert response.status_code == 403
    assert await scene.signed_in()


async def test_the_question_can_come_as_a_form(scene: Scene) -> None:
    """Section 2: POST too; it is asked again as a page, since a form from elsewhere has no cookie of ours."""
    data = {"id_token_hint": scene.hint, "post_logout_redirect_uri": BACK, "logout_hint": "x"}
    headers = {"Origin": "https://app.example"}
    response = await scene.sanne.client.post("/oauth/logout", data=data, headers=headers)
    where = response.headers["location"]
    assert (response.status_code, where.split("?")[0]) == (303, "/oauth/logout")
    assert await scene.signed_in()
    assert (await scene.sanne.client.get(where)).headers["location"] == BACK
    empty = await scene.sanne.client.post("/oauth/logout", content=b"%ff=%ff", headers=headers)
    assert empty.headers["location"] == "/oauth/logout"


async def test_an_id_token_of_somebody_else_signs_nobody_out(scene: Scene) -> None:
    """Who is here is asked; so with one of another app, and one that is not ours."""
    piet = await scene.site.person("Piet Proef")
    hints: list[dict[str, Any]] = [
        {"id_token_hint": id_token(scene.site, piet, scene.client)},
        {"id_token_hint": scene.hint, "client_id": "https://ander.example/client"},
        {"id_token_hint": scene.hint[:-4] + "AAAA"},
    ]
    for said in hints:
        response = await scene.ask(post_logout_redirect_uri=BACK, **said)
        assert (response.status_code, "location" in response.headers) == (200, False)
    assert await scene.signed_in()


async def test_who_is_not_signed_in_is_told(scene: Scene) -> None:
    """With an ID token back to the app; without one a page with a link, since anybody can register an app."""
    nobody = scene.site.visitor()
    sent = await scene.ask(nobody, id_token_hint=scene.hint, post_logout_redirect_uri=BACK)
    assert sent.headers["location"] == BACK
    # An image on any page can ask this, without the cookies of who looks at it: they are not taken away.
    assert not {"clear-site-data", "set-cookie"} & sent.headers.keys()
    shown = await scene.ask(nobody, client_id=scene.client, post_logout_redirect_uri=BACK)
    assert (shown.status_code, "location" in shown.headers) == (200, False)
    assert f'href="{BACK}"' in shown.text
    bare = await scene.ask(nobody)
    assert "Je bent uitgelogd" in bare.text


async def test_it_speaks_english_too(scene: Scene) -> None:
    """Both pages."""
    reader = scene.site.visitor(lang="en")
    assert "You are signed out" in (await scene.ask(reader)).text
    emma = await scene.site.person("Emma Example", lang="en")
    emma.client.cookies.set("taal", "en")
    assert "Do you want to sign out?" in (await scene.ask(emma, client_id=scene.client)).text


async def test_an_app_without_an_ids_name_is_an_app(scene: Scene) -> None:
    """An unknown client id is not named, and not looked for where it cannot be."""
    response = await scene.ask(client_id="http://127.0.0.1:9/x", post_logout_redirect_uri=BACK)
    assert "Een app vraagt of je wilt uitloggen." in response.text
    assert BACK not in response.headers["content-security-policy"]
