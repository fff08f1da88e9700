"""PATCH over HTTP: every constraint of N3 Patch, and SPARQL Update as clients send it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from support.podapp import Person, Server, pod_server

TURTLE, N3, SPARQL = "text/turtle", "text/n3", "application/sparql-update"
PREFIXES = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . @prefix e: <http://e.test/> .\n"
NOTE = '@prefix e: <http://e.test/> . @prefix own: <http://own.test/#> .\n<#a> e:p 1 ; own:q "x" . <#b> e:p 1 .'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    person = await server.person("anna")
    await person.put(person.url("box/note"), NOTE)
    return person


async def patch(person: Person, path: str, body: str, kind: str = N3) -> httpx2.Response:
    sent = PREFIXES + body if kind == N3 else "PREFIX e: <http://e.test/>\n" + body
    return await person.request("PATCH", person.url(path), headers={"Content-Type": kind}, content=sent)


@pytest.mark.duty(51, 52, 53, 54, 55, 56, 57, 58, 59)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("<#p> a solid:InsertDeletePatch ; solid:inserts { <#n> e:p 2 } .", 204),
        ("_:p a solid:InsertDeletePatch ; solid:inserts { <#n> e:p 2 } .", 204),
        ("[] a solid:InsertDeletePatch ; solid:inserts { <#n> e:p 2 . . } .", 204),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts {} ; solid:deletes {} ; solid:where {} .", 204),
        ("<#p> a solid:InsertDeletePatch .", 204),
        ("<#p> a solid:InsertDeletePatch . <#q> a solid:InsertDeletePatch .", 422),
        ("<#p> solid:inserts { <#n> e:p 2 } .", 422),
        ("<#p> a solid:Patch ; solid:inserts { <#n> e:p 2 } .", 422),
        ('"p" a solid:InsertDeletePatch .', 400),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts { <#n> e:p 2 }, { <#m> e:p 2 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:deletes { <#a> e:p 1 } ; solid:deletes { <#b> e:p 1 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:where { <#a> e:p 1 } , { <#b> e:p 1 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts <#n> .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts { <#n> e:p { <#x> e:y 1 } } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts { ?n e:p 2 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:where { <#a> e:p ?x } ; solid:deletes { ?y e:p 1 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts { _:n e:p 2 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:inserts { <#n> e:p [] } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:deletes { _:n e:p 1 } .", 422),
        ("<#p> a solid:InsertDeletePatch ; solid:where { _:n e:p 1 } ; solid:inserts { _:n e:p 2 } .", 422),
        ("_:n a solid:InsertDeletePatch ; solid:inserts { _:n e:p 2 } .", 422),
    ],
)  # fmt: skip
async def test_the_constraints_of_a_patch(anna: Person, body: str, status: int) -> None:
    """Each that is broken is refused with a problem that says which, and nothing is changed (Solid Protocol, 5.3.1)."""
    answer = await patch(anna, "box/note", body)
    assert answer.status_code == status
    if status != 204:
        assert answer.headers["content-type"] == "application/problem+json"
        assert (await anna.get(anna.url("box/note"))).text == NOTE


@pytest.mark.duty(36, 49, 63, 64, 65)
async def test_a_patch_starts_from_nothing_or_from_what_is_there(anna: Person) -> None:
    """It makes the document, and the containers on the way, where it only inserts; else it is a conflict."""
    insert = "<#p> a solid:InsertDeletePatch ; solid:inserts { <#n> e:p 2 } ."
    made = await patch(anna, "new/deep/doc", insert)
    assert (made.status_code, made.headers["location"]) == (201, anna.url("new/deep/doc"))
    assert "e.test/p" in (await anna.get(anna.url("new/deep/doc"))).text
    assert anna.url("new/deep/doc") in (await anna.get(anna.url("new/deep/"))).text
    for part in ("solid:deletes { <#n> e:p 2 }", "solid:where { ?n e:p 2 } ; solid:inserts { ?n e:p 3 }"):
        answer = await patch(anna, "other", f"<#p> a solid:InsertDeletePatch ; {part} .")
        assert answer.status_code == 409
    many = "<#p> a solid:InsertDeletePatch ; solid:where { ?n e:p 1 } ; solid:inserts { ?n e:p 3 } ."
    assert (await patch(anna, "box/note", many)).status_code == 409
    gone = "<#p> a solid:InsertDeletePatch ; solid:deletes { <#a> e:p 1 . <#a> e:p 7 } ."
    assert (await patch(anna, "box/note", gone)).status_code == 409
    assert (await anna.get(anna.url("box/note"))).text == NOTE
    assert (await anna.get(anna.url("other"))).status_code == 404


@pytest.mark.duty(49, 50)
@pytest.mark.parametrize("media_type", [TURTLE, "application/ld+json", "application/n-triples"])
async def test_every_rdf_document_is_patched_in_its_own_form(anna: Person, media_type: str) -> None:
    """What was written as JSON-LD stays JSON-LD; access rules and descriptions are documents too."""
    body = {
        TURTLE: "<#a> <http://e.test/p> 1 .", "application/ld+json": '{"http://e.test/p": 1}',
        "application/n-triples": "<http://e.test/a> <http://e.test/p> <http://e.test/b> .",
    }[media_type]  # fmt: skip
    await anna.put(anna.url("doc"), body, media_type)
    insert = "<#p> a solid:InsertDeletePatch ; solid:inserts { <#n> e:p 2 } ."
    assert (await patch(anna, "doc", insert)).status_code == 204
    found = await anna.get(anna.url("doc"))
    assert found.headers["content-type"] == media_type
    assert "http://e.test/p" in (await anna.get(anna.url("doc"), Accept="application/n-triples")).text
    assert (await patch(anna, "doc.meta", insert)).status_code == 201


async def test_a_document_keeps_its_prefixes(anna: Person) -> None:
    """What a person wrote with names of their own reads as before, but for what was changed."""
    assert (await patch(anna, "box/note", "INSERT DATA { <#c> e:p 2 }", SPARQL)).status_code == 204
    text = (await anna.get(anna.url("box/note"))).text
    assert "@prefix own: <http://own.test/#> ." in text
    assert 'own:q "x"' in text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('DELETE DATA { <#a> e:p 1 . } \n ; INSERT DATA { <#a> e:p 2 . }\n', {"a": 2, "b": 1}),
        ("INSERT DATA { <#c> e:p 3 } ;", {"a": 1, "b": 1, "c": 3}),
        ("DELETE { ?s e:p ?o } INSERT { ?s e:p 9 } WHERE { ?s e:p ?o }", {"a": 9, "b": 9}),
        ('DELETE { <#a> e:p 1 } WHERE { <#a> <http://own.test/#q> "x" }', {"b": 1}),
        ('INSERT { <#c> e:p ?o } WHERE { <#a> e:p ?o . <#a> <http://own.test/#q> "y" }', {"a": 1, "b": 1}),
        ("DELETE WHERE { <#b> e:p ?o }", {"a": 1}),
        ("# why\nDELETE WHERE { <#b> e:p ?o } ; INSERT { <#b> e:p 5 } WHERE {}", {"a": 1, "b": 5}),
        ("DELETE DATA { <#z> e:p 1 }", {"a": 1, "b": 1}),
        ("prefix f: <http://e.test/> base <http://localhost:8080/anna/box/note> insert data { <#c> f:p 4 }",
         {"a": 1, "b": 1, "c": 4}),
    ],
)  # fmt: skip
async def test_sparql_update_as_clients_send_it(anna: Person, body: str, expected: dict[str, int]) -> None:
    """One after the other, each on what the one before left; deleting what is not there is no fault (SPARQL 1.1)."""
    assert (await patch(anna, "box/note", body, SPARQL)).status_code == 204
    lines = (await anna.get(anna.url("box/note"), Accept="application/n-triples")).text.splitlines()
    found = {}
    for line in lines:
        if "<http://e.test/p>" in line:
            found[line.partition("#")[2].partition(">")[0]] = int(line.split('"')[1])
    assert found == expected


async def test_sparql_update_makes_and_does_not_take_from_nothing(anna: Person) -> None:
    """An insert makes a document; blank nodes in it are new; a mere delete of what is not there is a conflict."""
    assert (await patch(anna, "new", "INSERT DATA { [] e:p [ e:q 1 ] . _:x e:p 2 }", SPARQL)).status_code == 201
    assert (await anna.get(anna.url("new"), Accept="application/n-triples")).text.count("_:") == 4
    for body in ("DELETE DATA { <#a> e:p 1 }", "DELETE WHERE { ?s ?p ?o }"):
        assert (await patch(anna, "none", body, SPARQL)).status_code == 409
    assert (await anna.get(anna.url("none"))).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "LOAD <http://127.0.0.1/x>", "CLEAR DEFAULT", "DROP ALL", "CREATE GRAPH <g>", "COPY <g> TO DEFAULT",
        "INSERT DATA { GRAPH <g> { <a> e:p 1 } }", "WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USING <g> WHERE { ?s ?p ?o }",
        "INSERT { ?s e:p 1 } WHERE { SERVICE <http://x.test/> { ?s ?p 1 } }",
        "INSERT { ?s e:p 1 } WHERE { ?s e:p ?o FILTER(?o > 1) }",
        "INSERT { ?s e:p 1 } WHERE { { SELECT ?s { ?s ?p 1 } } }",
        "INSERT { ?s e:p 1 } WHERE { OPTIONAL { ?s e:p 1 } }", "DELETE DATA { _:x e:p 1 }", "INSERT DATA { ?x e:p 1 }",
        "SELECT * WHERE { ?s ?p ?o }", "", ";", "nonsense",
    ],
)  # fmt: skip
async def test_sparql_update_beyond_one_document_is_refused(anna: Person, body: str) -> None:
    """Nothing that fetches, names another graph or asks more than flat patterns is carried out: 422."""
    answer = await patch(anna, "box/note", body, SPARQL)
    assert answer.status_code == 422
    assert (await anna.get(anna.url("box/note"))).text == NOTE


@pytest.mark.duty(16)
async def test_a_patch_of_another_kind_is_415_and_says_what_is_taken(anna: Person) -> None:
    """Accept-Patch is in the refusal (RFC 5789, 2.2)."""
    for kind in (TURTLE, "application/json-patch+json", "application/merge-patch+json", "text/plain"):
        answer = await patch(anna, "box/note", "", kind)
        assert answer.status_code == 415
        assert answer.headers["accept-patch"] == "text/n3, application/sparql-update"


@pytest.mark.duty(26)
async def test_the_owner_is_named_at_the_root_alone(anna: Person) -> None:
    """By a Link of the root container, for who may read it, and nowhere else."""
    owner = f'<{anna.pod.webid}>; rel="http://www.w3.org/ns/solid/terms#owner"'
    for method in ("GET", "HEAD"):
        assert owner in (await anna.request(method, anna.url())).headers["link"]
        assert "#owner" not in (await anna.request(method, anna.url("box/"))).headers["link"]


@pytest.mark.duty(30)
async def test_nobody_writes_what_a_listing_tells_of_members(anna: Person) -> None:
    """By PUT, POST or PATCH of the container or of its description: dates, sizes and containment are a 409."""
    for claim in (
        "<note> <http://www.w3.org/ns/posix/stat#size> 1 .", "<note> <http://purl.org/dc/terms/modified> 1 .",
        "<note> <http://www.w3.org/ns/posix/stat#mtime> 1 .", "<./> <http://www.w3.org/ns/ldp#contains> <x> .",
    ):  # fmt: skip
        listing = (await anna.get(anna.url("box/"))).text
        assert (await anna.put(anna.url("box/"), f"{listing}\n{claim}")).status_code == 409
        assert (await anna.put(anna.url("box/.meta"), claim)).status_code == 409
        for path in ("box/", "box/.meta"):
            assert (await patch(anna, path, f"INSERT DATA {{ {claim} }}", SPARQL)).status_code == 409
        sent = {"Content-Type": TURTLE, "Link": '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"', "Slug": "sub"}
        posted = await anna.request("POST", anna.url("box/"), headers=sent, content=claim)
        if posted.status_code == 201:  # it was about nothing in the new container
            assert "note" not in posted.headers["location"]
    assert "stat:size" in (await anna.get(anna.url("box/"))).text
