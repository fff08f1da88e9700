"""Reading over HTTP: what is answered to whom, in which form, with which headers (Solid Protocol, WAC)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import MATCHER, Person, Server, pod_server

TURTLE, JSON_LD = "text/turtle", "application/ld+json"
CV = """@prefix schema: <https://schema.org/> .
<#zorg> schema:name "Verzorgende" ; schema:employer [ schema:name "De Linde" ] ."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    person = await server.person("anna")
    await person.put(person.url("cv/experience"), CV)
    return person


@pytest.mark.duty(8, 14, 15)
async def test_what_was_written_is_read_byte_for_byte(anna: Person) -> None:
    """Turtle comes back as it was sent, with its own type, tag and date."""
    answer = await anna.get(anna.url("cv/experience"))
    assert answer.status_code == 200
    assert answer.text == CV
    assert answer.headers["content-type"] == TURTLE
    assert answer.headers["etag"].startswith('"')
    assert "last-modified" in answer.headers


@pytest.mark.duty(41)
async def test_turtle_can_be_had_as_json_ld_and_back(anna: Person) -> None:
    """RDF written in one form is read in the other, under another tag (Solid Protocol, 5.5)."""
    url = anna.url("cv/experience")
    turtle, jsonld = await anna.get(url, Accept=TURTLE), await anna.get(url, Accept=JSON_LD)
    assert "De Linde" in jsonld.text
    assert jsonld.headers["content-type"] == JSON_LD
    assert jsonld.headers["etag"] != turtle.headers["etag"]
    await anna.put(anna.url("notes"), jsonld.content, JSON_LD)
    assert "De Linde" in (await anna.get(anna.url("notes"), Accept=TURTLE)).text


@pytest.mark.duty(13, 88)
async def test_who_may_put_something_where_nothing_is_learns_how(anna: Person) -> None:
    """404 with Allow, Accept-* and WAC-Allow, as for what is there; rules that are not there as well."""
    for path in ("notes/none", "cv/experience.acl"):
        answer = await anna.get(anna.url(path))
        assert answer.status_code == 404
        assert "PUT" in answer.headers["allow"]
        assert "text/n3" in answer.headers["accept-patch"]
        assert answer.headers["accept-put"]
        assert answer.headers["wac-allow"].startswith('user="read write append control"')


@pytest.mark.duty(7, 114)
async def test_without_credentials_it_is_401_with_the_way_in(server: Server, anna: Person) -> None:
    """The challenge names the scheme, the issuer and the algorithms; what does not exist is answered the same."""
    for path in ("cv/experience", "cv/", "", "cv/nothing", ".acl", "nowhere/at/all"):
        answer = await server.http.get(anna.url(path))
        assert answer.status_code == 401
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith("DPoP ")
        assert 'as_uri="http://localhost:8080"' in challenge
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.duty(83)
async def test_somebody_else_gets_403_also_for_what_is_not_there(server: Server, anna: Person) -> None:
    """404 is only for those who may know (checklist 79)."""
    bob = await server.person("bob")
    for method in ("GET", "HEAD", "DELETE"):
        for path in ("cv/experience", "cv/nothing", "cv/", ".acl"):
            assert (await bob.request(method, anna.url(path))).status_code == 403
    for method in ("PUT", "PATCH", "POST"):
        answer = await bob.request(method, anna.url("cv/experience"), content=b"", headers={"Content-Type": TURTLE})
        assert answer.status_code == 403
    assert (await anna.get(anna.url("cv/nothing"))).status_code == 404


@pytest.mark.duty(11)
async def test_head_is_get_without_the_body(anna: Person) -> None:
    """Same status, same headers, no body."""
    for path in ("cv/experience", "cv/", "cv/nothing"):
        got, head = await anna.get(anna.url(path)), await anna.request("HEAD", anna.url(path))
        assert head.status_code == got.status_code
        assert dict(head.headers) == dict(got.headers)
        assert head.content == b""


@pytest.mark.duty(27, 28, 147)
async def test_a_container_lists_its_members(anna: Person) -> None:
    """Types, containment and metadata of members (LDP 5.2; Solid Protocol, 4.2)."""
    await anna.put(anna.url("cv/photo.jpg"), b"\xff\xd8", "image/jpeg")
    answer = await anna.get(anna.url("cv/"))
    for part in (
        "ldp:BasicContainer",
        f"<{anna.url('cv/experience')}>",
        "media-types/image/jpeg#Resource",
        "stat:size 2",
    ):
        assert part in answer.text
    assert (await anna.get(anna.url("cv/"), Accept=JSON_LD)).headers["content-type"] == JSON_LD
    assert "pim:Storage" in (await anna.get(anna.url())).text


@pytest.mark.duty(12, 13, 22, 23, 32, 76, 147)
async def test_headers_say_what_it_is_and_what_can_be_done(anna: Person) -> None:
    """Link types, auxiliaries, storage description, Allow and the Accept-* that go with it."""
    answer = await anna.get(anna.url("cv/"))
    link = answer.headers["link"]
    assert '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"' in link
    assert f'<{anna.url("cv/.acl")}>; rel="acl"' in link
    assert f'<{anna.url("cv/.meta")}>; rel="describedby"' in link
    assert f'<{anna.url(".well-known/solid")}>; rel="http://www.w3.org/ns/solid/terms#storageDescription"' in link
    assert "POST" in answer.headers["allow"]
    assert "text/n3" in answer.headers["accept-patch"]
    assert answer.headers["wac-allow"] == 'user="read write append control",public=""'
    root = await anna.get(anna.url())
    assert '<http://www.w3.org/ns/pim/space#Storage>; rel="type"' in root.headers["link"]
    assert "DELETE" not in root.headers["allow"]
    assert "POST" not in (await anna.get(anna.url("cv/experience"))).headers["allow"]


@pytest.mark.duty(24)
async def test_the_storage_describes_itself_to_anybody(server: Server, anna: Person) -> None:
    """A public document of type pim:Storage that nobody writes."""
    url = anna.url(".well-known/solid")
    answer = await server.http.get(url)
    assert answer.status_code == 200
    assert "pim:Storage" in answer.text
    assert (await anna.put(url, "")).status_code == 405


@pytest.mark.duty(139, 140)
async def test_the_webid_document_is_public_and_says_little(server: Server, anna: Person) -> None:
    """Issuer, storage and inbox, no name; readable as both forms without signing in."""
    answer = await server.http.get(anna.url("profile/card"))
    assert answer.status_code == 200
    for part in ("solid:oidcIssuer <http://localhost:8080>", "pim:storage", "ldp:inbox"):
        assert part in answer.text
    assert "foaf:name" not in answer.text
    assert answer.headers["wac-allow"] == 'user="read",public="read"'
    assert (await server.http.get(anna.url("profile/card"), headers={"Accept": JSON_LD})).status_code == 200


@pytest.mark.duty(8)
async def test_a_file_is_kept_as_it_is(anna: Person) -> None:
    """Every byte and the type; a browser downloads what it would otherwise run (checklist 91)."""
    body = bytes(range(256)) * 40
    await anna.put(anna.url("files/scan.bin"), body, "application/octet-stream")
    answer = await anna.get(anna.url("files/scan.bin"), Accept="text/plain")
    assert answer.content == body
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for media_type in ("text/html", "image/svg+xml", "application/xhtml+xml", "application/atom+xml"):
        await anna.put(anna.url("files/page"), b"<script>alert(1)</script>", media_type)
        page = await anna.get(anna.url("files/page"))
        assert page.headers["content-disposition"] == "attachment"
        assert page.headers["content-security-policy"].startswith("sandbox")


@pytest.mark.duty(151)
async def test_a_part_of_a_file(anna: Person) -> None:
    """206 with Content-Range, 416 outside, the whole when If-Range names another version."""
    url = anna.url("files/a.txt")
    await anna.put(url, "0123456789", "text/plain")
    part = await anna.get(url, Range="bytes=2-4")
    assert (part.status_code, part.text, part.headers["content-range"]) == (206, "234", "bytes 2-4/10")
    assert (await anna.get(url, Range="bytes=10-")).status_code == 416
    assert (await anna.get(url, Range="bytes=2-4", If_Range='"other"')).status_code == 200


@pytest.mark.duty(150)
async def test_what_is_known_already_is_not_sent_again(anna: Person) -> None:
    """304 for the tag or the date that the reader has."""
    url = anna.url("cv/experience")
    first = await anna.get(url)
    again = await anna.get(url, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert (await anna.get(url, If_Modified_Since=first.headers["last-modified"])).status_code == 304
    assert (await anna.get(url, If_None_Match='"other"')).status_code == 200
    assert (await anna.get(url, If_Match='"other"')).status_code == 412


async def test_what_cannot_be_had_is_406(anna: Person) -> None:
    """RDF is not made a picture."""
    assert (await anna.get(anna.url("cv/experience"), Accept="image/png")).status_code == 406


@pytest.mark.duty(67, 68, 69, 71, 74)
async def test_cors_on_every_answer(server: Server, anna: Person) -> None:
    """The Origin is echoed on success and on refusal, Vary names it, and headers are exposed one by one."""
    origin = "https://app.example"
    for answer in (
        await anna.get(anna.url("cv/"), Origin=origin),
        await server.http.get(anna.url("cv/"), headers={"Origin": origin}),
        await server.http.get("/nobody/x", headers={"Origin": origin}),
        await server.http.get("/anna/%2e%2e/x", headers={"Origin": origin}),
    ):
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in answer.headers["vary"]
        assert "WAC-Allow" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.duty(70)
async def test_a_preflight_needs_nobody(server: Server, anna: Person) -> None:
    """OPTIONS answers without credentials, and says nothing of what exists."""
    ask = {
        "Origin": "https://app.example", "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, dpop, accept",
    }  # fmt: skip
    answers = [await server.http.options(anna.url(path), headers=ask) for path in ("cv/experience", "cv/nothing")]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert dict(answers[0].headers) == dict(answers[1].headers)
    assert "PUT" in answers[0].headers["access-control-allow-methods"]
    assert answers[0].headers["access-control-allow-headers"] == "authorization, dpop, accept"
    plain = await server.http.options(anna.url("cv/"))
    assert "access-control-allow-methods" not in plain.headers
    crossed = await server.http.options(anna.url("cv/"), headers={"Origin": "https://app.example"})
    assert "DELETE" in crossed.headers["access-control-allow-methods"]
    assert (plain.status_code, plain.content) == (204, b"")
    assert "accept-post" in plain.headers


@pytest.mark.parametrize(
    "path",
    [
        "/anna/%2e%2e/bob/", "/anna//cv/experience", "/anna/cv%2Fexperience", "/anna/cv%5Cexperience", "/anna/cv/%00",
        "/anna/%252e%252e/", "/anna/cv/..;/x",
    ],
)  # fmt: skip
async def test_odd_paths_are_400_and_never_another_resource(server: Server, anna: Person, path: str) -> None:
    """The raw path is refused with a problem that says why, whoever asks."""
    status: list[int] = []
    body: list[bytes] = []

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            status.append(int(str(message["status"])))
        else:
            body.append(bytes(message["body"]))  # type: ignore[call-overload]

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "headers": [],
        "query_string": b"",
    }
    await server.app(scope, receive, send)  # type: ignore[arg-type]
    assert status == [400]
    assert b'"code":"bad_address"' in body[0]


async def test_a_query_names_the_same_resource(anna: Person) -> None:
    """The query is no part of the address, nor of htu."""
    assert (await anna.get(anna.url("cv/experience") + "?v=1")).text == CV


@pytest.mark.duty(10)
async def test_unknown_methods_and_pods(server: Server, anna: Person) -> None:
    """405 with Allow; a pod that is not there is 404."""
    answer = await anna.request("TRACE", anna.url("cv/experience"))
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert (await server.http.get("/nobody/profile/card")).status_code == 404


async def test_an_app_sees_its_sections_and_nothing_else(server: Server, anna: Person) -> None:
    """A grant for one section gives that document; not its neighbours, the listing, the rules, or writing."""
    grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",))
    app = server.app_of(anna, MATCHER, grant.id)
    assert (await app.get(anna.url("cv/experience"))).status_code == 200
    for path in ("cv/education", "cv/", "", "cv/experience.acl", "inbox/", "cv/experience/x"):
        assert (await app.get(anna.url(path))).status_code == 403
    assert (await app.put(anna.url("cv/experience"), "")).status_code == 403
    assert (await app.get(anna.url("cv/experience"))).headers["wac-allow"] == 'user="read",public=""'


async def test_a_lens_holds_in_every_form(server: Server, anna: Person) -> None:
    """What is hidden is in no form, no length, no date, and its tag opens no write (checklist 81)."""
    grant = await server.give(
        anna, client=MATCHER, sections=("experience",), actions=("read",),
        hidden_predicates=("https://schema.org/employer",),
    )  # fmt: skip
    app = server.app_of(anna, MATCHER, grant.id)
    full = await anna.get(anna.url("cv/experience"))
    for accept in (TURTLE, JSON_LD, "application/n-triples"):
        answer = await app.get(anna.url("cv/experience"), Accept=accept, Range="bytes=0-")
        assert answer.status_code == 200
        assert "Verzorgende" in answer.text
        assert "De Linde" not in answer.text
        assert "last-modified" not in answer.headers
        assert answer.headers["etag"] != full.headers["etag"]
    assert (await app.get(anna.url("cv/experience"), If_None_Match=full.headers["etag"])).status_code == 200
    await anna.put(anna.url("cv/experience"), CV.replace("De Linde", "De Eik"))
    assert (await app.get(anna.url("cv/experience"), Accept=TURTLE)).headers["etag"] == (
        await app.get(anna.url("cv/experience"), Accept=TURTLE)
    ).headers["etag"]


async def test_what_went_out_is_on_record(server: Server, anna: Person) -> None:
    """Reads and refusals of apps are in the log before they are answered; own pages and the public are not."""
    grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",))
    app = server.app_of(anna, MATCHER, grant.id)
    before = len(await server.ledger.entries(anna.pod.id, 100))
    await app.get(anna.url("cv/experience"))
    await app.get(anna.url("cv/education"))
    await server.http.get(anna.url("cv/experience"))
    await server.service.read(server.owner(anna), anna.pod, "cv/experience")
    lines = (await server.ledger.entries(anna.pod.id, 100))[: -before or None]
    entries = [line.entry for line in lines]
    assert sorted((e.outcome, e.path, e.client, e.grant) for e in entries) == [
        ("allowed", "cv/experience", MATCHER, grant.id),
        ("refused", "cv/education", MATCHER, grant.id),
    ]
