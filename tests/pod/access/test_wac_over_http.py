"""Web Access Control as an app meets it: what each request needs, where rules are, and what answers say of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import Person, Server, pod_server

PREFIX = "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
BOX, DOC, NEW = "box/", "box/doc", "box/new"
PATCH = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . [] a solid:InsertDeletePatch ; "
INSERT = PATCH + "solid:inserts { <#a> <#b> <#c> . } ."
DELETE = PATCH + "solid:deletes { <#x> <#y> <#z> . } ."


class Street:
    """Anna's pod with a container and a document in it, and bob, whom her rules are about."""

    def __init__(self, server: Server, anna: Person, bob: Person) -> None:
        self.server, self.anna, self.bob = server, anna, bob

    def rule(self, name: str, who: str, modes: str, *, to: str = "", default: str = "") -> str:
        """One authorization; nothing where there are no modes."""
        given = ", ".join(f"acl:{mode}" for mode in modes.split())
        places = "".join(
            f" ; acl:{predicate} <{self.anna.url(path.removeprefix('@'))}>"
            for predicate, path in (("accessTo", to), ("default", default))
            if path
        )
        return f"<#{name}> a acl:Authorization ; {who}{places} ; acl:mode {given} .\n" if given else ""

    async def write(self, path: str, *rules: str) -> None:
        """The rules of a path: anna's, and these."""
        me = f"acl:agent <{self.anna.pod.webid}>"
        mine = self.rule("me", me, "Read Write Control", to=path, default=path if path.endswith("/") else "")
        answer = await self.anna.put(self.anna.url(path + ".acl"), PREFIX + mine + "".join(rules))
        assert answer.status_code in (201, 204), answer.text

    async def allow(self, container: str, inside: str, document: str | None = None) -> None:
        """What bob may do with the container, with what is in it, and with the document if that has its own rules."""
        bob = f"acl:agent <{self.bob.pod.webid}>"
        await self.write(BOX, self.rule("c", bob, container, to=BOX), self.rule("i", bob, inside, default=BOX))
        if document is not None:
            await self.write(DOC, self.rule("d", bob, document, to=DOC))

    async def bobs(self, what: str) -> int:
        """The status of a request of bob: its name says which."""
        name, _, path = what.partition(" ")
        url, turtle, patch = self.anna.url(path), {"Content-Type": "text/turtle"}, {"Content-Type": "text/n3"}
        if name == "PUT":
            answer = await self.bob.put(url, "<#x> <#y> <#z> .")
        elif name == "POST":
            answer = await self.bob.request("POST", url, headers=turtle, content="<#x> <#y> <#z> .")
        elif name in ("INSERT", "REMOVE"):
            answer = await self.bob.request("PATCH", url, headers=patch, content=INSERT if name == "INSERT" else DELETE)
        else:
            answer = await self.bob.request(name, url)
        return answer.status_code


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[Street]:
    async with pod_server(tmp_path) as server:
        anna, bob = await server.person("anna"), await server.person("bob")
        assert (await anna.put(anna.url(DOC), "<#x> <#y> <#z> .")).status_code == 201
        yield Street(server, anna, bob)


@pytest.mark.duty(75, 83, 84, 85, 86, 87)
@pytest.mark.parametrize(
    ("container", "inside", "expected"),
    [
        ("", "", {f"GET {DOC}": 403, f"HEAD {DOC}": 403, f"GET {BOX}": 403, f"PUT {DOC}": 403, f"POST {BOX}": 403}),
        ("Read", "", {f"GET {BOX}": 200, f"GET {DOC}": 403, f"POST {BOX}": 403}),
        ("", "Read", {f"GET {BOX}": 403, f"GET {DOC}": 200, f"HEAD {DOC}": 200, f"PUT {DOC}": 403}),
        ("Append", "", {f"POST {BOX}": 201, f"GET {BOX}": 403, f"INSERT {NEW}": 403, f"PUT {NEW}": 403}),
        ("Write", "", {f"POST {BOX}": 201, f"PUT {NEW}": 403, f"DELETE {DOC}": 403}),
        ("Append", "Append", {f"INSERT {NEW}": 201, f"PUT {NEW}": 403, f"PUT {DOC}": 403, f"DELETE {DOC}": 403}),
        ("", "Append", {f"INSERT {DOC}": 204, f"INSERT {NEW}": 403, f"POST {BOX}": 403, f"REMOVE {DOC}": 403}),
        ("", "Write", {f"PUT {DOC}": 204, f"INSERT {DOC}": 204, f"PUT {NEW}": 403, f"DELETE {DOC}": 403}),
        ("", "Read Write", {f"REMOVE {DOC}": 204, f"DELETE {DOC}": 403}),
        ("Append", "Write", {f"PUT {NEW}": 201, f"DELETE {DOC}": 403}),
        ("Write", "Append", {f"DELETE {DOC}": 403, f"INSERT {DOC}": 204}),
        ("Write", "Write", {f"DELETE {DOC}": 204}),
        ("Append", "Write", {f"PUT {BOX}deep/er/new": 201}),
        ("", "Write", {f"PUT {BOX}deep/er/new": 403}),
        ("Read Write", "Read Write", {f"GET {DOC}.acl": 403, f"PUT {DOC}.acl": 403, f"DELETE {BOX}.acl": 403}),
        ("", "Control", {f"GET {DOC}.acl": 404, f"PUT {DOC}.acl": 201, f"GET {DOC}": 403, f"GET {BOX}.acl": 403}),
    ],
)  # fmt: skip
async def test_what_each_request_needs(street: Street, container: str, inside: str, expected: dict[str, int]) -> None:
    """WAC 5.3: reading, creating (with every container on the way), changing, removing, and the rules themselves."""
    await street.allow(container, inside)
    assert {what: await street.bobs(what) for what in expected} == expected


@pytest.mark.duty(89)
async def test_a_documents_own_rules_take_the_place_of_those_above(street: Street) -> None:
    """Rules are not added up along the way: the nearest document of rules is the only one (WAC 5.1)."""
    await street.allow("Read", "Read Write", document="Append")
    assert await street.bobs(f"GET {DOC}") == 403
    assert await street.bobs(f"INSERT {DOC}") == 204
    assert (await street.anna.request("DELETE", street.anna.url(f"{DOC}.acl"))).status_code == 204
    assert await street.bobs(f"GET {DOC}") == 200


@pytest.mark.duty(89)
async def test_rules_about_another_resource_have_no_effect(street: Street) -> None:
    """acl:accessTo and acl:default name the resource of the document they are in, or nothing follows from them."""
    bob = f"acl:agent <{street.bob.pod.webid}>"
    await street.write(BOX, street.rule("x", bob, "Read Write", to=DOC, default=f"{BOX}other/"))
    assert await street.bobs(f"GET {DOC}") == 403


@pytest.mark.duty(76, 77, 78)
async def test_each_resource_says_where_its_rules_are(street: Street) -> None:
    """One link to one document of rules, which can be had in Turtle."""
    for path in ("", BOX, DOC):
        answer = await street.anna.request("HEAD", street.anna.url(path))
        assert answer.links["acl"]["url"] == street.anna.url(path) + ".acl"
        assert answer.headers["Link"].count('rel="acl"') == 1
    await street.allow("Read", "Read")
    answer = await street.anna.get(street.anna.url(f"{BOX}.acl"), Accept="text/turtle")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/turtle")
    assert "Authorization" in answer.text


@pytest.mark.duty(79, 80, 81)
async def test_inherited_rules_are_no_document_of_their_own(street: Street) -> None:
    """Where rules are inherited there is nothing at the address of a document's own: 404. The root's are always."""
    for method in ("GET", "HEAD"):
        assert (await street.anna.request(method, street.anna.url(f"{DOC}.acl"))).status_code == 404
        assert (await street.anna.request(method, street.anna.url(".acl"))).status_code == 200
    assert (await street.anna.request("DELETE", street.anna.url(".acl"))).status_code == 405


@pytest.mark.duty(88)
async def test_wac_allow_says_what_bob_and_anybody_may(street: Street) -> None:
    """On GET and HEAD; what there is for nobody in particular stands under public."""
    everybody = street.rule("p", "acl:agentClass foaf:Agent", "Read", to=DOC)
    bob = street.rule("b", f"acl:agent <{street.bob.pod.webid}>", "Write", to=DOC)
    await street.write(DOC, everybody, bob)
    for method in ("GET", "HEAD"):
        answer = await street.bob.request(method, street.anna.url(DOC))
        assert answer.headers["WAC-Allow"] == 'user="read write append",public="read"'
        answer = await street.server.http.request(method, street.anna.url(DOC))
        assert answer.headers["WAC-Allow"] == 'user="read",public="read"'


@pytest.mark.duty(7, 114)
async def test_who_said_nothing_is_asked_to(street: Street) -> None:
    """401 with the way to sign in for a stranger; 403 for somebody who is known and not let in."""
    for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"):
        answer = await street.server.http.request(method, street.anna.url(DOC), headers={"Content-Type": "text/turtle"})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('DPoP realm="')
        assert 'as_uri="' in answer.headers["WWW-Authenticate"]
    assert await street.bobs(f"GET {DOC}") == 403


@pytest.mark.duty(112)
async def test_a_webid_names_its_issuer_in_the_document_alone(street: Street) -> None:
    """No Link header says another issuer than the RDF does: none is sent."""
    answer = await street.server.http.get(street.anna.url("profile/card"))
    assert "oidcIssuer" in answer.text
    assert "oidcIssuer" not in answer.headers["Link"]
