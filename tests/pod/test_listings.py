"""Listings are kept by the version of their container; these show that nothing out of date is ever handed out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.podapp import Person, Server, pod_server
from support.pods import open_parts

from werkpod.pod.errors import PodUnavailable, VersionConflict
from werkpod.pod.ldp.containers import Member, listing, turtle
from werkpod.pod.stored import Head

NOTE = "<#a> <#b> 1 ."


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    return await server.person("anna")


@pytest.mark.duty(27, 28)
@pytest.mark.parametrize("root", [True, False])
def test_the_turtle_says_what_the_triples_say(root: bool) -> None:
    """Written by hand or made of triples, a listing is one graph, with odd names, types and creators too."""
    url = "https://pod.example/anna/a/"
    members = [
        Member(url + "b/", "text/turtle", 5.5, None),
        Member(url + "'(x);,:@!$&*+=~%20%C3%A9", "text/turtle; charset=utf-8", 1e9, 0),
        Member(url + "odd", "application/x^y#z", 7, 12, "https://pod.example/ben/profile/card#me"),
        Member(url + "bad", "text/plain", 7, 12, "https://pod.example/> . <#x> <#y> <#z"),
    ]
    written = turtle(url, 3.0, members, root=root).encode()
    read = {quad.triple for quad in ox.parse(written, ox.RdfFormat.TURTLE)}
    assert read == set(listing(url, 3.0, members, root=root))


@pytest.mark.duty(27, 45)
async def test_each_change_in_a_container_is_in_the_next_listing(anna: Person) -> None:
    """What is made, replaced, deleted or described shows at once, and each time under another tag."""
    url = anna.url("a/")
    await anna.put(url + "x", NOTE)
    seen = [await anna.get(url), await anna.get(url)]
    assert seen[0].content == seen[1].content
    assert seen[0].headers["etag"] == seen[1].headers["etag"]
    changes = (
        ("y", NOTE),
        ("x", NOTE + "<#c> <#d> 2 ."),
        (".meta", '<.> <http://purl.org/dc/terms/title> "Mijn la" .'),
    )
    for name, body in changes:
        assert (await anna.put(url + name, body)).is_success
        seen.append(await anna.get(url))
    assert (await anna.request("DELETE", url + "y")).is_success
    seen.append(await anna.get(url))
    assert len({answer.headers["etag"] for answer in seen[1:]}) == len(seen) - 1
    assert [url + "y" in answer.text for answer in seen] == [False, False, True, True, True, False]
    assert "Mijn la" in seen[-1].text


async def test_what_is_made_two_levels_down_gives_another_tag(anna: Person) -> None:
    """A listing has the date of a container in it; that changes with its members, so the tag does too."""
    await anna.put(anna.url("a/b/x"), NOTE)
    before = await anna.get(anna.url("a/"))
    await anna.put(anna.url("a/b/y"), NOTE)
    made = await anna.get(anna.url("a/"))
    await anna.request("DELETE", anna.url("a/b/y"))
    after = await anna.get(anna.url("a/"))
    assert len({answer.headers["etag"] for answer in (before, made, after)}) == 3


async def test_another_process_is_seen_at_once(server: Server, anna: Person, tmp_path: Path) -> None:
    """A listing that is kept here is not given out when somebody else wrote to the same files."""
    url = anna.url("a/")
    await anna.put(url + "x", NOTE)
    before = await anna.get(url)
    async with open_parts(tmp_path) as other:
        await other.storage.put(anna.pod.id, "a/y", b"<#a> <#b> 1 .", "text/turtle")
    after = await anna.get(url)
    assert url + "y" not in before.text
    assert url + "y" in after.text
    assert before.headers["etag"] != after.headers["etag"]


async def test_what_changes_between_a_look_and_a_write_is_not_overwritten(server: Server, anna: Person) -> None:
    """`seen` saves looking, not checking: a write that expects what is gone by now loses."""
    storage, pod = server.parts.storage, anna.pod.id
    first = await storage.put(pod, "a/x", b"one", "text/plain")
    seen: dict[str, Head] = await storage.heads(pod, ("a/x", "a/"))
    await storage.put(pod, "a/x", b"two", "text/plain")
    with pytest.raises(VersionConflict):
        await storage.put(pod, "a/x", b"three", "text/plain", expected=first.version, seen=seen)
    await storage.put(pod, "a/x", b"four", "text/plain", seen=seen)
    stored = await storage.get(pod, "a/x")
    assert stored is not None
    assert stored.body == b"four"


async def test_an_erased_pod_is_out_of_memory(server: Server, anna: Person, tmp_path: Path) -> None:
    """When the keys are erased, by this process or another, nothing that was remembered answers."""
    await anna.put(anna.url("a/x"), NOTE)
    assert (await anna.get(anna.url("a/"))).status_code == 200
    async with open_parts(tmp_path) as other:
        await other.vault.erase(anna.pod.id)
    assert (await anna.get(anna.url("a/"))).status_code == 404
    with pytest.raises(PodUnavailable):
        await server.parts.storage.heads(anna.pod.id, ("a/",))
    assert not any(key[0] == anna.pod.id for key in server.parts.storage.listings._kept)


N3 = """@prefix solid: <http://www.w3.org/ns/solid/terms#> .
@prefix ldp: <http://www.w3.org/ns/ldp#> . @prefix stat: <http://www.w3.org/ns/posix/stat#> .
<#p> a solid:InsertDeletePatch ; {} ."""


@pytest.mark.duty(29, 30)
async def test_a_container_of_many_is_described_and_its_members_stay(anna: Person) -> None:
    """Only members that a write names are looked at; what is said of those, and which there are, stays the server's."""
    url = anna.url("a/")
    for n in range(30):
        await anna.put(f"{url}{n}", NOTE)
    listing_ = (await anna.get(url)).text
    title = '\n<> <http://purl.org/dc/terms/title> "Mijn la" .'

    async def patch(what: str) -> int:
        answer = await anna.request("PATCH", url, headers={"Content-Type": "text/n3"}, content=N3.format(what))
        return answer.status_code

    assert (await anna.put(url, listing_ + title)).status_code == 204
    assert "Mijn la" in (await anna.get(url)).text
    some = f"<> <http://www.w3.org/ns/ldp#contains> <{url}1>, <{url}2> ."
    assert (await anna.put(url, some)).status_code == 409
    assert (await anna.put(url, f"<{url}3> <http://www.w3.org/ns/posix/stat#size> 99 .")).status_code == 409
    assert await patch(f"solid:deletes {{ <{url}> ldp:contains <{url}4> }}") == 409
    assert await patch(f"solid:inserts {{ <{url}> ldp:contains <{url}new> }}") == 409
    assert await patch(f"solid:inserts {{ <{url}5> stat:size 99 }}") == 409
    assert await patch(f"solid:inserts {{ <{url}5> <https://e.example/note> 'x' }}") == 204
    bound = f"solid:where {{ <{url}> ldp:contains ?m . ?m <https://e.example/note> 'x' }}"
    assert await patch(f"{bound} ; solid:inserts {{ ?m <https://e.example/seen> true }}") == 204
    text = (await anna.get(url)).text
    assert "https://e.example/seen" in text
    assert all(f"<{url}{n}> a ldp:Resource" in text for n in range(30))
