"""Writing over HTTP: PUT, POST, PATCH, DELETE, containers and auxiliaries (Solid Protocol, 4 and 5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import MATCHER, Person, Server, pod_server

TURTLE, JSON_LD, N3 = "text/turtle", "application/ld+json", "text/n3"
LDP = "http://www.w3.org/ns/ldp#"
CONTAINER = {"Link": f'<{LDP}BasicContainer>; rel="type"'}
NOTE = '<#n> <https://schema.org/text> "Hallo" .'
PATCH = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . <> a solid:InsertDeletePatch ; {} ."


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    return await server.person("anna")


async def post(person: Person, url: str, body: str = NOTE, media_type: str = TURTLE, **headers: str) -> str:
    answer = await person.request("POST", url, headers={"Content-Type": media_type, **headers}, content=body)
    assert answer.status_code == 201
    return answer.headers["location"]


async def patch(person: Person, url: str, what: str, media_type: str = N3, **headers: str) -> int:
    body = PATCH.format(what) if media_type == N3 else what
    sent = {"Content-Type": media_type, **{n.replace("_", "-"): v for n, v in headers.items()}}
    return (await person.request("PATCH", url, headers=sent, content=body)).status_code


async def acl(giver: Person, path: str, *rules: tuple[str, str, str]) -> None:
    """Write access rules for `path`: (agent or class as Turtle, accessTo/default, modes); the owner keeps Control."""
    text = "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
    for number, (who, where, modes) in enumerate((*rules, (f"acl:agent <{giver.pod.webid}>", "accessTo", "Control"))):
        listed = ", ".join(f"acl:{mode}" for mode in modes.split())
        text += f"<#r{number}> a acl:Authorization ; {who} ; acl:{where} <{giver.url(path)}> ; acl:mode {listed} .\n"
    answer = await giver.put(giver.url(path) + ".acl", text)
    assert answer.status_code in (201, 204)


@pytest.mark.duty(36)
async def test_put_creates_and_replaces(anna: Person) -> None:
    """201 with Location, then 204; the containers above are made and list it."""
    url = anna.url("a/b/c")
    created, replaced = await anna.put(url, NOTE), await anna.put(url, NOTE)
    assert (created.status_code, created.headers["location"]) == (201, url)
    assert (replaced.status_code, replaced.content) == (204, b"")
    assert url in (await anna.get(anna.url("a/b/"))).text
    assert anna.url("a/b/") in (await anna.get(anna.url("a/"))).text


@pytest.mark.duty(9)
@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
async def test_a_body_without_a_type_is_400(anna: Person, method: str) -> None:
    """Solid Protocol, 2.1."""
    answer = await anna.request(method, anna.url("a/" if method == "POST" else "a/x"), content=NOTE)
    if method == "POST":
        await anna.put(anna.url("a/"), "")
        answer = await anna.request(method, anna.url("a/"), content=NOTE)
    assert answer.status_code == 400
    assert answer.json()["code"] == "missing_content_type"


@pytest.mark.duty(9)
async def test_a_container_made_of_nothing_needs_no_type(anna: Person) -> None:
    """Only content has a type: with the Link of a container and no body, PUT and POST make one; else say what it is."""
    put = await anna.request("PUT", anna.url("a/"), headers=CONTAINER)
    posted = await anna.request("POST", anna.url("a/"), headers={"Slug": "b", **CONTAINER})
    assert (put.status_code, posted.status_code) == (201, 201)
    assert posted.headers["location"] == anna.url("a/b/")
    assert "BasicContainer" in (await anna.get(anna.url("a/b/"))).text
    for method, path in (("PUT", "a/c"), ("POST", "a/"), ("PUT", "c/")):
        assert (await anna.request(method, anna.url(path))).status_code == 400
    assert (await anna.request("PUT", anna.url("d/"), headers=CONTAINER, content=NOTE)).status_code == 400


@pytest.mark.duty(16)
@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ("<a> <b> .", TURTLE, 400), ("{", JSON_LD, 400), ('{"@context": "https://x.example/"}', JSON_LD, 400),
        ("<rdf:RDF/>", "application/rdf+xml", 415), ("x", "nonsense", 415),
    ],
)  # fmt: skip
async def test_what_is_not_what_it_says_is_refused(anna: Person, body: str, media_type: str, status: int) -> None:
    """And nothing is stored."""
    assert (await anna.put(anna.url("a"), body, media_type)).status_code == status
    assert (await anna.get(anna.url("a"))).status_code == 404


@pytest.mark.duty(17)
async def test_with_and_without_a_slash_never_both_exist(anna: Person) -> None:
    """Solid Protocol, 3.1, whichever comes first, and deeper down."""
    await anna.put(anna.url("a"), NOTE)
    await anna.put(anna.url("b/"), "")
    assert (await anna.put(anna.url("a/"), "")).status_code == 409
    assert (await anna.put(anna.url("b"), NOTE)).status_code == 409
    assert (await anna.put(anna.url("a/x/y"), NOTE)).status_code == 409
    assert (await anna.get(anna.url("a/"))).status_code == 301
    assert (await post(anna, anna.url(), Slug="b")) != anna.url("b")
    assert (await post(anna, anna.url(), Slug="a", **CONTAINER)) != anna.url("a/")


@pytest.mark.duty(17)
async def test_two_at_once_of_a_pair(anna: Person) -> None:
    """Of "x" and "x/" written at the same time, one wins and the other is a 409."""
    answers = await asyncio.gather(anna.put(anna.url("x"), NOTE), anna.put(anna.url("x/"), ""))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


@pytest.mark.duty(150)
async def test_conditions_on_writes(anna: Person) -> None:
    """If-Match with the tag of any form, If-None-Match: * to create only, and a lost race is a 412."""
    url = anna.url("a")
    assert (await anna.put(url, NOTE, If_None_Match="*")).status_code == 201
    assert (await anna.put(url, NOTE, If_None_Match="*")).status_code == 412
    tag = (await anna.get(url, Accept=JSON_LD)).headers["etag"]
    assert (await anna.put(url, NOTE, If_Match='"other"')).status_code == 412
    assert (await anna.put(url, NOTE + "\n", If_Match=tag)).status_code == 204
    assert (await anna.put(url, NOTE, If_Match=tag)).status_code == 412
    tag = (await anna.get(url)).headers["etag"]
    answers = await asyncio.gather(*(anna.put(url, f"{NOTE} # {n}", If_Match=tag) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [204] + [412] * 7
    assert (await anna.request("DELETE", url, headers={"If-Match": tag})).status_code == 412


@pytest.mark.duty(29, 35, 152)
async def test_a_container_is_put_and_described(anna: Person) -> None:
    """Its body is its description; what it contains, and that it is a storage, is not written that way."""
    url = anna.url("a/")
    said = '@prefix dc: <http://purl.org/dc/terms/> . <> dc:title "Mijn map" .'
    assert (await anna.put(url, said)).status_code == 201
    assert (await anna.put(url, "", If_None_Match="*")).status_code == 412
    await anna.put(url + "x", NOTE)
    listing = (await anna.get(url)).text
    assert "Mijn map" in listing
    assert (await anna.put(url, listing.replace("Mijn map", "Mijn doos"))).status_code == 204
    assert "Mijn doos" in (await anna.get(url)).text
    assert url + "x" in (await anna.get(url)).text
    storage = "<> a <http://www.w3.org/ns/pim/space#Storage> ."
    for forged in (f"<> <{LDP}contains> <y> .", "<x> <http://www.w3.org/ns/posix/stat#size> 1 .", storage):
        assert (await anna.put(url, forged)).status_code == 409
        assert (await anna.put(url + ".meta", forged.replace("<>", "<.>"))).status_code == 409
    assert (await anna.put(url + ".meta", '<.> <http://purl.org/dc/terms/title> "Mijn lade" .')).status_code == 204
    listed = (await anna.get(url, accept="application/n-triples")).text
    assert f'<{url}> <http://purl.org/dc/terms/title> "Mijn lade" .' in listed
    assert (await anna.put(url, "Hallo", "text/plain")).status_code == 415
    file = {"Content-Type": TURTLE, "Link": f'<{LDP}NonRDFSource>; rel="type"'}
    assert (await anna.request("PUT", url, headers=file, content="")).status_code == 409
    assert (await anna.request("PUT", anna.url("b"), headers={**CONTAINER, "Content-Type": TURTLE})).status_code == 409


@pytest.mark.duty(37, 38, 39, 148, 149, 152)
async def test_post_makes_a_name(anna: Person) -> None:
    """The Slug where it is free and safe; never over what is there; nothing outside the container."""
    await anna.put(anna.url("a/"), "")
    first = await post(anna, anna.url("a/"), Slug="brief.ttl")
    second = await post(anna, anna.url("a/"), Slug="brief.ttl")
    assert first == anna.url("a/brief.ttl")
    assert second.startswith(anna.url("a/brief-"))
    for slug in ("../../x", "x/y", "x.acl", ".meta", "%2e%2e%2fz", "..", "a" * 10_000):
        name = (await post(anna, anna.url("a/"), Slug=slug)).removeprefix(anna.url("a/"))
        assert "/" not in name
        assert not name.endswith((".acl", ".meta"))
        assert len(name) < 100
    folder = await post(anna, anna.url("a/"), "", Slug="map", **CONTAINER)
    assert folder == anna.url("a/map/")
    assert (await anna.get(folder)).status_code == 200


@pytest.mark.duty(10, 40)
async def test_post_elsewhere(anna: Person) -> None:
    """404 where there is nothing, 405 on what is no container."""
    await anna.put(anna.url("a"), NOTE)
    for path, status in (("nothing/", 404), ("nothing", 404), ("a", 405)):
        answer = await anna.request("POST", anna.url(path), headers={"Content-Type": TURTLE}, content=NOTE)
        assert answer.status_code == status


@pytest.mark.duty(39, 149)
async def test_twenty_posts_of_one_name_at_once(anna: Person) -> None:
    """Each gets a name of its own."""
    await anna.put(anna.url("a/"), "")
    places = await asyncio.gather(*(post(anna, anna.url("a/"), Slug="same") for _ in range(20)))
    assert len(set(places)) == 20


@pytest.mark.duty(49, 64)
async def test_n3_patch(anna: Person) -> None:
    """Creates, changes, and refuses what does not fit, with nothing half done."""
    url = anna.url("a/note")
    assert await patch(anna, url, 'solid:inserts { <#n> <https://e.example/p> "een" }') == 201
    change = 'solid:where { ?s <https://e.example/p> "een" } ; solid:deletes { ?s <https://e.example/p> "een" }'
    assert await patch(anna, url, change + ' ; solid:inserts { ?s <https://e.example/p> "twee" }') == 204
    assert '"twee"' in (await anna.get(url)).text
    assert await patch(anna, url, change) == 409
    assert await patch(anna, url, "solid:inserts { ?x <https://e.example/p> 1 }") == 422
    assert await patch(anna, url, "solid:inserts { ") == 400
    assert await patch(anna, url, "x", "application/json-patch+json") == 415
    assert (
        await patch(anna, url, 'INSERT DATA { <#n> <https://e.example/q> "drie" }', "application/sparql-update") == 204
    )
    assert await patch(anna, url, change, If_Match='"other"') == 412
    assert await patch(anna, anna.url("b/new"), change) == 409
    assert (await anna.get(anna.url("b/new"))).status_code == 404


@pytest.mark.duty(49)
async def test_a_patch_that_adds_leaves_the_text_as_it_was(anna: Person) -> None:
    """Comments, prefixes and order stay as they were written; what is there already is not there twice."""
    url = anna.url("note")
    text = '@prefix e: <https://e.example/> .\n# mine\n<#n> e:p "een" .  # the end'
    await anna.put(url, text)
    for _ in range(2):
        assert await patch(anna, url, 'solid:inserts { <#n> <https://e.example/p> "een", "twee" }') == 204
    stored = (await anna.get(url)).text
    assert stored == f'{text}\n<{url}#n> <https://e.example/p> "twee" .\n'
    lines = (await anna.get(url, Accept="application/n-triples")).text.splitlines()
    assert sorted(lines) == [f'<{url}#n> <https://e.example/p> "een" .', f'<{url}#n> <https://e.example/p> "twee" .']


@pytest.mark.duty(10)
async def test_a_file_is_not_patched(anna: Person) -> None:
    """Only RDF is: the method is not there, and Allow says so."""
    await anna.put(anna.url("a.txt"), "Hallo", "text/plain")
    assert await patch(anna, anna.url("a.txt"), "solid:inserts { <#n> <https://e.example/p> 1 }") == 405


@pytest.mark.duty(49)
async def test_patches_at_once_all_count(anna: Person) -> None:
    """Without If-Match a patch is carried out on whatever is there then; none is lost."""
    url = anna.url("a")
    await anna.put(url, "")
    inserts = [f"solid:inserts {{ <#n> <https://e.example/p> {n} }}" for n in range(24)]
    assert await asyncio.gather(*(patch(anna, url, one) for one in inserts)) == [204] * 24
    text = (await anna.get(url, Accept="application/n-triples")).text
    assert len(text.strip().splitlines()) == 24


@pytest.mark.duty(29, 49)
async def test_a_container_is_patched_in_its_description(anna: Person) -> None:
    """Containment cannot be patched in or out."""
    url = anna.url("a/")
    await anna.put(url + "x", NOTE)
    assert await patch(anna, url, 'solid:inserts { <> <http://purl.org/dc/terms/title> "Map" }') == 204
    assert '"Map"' in (await anna.get(url)).text
    assert await patch(anna, url, f"solid:deletes {{ <> <{LDP}contains> <x> }}") == 409
    assert await patch(anna, url, f"solid:inserts {{ <> <{LDP}contains> <y> }}") == 409


@pytest.mark.duty(31, 43, 45, 46, 47, 48)
async def test_delete(anna: Person) -> None:
    """With its auxiliaries; not a container with something in it, not the root, not the root's rules."""
    await anna.put(anna.url("a/x"), NOTE)
    await anna.put(anna.url("a/x.meta"), NOTE)
    for path, status in (("a/", 409), ("", 405), (".acl", 405), ("a/x", 204), ("a/x", 404), ("a/", 204), ("a/", 404)):
        answer = await anna.request("DELETE", anna.url(path))
        assert (path, answer.status_code) == (path, status)
        if status == 405:
            assert "DELETE" not in answer.headers["allow"]
    assert (await anna.get(anna.url("a/x.meta"))).status_code == 404


@pytest.mark.duty(80, 87)
async def test_access_rules(server: Server, anna: Person) -> None:
    """A missing ACL is 404 for who has Control, 403 for who has not; written, it holds at once."""
    bob = await server.person("bob")
    await anna.put(anna.url("a"), NOTE)
    assert (await anna.get(anna.url("a.acl"))).status_code == 404
    assert (await bob.get(anna.url("a"))).status_code == 403
    await acl(anna, "a", (f"acl:agent <{bob.pod.webid}>", "accessTo", "Read"))
    answer = await bob.get(anna.url("a"))
    assert (answer.status_code, answer.headers["wac-allow"]) == (200, 'user="read",public=""')
    for method in ("GET", "PUT", "DELETE"):
        assert (await bob.request(method, anna.url("a.acl"), headers={"Content-Type": TURTLE})).status_code == 403
    assert (await anna.request("DELETE", anna.url("a.acl"))).status_code == 204
    assert (await bob.get(anna.url("a"))).status_code == 403


@pytest.mark.duty(82)
async def test_the_roots_rules_keep_control(anna: Person) -> None:
    """Rules that lock everybody out, or that are no RDF, are refused."""
    assert (await anna.put(anna.url(".acl"), "")).status_code == 409
    assert (await anna.put(anna.url(".acl"), "x", "text/plain")).status_code == 415
    assert (await anna.put(anna.url("profile/.acl"), "<a> <b>")).status_code == 400
    assert (await anna.get(anna.url(".acl"))).status_code == 200


@pytest.mark.duty(31)
async def test_an_auxiliary_of_nothing(anna: Person) -> None:
    """Rules and descriptions come after what they are about."""
    for path in ("nothing.acl", "nothing.meta", "nothing/.acl"):
        assert (await anna.put(anna.url(path), NOTE)).status_code == 409


@pytest.mark.duty(60, 61, 62)
async def test_appending_is_not_writing(server: Server, anna: Person) -> None:
    """Who may append POSTs and inserts, and neither reads, replaces nor deletes."""
    bob = await server.person("bob")
    await anna.put(anna.url("a/doc"), NOTE)
    await acl(anna, "a/", (f"acl:agent <{bob.pod.webid}>", "accessTo", "Append"))
    await acl(anna, "a/doc", (f"acl:agent <{bob.pod.webid}>", "accessTo", "Append"))
    await post(bob, anna.url("a/"), Slug="van-bob")
    url = anna.url("a/doc")
    assert await patch(bob, url, "solid:inserts { <#n> <https://e.example/p> 1 }") == 204
    assert await patch(bob, url, "solid:where { <#n> ?p ?o } ; solid:inserts { <#n> <https://e.example/q> 1 }") == 403
    assert await patch(bob, url, "solid:deletes { <#n> <https://e.example/p> 1 }") == 403
    assert (await bob.get(url)).status_code == 403
    assert (await bob.put(url, NOTE)).status_code == 403
    assert (await bob.request("DELETE", url)).status_code == 403


@pytest.mark.duty(138)
async def test_the_inbox_takes_from_the_signed_in(server: Server, anna: Person) -> None:
    """Somebody signed in can leave a message and not read the others; nobody can do neither."""
    bob = await server.person("bob")
    await post(bob, anna.url("inbox/"), '{"@id": "", "https://schema.org/text": "Dag"}', JSON_LD)
    assert (await bob.get(anna.url("inbox/"))).status_code == 403
    answer = await server.http.post(anna.url("inbox/"), headers={"Content-Type": TURTLE}, content=NOTE)
    assert answer.status_code == 401


@pytest.mark.duty(141)
async def test_an_app_cannot_move_a_persons_identity(anna: Person) -> None:
    """Issuer, storage and inbox in the WebID document stay; the rest an app with access may write (checklist 90)."""
    url = anna.url("profile/card")
    text = (await anna.get(url)).text
    assert (await anna.put(url, text.replace("<http://localhost:8080> ;", "<https://evil.test> ;"))).status_code == 409
    assert (await anna.put(url, "")).status_code == 409
    oidc = "<http://www.w3.org/ns/solid/terms#oidcIssuer>"
    assert await patch(anna, url, f"solid:inserts {{ <#me> {oidc} <https://evil.test> }}") == 409
    assert await patch(anna, url, 'solid:inserts { <#me> <http://xmlns.com/foaf/0.1/name> "Anna" }') == 204


async def test_bodies_have_a_limit(server: Server, anna: Person) -> None:
    """Too long by its header, or compressed: refused; a stranger's large body is not even read."""
    long = {"Content-Type": "text/plain", "Content-Length": str(60 << 30)}
    assert (await anna.request("PUT", anna.url("a"), headers=long)).status_code == 413
    rdf = {"Content-Type": TURTLE, "Content-Length": str(3 << 20)}
    assert (await anna.request("PUT", anna.url("a"), headers=rdf)).status_code == 413
    assert (await server.http.request("PUT", anna.url("a"), headers=long)).status_code == 401
    zipped = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    assert (await anna.request("PUT", anna.url("a"), headers=zipped, content=b"x")).status_code == 415


async def test_a_lens_is_no_oracle_for_patches(server: Server, anna: Person) -> None:
    """Neither through a lens nor beside it can a hidden value be tried by a condition."""
    await anna.put(anna.url("cv/experience"), '<#a> <https://schema.org/salary> 1 ; <https://schema.org/name> "x" .')
    lens = await server.give(
        anna, client=MATCHER, sections=("experience",), actions=("read",),
        hidden_predicates=("https://schema.org/salary",),
    )  # fmt: skip
    app = server.app_of(anna, MATCHER, lens.id)
    what = "solid:where { ?s <https://schema.org/salary> 1 } ; solid:inserts { ?s <https://e.example/p> 1 }"
    assert await patch(app, anna.url("cv/experience"), what) == 403
    await server.give(anna, client=MATCHER, sections=("experience",), actions=("append",))
    assert await patch(app, anna.url("cv/experience"), what) == 403
    assert await patch(app, anna.url("cv/experience"), "solid:inserts { <#b> <https://e.example/p> 1 }") == 204
