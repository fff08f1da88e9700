"""Access rules in the pod on the page of who can see what: listed in plain words, and stopped with one press."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import httpx2
import pytest
from support.oauth import App
from support.site import Site, Visitor

from werkpod.consent.dashboard import rules
from werkpod.consent.dashboard.own import OwnPod
from werkpod.pod.access.model import PUBLIC, Mode, Requester
from werkpod.pod.access.wac import keeps_control, rules_of
from werkpod.pod.ldp import graphs
from werkpod.vocab.cv import Summary

PREFIX = "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
OTHER = "https://bea.example/profile#me"
NOBODY = "Niemand. Alleen jij kunt je gegevens zien."


def rule(name: str, receiver: str, modes: str = "Read", *, to: str, default: bool = False, storage: str) -> str:
    """One authorization in Turtle; `receiver` as predicate and object, `to` a path in the pod."""
    wide = f" acl:default <{storage}{to}> ;" if default else ""
    given = ", ".join(f"acl:{mode}" for mode in modes.split())
    return f"<#{name}> a acl:Authorization ; {receiver} ; acl:accessTo <{storage}{to}> ;{wide} acl:mode {given} .\n"


async def own(site: Site, visitor: Visitor) -> OwnPod:
    """Somebody's pod, as its owner."""
    return await OwnPod.of(site.house, visitor.account)


async def opened(site: Site, visitor: Visitor, path: str, *receivers: tuple[str, str], owner: bool = True) -> None:
    """Write access rules for `path` as another Solid app does: the owner's (mostly), and those of `receivers`."""
    storage, inside, url = visitor.account.storage, path.endswith("/") or not path, quote(path)
    who = [("acl:agent <" + visitor.account.webid + ">", "Read Write Control")] if owner else []
    text = PREFIX + "".join(
        rule(f"r{n}", receiver, modes, to=url, default=inside, storage=storage)
        for n, (receiver, modes) in enumerate([*who, *receivers])
    )
    await visitor.put(f"{path}.acl", text.encode())


async def acl_of(site: Site, visitor: Visitor, path: str) -> tuple[Any, ...]:
    """The rules that are in an ACL document now."""
    document = await (await own(site, visitor)).read(f"{path}.acl")
    assert document is not None
    return rules_of(graphs.parse(document.body, document.media_type, f"{visitor.account.storage}{path}.acl").triples)


async def may(site: Site, visitor: Visitor, path: str, requester: Requester) -> Mode:
    """What the pod lets `requester` do."""
    return (await site.house.service.access(requester, (await own(site, visitor)).pod, path)).modes


async def stop(visitor: Visitor, path: str, who: str) -> str:
    """Press the button at a rule; the text of the page that follows."""
    done = await visitor.post("/regie/delen/regel/stop", {"waar": path, "wie": who})
    assert done.status_code == 303, done.text
    return await visitor.page(done.headers["location"])


async def app_of(visitor: Visitor, app: App) -> str:
    """An access token of somebody's app, by the consent page."""
    page = await visitor.asked(app, scope="webid")
    request_id = parse_qs(urlsplit(page).query)["verzoek"][0]
    answer = await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": "ja"})
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    return str((await app.redeem(code)).json()["access_token"])


async def told(visitor: Visitor) -> str:
    """The list, and the page of each rule in it."""
    page = await visitor.page("/regie/delen")
    places = re.findall(r'href="(/regie/delen/regel\?[^"]+)"', page)
    return "\n".join([page, *[await visitor.page(html.unescape(place)) for place in places]])


async def get(site: Site, app: App, url: str, token: str) -> httpx2.Response:
    """GET as an app does."""
    return await site.http.get(url, headers={**app.device.headers("GET", url, token), "Accept": "text/turtle"})


async def test_a_new_pod_has_only_what_is_always_so(site: Site) -> None:
    """Werkpod's own two rules are one quiet line that explains them: no card, no button, nobody can see anything."""
    anna = await site.person("Anna")
    page = await anna.page("/regie/delen")
    assert NOBODY in page
    assert "Altijd zo:" in page
    assert "Iedereen kan je openbare profiel zien." in page
    assert "Lezen kan die je berichten niet." in page
    assert "/regie/delen/regel/stop" not in page
    assert "Niemand anders kan je cv zien." in await anna.page("/")


@pytest.mark.parametrize(
    ("path", "receiver", "modes", "says"),
    [
        ("cv/summary", "acl:agentClass foaf:Agent", "Read", ("Iedereen", "ook wie niet inlogt", "Over jou", ">zien<")),
        ("cv/", "acl:agentClass acl:AuthenticatedAgent", "Read", ("Iedereen die inlogt", "je hele cv", ">zien<")),
        ("", f"acl:agent <{OTHER}>", "Read Write", ("Iemand anders", OTHER, "alles in je pod", "veranderen en")),
        ("foto/", f"acl:agent <{OTHER}>", "Append", ("alles in de map foto/", ">iets toevoegen<")),
        ("notes/a b", f"acl:agent <{OTHER}>", "Control", ("het bestand notes/a b", "bepalen wie er nog meer bij mag")),
        ("inbox/", f"acl:agent <{OTHER}>", "Read", (OTHER, "Je berichten", ">zien<")),
        ("profile/card", "acl:agentClass foaf:Agent", "Read Write", ("je openbare profiel", "veranderen en weghalen")),
    ],
)
async def test_a_rule_of_another_app_is_listed_in_plain_words(
    site: Site, path: str, receiver: str, modes: str, says: tuple[str, ...]
) -> None:
    """Who, what and what they may do are on the page; nobody reads there that only they can see their data."""
    anna = await site.person("Anna")
    if path == "foto/" or (path and not path.endswith("/") and path != "profile/card"):
        await anna.put(f"{path}x" if path == "foto/" else path, b"<#x> <#y> <#z> .")
    await opened(site, anna, path, (receiver, modes))
    page = await told(anna)
    for text in says:
        assert text in page, text
    assert NOBODY not in page
    assert page.count('action="/regie/delen/regel/stop"') == 2  # in the list, and on its own page


async def test_the_home_page_counts_who_gets_in_by_a_rule(site: Site) -> None:
    """One person by a rule is one other; everybody is said as it is."""
    anna = await site.person("Anna")
    await opened(site, anna, "cv/summary", (f"acl:agent <{OTHER}>", "Read"))
    assert "Je deelt nu met 1 ander." in await anna.page("/")
    await opened(site, anna, "cv/", ("acl:agentClass foaf:Agent", "Read"))
    assert "waar iedereen bij kan" in await anna.page("/")


async def test_after_one_press_the_next_request_is_refused_and_in_the_log(site: Site) -> None:
    """A stranger whom a rule let in reads until the citizen stops it; what follows is 403, and both are in the log."""
    anna, mallory = await site.person("Anna"), await site.person("Mallory")
    await anna.write("summary", Summary(text="Rustig en precies."))
    await opened(site, anna, "cv/summary", (f"acl:agent <{mallory.account.webid}>", "Read"))
    app = site.app()
    token, url = await app_of(mallory, app), f"{anna.account.storage}cv/summary"
    assert (await get(site, app, url, token)).status_code == 200
    page = await anna.page("/regie/delen")
    assert mallory.account.webid in page
    assert "nog niet" not in page  # it was read, and the card says when
    assert "kan hier vanaf nu niet meer bij: Over jou" in await stop(anna, "cv/summary", mallory.account.webid)
    assert (await get(site, app, url, token)).status_code == 403
    assert NOBODY in await anna.page("/regie/delen")
    entries = [line.entry for line in await site.house.ledger.entries(anna.account.id)]
    assert [(e.outcome, e.path, e.agent) for e in entries] == [
        ("refused", "cv/summary", mallory.account.webid),
        ("allowed", "cv/summary", mallory.account.webid),
    ]


@pytest.mark.parametrize("who", [rules.EVERYONE, rules.SIGNED_IN, OTHER])
async def test_stopping_takes_one_receiver_out_and_leaves_the_rest(site: Site, who: str) -> None:
    """Of three receivers in one document one goes; the others and the owner keep what they had."""
    anna = await site.person("Anna")
    receivers = {
        rules.EVERYONE: "acl:agentClass foaf:Agent",
        rules.SIGNED_IN: "acl:agentClass acl:AuthenticatedAgent",
        OTHER: f"acl:agent <{OTHER}>",
    }
    given = {rules.EVERYONE: "Read", rules.SIGNED_IN: "Append", OTHER: "Control"}
    await opened(site, anna, "cv/", *((receivers[key], given[key]) for key in receivers))
    await stop(anna, "cv/", who)
    left = {o.who: o.modes for o in await rules.openings(await own(site, anna)) if not o.always}
    wanted = {rules.EVERYONE: Mode.READ, rules.SIGNED_IN: Mode.APPEND, OTHER: Mode.CONTROL}
    wanted.pop(who)
    assert left == wanted
    found = await acl_of(site, anna, "cv/")
    assert keeps_control([r for r in found if anna.account.webid in r.agents], f"{anna.account.storage}cv/")


async def test_two_receivers_in_one_authorization_are_two_lines(site: Site) -> None:
    """Each can be stopped by itself; the authorization stays for the other."""
    anna = await site.person("Anna")
    await opened(site, anna, "cv/summary", (f"acl:agent <{OTHER}>, <https://cas.example/#me>", "Read"))
    page = await anna.page("/regie/delen")
    assert page.count('action="/regie/delen/regel/stop"') == 2
    await stop(anna, "cv/summary", OTHER)
    assert await may(site, anna, "cv/summary", Requester(agent="https://cas.example/#me")) == Mode.READ
    assert await may(site, anna, "cv/summary", Requester(agent=OTHER)) == Mode.NONE


async def test_the_owner_keeps_control_where_no_rule_said_so(site: Site) -> None:
    """Rules in which the owner did not stand, with blank nodes: the last stranger goes, the owner's own rule comes."""
    anna = await site.person("Anna")
    at = f"<{anna.account.storage}cv/>"
    public = "[] a acl:Authorization ; acl:agentClass foaf:Agent"
    text = f"{public} ; acl:accessTo {at} ; acl:default {at} ; acl:mode acl:Read ."
    await anna.put("cv/.acl", (PREFIX + text).encode())
    assert await may(site, anna, "cv/summary", PUBLIC) == Mode.READ
    await stop(anna, "cv/", rules.EVERYONE)
    assert await may(site, anna, "cv/summary", PUBLIC) == Mode.NONE
    (only,) = await acl_of(site, anna, "cv/")
    assert only.agents == {anna.account.webid}
    assert only.modes == Mode.READ | Mode.WRITE | Mode.APPEND | Mode.CONTROL
    assert only.access_to == only.default == {f"{anna.account.storage}cv/"}


async def test_stopping_never_lets_the_rules_above_in(site: Site) -> None:
    """Where a folder is public and a section in it had rules of its own, emptying those does not make it public."""
    anna = await site.person("Anna")
    await opened(site, anna, "cv/", ("acl:agentClass foaf:Agent", "Read"))
    await opened(site, anna, "cv/summary", (f"acl:agent <{OTHER}>", "Read"), owner=False)
    await stop(anna, "cv/summary", OTHER)
    assert await may(site, anna, "cv/summary", PUBLIC) == Mode.NONE
    assert await may(site, anna, "cv/contact", PUBLIC) == Mode.READ


async def test_the_root_keeps_its_owner(site: Site) -> None:
    """The access rules of the whole pod go back to the owner alone."""
    anna = await site.person("Anna")
    await opened(site, anna, "", ("acl:agentClass foaf:Agent", "Read"), (f"acl:agent <{OTHER}>", "Control"))
    await stop(anna, "", rules.EVERYONE)
    await stop(anna, "", OTHER)
    assert keeps_control(await acl_of(site, anna, ""), anna.account.storage)
    assert await may(site, anna, "cv/summary", PUBLIC) == Mode.NONE


async def test_what_is_always_so_stays_when_more_than_that_is_stopped(site: Site) -> None:
    """A profile that everybody could write is read-only again; it cannot be stopped any further."""
    anna = await site.person("Anna")
    await opened(site, anna, "profile/card", ("acl:agentClass foaf:Agent", "Read Write"))
    assert "Alleen wat altijd zo is, blijft." in await stop(anna, "profile/card", rules.EVERYONE)
    assert await may(site, anna, "profile/card", PUBLIC) == Mode.READ
    page = await anna.page("/regie/delen")
    assert NOBODY in page
    assert "Iedereen kan je openbare profiel zien." in page
    again = await anna.post("/regie/delen/regel/stop", {"waar": "profile/card", "wie": rules.EVERYONE})
    assert again.status_code == 404
    assert await may(site, anna, "profile/card", PUBLIC) == Mode.READ


async def test_rules_in_json_ld_are_seen_and_stopped_too(site: Site) -> None:
    """An app may write its rules in the other syntax."""
    anna = await site.person("Anna")
    acl, at = "http://www.w3.org/ns/auth/acl#", {"@id": f"{anna.account.storage}cv/summary"}
    node = {
        "@id": "#r", "@type": f"{acl}Authorization", f"{acl}agent": {"@id": OTHER}, f"{acl}accessTo": at,
        f"{acl}mode": {"@id": f"{acl}Read"},
    }  # fmt: skip
    pod = await own(site, anna)
    body = json.dumps(node).encode()
    await site.house.service.put(pod.owner, pod.pod, "cv/summary.acl", body, "application/ld+json")
    assert OTHER in await anna.page("/regie/delen")
    await stop(anna, "cv/summary", OTHER)
    assert await may(site, anna, "cv/summary", Requester(agent=OTHER)) == Mode.NONE


async def test_rules_without_effect_are_not_listed(site: Site) -> None:
    """A rule about another resource than the one it belongs to gives nothing, and so is no line."""
    anna = await site.person("Anna")
    storage = anna.account.storage
    text = rule("o", f"acl:agent <{anna.account.webid}>", "Read Write Control", to="cv/summary", storage=storage)
    text += rule("x", "acl:agentClass foaf:Agent", to="cv/contact", storage=storage)
    await anna.put("cv/summary.acl", (PREFIX + text).encode())
    assert await may(site, anna, "cv/contact", PUBLIC) == Mode.NONE
    assert NOBODY in await anna.page("/regie/delen")


async def test_another_way_in_is_said_after_stopping(site: Site) -> None:
    """Whoever is stopped in one rule and let in by another is said to get in still."""
    anna = await site.person("Anna")
    await opened(site, anna, "cv/summary", ("acl:agentClass foaf:Agent", "Read"), (f"acl:agent <{OTHER}>", "Read"))
    assert "nog op een andere manier bij: Over jou" in await stop(anna, "cv/summary", OTHER)


@pytest.mark.parametrize(
    "query", ["regel=cv/summary&wie=iedereen", "regel=../x&wie=iedereen", "regel=a.acl.acl&wie=iedereen", "wie=x"]
)
async def test_an_address_cannot_make_the_page_say_that_a_rule_is_gone(site: Site, query: str) -> None:
    """While the rule is there, or for what is no address, the page says nothing of it."""
    anna = await site.person("Anna")
    await opened(site, anna, "cv/summary", ("acl:agentClass foaf:Agent", "Read"))
    assert "Je bent gestopt met delen." not in await anna.page(f"/regie/delen?{query}")


async def test_nobody_stops_a_rule_in_another_pod(site: Site) -> None:
    """The form is about the own pod, whatever is in it."""
    anna, bert = await site.person("Anna"), await site.person("Bert")
    await opened(site, anna, "cv/summary", (f"acl:agent <{OTHER}>", "Read"))
    for path in ("cv/summary", f"{anna.account.storage}cv/summary", "../anna/cv/summary"):
        assert (await bert.post("/regie/delen/regel/stop", {"waar": path, "wie": OTHER})).status_code == 404
    assert await may(site, anna, "cv/summary", Requester(agent=OTHER)) == Mode.READ


async def test_a_path_that_is_markup_is_shown_as_text(site: Site) -> None:
    """Names that other apps give to files never become part of the page."""
    anna = await site.person("Anna")
    await anna.put("n/<b>x", b"<#x> <#y> <#z> .")
    at = f"<{anna.account.storage}n/%3Cb%3Ex>"
    text = f"<#r> a acl:Authorization ; acl:agentClass foaf:Agent ; acl:accessTo {at} ; acl:mode acl:Read ."
    await anna.put("n/<b>x.acl", (PREFIX + text).encode())
    page = await anna.page("/regie/delen")
    assert "n/&lt;b&gt;x" in page
    assert "n/<b>x" not in page
    await stop(anna, "n/<b>x", rules.EVERYONE)
    assert await may(site, anna, "n/<b>x", PUBLIC) == Mode.NONE


async def test_rules_that_did_not_change_are_not_read_again(site: Site) -> None:
    """The second look at the page opens no ACL document: only the list of them is asked."""
    anna = await site.person("Anna")
    for number in range(20):
        await anna.put(f"n/{number}", b"<#x> <#y> <#z> .")
        await opened(site, anna, f"n/{number}", (f"acl:agent <{OTHER}>", "Read"))
    await anna.page("/regie/delen")
    bodies = []
    storage = site.house.storage
    read = storage.get

    async def counted(pod: str, path: str) -> Any:
        bodies.append(path)
        return await read(pod, path)

    storage.get = counted  # type: ignore[method-assign]
    page = await anna.page("/regie/delen")
    assert len(re.findall(r'id="regel-\d+"', page)) == 20
    assert [path for path in bodies if path.endswith(".acl")] == []


async def test_only_the_owner_asks_for_the_rules_of_a_pod(site: Site) -> None:
    """Neither an app of the owner nor anybody else is told who has access where."""
    anna = await site.person("Anna")
    pod = (await own(site, anna)).pod
    for requester in (PUBLIC, Requester(agent=anna.account.webid, client="https://x.example/"), Requester(agent=OTHER)):
        with pytest.raises(Exception, match=r"not public|for its owner"):
            await site.house.service.acl_documents(requester, pod)


CLIENT = "acl:condition [ a acl:ClientCondition ; acl:client <https://app.example/id> ]"
ISSUER = "acl:condition [ a acl:IssuerCondition ; acl:issuer <https://issuer.example> ]"
UNKNOWN = "acl:condition [ a <https://example.org/ns#FullMoon> ]"
GROUP = "https://team.example/groups#team"


@pytest.mark.parametrize(
    ("receiver", "says", "says_not"),
    [
        (f"acl:agentGroup <{GROUP}>", ("Een groep mensen", GROUP, "In je logboek staan mensen"), ("Voorwaarde",)),
        (f"acl:agent <{OTHER}> ; {CLIENT}", (OTHER, "alleen met de app https://app.example/id"), ("Let op",)),
        (f"acl:agent <{OTHER}> ; {ISSUER}", ("alleen wie inlogt bij https://issuer.example",), ("Let op",)),
        (
            f"acl:agentGroup <{GROUP}> ; {CLIENT} ; {ISSUER}",
            ("Een groep mensen", "alleen met de app https://app.example/id", " en ", "alleen wie inlogt bij"),
            (),
        ),
        (f"acl:agent <{OTHER}> ; {UNKNOWN}", ("Let op", "een voorwaarde die Werkpod niet kent"), ("Voorwaarde<",)),
        (
            f"acl:agent <{OTHER}> ; acl:condition [ a acl:ClientCondition ; acl:clientClass foaf:Agent ]",
            (OTHER,),
            ("Voorwaarde<",),
        ),
    ],
)
async def test_groups_and_conditions_are_told_in_plain_words(
    site: Site, receiver: str, says: tuple[str, ...], says_not: tuple[str, ...]
) -> None:
    """A list of people is called a group, and what narrows a rule stands beside it; one press ends it."""
    anna = await site.person("Anna")
    await opened(site, anna, "cv/", (receiver, "Read"))
    page = await told(anna)
    for text in says:
        assert text in page, text
    for text in says_not:
        assert text not in page, text
    text = await stop(anna, "cv/", GROUP if "agentGroup" in receiver else OTHER)
    assert NOBODY in text
    assert all(not rule.groups for rule in await acl_of(site, anna, "cv/"))
    assert keeps_control(await acl_of(site, anna, "cv/"), f"{anna.account.storage}cv/")


async def test_of_two_rules_one_without_a_condition_is_what_counts(site: Site) -> None:
    """Two ways in are told as such; where one of them asks for nothing, no condition is named."""
    anna = await site.person("Anna")
    who = f"acl:agent <{OTHER}>"
    await opened(site, anna, "cv/", (f"{who} ; {CLIENT}", "Read"), (f"{who} ; {ISSUER}", "Read"))
    assert "; of " in await told(anna)
    await opened(site, anna, "cv/", (f"{who} ; {CLIENT}", "Read"), (who, "Read"))
    assert "Voorwaarde<" not in await told(anna)


async def test_a_rule_that_nobody_can_meet_is_not_listed(site: Site) -> None:
    """A condition without a type, or one that names nobody, lets nobody in."""
    anna = await site.person("Anna")
    for condition in ("[ acl:client <https://app.example/id> ]", "[ a acl:ClientCondition ]"):
        await opened(site, anna, "cv/", (f"acl:agent <{OTHER}> ; acl:condition {condition}", "Read"))
        assert NOBODY in await anna.page("/regie/delen")


async def test_control_under_a_condition_is_not_the_owners_control(site: Site) -> None:
    """When somebody is taken out of the rules and the owner has Control through one app only, it is written down."""
    anna = await site.person("Anna")
    mine = f"acl:agent <{anna.account.webid}> ; {CLIENT}"
    await opened(site, anna, "cv/", (mine, "Read Write Control"), (f"acl:agent <{OTHER}>", "Read"), owner=False)
    await stop(anna, "cv/", OTHER)
    assert keeps_control(await acl_of(site, anna, "cv/"), f"{anna.account.storage}cv/")
