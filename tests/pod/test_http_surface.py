"""The surface of a pod: methods, headers, caching and CORS, for every kind of resource and every kind of answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from support.podapp import Person, Server, pod_server

from werkpod.pod.ldp.headers import EXPOSED

TURTLE = "text/turtle"
ORIGIN = "https://app.example"
PUBLIC = """@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<#all> a acl:Authorization ; acl:agentClass foaf:Agent ; acl:accessTo <{url}> ; acl:mode acl:Read ."""
KINDS = {
    "": "GET HEAD OPTIONS PUT POST PATCH",
    "box/": "GET HEAD OPTIONS PUT POST PATCH DELETE",
    "box/note": "GET HEAD OPTIONS PUT PATCH DELETE",
    "box/photo.png": "GET HEAD OPTIONS PUT DELETE",
    ".acl": "GET HEAD OPTIONS PUT PATCH",
    "box/.acl": "GET HEAD OPTIONS PUT PATCH DELETE",
    "box/note.meta": "GET HEAD OPTIONS PUT PATCH DELETE",
    ".well-known/solid": "GET HEAD OPTIONS",
}
"""Each kind of resource and its methods."""
ACCEPTS = {"accept-patch": "PATCH", "accept-post": "POST", "accept-put": "PUT"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    person = await server.person("anna")
    await person.put(person.url("box/note"), "<#a> <http://e.test/p> 1 .")
    await person.put(person.url("box/photo.png"), b"\x89PNG", "image/png")
    await person.put(person.url("box/note.meta"), '<note> <http://e.test/about> "x" .')
    await person.put(person.url("box/.acl"), PUBLIC.format(url=person.url("box/")))
    return person


def methods(answer: httpx2.Response) -> set[str]:
    return set(answer.headers["allow"].split(", "))


def vary(answer: httpx2.Response) -> set[str]:
    return {name.strip().lower() for value in answer.headers.get_list("vary") for name in value.split(",")}


@pytest.mark.duty(11, 12, 13, 44, 50)
@pytest.mark.parametrize("path", KINDS)
async def test_allow_and_accept_say_what_can_be_done(anna: Person, path: str) -> None:
    """GET and HEAD name the methods of this very resource, and the media types that go with those; so do errors."""
    url = anna.url(path)
    for method in ("GET", "HEAD"):
        answer = await anna.request(method, url)
        assert answer.status_code == 200
        assert methods(answer) == set(KINDS[path].split())
        for header, needs in ACCEPTS.items():
            assert (header in answer.headers) == (needs in methods(answer)), header
    if "PATCH" in KINDS[path]:
        assert answer.headers["accept-patch"] == "text/n3, application/sparql-update"


@pytest.mark.duty(11, 12, 13, 23)
@pytest.mark.parametrize("path", [*KINDS, "box/nothing", "box/nothing/"])
async def test_options_work_on_everything_without_signing_in(server: Server, anna: Person, path: str) -> None:
    """OPTIONS names methods and media types of an address of this form, and the storage description; nothing more."""
    answer = await server.http.options(anna.url(path))
    assert (answer.status_code, answer.content) == (204, b"")
    assert {"GET", "HEAD", "OPTIONS"} <= methods(answer)
    for header, needs in ACCEPTS.items():
        assert (header in answer.headers) == (needs in methods(answer)), header
    assert 'rel="http://www.w3.org/ns/solid/terms#storageDescription"' in answer.headers["link"]


@pytest.mark.duty(10, 43, 44)
async def test_a_method_that_is_not_there_is_405_with_allow(anna: Person) -> None:
    """What a resource does not have: POST to a document, DELETE of a root, a patch of a picture, TRACE, nonsense."""
    put = {"Content-Type": TURTLE}
    for method, path in (
        ("POST", "box/note"), ("POST", "box/photo.png"), ("POST", ".acl"), ("DELETE", ""), ("DELETE", ".acl"),
        ("PUT", ".well-known/solid"), ("PATCH", ".well-known/solid"), ("POST", ".well-known/solid"),
        ("DELETE", ".well-known/solid"), ("TRACE", "box/note"), ("PROPFIND", "box/"), ("MKCOL", "new/"),
        ("FLY", "box/"),
    ):  # fmt: skip
        answer = await anna.request(method, anna.url(path), headers=put, content=b"")
        assert answer.status_code == 405, (method, path)
        assert method not in methods(answer), (method, path)
    patch = {"Content-Type": "application/sparql-update"}
    answer = await anna.request("PATCH", anna.url("box/photo.png"), headers=patch, content=b"INSERT DATA { <a> <b> 1 }")
    assert answer.status_code == 405
    assert "PATCH" not in methods(answer)


@pytest.mark.duty(12, 13)
async def test_a_write_says_what_can_be_done_next(anna: Person) -> None:
    """Allow of a created or replaced resource is that of the resource, whatever was sent."""
    for name, kind, has in (("a.png", "image/png", False), ("a.ttl", TURTLE, True)):
        for _ in range(2):
            answer = await anna.put(anna.url("new/" + name), b"", kind)
            assert ("PATCH" in methods(answer)) == has
            assert ("accept-patch" in answer.headers) == has


@pytest.mark.duty(14, 15)
@pytest.mark.parametrize("path", KINDS)
async def test_everything_has_a_strong_tag_and_a_date(anna: Person, path: str) -> None:
    """GET and HEAD carry the same ETag, not a weak one, and Last-Modified."""
    got, head = await anna.get(anna.url(path)), await anna.request("HEAD", anna.url(path))
    assert got.headers["etag"].startswith('"')
    assert got.headers["etag"] == head.headers["etag"]
    assert got.headers["last-modified"] == head.headers["last-modified"]


@pytest.mark.duty(1, 8)
@pytest.mark.parametrize("path", [*KINDS, "box/nothing", "box/nothing.acl", "b%ff"])
async def test_head_is_get_without_a_body_everywhere(server: Server, anna: Person, path: str) -> None:
    """Same status and headers, for who may read and who may not; each body has a type."""
    for asker in (anna.request, server.http.request):
        got, head = await asker("GET", anna.url(path)), await asker("HEAD", anna.url(path))
        assert (head.status_code, dict(head.headers)) == (got.status_code, dict(got.headers))
        assert head.content == b""
        assert got.headers["content-type"]
        assert got.headers["content-length"] == str(len(got.content))


@pytest.mark.duty(2)
async def test_who_may_keep_an_answer(server: Server, anna: Person) -> None:
    """What is public any cache, which asks again each time; with a token the asker's own; what is private nobody."""
    public, private = anna.url("box/"), anna.url("box/note")
    assert (await server.http.get(public)).headers["cache-control"] == "no-cache"
    assert (await anna.get(public)).headers["cache-control"] == "private, no-cache"
    assert (await anna.get(private)).headers["cache-control"] == "no-store"
    for answer in (
        await server.http.get(private), await server.http.get(anna.url("nothing")), await anna.get(anna.url("nothing")),
        await anna.get(anna.url("box")), await anna.get(private, Accept="image/png"),
        await anna.get(private, If_Match='"x"'), await server.http.get("/anna"), await server.http.get("/nobody/"),
    ):  # fmt: skip
        assert answer.status_code >= 301
        assert answer.headers["cache-control"] == "no-store", answer.url
    for answer in (await server.http.get(public), await anna.get(private), await server.http.get(private)):
        assert {"accept", "authorization", "origin"} <= vary(answer)


@pytest.mark.duty(2, 150)
async def test_304_says_what_200_would(server: Server, anna: Person) -> None:
    """Tag, caching, Vary and who may do what; no body and no type (RFC 9110, 15.4.5)."""
    for asker, path in ((anna.request, "box/note"), (anna.request, "box/"), (server.http.request, "box/")):
        whole = await asker("GET", anna.url(path))
        for method in ("GET", "HEAD"):
            same = await asker(method, anna.url(path), headers={"If-None-Match": f'"x", {whole.headers["etag"]}'})
            assert (same.status_code, same.content) == (304, b"")
            for name in ("etag", "cache-control", "wac-allow", "last-modified", "link", "allow"):
                assert same.headers[name] == whole.headers[name], name
            assert vary(same) == vary(whole)
            assert "content-type" not in same.headers
            assert "content-length" not in same.headers


# CORS


@pytest.mark.duty(66, 67, 68, 69, 71, 72, 73, 74)
@pytest.mark.parametrize("origin", [ORIGIN, "null", "http://localhost:3000", "capacitor://localhost"])
async def test_an_app_of_any_origin_can_read_every_answer(server: Server, anna: Person, origin: str) -> None:
    """Success, redirect, 304, refusal and fault of any method: the origin echoed, every header named, no cookies."""
    note, sent = anna.url("box/note"), {"Origin": origin, "Content-Type": TURTLE}
    tag = (await anna.get(note)).headers["etag"]
    answers = [
        await anna.get(note, Origin=origin), await anna.get(note, Origin=origin, If_None_Match=tag),
        await anna.get(anna.url("box/photo.png"), Origin=origin, Range="bytes=0-1"),
        await anna.get(anna.url("box/photo.png"), Origin=origin, Range="bytes=9-"),
        await anna.get(anna.url("box"), Origin=origin), await anna.get(note, Origin=origin, Accept="image/png"),
        await anna.request("PUT", anna.url("n"), headers=sent, content="<a> <b> 1 ."),
        await anna.request("PUT", anna.url("n"), headers=sent, content="<a> <b> ,"),
        await anna.request("POST", anna.url(), headers=sent, content=""),
        await anna.request("PATCH", anna.url("n"), headers=sent, content=""),
        await anna.request("DELETE", anna.url("n"), headers=sent), await anna.request("FLY", note, headers=sent),
        await server.http.get(note, headers=sent), await server.http.get("/anna/%00", headers=sent),
        await server.http.get("/nobody/x", headers=sent), await server.http.options(note, headers=sent),
        await server.http.get("/anna", headers=sent),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} >= {
        200,
        304,
        206,
        416,
        301,
        406,
        201,
        400,
        415,
        204,
        405,
        401,
        404,
    }
    exposed = {name.lower() for name in EXPOSED.split(", ")}
    own = {f"access-control-{name}" for name in ("allow-origin", "expose-headers", "allow-headers", "allow-methods")}
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == origin
        assert {name.lower() for name in answer.headers} <= exposed | own, answer
        said = answer.headers["access-control-expose-headers"]
        assert "*" not in said
        assert "WAC-Allow" in said
        assert "Accept" in answer.headers["access-control-allow-headers"].split(", ")
        assert "origin" in vary(answer)
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.duty(66, 70, 72)
@pytest.mark.parametrize("path", ["/anna/box/note", "/anna/nothing", "/anna", "/nobody/", "/anna/%2e%2e/", "/Anna/x"])
async def test_a_preflight_is_answered_alike_for_every_address(server: Server, anna: Person, path: str) -> None:
    """Any method, any header, nobody signed in; it tells nothing of what is there, or whether anything can be."""
    asked = {
        "Origin": ORIGIN, "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Private-Network": "true",
        "Access-Control-Request-Headers": "accept,authorization,dpop,x-custom",
    }  # fmt: skip
    answer = await server.http.options(path, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "DELETE" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "accept,authorization,dpop,x-custom"
    assert int(answer.headers["access-control-max-age"]) > 0
    assert answer.headers["access-control-allow-private-network"] == "true"
    assert vary(answer) >= {"origin", "access-control-request-method", "access-control-request-headers"}


@pytest.mark.duty(66, 67)
@pytest.mark.parametrize(
    "origin", ["https://a.test, https://b.test", "javascript:alert(1)", "https://a.test/path", "*"]
)
async def test_what_is_no_origin_is_not_echoed(server: Server, anna: Person, origin: str) -> None:
    """A header that no browser sends opens nothing, and breaks nothing."""
    answer = await anna.get(anna.url("box/note"), Origin=origin)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    assert "access-control-allow-origin" not in (await server.http.options(anna.url("x"), headers=asked)).headers


# What was asked for, and how


@pytest.mark.duty(41)
@pytest.mark.parametrize(
    ("accept", "status", "kind"),
    [
        ("text/turtle;q=0, */*;q=0.1", 200, "application/ld+json"), ("*/*;q=0", 406, ""), ("text/*", 200, TURTLE),
        ("application/*", 200, "application/ld+json"),
        ("image/png, application/ld+json;q=0.001", 200, "application/ld+json"),
        ("application/ld+json;profile=\"http://www.w3.org/ns/json-ld#expanded\"", 200, "application/ld+json"),
        ("TEXT/TURTLE", 200, TURTLE), ("text/turtle;q=x", 200, TURTLE), (";;;,,", 200, TURTLE), ("", 200, TURTLE),
        ("text/html, application/xhtml+xml, */*;q=0.8", 200, TURTLE), ("text/html", 406, ""),
        ("text/turtle;q=0.5, application/ld+json;q=0.5", 200, TURTLE), ("application/rdf+xml", 406, ""),
    ],
)  # fmt: skip
async def test_what_accept_may_say(anna: Person, accept: str, status: int, kind: str) -> None:
    """Weights, zero, wildcards, parameters, and what cannot be read, which asks for nothing in particular."""
    for path in ("box/note", "box/"):
        answer = await anna.get(anna.url(path), Accept=accept)
        assert answer.status_code == status, accept
        if status == 200:
            assert answer.headers["content-type"] == kind


@pytest.mark.duty(1)
async def test_wishes_that_are_not_kept_do_no_harm(anna: Person) -> None:
    """Prefer, and headers that nobody knows, change nothing (RFC 7240, 2)."""
    url = anna.url("box/note")
    for prefer in (
        "return=minimal",
        'return=representation; include="http://www.w3.org/ns/ldp#PreferMinimalContainer"',
    ):
        assert (await anna.get(url, Prefer=prefer)).status_code == 200
        assert (await anna.put(url, "<#a> <b> 2 .", Prefer=prefer, X_HTTP_Method_Override="DELETE")).status_code == 204
    assert (await anna.get(url)).status_code == 200


@pytest.mark.duty(16)
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
async def test_a_part_of_a_resource_is_not_written(anna: Person, method: str) -> None:
    """Content-Range on a write is 400, and what was there stays (RFC 9110, 14.5)."""
    url = anna.url("box/" if method == "POST" else "box/note")
    sent = {"Content-Type": TURTLE, "Content-Range": "bytes 0-3/9"}
    before = (await anna.get(anna.url("box/note"))).content
    answer = await anna.request(method, url, headers=sent, content="<a> ")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert "Content-Range" in answer.json()["detail"]
    assert (await anna.get(anna.url("box/note"))).content == before


@pytest.mark.duty(42)
async def test_a_resource_has_one_address(anna: Person) -> None:
    """No representation has an address of its own: there is none to write to by mistake, whatever its name is."""
    for accept in (TURTLE, "application/ld+json"):
        assert "content-location" not in (await anna.get(anna.url("box/note"), Accept=accept)).headers
    for ending in (".ttl", ".jsonld"):
        assert (await anna.get(anna.url("box/note" + ending))).status_code == 404
        assert (await anna.put(anna.url("box/note" + ending), "", TURTLE)).status_code == 201
    assert "http://e.test/p" in (await anna.get(anna.url("box/note"))).text


# With and without the slash


@pytest.mark.duty(17, 18, 19)
async def test_the_other_slash_is_led_to_after_who_may_see_it(server: Server, anna: Person) -> None:
    """GET and HEAD of the one that is not there lead to the one that is: who may not read gets 401 or 403, as ever."""
    bob = await server.person("bob")
    for asked, there in (("box", "box/"), ("box/note/", "box/note")):
        for method in ("GET", "HEAD"):
            answer = await anna.request(method, anna.url(asked))
            assert (answer.status_code, answer.headers["location"]) == (301, anna.url(there))
            assert (await server.http.request(method, anna.url(asked))).status_code == 401
            assert (await bob.request(method, anna.url(asked))).status_code == 403
        for method, kind, body, status in (
            ("PUT", TURTLE, "", 409), ("PATCH", "application/sparql-update", "INSERT DATA { <a> <b> 1 }", 409),
            ("POST", TURTLE, "", 404), ("DELETE", TURTLE, "", 404),
        ):  # fmt: skip
            answer = await anna.request(method, anna.url(asked), headers={"Content-Type": kind}, content=body)
            assert answer.status_code == status, (method, asked)


@pytest.mark.duty(18, 19)
async def test_the_root_is_led_to_from_its_name(server: Server, anna: Person) -> None:
    """The same for the root container, whose address without a slash is in no storage."""
    answer = await anna.get(anna.url().removesuffix("/"))
    assert (answer.status_code, answer.headers["location"]) == (301, anna.url())
    assert (await server.http.get("/anna")).status_code == 401
    assert (await (await server.person("bob")).get(anna.url().removesuffix("/"))).status_code == 403
    assert (await server.http.get("/nobody")).status_code == 404
    assert (await anna.put(anna.url().removesuffix("/"), "")).status_code == 404


@pytest.mark.duty(18, 19)
async def test_a_public_container_with_a_private_twin(server: Server, anna: Person) -> None:
    """Who may read the address that is not there, and not the one that is, learns nothing of it."""
    await anna.put(anna.url("secret/x"), "")
    open_ = (
        PUBLIC.replace("accessTo", "default")
        + f"\n<#o> a acl:Authorization ; acl:agent <{anna.pod.webid}> ; acl:accessTo <{anna.url()}> ;"
        + " acl:mode acl:Control ."
    )
    assert (await anna.put(anna.url(".acl"), open_.format(url=anna.url()))).status_code == 204
    await anna.put(
        anna.url("secret/.acl"), PUBLIC.replace("foaf:Agent", "acl:AuthenticatedAgent").format(url=anna.url("else"))
    )
    assert (await server.http.get(anna.url("secret"))).status_code == 404
    assert (await server.http.get(anna.url("box"))).status_code == 301
