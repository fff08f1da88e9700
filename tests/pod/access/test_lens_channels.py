"""A lens on every channel: what is left out is not told by a length, a tag, a date, a listing, an error or a message.

Each test has a document with a part that is left out, changes that part alone, and looks whether anything that the
receiver can ask for became another.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.pod.access.model import Requester

FORMS = ("text/turtle", "application/ld+json", "application/n-triples")
WP, SCHEMA = "https://w3id.org/werkpod/cv#", "http://schema.org/"
SECRET = "Bouwbedrijf Torenhoog"
WORK = (
    "@prefix s: <http://schema.org/> . @prefix wp: <https://w3id.org/werkpod/cv#> . @prefix x: <https://x.example/> .\n"
    '<#e-0000000001> a wp:Experience ; s:roleName "Timmerman" ; wp:employer "{0}" ; s:location [ s:name "{0}" ] .\n'
    '<#e-0000000002> a wp:Experience, x:WorkerOf{1} ; s:roleName "Schilder" ; x:boss "{0}" .\n'
    '<#2019-torenhoog> a wp:Experience ; s:roleName "Voeger" ; wp:employer "{0}" .\n'
    '<> s:about <#e-0000000001> ; x:note "{0}" .\n'
)
"""Work with the employer in the usual field, on a blank node, as a type, in another app's words, and in a name."""
PATH = "cv/experience"


def work(secret: str = SECRET) -> str:
    return WORK.format(secret, secret.replace(" ", ""))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as running:
        yield running


@pytest.fixture
async def anna(server: Server) -> Person:
    person = await server.person("anna")
    assert (await person.put(person.url(PATH), work())).status_code in (201, 204)
    return person


async def looking(anna: Person, **left_out: object) -> Person:
    """An app with a grant for the work of which something is left out."""
    fields = {"sections": ("experience", "competences"), "actions": ("read",), **left_out}
    grant = await anna.server.give(anna, client=MATCHER, receiver_kind="app", **fields)
    return anna.server.app_of(anna, MATCHER, grant.id)


async def seen(app: Person, path: str = PATH) -> list[object]:
    """All that an app can get of a document: each form with GET and HEAD, conditions, ranges, neighbours, options."""
    url, found = app.url(path), []
    for method in ("GET", "HEAD"):
        for accept in FORMS:
            for headers in ({}, {"Range": "bytes=0-20"}, {"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}):
                answer = await app.request(method, url, headers={"Accept": accept, **headers})
                found.append(_all_of(answer))
    for ending in (".meta", ".acl", "/", "?x"):
        found.append(_all_of(await app.get(url + ending)))
    found.append(_all_of(await app.request("OPTIONS", url)))
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        for headers in ({}, {"If-Match": "*"}, {"If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}):
            sent = {"Content-Type": "text/turtle", **headers}
            found.append(_all_of(await app.request(method, url, headers=sent, content=b"")))
    return found


def _all_of(answer: httpx2.Response) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    return answer.status_code, tuple(sorted(answer.headers.items())), answer.content


@pytest.mark.parametrize(
    "left_out",
    [
        {"hidden_fields": ("experience.employer", "experience.place")},
        {"hidden_entries": ("experience#e-0000000001", "experience#e-0000000002", "experience#2019-torenhoog"),
         "hidden_predicates": ("https://x.example/note",)},
        {"only_entries": ("experience#e-0000000009",)},
    ],
    ids=["fields", "entries", "only"],
)  # fmt: skip
async def test_a_change_of_what_is_left_out_changes_nothing_of_what_is_seen(
    anna: Person, left_out: dict[str, object]
) -> None:
    """Checklist 81: body in each form, HEAD, length, tag, date, range, conditions, description, refusals of writes."""
    app = await looking(anna, **left_out)
    before = await seen(app)
    assert b"Torenhoog" not in repr(before).encode()
    assert not any("last-modified" in dict(headers) for status, headers, _ in before if status == 200)  # type: ignore[misc, call-overload]
    longer = work("Bouwbedrijf Torenhoog en Zonen van het Water")
    assert (await anna.put(anna.url(PATH), longer)).status_code == 204
    assert await seen(app) == before


async def test_the_tag_of_before_is_still_the_tag_and_that_of_the_owner_is_nobodys(anna: Person) -> None:
    """If-None-Match with the app's own tag says "not modified" through a hidden change; the stored tag says nothing."""
    app, url = await looking(anna, hidden_fields=("experience.employer",)), anna.url(PATH)
    tag, stored = (await app.get(url)).headers["etag"], (await anna.get(url)).headers["etag"]
    await anna.put(url, work("Iemand Anders"))
    assert (await app.get(url, If_None_Match=tag)).status_code == 304
    assert (await app.get(url, If_None_Match=stored)).status_code == 200
    now = (await anna.get(url)).headers["etag"]
    assert (await app.get(url, If_None_Match=now)).status_code == 200
    assert (await app.get(url, If_Match=now)).status_code == (await app.get(url, If_Match=stored)).status_code == 412


async def test_what_passes_is_in_an_order_and_with_names_of_its_own(anna: Person) -> None:
    """Neither the place of triples nor the numbers of blank nodes show that something stood between them."""
    app, url = await looking(anna, hidden_fields=("experience.employer",)), anna.url(PATH)
    body = "<#e-0000000003> <http://schema.org/location> [ <http://schema.org/description> 'b' ], [ ] ."
    more = "[] <https://w3id.org/werkpod/cv#employer> [ <https://x.example/a> [] ] . "
    await anna.put(url, body)
    first = [(await app.get(url, Accept=accept)).content for accept in FORMS]
    await anna.put(url, more + body)
    again = [(await app.get(url, Accept=accept)).content for accept in FORMS]
    await anna.put(
        url, " ".join(["[ <http://schema.org/description> 'b' ] .", more]).replace("[ <http", "_:x0 <http", 1)
    )
    assert again == first
    assert b"b" in first[0]


async def test_a_listing_does_not_tell_that_a_part_changed_that_is_left_out(anna: Person) -> None:
    """Who may list the container and sees a member through a lens gets no size, date or writer of it, nor a new tag."""
    server = anna.server
    bob = await server.person("bob")
    rule = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#>. <#o> a acl:Authorization; acl:agent <{0}profile/card#me>;"
        " acl:accessTo <{0}cv/>; acl:default <{0}cv/>; acl:mode acl:Read, acl:Write, acl:Control."
        " <#b> a acl:Authorization; acl:agent <{1}>; acl:accessTo <{0}cv/>; acl:mode acl:Read, acl:Append."
    ).format(anna.url(), bob.pod.webid)
    assert (await anna.put(anna.url("cv/.acl"), rule)).status_code == 201
    bob.grant = None
    cv = anna.url("cv/")
    sized = await bob.get(cv)
    assert sized.text.count("size") == 9
    await server.give(
        anna, agent=bob.pod.webid, client=None, receiver_kind="coach", actions=("read",),
        sections=("experience", "education"), hidden_fields=("experience.employer",),
    )  # fmt: skip
    before = [
        _all_of(await bob.request(method, cv, headers={"Accept": a})) for a in FORMS for method in ("GET", "HEAD")
    ]
    listed = before[0][2].decode()
    assert listed.count("size") == 7
    assert "/cv/experience>" in listed
    assert not any("last-modified" in dict(headers) for _, headers, _ in before)
    assert (await anna.put(anna.url(PATH), work("Een heel andere werkgever"))).status_code == 204
    assert before == [
        _all_of(await bob.request(method, cv, headers={"Accept": a})) for a in FORMS for method in ("GET", "HEAD")
    ]
    assert (
        await bob.get(cv, If_None_Match=before[0][1][[n for n, _ in before[0][1]].index("etag")][1])
    ).status_code == 304
    await anna.put(anna.url("cv/languages"), "<#e> <http://schema.org/name> 'x' .")
    assert (await bob.get(cv)).content != before[0][2]


async def test_who_may_add_gets_no_answer_to_a_condition(anna: Person) -> None:
    """Whether a condition holds on what is seen through a lens would tell of hidden changes: 403 each time."""
    server = anna.server
    bob = await server.person("bob")
    bob.grant = None
    for fields in ({"actions": ("read",), "hidden_fields": ("experience.employer",)}, {"actions": ("append",)}):
        await server.give(
            anna, agent=bob.pod.webid, client=None, receiver_kind="coach", sections=("experience",), **fields
        )
    url, kind = anna.url(PATH), {"Content-Type": "application/sparql-update"}
    add = "INSERT DATA {{ <#e-{0}> <http://schema.org/roleName> 'Kok' }}"
    mine = (await bob.request("PATCH", url, headers=kind, content=add.format(1))).headers["etag"]
    statuses = []
    for _ in range(2):
        for name, value in (
            ("If-Match", mine),
            ("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT"),
            ("If-None-Match", mine),
        ):
            answer = await bob.request("PATCH", url, headers={**kind, name: value}, content=add.format(2))
            statuses.append((answer.status_code, answer.json()["code"] if answer.content else ""))
        await anna.put(url, work("Iemand Anders"))
    assert len(set(statuses)) == 1
    assert statuses[0][0] == 403
    assert (await bob.request("PATCH", url, headers=kind, content=add.format(3))).status_code == 204


async def test_nobody_is_told_of_a_change_that_a_lens_hides(anna: Person) -> None:
    """The glance of who waits to be told is the same before and after, of the document and of its container."""
    app = await looking(anna, hidden_fields=("experience.employer", "experience.place"))
    asker = Requester(app.pod.webid, app.client, app.grant)
    glances = anna.server.service.glances
    before = (await glances.look(anna.pod, PATH, [asker]))[asker]
    await anna.put(anna.url(PATH), work("Iemand Anders"))
    after = (await glances.look(anna.pod, PATH, [asker]))[asker]
    assert before is not None
    assert after is not None
    assert (before.etag, before.partial) == (after.etag, True)
    await anna.put(anna.url(PATH), work().replace("Timmerman", "Metselaar"))
    shown = (await glances.look(anna.pod, PATH, [asker]))[asker]
    assert shown is not None
    assert shown.etag != before.etag


async def test_everything_with_a_lens_shows_neither_sizes_nor_what_is_left_out(anna: Person) -> None:
    """Of a whole pod through a lens: documents without it, listings without sizes and dates, files not at all."""
    server = anna.server
    await anna.put(anna.url("foto"), b"\x89PNG" + SECRET.encode(), "image/png")
    grant = await server.give(
        anna, client=MATCHER, everything=True, actions=("read",), hidden_predicates=(WP + "employer",)
    )
    app = server.app_of(anna, MATCHER, grant.id)
    body = "<#e-0000000001> <https://w3id.org/werkpod/cv#employer> '{}' ; <http://schema.org/roleName> 'Kok' ."
    await anna.put(anna.url(PATH), body.format(SECRET))
    before = [_all_of(await app.get(app.url(path))) for path in (PATH, "cv/", "", "foto", PATH + ".meta")]
    assert [status for status, _, _ in before] == [200, 200, 200, 403, 200]
    assert b"size" not in before[1][2] + before[2][2]
    assert SECRET.encode() not in b"".join(body for _, _, body in before)
    await anna.put(anna.url(PATH), body.format(SECRET + " en Zonen"))
    await anna.put(anna.url("foto"), b"\x89PNG" + SECRET.encode() * 2, "image/png")
    assert before == [_all_of(await app.get(app.url(path))) for path in (PATH, "cv/", "", "foto", PATH + ".meta")]
    assert (await app.put(app.url(PATH), "")).status_code == 403


async def test_a_description_is_seen_through_the_lens_of_what_it_describes(anna: Person) -> None:
    """What an app wrote in `.meta` of a job that is left out does not show; where to subscribe does."""
    app = await looking(anna, hidden_entries=("experience#2019-torenhoog",), hidden_fields=("experience.employer",))
    said = f"<{anna.url(PATH)}#2019-torenhoog> <http://schema.org/roleName> 'x' . <#a> <{WP}employer> '{SECRET}' ."
    assert (await anna.put(anna.url(PATH + ".meta"), said)).status_code == 201
    text = (await app.get(app.url(PATH + ".meta"))).text
    assert "orenhoog" not in text
    assert "subscription" in text
