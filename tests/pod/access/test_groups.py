"""Groups in access rules, over HTTP: here, in somebody else's pod, on another server, and documents of no use."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.abroad import Abroad, IssuerAbroad, tls
from support.podapp import Person, Server, pod_server
from support.pods import BASE
from support.tokens import Device

from werkpod.pod.access.groups import DOCUMENTS, LIMIT, LIMIT_ELSEWHERE
from werkpod.pod.access.model import Mode, Requester
from werkpod.pod.access.wac import rules_of
from werkpod.pod.elsewhere import FAILED, Elsewhere
from werkpod.pod.ldp import graphs
from werkpod.web.client import guarded_client

NOTE = "notes/today"
PREFIXES = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .\n"
    "@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
)


class Town:
    """A server with anna and bob, another place on the web, and a clock that can run ahead for what is remembered."""

    def __init__(self, server: Server, place: Abroad, anna: Person, bob: Person, clock: list[float]) -> None:
        self.server, self.place, self.anna, self.bob, self._clock = server, place, anna, bob, clock

    def later(self, seconds: float) -> None:
        self._clock[0] += seconds

    async def share(self, said: str, *, modes: str = "acl:Read", path: str = NOTE) -> None:
        """Anna's rules for a note: she has all, and `said` has `modes`."""
        url = self.anna.url(path)
        rules = (
            f"{PREFIXES} <#anna> a acl:Authorization ; acl:agent <{self.anna.pod.webid}> ; acl:accessTo <{url}> ;"
            f" acl:mode acl:Read, acl:Write, acl:Control .\n"
            f"<#them> a acl:Authorization ; acl:accessTo <{url}> ; acl:mode {modes} ; {said} ."
        )
        answer = await self.anna.put(url + ".acl", rules)
        assert answer.status_code in (201, 204), answer.text

    async def group(self, *members: str, path: str = "groups", owner: Person | None = None) -> str:
        """A document with a group, in a pod. Returns the group's IRI."""
        url = (owner or self.anna).url(path)
        answer = await (owner or self.anna).put(url, listing(*members))
        assert answer.status_code in (201, 204), answer.text
        return url + "#team"

    async def bob_gets(self) -> int:
        return (await self.bob.get(self.anna.url(NOTE))).status_code


def listing(*members: str) -> str:
    lines = "".join(f" ; vcard:hasMember <{member}>" for member in members)
    return f"{PREFIXES} <#team> a vcard:Group{lines} ."


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    clock = [0.0]
    client = guarded_client(allow_loopback=True, tls=tls())
    elsewhere = Elsewhere(client, own=BASE, allow_loopback=True, clock=lambda: clock[0])
    with Abroad() as place:
        async with pod_server(tmp_path, elsewhere=elsewhere) as server:
            anna, bob = await server.person("anna"), await server.person("bob")
            await anna.put(anna.url(NOTE), "hello", "text/plain")
            yield Town(server, place, anna, bob, clock)
    await client.aclose()


@pytest.mark.duty(90)
async def test_a_group_in_the_pod_counts_from_one_request_to_the_next(town: Town) -> None:
    """Who is put in the group gets in, who is taken out does not, and nobody needs to be able to read the group."""
    group = await town.group()
    await town.share(f"acl:agentGroup <{group}>")
    assert await town.bob_gets() == 403
    await town.group(town.bob.pod.webid)
    assert await town.bob_gets() == 200
    assert (await town.bob.get(group.partition("#")[0])).status_code == 403
    await town.group("https://eve.example/#me")
    assert await town.bob_gets() == 403
    await town.group(town.bob.pod.webid)
    assert await town.bob_gets() == 200
    assert (await town.anna.request("DELETE", town.anna.url("groups"))).status_code == 204
    assert await town.bob_gets() == 403


@pytest.mark.duty(85, 88, 90)
async def test_a_group_gives_what_its_rule_says(town: Town) -> None:
    """WAC-Allow names it, and writing goes by it too."""
    group = await town.group(town.bob.pod.webid)
    await town.share(f"acl:agentGroup <{group}>")
    answer = await town.bob.get(town.anna.url(NOTE))
    assert answer.headers["WAC-Allow"] == 'user="read",public=""'
    assert (await town.bob.put(town.anna.url(NOTE), "changed", "text/plain")).status_code == 403
    await town.share(f"acl:agentGroup <{group}>", modes="acl:Read, acl:Write")
    assert (await town.bob.put(town.anna.url(NOTE), "changed", "text/plain")).status_code == 204
    assert (await town.server.http.get(town.anna.url(NOTE))).status_code == 401


async def test_rules_of_a_container_name_groups_for_what_is_in_it(town: Town) -> None:
    """acl:default goes for groups as for agents."""
    group, notes = await town.group(town.bob.pod.webid), town.anna.url("notes/")
    await town.anna.put(
        notes + ".acl",
        f"{PREFIXES} <#r> a acl:Authorization ; acl:default <{notes}> ; acl:mode acl:Read ; acl:agentGroup <{group}> .",
    )
    assert await town.bob_gets() == 200
    assert (await town.bob.get(notes)).status_code == 403


async def test_a_list_may_stand_among_the_rules_themselves(town: Town) -> None:
    """In the pod's own; somebody else's rules are nobody else's list, whoever may read what they are about."""
    member = f"<#team> vcard:hasMember <{town.bob.pod.webid}>"
    await town.share(f"acl:agentGroup <#team> . {member}")
    assert await town.bob_gets() == 200
    carol = await town.server.person("carol")
    url = carol.url("open")
    await carol.put(url, "hello", "text/plain")
    rules = f"<#all> a acl:Authorization ; acl:accessTo <{url}> ; acl:agentClass foaf:Agent ; acl:mode acl:Control ."
    assert (await carol.put(url + ".acl", f"{PREFIXES} {rules} {member} .")).status_code == 201
    await town.share(f"acl:agentGroup <{url}.acl#team>")
    assert await town.bob_gets() == 403


async def test_a_group_of_apps(town: Town) -> None:
    """acl:clientGroup is looked up as acl:agentGroup is; nobody but the named agent gets in by it."""
    group = await town.group("https://app.example/id")
    who = f"acl:agent <{town.bob.pod.webid}>"
    await town.share(f"{who} ; acl:condition [ a acl:ClientCondition ; acl:clientGroup <{group}> ]")
    assert await town.bob_gets() == 403
    await town.group("https://app.example/id", town.bob.client)
    assert await town.bob_gets() == 403, "a client id that is no IRI is in no group"
    at_app = town.server.app_of(town.bob, "https://app.example/id")
    assert (await at_app.get(town.anna.url(NOTE))).status_code == 200


async def test_a_group_in_somebody_elses_pod_counts_when_the_rules_owner_may_read_it(town: Town) -> None:
    """A list that was not shared with anna tells her nothing, not even by who gets in when she names it."""
    carol = await town.server.person("carol")
    group = await town.group(town.bob.pod.webid, owner=carol)
    await town.share(f"acl:agentGroup <{group}>")
    assert await town.bob_gets() == 403
    url = carol.url("groups")
    for reader in (f"acl:agent <{town.anna.pod.webid}>", "acl:agentClass foaf:Agent"):
        rules = (
            f"{PREFIXES} <#r> a acl:Authorization ; acl:accessTo <{url}> ; acl:mode acl:Read ; {reader} ."
            f"<#c> a acl:Authorization ; acl:accessTo <{url}> ; acl:mode acl:Control ; acl:agent <{carol.pod.webid}> ."
        )
        assert (await carol.put(url + ".acl", rules)).status_code in (201, 204)
        assert await town.bob_gets() == 200
    assert (await carol.request("DELETE", url + ".acl")).status_code == 204
    assert await town.bob_gets() == 403
    record = await town.server.give(carol, agent=town.anna.pod.webid, client=None, everything=True, actions=("read",))
    assert await town.bob_gets() == 200
    await town.server.grants.revoke(carol.pod.id, record.id, by=carol.pod.id)
    assert await town.bob_gets() == 403


async def test_groups_are_not_looked_up_to_look_up_groups(town: Town) -> None:
    """Lists that are readable to each other's members only, round in a circle: no circle is walked, nobody gets in."""
    carol = await town.server.person("carol")
    one = await town.group(town.bob.pod.webid, town.anna.pod.webid, carol.pod.webid, owner=carol)
    two = await town.group(town.bob.pod.webid, town.anna.pod.webid, carol.pod.webid)
    for owner, other in ((carol, two), (town.anna, one)):
        url = owner.url("groups")
        rules = f"<#r> a acl:Authorization ; acl:accessTo <{url}> ; acl:mode acl:Read ; acl:agentGroup <{other}> ."
        await owner.put(url + ".acl", PREFIXES + rules)
    await town.share(f"acl:agentGroup <{one}>")
    assert await town.bob_gets() == 403
    await town.share(f"acl:agentGroup <{two}>")
    assert await town.bob_gets() == 200, "a list in her own pod counts, whoever may read it"


async def test_a_group_in_a_group_is_no_more_than_an_agent(town: Town) -> None:
    """Members are agents; that one of them is a list is not looked at."""
    inner = await town.group(town.bob.pod.webid, path="inner")
    await town.share(f"acl:agentGroup <{await town.group(inner)}>")
    assert await town.bob_gets() == 403


async def test_documents_here_that_are_no_lists(town: Town) -> None:
    """Not RDF, too large, of another name, access rules, a container, nothing at all: nobody is in them."""
    anna, bob = town.anna, town.bob.pod.webid
    await anna.put(anna.url("text"), listing(bob), "text/plain")
    await anna.put(anna.url("large"), listing(bob, *(f"https://a.example/{n:0200}" for n in range(LIMIT // 200))))
    await anna.put(anna.url("about"), f"{PREFIXES} <{anna.url('other')}#team> vcard:hasMember <{bob}> .")
    await anna.put(anna.url("literal"), f'{PREFIXES} <#team> vcard:hasMember "{bob}" .')
    group = await town.group(bob)
    spelled = group.replace("groups", "group%73")
    named = [anna.url(path) + "#team" for path in ("text", "large", "about", "other", "literal", "", "groups.acl")]
    strange = [spelled, f"{BASE}/api/x#team", f"{BASE}/nobody/x#team", f"{BASE}/anna/%2F#team", "urn:team", f"{BASE}#t"]
    for iri in [*named, *strange]:
        await town.share(f"acl:agentGroup <{iri}>")
        assert await town.bob_gets() == 403, iri
    await town.share(f"acl:agentGroup <{group}>, <{strange[3]}>, <urn:team>")
    assert await town.bob_gets() == 200


async def test_a_long_list_counts_too(town: Town) -> None:
    """One that is read in a thread, because it takes a while."""
    many = [f"https://a.example/people/{n}#me" for n in range(2000)]
    group = await town.group(*many, town.bob.pod.webid)
    await town.share(f"acl:agentGroup <{group}>")
    assert await town.bob_gets() == 200


async def test_a_list_elsewhere_counts_and_is_remembered_for_a_while(town: Town) -> None:
    """It is fetched once, and again when its time is over; who is not in it any more does not get in."""
    page = {"headers": {"Cache-Control": "max-age=100"}}
    group = town.place.publish("/team", listing(town.bob.pod.webid), **page) + "#team"
    await town.share(f"acl:agentGroup <{group}>")
    assert [await town.bob_gets() for _ in range(3)] == [200, 200, 200]
    assert town.place.asked == {"/team": 1}
    town.place.publish("/team", listing(), **page)
    assert await town.bob_gets() == 200
    town.later(101)
    assert await town.bob_gets() == 403


async def test_nobody_makes_us_fetch_for_nothing(town: Town) -> None:
    """Neither the public nor the owner nor the owner's pages: none of them gets anything by a group."""
    group = town.place.publish("/team", listing(town.bob.pod.webid)) + "#team"
    await town.share(f"acl:agentGroup <{group}>")
    assert (await town.server.http.get(town.anna.url(NOTE))).status_code == 401
    assert (await town.anna.get(town.anna.url(NOTE))).status_code == 200
    access = await town.server.service.access(town.server.owner(town.anna), town.anna.pod, NOTE)
    assert Mode.CONTROL in access.modes
    assert not town.place.asked


@pytest.mark.parametrize(
    "how",
    [
        {"body": "", "status": 404},
        {"body": "", "status": 401},
        {"body": "", "status": 303, "headers": {"Location": "/moved"}},
        {"body": "nonsense", "media_type": "text/html"},
        {"body": "nonsense <"},
        {"body": "#" * (LIMIT_ELSEWHERE + 1)},
    ],
)
async def test_lists_elsewhere_that_cannot_be_had(town: Town, how: dict[str, Any]) -> None:
    """Nobody is in them; they are left alone for a while, and asked for again after it."""
    group = town.place.publish("/team", **how) + "#team"
    town.place.publish("/moved", listing(town.bob.pod.webid))
    await town.share(f"acl:agentGroup <{group}>")
    assert [await town.bob_gets() for _ in range(3)] == [403, 403, 403]
    assert town.place.asked == {"/team": 1}
    town.place.publish("/team", listing(town.bob.pod.webid))
    town.later(FAILED + 1)
    assert await town.bob_gets() == 200


async def test_a_list_that_cannot_be_had_any_more_is_no_list(town: Town) -> None:
    """An old copy gives nobody anything once its time is over."""
    group = town.place.publish("/team", listing(town.bob.pod.webid)) + "#team"
    await town.share(f"acl:agentGroup <{group}>")
    assert await town.bob_gets() == 200
    town.place.publish("/team", "", status=500)
    town.later(301)
    assert await town.bob_gets() == 403


async def test_what_was_taken_away_while_a_list_was_fetched_is_gone(town: Town) -> None:
    """The rule is looked at again after the wait: a citizen who stops sharing does not wait for somebody's server."""
    answered = threading.Event()
    group = town.place.publish("/team", listing(town.bob.pod.webid), when=answered) + "#team"
    await town.share(f"acl:agentGroup <{group}>")
    asking = asyncio.create_task(town.bob_gets())
    assert await asyncio.to_thread(town.place.reached.wait, 10)
    await town.share("acl:agent <https://eve.example/#me>")
    answered.set()
    assert await asking == 403


async def test_rules_that_name_more_lists_than_are_looked_up(town: Town) -> None:
    """So many documents are fetched for one request, and no more; those here go first."""
    far = [town.place.publish(f"/team{n}", listing(town.bob.pod.webid)) + "#team" for n in range(DOCUMENTS + 20)]
    await town.share("acl:agentGroup " + ", ".join(f"<{iri}>" for iri in far))
    assert await town.bob_gets() == 200
    assert sum(town.place.asked.values()) == DOCUMENTS
    here = await town.group(town.bob.pod.webid)
    empty = [town.place.publish(f"/empty{n}", listing()) + "#team" for n in range(DOCUMENTS)]
    await town.share("acl:agentGroup " + ", ".join(f"<{iri}>" for iri in [*empty, here]))
    assert await town.bob_gets() == 200


async def test_lists_inside_are_never_asked_for_in_production(tmp_path: Path) -> None:
    """A rule that names an address on this machine or in a private network makes us ask nobody."""
    client = guarded_client(tls=tls())
    with Abroad() as place:
        async with pod_server(tmp_path, elsewhere=Elsewhere(client, own=BASE)) as server:
            anna, bob = await server.person("anna"), await server.person("bob")
            town = Town(server, place, anna, bob, [0.0])
            await anna.put(anna.url(NOTE), "hello", "text/plain")
            group = place.publish("/team", listing(bob.pod.webid)) + "#team"
            inside = [group, "https://127.0.0.1/team#team", "https://169.254.169.254/team#team", "https://[::1]/t#team"]
            await town.share("acl:agentGroup " + ", ".join(f"<{iri}>" for iri in inside))
            assert await town.bob_gets() == 403
        assert not place.asked
    await client.aclose()


@pytest.mark.duty(91, 93, 110)
async def test_somebody_from_elsewhere_gets_in_by_rule_group_and_issuer(town: Town) -> None:
    """A WebID and an issuer on another server, an access rule here that asks for that issuer."""
    issuer = IssuerAbroad(town.place)
    dirk, device = issuer.webid("dirk"), Device()

    async def dirk_gets(**claims: Any) -> httpx2.Response:
        url = town.anna.url(NOTE)
        return await town.server.http.get(url, headers=device.headers("GET", url, issuer.token(device, dirk, **claims)))

    assert (await dirk_gets()).status_code == 403
    group = await town.group(dirk)
    await town.share(
        f"acl:agentGroup <{group}> ; acl:condition [ a acl:IssuerCondition ; acl:issuer <{issuer.name}> ],"
        " [ a acl:ClientCondition ; acl:client <https://app.example/id> ]"
    )
    answer = await dirk_gets()
    assert (answer.status_code, answer.headers["WAC-Allow"]) == (200, 'user="read",public=""')
    assert (await dirk_gets(client_id="https://other.example/id")).status_code == 403
    lines = [line.entry for line in await town.server.ledger.entries(town.anna.pod.id)]
    assert [(line.outcome, line.agent) for line in lines if line.client == "https://other.example/id"] == [
        ("refused", dirk)
    ]
    answer = await town.anna.request("HEAD", town.anna.url(NOTE) + ".acl")
    assert 'acl#IssuerCondition>; rel="http://www.w3.org/ns/auth/acl#condition"' in answer.headers["Link"]
    await town.share(f"acl:agentGroup <{group}> ; acl:condition [ a acl:IssuerCondition ; acl:issuer <{BASE}> ]")
    assert (await dirk_gets()).status_code == 403


async def test_a_token_from_elsewhere_does_not_open_a_grant_by_naming_it(town: Town) -> None:
    """Nor does it become the owner: grants are between a citizen and an app that signed in here."""
    issuer, device = IssuerAbroad(town.place), Device()
    dirk, url = issuer.webid("dirk"), town.anna.url(NOTE)
    for claims in (
        {"grant": town.anna.grant, "client_id": town.anna.client},
        {"grant": town.anna.grant, "client_id": town.anna.client, "confined": True},
    ):
        token = issuer.token(device, dirk, **claims)
        answer = await town.server.http.get(url, headers=device.headers("GET", url, token))
        assert answer.status_code == 403
    token = issuer.token(device, town.anna.pod.webid, grant=town.anna.grant, client_id=town.anna.client)
    answer = await town.server.http.get(url, headers=device.headers("GET", url, token))
    assert answer.status_code == 401


@pytest.mark.duty(82)
async def test_the_root_does_not_lose_control_to_a_group_or_a_condition(town: Town) -> None:
    """Rules of a storage that leave Control to a group alone, or to one app, are refused, and the old ones stay."""
    root, group = town.anna.url(), await town.group(town.anna.pod.webid)
    me = f"acl:agent <{town.anna.pod.webid}>"
    for said in (
        f"acl:agentGroup <{group}>",
        f"{me} ; acl:condition [ a acl:ClientCondition ; acl:client <https://app.example/id> ]",
    ):
        rules = f"{PREFIXES} <#r> a acl:Authorization ; acl:accessTo <{root}> ; acl:mode acl:Control ; {said} ."
        assert (await town.anna.put(root + ".acl", rules)).status_code == 409
    assert f"<{town.anna.pod.webid}>" in (await town.anna.get(root + ".acl")).text


async def test_who_is_told_that_something_is_gone_may_be_on_a_list(town: Town) -> None:
    """The rules that a document had when it was deleted say who hears of that, by list as by name."""
    group, url = await town.group(town.bob.pod.webid), town.anna.url(NOTE)
    await town.share(f"acl:agentGroup <{group}>")
    rules = rules_of(graphs.parse((await town.anna.get(url + ".acl")).content, "text/turtle", url + ".acl").triples)
    assert (await town.anna.request("DELETE", url)).status_code == 204
    bob, eve = Requester(town.bob.pod.webid, town.bob.client), Requester("https://eve.example/#me")
    told = await town.server.service.glances.look(town.anna.pod, NOTE, [bob, eve], was=rules)
    assert (told[bob] is not None, told[eve]) == (True, None)
