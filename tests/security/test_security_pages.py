"""Pages, forms and sessions against other sites, other people at the same computer, and bent forms (section 7)."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from support.oauth import BASE
from support.openid import ISSUER, SECRET, OtherProvider
from support.site import PASSPHRASE, Site, whole_site

from werkpod.config import OutsideProvider
from werkpod.consent.accounts.sessions import IDLE_SECONDS
from werkpod.consent.oauth.store import REQUEST_SECONDS

FORMS = {
    "/regie/delen/stop": {"delen": "x"}, "/regie/delen/link": {"onderdeel": "summary", "dagen": "1", "keren": "1"},
    "/regie/delen/coach": {"coach": "x", "onderdeel": "summary", "dagen": "30"},
    "/regie/berichten/weg": {"bericht": "x"},
    "/oauth/toestemming": {"verzoek": "x", "antwoord": "ja"}, "/uitloggen": {}, "/taal": {"taal": "en"},
    "/inloggen": {"naam": "sanne", "wachtzin": PASSPHRASE}, "/aanmelden": {"naam": "Nieuw", "wachtzin": PASSPHRASE},
    "/herstel": {"naam": "sanne", "code": "x", "wachtzin": PASSPHRASE}, "/k/abcdefghijklmnopqrstuvwxyz": {"code": ""},
    "/apps/cv/vraag": {}, "/apps/werkgever/": {"link": "x"},
}  # fmt: skip


async def test_no_form_is_taken_from_elsewhere(site: Site) -> None:
    """Checklist 125, 126: another origin, a null one, none, a cross-site fetch: 403; and a GET changes nothing."""
    sanne = await site.person("Sanne")
    elsewhere = (
        {"Origin": "https://evil.test"}, {"Origin": "null"}, {"Origin": ""}, {"Origin": BASE + ".evil.test"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}, {"Origin": "null",
        "Sec_Fetch_Site": "none"},
    )  # fmt: skip
    for path, fields in FORMS.items():
        for headers in elsewhere:
            answer = await sanne.post(path, dict(fields), **headers)
            assert answer.status_code == 403, (path, headers)
            assert "set-cookie" not in answer.headers
        answer = await sanne.get(f"{path}?{'&'.join(f'{k}={quote(v)}' for k, v in fields.items())}")
        assert answer.status_code in (200, 303, 404, 405)
        assert site.house.sessions.cookie not in answer.headers.get("set-cookie", "")
    assert "Uitloggen" in await sanne.page("/")
    assert await site.house.grants.list(sanne.account.id) == []
    assert await site.house.links.list(sanne.account.id) == []


async def test_every_page_has_its_headers(site: Site) -> None:
    """Checklist 127: not framed, no script but our own from /static/, kept nowhere, no referrer to others."""
    sanne = await site.person("Sanne")
    consent = await sanne.asked(site.app())
    pages = (
        "/",
        "/regie/cv",
        "/regie/delen",
        "/regie/instellingen",
        "/inloggen",
        "/k/" + "x" * 30,
        "/apps/cv/",
        "/none/x",
    )
    for path in (consent, *pages):
        answer = await (sanne if path != "/inloggen" else site.visitor()).get(path)
        if not answer.headers["content-type"].startswith("text/html"):
            assert path == "/none/x"  # a pod that is not there
            continue
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert f"script-src {BASE}/static/;" in policy
        assert "default-src 'none'" in policy
        assert "base-uri 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|javascript:", answer.text)


async def test_a_session_begins_anew_and_ends_for_good(site: Site) -> None:
    """Checklist 134, 135: a planted session id is not taken over, each sign-in has another, and sign-out kills it."""
    await site.person("Sanne")
    name, browser = site.house.sessions.cookie, site.visitor()
    mallory = await site.person("Mallory")
    planted = mallory.client.cookies[name]
    browser.client.cookies.set(name, planted)
    answer = await browser.post("/inloggen", {"naam": "sanne", "wachtzin": PASSPHRASE})
    assert answer.status_code == 303
    kept = answer.headers["set-cookie"]
    own = kept.split(f"{name}=")[1].split(";")[0]
    assert own != planted
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    for secret, works in ((own, True), (planted, False)):
        page = await site.http.get("/regie/cv", headers={"Cookie": f"{name}={secret}", "Accept": "text/html"})
        assert (page.status_code == 200) is works
    leaver = site.visitor()
    leaver.client.cookies.set(name, own)
    assert (await leaver.post("/uitloggen")).status_code == 303
    after = await site.http.get("/regie/cv", headers={"Cookie": f"{name}={own}", "Accept": "text/html"})
    assert after.status_code == 303
    assert after.headers["location"].startswith("/inloggen")


async def test_nobody_is_led_to_another_site(site: Site) -> None:
    """Checklist 137: `verder`, `terug` and the apps' own ways back lead to paths of this server only."""
    sanne = await site.person("Sanne")
    bad = (
        "https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test", "javascript:alert(1)",
        "evil.test",
        "/%0d%0aX:y\r\nX: y", "///evil.test", "http:evil.test", " //evil.test", "/\x00/evil.test",
        "//evil.test@localhost:8080/",
    )  # fmt: skip
    for target in bad:
        encoded = quote(target, safe="")
        signed_in = await sanne.get(f"/inloggen?verder={encoded}")
        answers = [
            signed_in,
            await sanne.post("/taal", {"taal": "nl", "terug": target}),
            await site.visitor().post("/inloggen", {"naam": "sanne", "wachtzin": PASSPHRASE, "verder": target}),
            await sanne.post("/aanmelden/klaar", {"bewaard": "ja", "verder": target}),
        ]
        for answer in answers:
            if answer.status_code < 400:
                assert re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", answer.headers["location"]), (target, answer.headers)
                assert "evil.test" not in answer.headers["location"].split("?")[0].replace("%0d", "")
        page = (await site.visitor().get(f"/inloggen?verder={encoded}")).text
        assert "evil.test" not in page


async def test_a_bent_consent_form_gives_nothing(site: Site) -> None:
    """Checklist 128: other sections, actions, a longer time, another's request, or extra fields end in no grant."""
    sanne, mallory = await site.person("Sanne"), await site.person("Mallory")
    page = await sanne.asked(site.app())
    request_id = page.rpartition("=")[2]
    yes: dict[str, str | list[str]] = {"verzoek": request_id, "antwoord": "ja"}
    for more in (
        {"onderdeel": "contact"},
        {"alles": "1", "zeker": "ja"},
        {"mag": "veranderen"},
        {"dagen": "365"},
        {"x": "y"},
    ):
        answer = await sanne.post("/oauth/toestemming", {**yes, **more})
        assert answer.status_code in (400, 403, 422), more
    for answer in (await mallory.post("/oauth/toestemming", yes), await mallory.get(page)):
        assert answer.status_code == 404
    assert (await sanne.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": ""})).status_code in (400, 422)
    assert await site.house.grants.list(sanne.account.id) == []
    assert await site.house.grants.list(mallory.account.id) == []


async def test_fragments_need_what_pages_need(site: Site) -> None:
    """Checklist 138: a request that says it comes from htmx is answered like any other: to the sign-in page."""
    for path in ("/regie/cv", "/regie/delen", "/regie/berichten", "/regie/delen/logboek", "/regie/instellingen"):
        answer = await site.visitor().client.get(path, headers={"HX-Request": "true", "HX-Boosted": "true"})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/inloggen")


async def test_signing_out_leaves_nothing_behind(site: Site) -> None:
    """Checklist 134: pages are kept nowhere, and the cookies of the apps go with the session."""
    sanne = await site.person("Sanne")
    assert (await sanne.get("/regie/cv")).headers["cache-control"] == "no-store"
    answer = await sanne.post("/uitloggen")
    assert answer.headers["clear-site-data"] == '"cookies"'
    assert (await sanne.get("/regie/cv")).status_code == 303


async def test_errors_repeat_no_secret(site: Site) -> None:
    """Checklist 148: error pages hold no passphrase, code, token or link that was sent."""
    sanne, mark = await site.person("Sanne"), "MERK" + "x" * 30
    answers = [
        await sanne.post("/inloggen", {"naam": "sanne", "wachtzin": mark}),
        await sanne.post("/herstel", {"naam": "sanne", "code": mark, "wachtzin": mark}),
        await sanne.post(
            "/oauth/token", {"grant_type": "authorization_code", "code": mark, "client_id": f"{BASE}/apps/cv/x"}
        ),
        await sanne.post("/oauth/token", {"grant_type": "refresh_token", "refresh_token": mark}),
        await sanne.post(f"/k/{mark}", {"code": mark}),
        await site.http.get("/sanne/cv/experience", headers={"Authorization": f"DPoP {mark}", "DPoP": mark}),
        await sanne.get(f"/oauth/authorize?code={mark}&state={mark}&client_id=x"),
    ]
    for answer in answers[:4] + answers[5:]:
        assert answer.status_code >= 400
        assert "xxxxxxxxxx" not in answer.text, answer.url


async def test_strangers_learn_nothing_of_a_pod(site: Site) -> None:
    """Checklist 79, 147: what is there and what is not are answered alike; of a pod only its public profile shows."""
    await site.person("Sanne")
    seen = set()
    for path in (
        "",
        "cv/",
        "cv/experience",
        "cv/none",
        "none",
        "none/",
        ".acl",
        "inbox/",
        "inbox/x",
        "people",
        "profile/",
    ):
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
            answer = await site.http.request(method, f"/sanne/{path}", headers={"Content-Type": "text/turtle"})
            body = re.sub(r"\s", "", answer.text) if method != "HEAD" else ""
            seen.add(
                (
                    answer.status_code,
                    answer.headers["www-authenticate"].split(",")[0],
                    body == "" or "sign in" in answer.text,
                )
            )
            assert not {"etag", "last-modified", "wac-allow"} & set(answer.headers)
    assert {status for status, *_ in seen} == {401}


async def test_an_answer_of_another_provider_is_nobodys(tmp_path: Path) -> None:
    """Checklist 135, 136: an answer with the `iss` of another provider, without one, with another state or code, or in
    another browser than the one that asked, lets nobody in (RFC 9207)."""
    entry = OutsideProvider(
        name="gemeente", label="Gemeente", issuer=ISSUER, client_id="werkpod", client_secret=SECRET
    )  # fmt: skip
    other = OtherProvider()
    async with whole_site(tmp_path, sign_in_with=(entry,)) as site:
        for one in site.house.outside.providers._providers.values():
            one._transport._inner = other.transport
        for wrong in (
            {"iss": "https://ander.example"}, {"iss": ""}, {"iss": ISSUER + "/"}, {"state": "van-een-ander"},
            {"code": "geraden"},
        ):  # fmt: skip
            other.answer, visitor = wrong, site.visitor()
            away = await visitor.get("/inloggen/met/gemeente?verder=/regie/cv")
            assert (await visitor.get(other.sign_in(away.headers["location"]))).status_code == 400, wrong
            assert (await visitor.get("/regie/cv")).status_code == 303
        other.answer = {}
        mine, theirs = site.visitor(), site.visitor()
        back = other.sign_in((await mine.get("/inloggen/met/gemeente")).headers["location"])
        assert (await theirs.get(back)).status_code == 400
        assert (await theirs.get("/regie/cv")).status_code == 303
        assert (await mine.get(back)).status_code == 200


async def test_nobody_is_hurried_and_every_control_has_a_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checklist 150: a request waits a day for its answer; who was away so long that the session ended signs in again
    and finds it (record 35). Pages go on by themselves nowhere, take the focus nowhere, and every control has a label;
    names and passphrases can be filled in by the browser. Keyboard, zoom and axe: tests/browser/test_every_page.py."""
    sanne, app = await site.person("Sanne"), site.app()
    asked = await sanne.asked(app, authorization_details=None)
    pages = [asked, "/regie/delen", "/regie/delen/logboek", "/regie/delen/coach", "/regie/delen/link", "/regie/vragen",
             "/regie/vertegenwoordiging/nieuw", "/regie/delen/stop-alles", "/regie/instellingen"]  # fmt: skip
    for path in pages:
        text = await sanne.page(path)
        assert "http-equiv" not in text, path
        assert " autofocus" not in text, path
        assert not re.search(r'tabindex="[1-9]', text), path
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
        controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", text)
        for control in controls:
            if 'type="hidden"' not in control and "aria-label" not in control:
                found = re.search(r' id="([^"]+)"', control)
                assert found is not None, (path, control)
                assert found[1] in labelled, (path, control)
    login = await site.visitor().page("/inloggen")
    assert 'autocomplete="username"' in login
    assert 'autocomplete="current-password"' in login
    assert REQUEST_SECONDS >= 20 * 3600
    now = site.clock()
    monkeypatch.setattr(site.house.sessions, "_clock", lambda: now + IDLE_SECONDS + 1)
    form = {"verzoek": asked.partition("verzoek=")[2], "antwoord": "ja", "onderdeel": "summary", "mag": "lezen"}
    late = await sanne.post("/oauth/toestemming", {**form, "dagen": "1"})
    assert late.headers["location"].startswith("/inloggen")
    assert await site.house.grants.list(sanne.account.id) == []
    sanne.client.cookies.set(site.house.sessions.cookie, await site.house.sessions.start(sanne.account.id))
    assert "code=" in (await sanne.post("/oauth/toestemming", {**form, "dagen": "1"})).headers["location"]
