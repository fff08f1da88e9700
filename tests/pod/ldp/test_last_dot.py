"""Turtle that lacks nothing but the dot after its last statement is taken, and kept with it; any other fault is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import Person, pod_server

from werkpod.pod.ldp import graphs
from werkpod.pod.ldp.errors import InvalidRdf

TURTLE = "text/turtle"
BASE = "https://pod.example/anna/note"


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Person]:
    async with pod_server(tmp_path) as server:
        yield await server.person("anna")


@pytest.mark.parametrize(
    "body",
    [
        '@prefix e: <http://e.test/>. <> e:p "Bob added this."     ', "<a> <b> <c>", "<a> <b> <c> # said", "<a> <b> 1",
        '<a> <b> "x"@nl', "<a> <b> [ <c> ( 1 2 ) ]", "<a> <b> <c> ; <d> <e> ;", "<a> <b> <c> .\n<d> <e> true",
        "@prefix e: <http://e.test/>", '<a> <b> """x"""', '<a> <b> "x"^^<http://e.test/t>\n\n',
    ],
)  # fmt: skip
def test_a_statement_that_is_whole_gets_its_dot(body: str) -> None:
    """The same triples as with the dot; and what has all its dots is kept byte for byte."""
    sent = body.encode()
    whole = graphs.finished(sent, TURTLE, BASE)
    assert whole.startswith(sent)
    assert graphs.finished(whole, TURTLE, BASE) == whole
    assert len(graphs.parse(whole, TURTLE, BASE).triples) >= (
        0 if body.startswith("@prefix e: <http://e.test/>") else 1
    )


@pytest.mark.parametrize(
    "body",
    [
        "<a> <b>", "<a> <b> ,", "<a> <b> <c> ,", '<a> <b> "x', "<a> <b> <c", "<a> <b> [ <c> 1", "<a> <b> ( 1 2", "<a>",
        "<a> <b> <c> <d>", "<a> <b> <c>\n<d> <e> <f>", "<a> <b> x:y", "<a> <b> 1e", "{", "<a> <b> <c> ]",
    ],
)  # fmt: skip
def test_any_other_fault_stays_one(body: str) -> None:
    """What breaks off, or lacks a dot before its end, is refused with the place of it."""
    with pytest.raises(InvalidRdf, match="line"):
        graphs.finished(body.encode(), TURTLE, BASE)


@pytest.mark.parametrize("media_type", ["application/n-triples", "application/ld+json"])
def test_only_turtle_is_finished(media_type: str) -> None:
    """Other forms have a line, or a bracket, for an end."""
    with pytest.raises(InvalidRdf):
        graphs.finished(b"<http://e.test/a> <http://e.test/b> <http://e.test/c>", media_type, BASE)


@pytest.mark.duty(41)
async def test_it_is_kept_with_its_dot(anna: Person) -> None:
    """PUT and POST take it, small and large, and everybody who reads it back gets valid Turtle."""
    large = "".join(f"<#{n}> <http://e.test/p> {n} .\n" for n in range(4000)) + "<#x> <http://e.test/p> 1"
    for number, body in enumerate(("<#a> <http://e.test/p> 1", "<#a> <http://e.test/p> 1 # one", large)):
        url = anna.url(f"box/{number}")
        assert (await anna.put(url, body)).status_code == 201
        found = await anna.get(url)
        graphs.check(found.content, TURTLE, url)
        assert found.text.startswith(body)
        assert (await anna.get(url, Accept="application/ld+json")).status_code == 200
        patched = await anna.request(
            "PATCH", url, headers={"Content-Type": "application/sparql-update"}, content="INSERT DATA { <#n> <#p> 1 }"
        )
        assert patched.status_code == 204
    sent = {"Content-Type": "text/turtle; charset=utf-8"}
    made = await anna.request("POST", anna.url("box/"), headers=sent, content="<> <http://e.test/p> 1")
    assert made.status_code == 201
    graphs.check((await anna.get(made.headers["location"])).content, TURTLE, BASE)


async def test_access_rules_are_not_finished(anna: Person) -> None:
    """Rules that broke off may say less, or more, than was meant: those are refused as they are."""
    await anna.put(anna.url("box/"), "")
    rules = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#> . "
        f"<#o> a acl:Authorization ; acl:agent <{anna.pod.webid}> ; acl:accessTo <{anna.url('box/')}> ;"
        " acl:mode acl:Read"
    )
    assert (await anna.put(anna.url("box/.acl"), rules)).status_code == 400
    assert (await anna.get(anna.url("box/.acl"))).status_code == 404
