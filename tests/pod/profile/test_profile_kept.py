"""What a write cannot do to a profile: 409 for what is kept, 422 for what is no profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import Person, Server, pod_server

from werkpod.pod.ldp.errors import ServerManaged
from werkpod.pod.profile import places as p
from werkpod.web.errors import WerkpodError

N3, SPARQL = "text/n3", "application/sparql-update"
SEE_ALSO, NAME = p.SEE_ALSO, "http://xmlns.com/foaf/0.1/name"
PUBLIC_READ = """
@prefix acl: <http://www.w3.org/ns/auth/acl#> .
<#owner> a acl:Authorization ; acl:agent <card#me> ; acl:accessTo <card> ; acl:mode acl:Read, acl:Write, acl:Control .
"""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as running:
        yield running


@pytest.fixture
async def anna(server: Server) -> Person:
    """A citizen with an app that may do everything."""
    return await server.person("anna")


async def n3(person: Person, url: str, part: str, triple: str) -> tuple[int, str]:
    """Status and detail of an N3 Patch of one part."""
    body = f"@prefix solid: <{p.SOLID}>. <> a solid:InsertDeletePatch ; solid:{part} {{ {triple} }} ."
    answer = await person.request("PATCH", url, headers={"Content-Type": N3}, content=body)
    return answer.status_code, answer.json()["detail"] if answer.content else ""


async def sparql(person: Person, url: str, update: str) -> int:
    """The status of a SPARQL Update."""
    return (await person.request("PATCH", url, headers={"Content-Type": SPARQL}, content=update)).status_code


def kept_links(anna: Person) -> list[tuple[str, str, str]]:
    """Document, predicate and object of every kept triple about the owner."""
    return [
        (p.CARD, p.OIDC_ISSUER, "http://localhost:8080"),
        (p.CARD, p.STORAGE, anna.url()),
        (p.CARD, p.LDP_INBOX, anna.url("inbox/")),
        (p.CARD, p.PREFERENCES_FILE, anna.url(p.PREFERENCES)),
        (p.CARD, p.PUBLIC_TYPE_INDEX, anna.url(p.PUBLIC_INDEX)),
        (p.PREFERENCES, p.PRIVATE_TYPE_INDEX, anna.url(p.PRIVATE_INDEX)),
    ]


@pytest.mark.duty(141)
async def test_kept_triples_are_neither_removed_nor_changed_nor_added_to(anna: Person) -> None:
    """409 that names the triple, by N3 Patch, SPARQL Update and PUT; the document stays as it was."""
    webid = f"<{anna.pod.webid}>"
    for path, predicate, value in kept_links(anna):
        url, there = anna.url(path), f"{webid} <{predicate}> <{value}>"
        other = f"{webid} <{predicate}> <https://evil.test/>"
        before = (await anna.get(url)).text
        status, detail = await n3(anna, url, "deletes", there)
        assert (status, there in detail) == (409, True), (predicate, detail)
        status, detail = await n3(anna, url, "inserts", other)
        assert (status, other in detail) == (409, True), (predicate, detail)
        assert await sparql(anna, url, f"DELETE DATA {{ {there} }}") == 409
        assert await sparql(anna, url, f"DELETE DATA {{ {there} }} ; INSERT DATA {{ {other} }}") == 409
        assert (await anna.put(url, "<#me> a <#x> .")).status_code == 409
        answer = await anna.put(url, f"{before}\n{other} .")
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert any(there in triple for triple in answer.json()["kept"])
        assert (await anna.get(url)).text == before


@pytest.mark.duty(141)
async def test_nobody_becomes_somebody_in_this_document(anna: Person) -> None:
    """An issuer for any other name in the card is refused too: it would be a WebID under the owner's address."""
    status, _ = await n3(anna, anna.url(p.CARD), "inserts", f"<#you> <{p.OIDC_ISSUER}> <https://evil.test/>")
    assert status == 409


@pytest.mark.duty(141)
async def test_werkpods_own_pages_are_bound_too(server: Server, anna: Person) -> None:
    """The rule holds for the owner in the browser as it does for an app."""
    owner = server.owner(anna)
    with pytest.raises(ServerManaged):
        await server.service.put(owner, anna.pod, p.CARD, b"<#me> a <#x> .", "text/turtle")
    for path in sorted(p.KEPT_DOCUMENTS):
        with pytest.raises(ServerManaged):
            await server.service.delete(owner, anna.pod, path)


@pytest.mark.duty(141)
async def test_the_documents_stay(server: Server, anna: Person) -> None:
    """DELETE of a document of the profile is 409; so is taking the card out of everybody's sight."""
    for path in (*p.KEPT_DOCUMENTS, "profile/", p.CARD + ".acl"):
        assert (await anna.request("DELETE", anna.url(path))).status_code == 409, path
    rules = anna.url(p.CARD + ".acl")
    assert (await anna.put(rules, PUBLIC_READ)).status_code == 409
    public = "<#all> a acl:Authorization ; acl:agentClass <http://xmlns.com/foaf/0.1/Agent> ; acl:accessTo <card> ;"
    assert (await anna.put(rules, f"{PUBLIC_READ} {public} acl:mode acl:Append .")).status_code == 409
    assert (await anna.put(rules, f"{PUBLIC_READ} {public} acl:mode acl:Read .")).status_code == 204
    assert (await server.http.get(anna.url(p.CARD))).status_code == 200


async def test_what_a_person_says_of_herself_is_hers(anna: Person) -> None:
    """Everything else in the card may be added, changed and taken away by whoever may write it."""
    url = anna.url(p.CARD)
    assert (await n3(anna, url, "inserts", f'<#me> <{NAME}> "Anna"'))[0] == 204
    assert await sparql(anna, url, f'DELETE DATA {{ <#me> <{NAME}> "Anna" }}') == 204
    text = (await anna.get(url)).text
    assert (await anna.put(url, f'{text} <#me> <{SEE_ALSO}> <more> ; <{NAME}> "A" .')).status_code == 204
    assert (await n3(anna, anna.url(p.PREFERENCES), "inserts", "<#me> <https://app.example/theme> 1"))[0] == 204


BROKEN = [
    (p.CARD, f'<#me> <{SEE_ALSO}> "extended"', "is an IRI"),
    (p.CARD, f'<#me> <{p.SAME_AS}> "x"', "is an IRI"),
    (p.CARD, f"<> <{p.PRIMARY_TOPIC}> <#you>", "primary topic"),
    (p.CARD, f"<#me> <{p.PRIVATE_TYPE_INDEX}> <a>, <b>", "is said once"),
    (p.CARD, f'<#me> <{p.PRIVATE_TYPE_INDEX}> "a"', "is an IRI"),
    (p.PREFERENCES, f'<#x> <{SEE_ALSO}> "more"', "is an IRI"),
    (p.PREFERENCES, f"<../profile/card#me> <{p.PREFERENCES_FILE}> <a>, <b>", "is said once"),
]


@pytest.mark.duty(142)
@pytest.mark.parametrize(("path", "triple", "why"), BROKEN)
async def test_what_is_no_profile_is_422(anna: Person, path: str, triple: str, why: str) -> None:
    """Semantically broken data is refused by PATCH and by PUT, and the answer says what is broken."""
    status, detail = await n3(anna, anna.url(path), "inserts", triple)
    assert (status, why in detail) == (422, True), detail
    text = (await anna.get(anna.url(path))).text
    assert (await anna.put(anna.url(path), f"{text} {triple} .")).status_code == 422


async def test_old_faults_do_not_stand_in_the_way(server: Server, anna: Person) -> None:
    """What was broken before this was checked does not keep a person from changing something else."""
    stored = await server.parts.storage.get(anna.pod.id, p.CARD)
    assert stored is not None
    body = stored.body + f'<#me> <{SEE_ALSO}> "oud" .'.encode()
    await server.parts.storage.put(anna.pod.id, p.CARD, body, "text/turtle")
    assert (await n3(anna, anna.url(p.CARD), "inserts", f'<#me> <{NAME}> "Anna"'))[0] == 204


@pytest.mark.parametrize("path", sorted(p.KEPT_DOCUMENTS))
async def test_a_profile_is_rdf(anna: Person, path: str) -> None:
    """A picture in the place of a document of the profile is 415."""
    assert (await anna.put(anna.url(path), b"\x89PNG", "image/png")).status_code == 415


async def test_refusals_are_errors_of_the_house() -> None:
    """Every refusal has a status and a code."""
    from werkpod.pod.profile.errors import BrokenProfile, InboxBusy, InboxFull

    found: list[WerkpodError] = [BrokenProfile(), InboxBusy("x", 3), InboxFull()]
    assert [(error.status, error.code) for error in found] == [
        (422, "broken_profile"), (429, "inbox_busy"), (507, "inbox_full"),
    ]  # fmt: skip
