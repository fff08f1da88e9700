"""Random requests to the whole site and to a pod: never a fault of ours, never a word of what is not shared."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.oauth import BASE
from support.site import Site, Visitor, whole_site
from support.tokens import Device, Issuer

SECRET = b"Zeer geheime baan"
FEW = settings(
    max_examples=200, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

segments = st.sampled_from(
    [
        "sanne", "nobody", "cv", "experience", "experience.acl", ".acl", ".meta", "profile", "card", "inbox",
        "consent", "people",
        ".well-known", "solid", "oauth", "token", "authorize", "revoke", "introspect", "toestemming", "jwks", "apps",
        "cv",
        "werkgever", "coach", "beroep", "mens", "tip", "vraag", "terug", "weg", "inlezen", "zoek", "client.jsonld",
        "k", "api",
        "consent", "v1", "received", "grants", "matcher", "matches", "wish", "gaps", "improver", "plans",
        "competentnl",
        "occupations", "competences", "isco", "groups", "5120", "instruments", "openapi.json", "regie", "delen",
        "logboek", "link",
        "stop", "berichten", "instellingen", "werk", "inloggen", "uitloggen", "aanmelden", "klaar", "herstel",
        "taal", "static",
        "werkpod.css", "health", "docs", "vocab", "cv.ttl", "..", ".", "", "%2e%2e", "%2f", "%00", "%ff", "%", "a b",
        "é", "\\",
        "openid-configuration", "x" * 300, "http:", "@evil.test", "e1#x", ";", "sanne.acl", "*",
    ]
) | st.text(max_size=8)  # fmt: skip
_KNOWN = (
    "/ /sanne/ /sanne/cv/ /sanne/cv/experience /sanne/profile/card /sanne/inbox/ /sanne/.well-known/solid "
    "/oauth/token /oauth/authorize /oauth/revoke /oauth/introspect /oauth/jwks /oauth/toestemming "
    "/.well-known/openid-configuration /inloggen /aanmelden /herstel /aanmelden/klaar /uitloggen /taal "
    "/regie/cv /regie/delen /regie/delen/stop /regie/delen/logboek /regie/delen/link /regie/berichten "
    "/regie/delen/link/stop /regie/delen/coach /regie/berichten/weg /regie/werk /regie/instellingen /k/x "
    "/k/x/cv /apps/werkgever/ /apps/cv/ /apps/cv/vraag /apps/cv/terug /apps/cv/weg /apps/cv/inlezen "
    "/apps/beroep/ /apps/wens/ /apps/verbeteraar/ /apps/verbeteraar/sturen /apps/gids/ /apps/isco/ "
    "/apps/isco/5120 /apps/competentnl/ /apps/coach/ /apps/coach/mens /api/consent/v1/received "
    "/api/consent/v1/grants /api/consent/v1/grants/x /api/matcher/v1/matches /api/wish/v1/gaps "
    "/api/improver/v1/plans /api/instruments/v1/instruments /api/isco/v1/groups/5120 "
    "/api/competentnl/v1/occupations /api/competentnl/v1/occupations/5120/competences /vocab/cv.ttl /over "
    "/privacy "
)
KNOWN = _KNOWN.split()
targets = st.sampled_from(KNOWN) | st.lists(segments, max_size=6).map(lambda parts: "/" + "/".join(parts))
methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "X"])
queries = st.dictionaries(
    st.sampled_from(["q", "lang", "limit", "verzoek", "verder", "terug", "voor", "wie", "doel", "mist", "client_id",
    "state",
                     "redirect_uri", "response_type", "authorization_details", "code_challenge", "prompt", "taal",
                     "id", "x"]),
    st.text(max_size=20) | st.sampled_from(["-1", "9" * 30, "[", "[{}]", "{}", "null", "\x00", "https://x.test/a",
    "code", f"{BASE}/sanne/x",
                                            "[[[[[[", '[{"type":1}]', "\ud7ff", "../..", "//evil.test",
                                            "javascript:alert(1)"]),
    max_size=4,
)  # fmt: skip
values = st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n\x00"),
max_size=30) | st.sampled_from(
    [
        "*/*", "text/turtle", "application/ld+json", "text/html", "a/b;q=x", "*", "bytes=0-", "bytes=-1",
        "bytes=9-1", "bytes=0-0,1-1",
        "gzip", "identity", '"x"', 'W/"x"', "*", ",,,", "Sat, 01 Jan 2022 00:00:00 GMT", "9" * 30, "-1",
        "application/json",
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "text/n3",
        "multipart/form-data; boundary=x; charset=unicode_escape", "application/x-www-form-urlencoded; charset=utf-7",
        "application/sparql-update", "application/rdf+xml", "text/turtle; charset=x", BASE, "null",
        "https://evil.test", "same-origin",
        "cross-site", "Basic Og==", "Basic ////", "DPoP x", "DPoP a.b.c", "Bearer x", "eyJ.e30.AA", "werkpod=x",
        "nl", "taal=xx",
        '<a>; rel="type"', '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"', "100-continue", "chunked", "é",
    ]
)  # fmt: skip
names = st.sampled_from(
    ["accept", "accept-language", "authorization", "dpop", "content-type", "content-encoding", "content-length",
    "cookie", "origin", "range",
     "if-range", "if-match", "if-none-match", "if-modified-since", "slug", "link", "sec-fetch-site", "hx-request",
     "host", "expect",
     "x-forwarded-for", "access-control-request-method", "access-control-request-headers", "transfer-encoding"]
)  # fmt: skip
headers = st.lists(st.tuples(names, values), max_size=6)
bodies = (
    st.binary(max_size=60)
    | queries.map(lambda fields: "&".join(f"{name}={value}" for name, value in fields.items()).encode("utf-8",
    "replace"))
    | st.sampled_from(
        [
            b"<#a> <b> <c> .", b"{}", b"[]", b"null", b'"\\ud800"', b'{"experience":[{"occupation":"\\ud800"}]}',
            b"[" * 5000,
            b'{"wish":1}', b'{"missing":["x"]}',
            b'{"experience":[{"occupation":"5120","from":"9999-99"}],"limit":1e400}',
            b"INSERT DATA { <a> <b> 1 }", b"DELETE WHERE { ?a ?b ?c }", b"@prefix : <x> .", b"\xff\xfe", b"<" * 200,
            b'{"@context":1}',
            b'{"@context":{"a":{"@id":"a"}},"a":1}',
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n\\ud800\r\n--x--\r\n",
            b"--x\r\n\r\n", b"naam=%00&wachtzin=%ff&verder=//evil.test",
            b"grant_type=refresh_token&refresh_token=x&client_id=x",
            b"naam=sanne&wachtzin=" + b"x" * 3000, b"token=" + b"e" * 9000,
            b"grant_type=authorization_code&code=%00&client_id=%ed%a0%80",
        ]
    )
)  # fmt: skip


class Town:
    """A site with a citizen, and a loop of its own to ask it in."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = contextlib.AsyncExitStack()
        self.site: Site = self.loop.run_until_complete(
            self.stack.enter_async_context(whole_site(folder, allow_loopback=False))
        )
        self.sanne: Visitor = self.loop.run_until_complete(self.site.person("Sanne"))
        body = b'<#e1> <https://schema.org/name> "' + SECRET + b'" .'
        for path in ("cv/experience", "cv/identity", "note"):
            self.loop.run_until_complete(self.sanne.put(path, body))

    def close(self) -> None:
        """Close all."""
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()

    def ask(self, method: str, target: str, query: str, sent: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        """One request, as a server hands it to the application."""
        return self.loop.run_until_complete(self._ask(method, target, query, sent, body))

    async def _ask(self, method: str, target: str, query: str, sent: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        raw = quoted(target)
        path = unquote(raw)
        if not any(name == b"content-length" for name, _ in sent):
            sent = [*sent, (b"content-length", str(len(body)).encode())]
        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": method, "scheme": "http",
            "path": path, "raw_path": raw.encode(), "query_string": query.encode("utf-8", "replace"), "root_path": "",
            "headers": sent, "server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1), "state": {},
        }  # fmt: skip
        found = Answer()
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                found.status, found.headers = message["status"], list(message.get("headers", []))
            found.body += message.get("body", b"")

        await self.site.front(scope, receive, send)
        return found


class Answer:
    """What was answered."""

    def __init__(self) -> None:
        self.status, self.body = 0, b""
        self.headers: list[tuple[bytes, bytes]] = []


def quoted(target: str) -> str:
    """A target as a client sends it: what is not printable ASCII percent-encoded, the rest left as it is."""
    return "".join(
        c if " " < c < "\x7f" and c not in "?#" else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace"))
        for c in target
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The site."""
    started = Town(tmp_path_factory.mktemp("fuzz"))
    yield started
    started.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Town]:
    """A site in which nobody has pressed anything yet."""
    started = Town(tmp_path)
    yield started
    started.close()


def check(answer: Answer) -> None:
    """What holds for every answer."""
    assert 200 <= answer.status < 500 or answer.status == 503, (answer.status, answer.body[:300])
    assert SECRET not in answer.body
    for name, value in answer.headers:
        assert b"\r" not in value
        assert b"\n" not in value
        if name.lower() == b"location":
            assert value.startswith((b"/", BASE.encode() + b"/", b"https://x.test/a")), value
            assert not value.startswith((b"//", b"/\\")), value


@FEW
@given(methods, targets, queries, headers, bodies)
def test_strangers_at_the_site(
    town: Town, method: str, target: str, query: dict[str, str], sent: Any, body: bytes
) -> None:
    """Checklist 75, 79, 95: whatever is sent without a session or a token, no 5xx and nothing of a citizen."""
    text = "&".join(f"{name}={value}" for name, value in query.items())
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent]
    check(town.ask(method, target, text, raw, body))


@FEW
@given(methods, targets, headers, bodies)
def test_a_stranger_with_a_good_token_at_a_pod(town: Town, method: str, target: str, sent: Any, body: bytes) -> None:
    """Checklist 79: whatever an agent sends with a token that holds, no 5xx and nothing of another citizen."""
    raw = [(n.encode(), v.encode("latin-1", "replace")) for n, v in sent if n not in ("authorization", "dpop")]
    check(with_token(town, method, "/sanne" + target, raw, body))


def with_token(town: Town, method: str, path: str, raw: list[tuple[bytes, bytes]], body: bytes) -> Answer:
    """What an agent with a token of this server, but without a pod or a grant, is answered."""
    issuer, device = Issuer(BASE), Device()
    issuer.key = town.site.house.authorization.parts.keys.all()[0]  # type: ignore[assignment]
    webid = f"{BASE}/mallory/profile/card#me"
    token = issuer.token(device, webid=webid, client="https://x.test/app", kid=issuer.key.kid)
    proof = device.proof(method, BASE + quoted(path), token)
    raw = [*raw, (b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())]
    return town.ask(method, path, "", raw, body)


@FEW
@given(st.sampled_from(["GET", "POST"]), targets, queries, headers, bodies)
def test_a_citizen_with_broken_forms(
    town: Town, method: str, target: str, query: dict[str, str], sent: Any, body: bytes
) -> None:
    """Checklist 128: a signed-in browser with any address and any form meets no 5xx, and is led to no other site."""
    text = "&".join(f"{name}={value}" for name, value in query.items())
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in town.sanne.client.cookies.jar)
    raw = [
        (n.encode(), v.encode("latin-1", "replace")) for n, v in sent if n not in ("cookie", "origin", "content-type")
    ]
    raw += [(b"cookie", cookies.encode()), (b"origin", BASE.encode())]
    if not any(kind == b"content-type" for kind, _ in raw):
        raw.append((b"content-type", b"application/x-www-form-urlencoded"))
    assume(not (method == "POST" and target.startswith("/uitloggen")))  # or the rest would be asked by nobody
    answer = town.ask(method, target, text, raw, body)
    answer.body = answer.body.replace(SECRET, b"")  # it is her own
    check(answer)


def test_the_askers_are_who_they_should_be(fresh: Town) -> None:
    """The good token above is taken (403, not 401), the citizen is signed in, and the secret is there to be found."""
    town = fresh
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in town.sanne.client.cookies.jar)
    own = town.ask("GET", "/regie/cv", "", [(b"cookie", cookies.encode())], b"")
    assert own.status == 200
    assert SECRET in own.body
    assert town.ask("GET", "/sanne/cv/experience", "", [], b"").status == 401
    answer = with_token(town, "GET", "/sanne/cv/experience", [], b"")
    assert answer.status == 403
