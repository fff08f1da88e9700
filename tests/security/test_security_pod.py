"""The pod against people who are signed in, apps with less than they want, and what is kept in it (section 4)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import BASE, MATCHER, Person, Server, pod_server
from support.site import Site
from support.tokens import Device

from werkpod.pod.access.model import Requester
from werkpod.web.pages import day

SECRET = "Geheime baan"
CV = f'<#e1> <https://schema.org/name> "{SECRET}" ; <https://schema.org/salary> "9999" .\n<#e2> <https://x.test/p> 1 .'
NOTE = "<> a <https://www.w3.org/ns/activitystreams#Note> ; <https://www.w3.org/ns/activitystreams#actor> <%s> ;" + (
    ' <https://www.w3.org/ns/activitystreams#summary> "%s" ; <https://www.w3.org/ns/activitystreams#published> "%s" .'
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    """A citizen with work in her CV, at a tool of her own."""
    anna = await server.person("anna")
    await anna.put(anna.url("cv/experience"), CV)
    await anna.put(anna.url("cv/education"), CV)
    return anna


async def test_somebody_elses_token_gets_nothing(server: Server, anna: Person) -> None:
    """Checklist 79: any method on another's pod is refused alike for what is there and for what is not."""
    mallory = await server.person("mallory")
    for method in ("GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"):
        seen = set()
        for path in ("cv/experience", "cv/nothing", "cv/", "none/", "cv/experience.acl", "cv/none.meta", ".acl", ""):
            headers = {"Content-Type": "text/turtle" if method != "PATCH" else "text/n3", "If-None-Match": "*"}
            answer = await mallory.request(method, anna.url(path), headers=headers, content=b"")
            assert SECRET.encode() not in answer.content
            assert not {"etag", "last-modified", "wac-allow"} & set(answer.headers)
            seen.add((answer.status_code, len(answer.content) if method != "HEAD" else 0))
        assert {status for status, _ in seen} == {403}, (method, seen)


async def test_a_lens_is_the_same_for_every_question(server: Server, anna: Person) -> None:
    """Checklist 81: no form, range, condition, or patch shows what is left out, or that it is there."""
    grant = await server.give(
        anna, client=MATCHER, sections=("experience",), actions=("read",),
        hidden_predicates=("https://schema.org/salary",), hidden_entries=("experience#e2",),
    )  # fmt: skip
    app, url = server.app_of(anna, MATCHER, grant.id), anna.url("cv/experience")
    whole = await anna.get(url)
    asked = [{"Accept": kind} for kind in ("text/turtle", "application/ld+json", "application/n-triples", "*/*")]
    for headers in (*asked, {"Range": "bytes=0-"}, {"If-None-Match": whole.headers["etag"]}):
        answer = await app.request("GET", url, headers=headers)
        assert answer.status_code == 200
        assert b"salary" not in answer.content
        assert b"x.test/p" not in answer.content
        assert "last-modified" not in answer.headers
        assert (await app.request("HEAD", url, headers=headers)).headers["content-length"] == str(len(answer.content))
    guess = f'INSERT {{ <{url}#z> <http://x.test/z> 1 }} WHERE {{ <{url}#e1> <https://schema.org/salary> "9999" }}'
    patched = await app.request(
        "PATCH", url, headers={"Content-Type": "application/sparql-update"}, content=guess.encode()
    )
    assert patched.status_code == 403
    assert (await anna.get(url)).content == whole.content
    assert b"salary" not in (await app.get(url + ".meta")).content


async def test_one_grant_ends_and_the_other_goes_on(server: Server, anna: Person) -> None:
    """Checklist 80, 83, 87: an app has its sections only; another app has not; ending one grant leaves the other."""
    first = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",))
    second = await server.give(anna, client=MATCHER, sections=("education",), actions=("read",))
    one, two = server.app_of(anna, MATCHER, first.id), server.app_of(anna, MATCHER, second.id)
    thief = server.app_of(anna, "https://evil.test/app", first.id)
    assert (await one.get(anna.url("cv/experience"))).status_code == 200
    for who, path in (
        (one, "cv/wishes"),
        (one, "cv/"),
        (one, ""),
        (one, "inbox/"),
        (one, "people"),
        (thief, "cv/experience"),
    ):
        assert (await who.get(anna.url(path))).status_code == 403
    await server.grants.revoke(anna.pod.id, first.id, by=anna.pod.id)
    assert (await one.get(anna.url("cv/experience"))).status_code == 403
    assert (await two.get(anna.url("cv/education"))).status_code == 200


async def test_a_token_is_one_kind_for_one_audience_of_one_issuer(server: Server, anna: Person) -> None:
    """Checklist 55, 60, 61, 62, 64, 68, 77, 78: any claim, key or scheme that is not right is a 401."""
    url, device, issuer = anna.url("cv/experience"), anna.device, server.issuer
    said = {"webid": anna.pod.webid, "client": anna.client, "grant": anna.grant}
    wrong = [
        {"typ": "JWT"}, {"typ": "dpop+jwt"}, {"typ": None}, {"aud": BASE}, {"aud": ["solid", "other"]}, {"aud": None},
        {"iss": "https://evil.test"}, {"iss": BASE + "/"}, {"exp": 1}, {"kid": "none"}, {"cnf": {}},
        {"webid": "https://evil.test/x#me"}, {"webid": None}, {"cnf": {"jkt": Device().thumbprint}}, {"nbf": 9e12},
    ]  # fmt: skip
    for claims in wrong:
        token = issuer.token(device, **{**said, **claims})  # type: ignore[arg-type]
        answer = await server.http.get(url, headers=device.headers("GET", url, token))
        assert answer.status_code == 401, claims
        assert answer.headers["www-authenticate"].startswith("DPoP ")
        assert f'as_uri="{BASE}"' in answer.headers["www-authenticate"]
    token = anna.token()
    for bearer in (f"Bearer {token}", token, f"Basic {token}", "DPoP", "DPoP " + token[:-3], f"DPoP {token}.x"):
        headers = {"Authorization": bearer, "DPoP": device.proof("GET", url, token)}
        assert (await server.http.get(url, headers=headers)).status_code == 401
    assert (await server.http.get(url, headers=device.headers("GET", url, token))).status_code == 200
    changes = [
        {"htm": "PUT"}, {"htu": BASE}, {"htu": url.replace("localhost", "evil.test")}, {"ath": "x"}, {"ath": ""},
        {"ath": None},
        {"iat": 1}, {"iat": 9e12}, {"jti": None}, {"header": {"alg": "none"}}, {"header": {"typ": "JWT"}},
        {"header": {"jwk": {**device.public, "d": "AA"}}}, {"header": {"jwk": None}},
        {"header": {"jwk": Device().public}}, {"header": {"crit": ["x"]}},
    ]  # fmt: skip
    for change in changes:
        headers = {"Authorization": f"DPoP {token}", "DPoP": device.proof("GET", url, token, **change)}
        assert (await server.http.get(url, headers=headers)).status_code == 401, change
    assert (await anna.get(url)).status_code == 200


async def test_deep_json_in_a_token_is_refused_like_any_other(server: Server, anna: Person) -> None:
    """Checklist 38, 49: a token or proof whose JSON is nested thousands deep is a 401, not a fault of ours."""
    url = anna.url("cv/experience")
    deep = "eyJhIjpb" + "W1tb" * 1500
    for headers in (
        {"Authorization": f"DPoP {deep}.{deep}.AA", "DPoP": "a.b.c"},
        {"Authorization": f"DPoP {anna.token()}", "DPoP": f"{deep[:7000]}.e30.AA"},
    ):
        assert (await server.http.get(url, headers=headers)).status_code == 401


@pytest.mark.duty(141)
async def test_an_app_does_not_change_who_a_person_is(server: Server, anna: Person) -> None:
    """Checklist 90: not by writing the profile, not by patching it, and not by taking it away and putting another."""
    card, whole = anna.url("profile/card"), (await anna.get(anna.url("profile/card"))).content
    evil = b"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://evil.test/> ."
    assert (await anna.put(card, evil.decode())).status_code == 409
    assert (await anna.request("DELETE", card)).status_code == 409
    headers = {"Content-Type": "text/turtle", "Slug": "card"}
    posted = await anna.request("POST", anna.url("profile/"), headers=headers, content=evil)
    assert posted.status_code == 409
    update = b"INSERT DATA { <#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <https://evil.test/> }"
    patched = await anna.request("PATCH", card, headers={"Content-Type": "application/sparql-update"}, content=update)
    assert patched.status_code == 409
    assert (await anna.get(card)).content == whole


async def test_what_a_browser_would_run_is_a_download(server: Server, anna: Person) -> None:
    """Checklist 91, 92: active content is sandboxed, sniffed by nobody, and saved instead of shown."""
    url = anna.url("page")
    for kind in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "Text/HTML; x=y"):
        assert (await anna.put(url, "<script>parent.fetch('/regie/delen')</script>", kind)).status_code in (201, 204)
        answer = await anna.get(url)
        assert answer.headers["content-security-policy"].startswith("sandbox;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == "attachment"


@pytest.mark.duty(66)
async def test_other_origins_get_no_credentials(server: Server, anna: Person) -> None:
    """Checklist 93: CORS answers the origin, without credentials; a preflight lets Authorization and DPoP by."""
    asked = {"Origin": "https://evil.test", "Access-Control-Request-Method": "PUT"}
    flight = await server.http.options(
        anna.url("cv/experience"), headers={**asked, "Access-Control-Request-Headers": "authorization, dpop"}
    )
    assert flight.headers["access-control-allow-headers"] == "authorization, dpop"
    for answer in (flight, await server.http.get(anna.url("cv/experience"), headers=asked)):
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers


SLUGS = (
    "../../x", "a/../../b", "%2e%2e%2fx", "a\x00b", "x" * 10_000, "%E2%80%AEx", "x.", ".acl", "x.acl", "x.meta", "..",
    "%",
)  # fmt: skip


@pytest.mark.duty(38, 149)
async def test_a_slug_is_a_hint_and_no_path(server: Server, anna: Person) -> None:
    """Checklist 94: whatever a Slug says, one new resource comes of it, straight in the container, and no auxiliary."""
    for slug in SLUGS:
        headers = {"Content-Type": "text/turtle", "Slug": slug}
        answer = await anna.request("POST", anna.url("cv/"), headers=headers, content=b"")
        assert answer.status_code == 201
        name = answer.headers["location"].removeprefix(anna.url("cv/"))
        assert name
        assert not set(name) & set("/%")
        assert not name.endswith((".acl", ".meta", "."))
        assert len(name) < 120


async def test_links_and_types_give_no_rights(server: Server, anna: Person) -> None:
    """Checklist 96, 97: Link: rel=acl is not followed, and patches change no rules, containment or server's part."""
    mallory = await server.person("mallory")
    grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read", "append", "write"))
    app = server.app_of(anna, MATCHER, grant.id)
    link = f'<{mallory.url(".acl")}>; rel="acl", <http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'
    url = anna.url("cv/experience")
    assert (await app.put(url, CV, Link=f'<{mallory.url(".acl")}>; rel="acl"')).status_code == 204
    assert (await app.put(url, CV, Link=link)).status_code == 409
    assert (await mallory.get(url)).status_code == 403
    rule = b"INSERT DATA { <#x> a <http://www.w3.org/ns/auth/acl#Authorization> }"
    for path in (".acl", "cv/experience.acl", "cv/.acl", "cv/", "cv/.meta"):
        patch = {"Content-Type": "application/sparql-update"}
        assert (await app.request("PATCH", anna.url(path), headers=patch, content=rule)).status_code == 403
        assert (await app.put(anna.url(path), "")).status_code == 403
        assert (await app.request("DELETE", anna.url(path))).status_code == 403


async def test_rules_and_additions_of_strangers_have_a_size(server: Server, anna: Person) -> None:
    """Checklist 116, 124: access rules over 64 KB, and what a stranger drops in an inbox over 256 KB, are refused."""
    mallory = await server.person("mallory")
    big = "<#a> <http://x.test/p> " + ", ".join(f'"{n:060d}"' for n in range(4500)) + " ."
    assert (await anna.put(anna.url("cv/.acl"), big)).status_code == 413
    headers = {"Content-Type": "text/turtle"}
    assert (await mallory.request("POST", anna.url("inbox/"), headers=headers, content=big.encode())).status_code == 413
    assert (await anna.request("POST", anna.url("inbox/"), headers=headers, content=big.encode())).status_code == 201


async def test_compressed_bodies_are_refused(server: Server, anna: Person) -> None:
    """Checklist 124: no Content-Encoding is undone, so no body grows after it came in."""
    for coding in ("gzip", "br", "deflate, gzip", "zstd", "GZIP", "x"):
        answer = await anna.put(anna.url("cv/experience"), "x", Content_Encoding=coding)
        assert answer.status_code == 415, coding


# Messages


async def test_who_sent_a_message_is_what_the_server_knows(site: Site) -> None:
    """Checklist 146: a note that names somebody else is shown as from the one whose token sent it."""
    anna, mallory = await site.person("Anna"), await site.person("Mallory")
    karin = await site.person("Karin Coach", "coach")
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": ["summary"], "dagen": "30"})
    body = NOTE % (karin.account.webid, "Betaal 100 euro", "2026-11-01T10:00:00Z")
    await drop(site, anna.account.id, mallory.account.webid, body)
    page = await anna.page("/regie/berichten")
    card = page.split("Betaal 100 euro")[1].split("</article>")[0]
    assert "Karin Coach" not in card
    assert mallory.account.webid in card
    await drop(site, anna.account.id, karin.account.webid, NOTE % (mallory.account.webid, "Tot morgen", "x"))
    card = (await anna.page("/regie/berichten")).split("Tot morgen")[1].split("</article>")[0]
    assert "Karin Coach" in card
    listing = await pod_listing(site, anna.account.id)
    assert listing.count(b"dc/terms/creator") + listing.count(b"dcterms:creator") == 2


@pytest.mark.duty(30)
async def test_no_app_says_who_wrote_something(server: Server, anna: Person) -> None:
    """Checklist 97: dcterms:creator of a member is the server's, not to be set by who describes the container."""
    claim = f"<{anna.url('cv/experience')}> <http://purl.org/dc/terms/creator> <https://evil.test/#me> ."
    assert (await anna.put(anna.url("cv/.meta"), claim)).status_code == 409
    assert (await anna.put(anna.url("cv/"), claim)).status_code == 409
    listing = (await anna.get(anna.url("cv/"), Accept="application/n-triples")).text
    assert f"<http://purl.org/dc/terms/creator> <{anna.pod.webid}>" in listing


ODD_DATES = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "geen datum", "2026-99", "-", "9" * 400)


async def test_no_message_breaks_the_page_that_shows_it(site: Site) -> None:
    """Checklist 122: dates that no calendar has, and markup, in a stranger's note are shown as text."""
    anna, mallory = await site.person("Anna"), await site.person("Mallory")
    for at in ODD_DATES:
        await drop(site, anna.account.id, mallory.account.webid, NOTE % ("x:y", "<img src=x onerror=alert(1)>", at))
        day(at)  # as the coach's app shows it: raises nothing
    page = await anna.page("/regie/berichten")
    assert "<img src=x" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == len(ODD_DATES)


async def test_a_full_inbox_does_not_hold_up_the_page(site: Site) -> None:
    """Checklist 146: a message of 200 KB is listed and not opened."""
    anna, mallory = await site.person("Anna"), await site.person("Mallory")
    long = NOTE % ("x:y", "w" * 200_000, "2026-11-01T10:00:00Z")
    await drop(site, anna.account.id, mallory.account.webid, long)
    page = await anna.page("/regie/berichten")
    assert len(page) < 50_000
    assert "Dit bericht kunnen we niet laten zien." in page


async def drop(site: Site, pod_id: str, sender: str, body: str) -> None:
    """Post a note as the agent `sender`, as an app with that agent's token does."""
    pod = await site.house.pods.by_id(pod_id)
    assert pod is not None
    agent = Requester(agent=sender, client="https://app.test/id")
    await site.house.service.post(agent, pod, "inbox/", body.encode(), "text/turtle")


async def pod_listing(site: Site, pod_id: str) -> bytes:
    """The owner's view of their inbox."""
    pod = await site.house.pods.by_id(pod_id)
    assert pod is not None
    owner = Requester(agent=pod.webid, own_pages=True)
    return (await site.house.service.read(owner, pod, "inbox/")).body


async def test_a_pod_knows_no_cookies(site: Site) -> None:
    """Checklist 91: the owner's own session at the dashboard reads nothing in the pod, and a pod sets no cookie."""
    sanne = await site.person("Sanne")
    for path in ("", "cv/", "cv/experience", "profile/card", ".acl", "none"):
        answer = await sanne.client.get(sanne.account.storage + path, headers={"Accept": "*/*"})
        assert answer.status_code == (200 if path == "profile/card" else 401)
        assert "set-cookie" not in answer.headers
        if answer.status_code == 401:
            assert json.loads(answer.content)["code"] == "unauthorized"


async def test_no_spelling_leads_past_the_part_that_the_server_keeps(server: Server, anna: Person) -> None:
    """Checklist 95, 97: written otherwise, `consent/` is the same or nothing; also where there is nothing yet, as a
    container, an auxiliary, by POST with a name of choice, and for who may write everything."""
    listed = (await anna.get(anna.url("consent/"))).text
    turtle = {"Content-Type": "text/turtle"}
    for spelt in (
        "consent", "consent/", "consent/x", "%63onsent/x", "c%6Fnsent/x", "consent%2Fx", "consent//x", "/consent/x",
        "consent.acl", "consent.meta", "consent/.acl", "consent/.meta", "consent/grants", "consent/grants/",
        "consent/grants/01AAAAAAAAAAAAAAAAAAAAAAAA", "consent/receipts/x.acl", "consent/x/.meta",
        "%63%6F%6E%73%65%6E%74",
    ):  # fmt: skip
        for method in ("PUT", "POST", "PATCH", "DELETE"):
            sent = {"Content-Type": "application/sparql-update"} if method == "PATCH" else turtle
            body = "INSERT DATA { <#a> <#b> <#c> }" if method == "PATCH" else "<#a> <#b> <#c> ."
            answer = await anna.request(method, anna.url(spelt), headers=sent, content=body)
            assert answer.status_code >= 400, (method, spelt)
    for slug in ("consent", "consent/", "%63onsent", "consent.acl", "consent.meta"):
        for kind in ("", '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'):
            headers = {**turtle, "Slug": slug, **({"Link": kind} if kind else {})}
            made = await anna.request("POST", anna.url(), headers=headers, content="<#a> <#b> <#c> .")
            assert made.status_code == 201, slug
            name = made.headers["location"].removeprefix(anna.url()).rstrip("/")
            assert name != "consent", slug
    assert (await anna.get(anna.url("consent/"))).text == listed
    for path in ("consent/grants/", "consent/receipts/", "consent/"):  # a pod of before there was such a part
        await server.parts.storage.delete(anna.pod.id, path)
    for kind in ("", '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"'):
        headers = {**turtle, "Slug": "consent", **({"Link": kind} if kind else {})}
        made = await anna.request("POST", anna.url(), headers=headers, content="<#a> <#b> <#c> .")
        assert made.headers["location"].removeprefix(anna.url()).rstrip("/") != "consent"
    stranger = await server.person("eve")
    for path in ("consent", "consent/", "consent/grants/", f"consent/grants/{anna.grant}", "consent/receipts/"):
        assert (await stranger.get(anna.url(path))).status_code == 403, path
        assert (await server.http.get(anna.url(path))).status_code == 401, path
