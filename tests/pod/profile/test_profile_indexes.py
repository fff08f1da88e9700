"""Type indexes: kept in step with the sections of the CV, and with who may read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.podapp import Person, Server, pod_server

from werkpod.pod.profile import places as p
from werkpod.pod.profile import seed
from werkpod.pod.store.protocol import Statement
from werkpod.vocab.sections import CV_SECTIONS

TURTLE = "text/turtle"
EVERY = {section.key for section in CV_SECTIONS}
MINE = "<#mine> a <http://www.w3.org/ns/solid/terms#TypeRegistration> ; <https://e.example/note> 1 ."


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as running:
        yield running


@pytest.fixture
async def anna(server: Server) -> Person:
    """A citizen with an app that may do everything."""
    return await server.person("anna")


async def registered(anna: Person, path: str) -> set[str]:
    """The sections that a type index registers, each with every class that it has."""
    url = anna.url(path)
    quads = list(ox.parse((await anna.get(url)).content, ox.RdfFormat.TURTLE, base_iri=url))
    said = {(q.subject.value, q.predicate.value, q.object.value) for q in quads if isinstance(q.object, ox.NamedNode)}
    found = set()
    for section in CV_SECTIONS:
        entries = [f"{url}#{name}" for name, _ in seed.entries_of(section.key)]
        there = [entry for entry in entries if (entry, p.TYPE, p.REGISTRATION) in said]
        assert there in ([], entries), section.key
        if there:
            for (_, rdf_class), entry in zip(seed.entries_of(section.key), entries, strict=True):
                assert (entry, p.FOR_CLASS, rdf_class) in said
                assert (entry, p.INSTANCE, anna.url(section.path)) in said
            found.add(section.key)
    return found


async def open_up(anna: Person, path: str, *, default: bool = False) -> None:
    """Let everybody read what is at a path."""
    what = f"acl:accessTo <{anna.url(path)}>" + (f" ; acl:default <{anna.url(path)}>" if default else "")
    rules = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#> ."
        f"<#o> a acl:Authorization ; acl:agent <{anna.pod.webid}> ; {what} ; acl:mode acl:Read, acl:Write, acl:Control."
        f"<#p> a acl:Authorization ; acl:agentClass <http://xmlns.com/foaf/0.1/Agent> ; {what} ; acl:mode acl:Read ."
    )
    assert (await anna.put(anna.url(path) + ".acl", rules)).status_code == 201


@pytest.mark.duty(144, 145)
async def test_a_new_pod_registers_its_cv_for_the_owner_alone(anna: Person) -> None:
    """Every section is in the private index with its classes; the public one says nothing of what there is."""
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY
    assert await registered(anna, p.PUBLIC_INDEX) == set()


@pytest.mark.duty(145)
async def test_sections_come_and_go(anna: Person) -> None:
    """What is deleted is not registered any more, what is made is; what an app registered stays."""
    index, section = anna.url(p.PRIVATE_INDEX), anna.url("cv/experience")
    patch = f"@prefix solid: <{p.SOLID}>. <> a solid:InsertDeletePatch ; solid:inserts {{ {MINE} }} ."
    assert (await anna.request("PATCH", index, headers={"Content-Type": "text/n3"}, content=patch)).status_code == 204
    assert (await anna.request("DELETE", section)).status_code == 204
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY - {"experience"}
    before = (await anna.get(index)).headers["etag"]
    assert (await anna.put(anna.url("cv/something-else"), "<#a> a <#b> .")).status_code == 201
    assert (await anna.put(anna.url("cv/summary"), "<#a> a <#b> .")).status_code == 204
    assert (await anna.get(index)).headers["etag"] == before
    assert (await anna.put(section, "<#a> a <#b> .")).status_code == 201
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY
    assert "https://e.example/note" in (await anna.get(index)).text


@pytest.mark.duty(143, 144)
async def test_what_everybody_may_read_is_in_the_public_index(server: Server, anna: Person) -> None:
    """A section that is made public moves there, by its own rules and by those of its container, and back."""
    await open_up(anna, "cv/summary")
    assert await registered(anna, p.PUBLIC_INDEX) == {"summary"}
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY - {"summary"}
    await open_up(anna, "cv/", default=True)
    assert await registered(anna, p.PUBLIC_INDEX) == EVERY
    assert (await anna.request("DELETE", anna.url("cv/.acl"))).status_code == 204
    assert (await anna.request("DELETE", anna.url("cv/summary.acl"))).status_code == 204
    assert await registered(anna, p.PUBLIC_INDEX) == set()
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY


async def test_what_a_crash_left_is_mended(server: Server, anna: Person) -> None:
    """A section that was written without its registration is registered at the next write, and at the next start."""
    storage = server.parts.storage
    for mend in ("write", "start"):
        await storage.delete(anna.pod.id, "cv/education")
        assert "education" in await registered(anna, p.PRIVATE_INDEX)
        if mend == "write":
            await anna.request("DELETE", anna.url("cv/wishes"))
            await anna.put(anna.url("cv/wishes"), "")
        else:
            await server.service.profiles.sweep(server.parts.directory)
        assert await registered(anna, p.PRIVATE_INDEX) == EVERY - {"education"}
        await anna.put(anna.url("cv/education"), "")


async def test_a_registration_that_was_taken_out_comes_back(anna: Person) -> None:
    """An app that rewrites the index without the CV does not make the CV unfindable for good."""
    assert (await anna.put(anna.url(p.PRIVATE_INDEX), MINE)).status_code == 204
    await anna.request("DELETE", anna.url("cv/wishes"))
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY - {"wishes"}
    assert "https://e.example/note" in (await anna.get(anna.url(p.PRIVATE_INDEX))).text


async def test_many_at_once_end_right(anna: Person) -> None:
    """Sections that are deleted and made side by side leave the index as the CV is."""
    paths = [section.path for section in CV_SECTIONS]
    await asyncio.gather(*[anna.request("DELETE", anna.url(path)) for path in paths])
    assert await registered(anna, p.PRIVATE_INDEX) == set()
    await asyncio.gather(*[anna.put(anna.url(path), "") for path in paths[:5]])
    assert await registered(anna, p.PRIVATE_INDEX) == {section.key for section in CV_SECTIONS[:5]}


async def test_an_index_in_json_ld_stays_json_ld(anna: Person) -> None:
    """An app may keep it in the form that it likes."""
    body = '{"@id": "#mine", "https://e.example/note": 1}'
    assert (await anna.put(anna.url(p.PRIVATE_INDEX), body, "application/ld+json")).status_code == 204
    await anna.request("DELETE", anna.url("cv/wishes"))
    stored = await anna.server.parts.storage.get(anna.pod.id, p.PRIVATE_INDEX)
    assert stored is not None
    assert stored.media_type == "application/ld+json"
    assert b"e.example/note" in stored.body


@pytest.mark.duty(144)
async def test_who_listens_to_an_index_is_told(server: Server, anna: Person) -> None:
    """What the server itself writes in an index is a change like any other."""
    heard: list[tuple[str, str]] = []
    server.service.changes.subscribe(lambda change: heard.append((change.path, change.kind)))
    await anna.request("DELETE", anna.url("cv/wishes"))
    assert (p.PRIVATE_INDEX, "update") in heard


async def test_a_write_stands_where_its_registration_fails(server: Server, anna: Person) -> None:
    """An index that cannot be opened keeps nobody from writing a CV; when it can be again, it is brought up to date."""
    ids = "pod = ?1 AND resource = (SELECT id FROM resource WHERE pod = ?1 AND id = ?2)"
    vault = await server.parts.vault.open(anna.pod.id)
    row = vault.resource_id(p.PRIVATE_INDEX)
    sealed = (await server.parts.pods.fetch(f"SELECT body FROM blob WHERE {ids}", anna.pod.id, row))[0][0]

    async def replace(body: object) -> None:
        await server.parts.pods.write(Statement(f"UPDATE blob SET body = ?3 WHERE {ids}", (anna.pod.id, row, body)))

    await replace(b"broken")
    assert (await anna.request("DELETE", anna.url("cv/wishes"))).status_code == 204
    assert (await anna.put(anna.url("cv/summary"), "<#a> a <#b> .")).status_code == 204
    await server.service.profiles.sweep(server.parts.directory)
    await replace(sealed)
    await server.service.profiles.sweep(server.parts.directory)
    assert await registered(anna, p.PRIVATE_INDEX) == EVERY - {"wishes"}
