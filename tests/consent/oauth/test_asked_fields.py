"""Asking for a part of a section, for terms, and in the form of W3C Linked Web Storage."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from support.oauth import OAuthServer, answer, waiting

from werkpod.consent.oauth.details import TYPE, AccessRequest, parse_details
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails
from werkpod.consent.oauth.flow import AuthorizationRequest, GrantTooWide
from werkpod.consent.oauth.lws_request import LWS_GRANT, LWS_REQUEST
from werkpod.vocab.fields import fields_of

LEGITIMATE = "https://w3id.org/dpv#LegitimateInterest"
STORAGE = "https://werkpod.example/anna/"
NOW = 1_795_000_000.0


def parse(defaults: AccessRequest | None = None, **element: Any) -> AccessRequest:
    """A request with one element."""
    raw = json.dumps([{"type": TYPE, "sections": ["experience", "competences"], **element}])
    return parse_details(raw, defaults or AccessRequest(), now=NOW)


def test_what_is_not_asked_of_a_section_is_left_out() -> None:
    """A section in fields or optional_fields is asked in part, another whole; optional fields hide unless ticked."""
    found = parse(fields={"experience": ["period"]}, optional_fields={"experience": ["employer"]})
    assert found.fields == {"experience": ("experience.period",)}
    others = {field.key for field in fields_of("experience")} - {"experience.period"}
    assert set(found.left_out) == others - {"experience.employer"}
    assert set(found.must_hide(("experience", "competences"))) == others
    assert set(found.must_hide(("experience",), ["experience.employer"])) == others - {"experience.employer"}
    assert found.must_hide(("competences",)) == ()
    assert set(parse(fields={"competences": []}).left_out) == {"competences.level", "competences.source"}


def test_reasons_can_be_of_a_field() -> None:
    """Why the app wants to know for whom somebody worked, in both languages."""
    found = parse(reasons={"experience.employer": {"nl": "Voor de referentie.", "en": "For a reference."}})
    assert found.reason("experience.employer", "en") == "For a reference."


def test_terms_come_from_the_request_or_the_document() -> None:
    """Legal basis, what is kept, whether it is passed on, and once."""
    defaults = AccessRequest(legal_basis=LEGITIMATE, keep="P30D", onward=True)
    assert (parse(defaults).legal_basis, parse(defaults).keep, parse(defaults).onward) == (LEGITIMATE, "P30D", True)
    found = parse(defaults, legal_basis="https://w3id.org/dpv#Contract", keep="nothing", onward=False, once=True)
    assert (found.legal_basis, found.keep, found.onward) == ("https://w3id.org/dpv#Contract", "nothing", False)
    assert (found.once, found.seconds) == (True, 900.0)


@pytest.mark.parametrize(
    "element",
    [
        {"fields": ["experience"]},
        {"fields": {"contact": ["email"]}},
        {"fields": {"experience": "period"}},
        {"fields": {"experience": ["salary"]}},
        {"fields": {"experience": ["experience.period"]}},
        {"fields": {"experience": [1]}},
        {"fields": {"experience": ["period"]}, "optional_fields": {"experience": ["period"]}},
        {"fields": {"experience": ["period"]}, "actions": ["read", "write"]},
        {"legal_basis": "consent"},
        {"legal_basis": "https://w3id.org/dpv#Marketing"},
        {"keep": "for ever"},
        {"keep": "once"},
        {"keep": 1},
        {"onward": "no"},
        {"once": 1},
        {"once": True, "duration": "P1D"},
        {"locations": ["*", "https://x.example/"]},
        {"entries": ["experience#1"]},
    ],
)
def test_members_of_another_form_are_refused(element: dict[str, Any]) -> None:
    """RFC 9396, 5: never ignored."""
    with pytest.raises(InvalidAuthorizationDetails):
        parse(**element)


def test_fields_of_a_request_do_not_go_with_writing_in_the_document() -> None:
    """A client document that asks for writing cannot be combined with a request for some fields."""
    with pytest.raises(InvalidAuthorizationDetails):
        parse(AccessRequest(actions=("read", "write")), fields={"experience": ["period"]})


def lws(**changes: Any) -> dict[str, Any]:
    """An access request of Linked Web Storage; `changes` to its policy."""
    policy = {
        "type": ["AccessPolicy"],
        "action": ["read"],
        "assignee": f"{STORAGE}profile/card#me",
        "target": {"type": "DataResource", "value": [f"{STORAGE}cv/experience", f"{STORAGE}cv/competences"]},
        "constraint": [
            {"leftOperand": "purpose", "operator": "eq", "rightOperand": "https://w3id.org/dpv#ServiceProvision"},
            {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-12-18T06:26:40Z"},
        ],
        **changes,
    }
    return {"type": LWS_REQUEST, "storage": STORAGE, "access": [policy]}


def read(element: dict[str, Any]) -> AccessRequest:
    """Such a request, read."""
    return parse_details(json.dumps([element]), AccessRequest(duration="P1Y", seconds=1.0), now=NOW)


def test_an_lws_request_is_the_same_question() -> None:
    """Documents are sections, modify is write, the end is a date, the purpose a DPV term."""
    found = read(lws(action=["read", "create", "modify"]))
    assert (found.sections, found.actions) == (("experience", "competences"), ("read", "append", "write"))
    assert (found.purpose, found.locations) == ("https://w3id.org/dpv#ServiceProvision", (STORAGE,))
    assert found.seconds == 1_797_575_200 - NOW
    assert (found.lws, found.assignee, found.duration) == (True, f"{STORAGE}profile/card#me", "")


def constraint(left: str, operator: str, right: Any) -> list[dict[str, Any]]:
    """One constraint."""
    return [{"leftOperand": left, "operator": operator, "rightOperand": right}]


@pytest.mark.parametrize(
    "element",
    [
        {**lws(), "evil": 1},
        {**lws(), "storage": "https://werkpod.example/anna"},
        {**lws(), "storage": 1},
        {**lws(), "access": []},
        {**lws(), "access": [lws()["access"][0]] * 2},
        lws(type="AccessPolicy"),
        lws(type=["Other"]),
        lws(action=["delete"]),
        lws(action=[]),
        lws(action=[{}]),
        lws(assignee="anna"),
        lws(target={"type": "Container", "value": [f"{STORAGE}cv/"]}),
        lws(target={"type": "DataResource", "value": [f"{STORAGE}cv/*"]}),
        lws(target={"type": "DataResource", "value": [STORAGE]}),
        lws(target={"type": "DataResource", "value": ["https://werkpod.example/bram/cv/experience"]}),
        lws(target={"type": "DataResource", "value": [[]]}),
        lws(target={"type": "DataResource", "value": []}),
        lws(target=None),
        lws(constraint=constraint("mediaType", "eq", "text/turtle")),
        lws(constraint=constraint("purpose", "isAnyOf", ["https://w3id.org/dpv#X"])),
        lws(constraint=constraint("purpose", "eq", "https://purpose.example/x")),
        lws(constraint=constraint("dateTime", "lteq", "2026-12-18T06:26:40")),
        lws(constraint=constraint("dateTime", "lteq", "soon")),
        lws(constraint=constraint("dateTime", "lteq", "2020-01-01T00:00:00Z")),
        lws(constraint=constraint("dateTime", "gteq", "2027-01-01T00:00:00Z")),
        lws(constraint=constraint("purpose", "eq", "https://w3id.org/dpv#X") * 2),
        lws(constraint="none"),
        lws(evil=1),
    ],
)
def test_what_an_lws_request_cannot_be_held_to_is_refused(element: dict[str, Any]) -> None:
    """Containers, deletion, media types, several purposes, other storages: said, not passed over."""
    with pytest.raises(InvalidAuthorizationDetails):
        read(element)


async def pending(server: OAuthServer, response: Any) -> tuple[AuthorizationRequest, str]:
    """The request that waits, and its browser."""
    request_id, browser = waiting(response)
    return await server.authorization.pending(request_id, browser=browser), browser


async def test_an_lws_request_gets_an_lws_grant_beside_ours(server: OAuthServer) -> None:
    """The whole way: asked in the draft's form, told in the draft's form, at refresh too."""
    anna, app = await server.citizen(), server.app()
    policy = {
        "type": ["AccessPolicy"], "action": ["read"], "assignee": anna.webid,
        "target": {"type": "DataResource", "value": [f"{anna.storage}cv/experience"]},
    }  # fmt: skip
    details = json.dumps([{"type": LWS_REQUEST, "storage": anna.storage, "access": [policy]}])
    request, browser = await pending(server, await server.ask(app, anna, authorization_details=details))
    made = server.grant_for(anna, app, sections=("experience",))
    grant = await server.grants.create(made)
    code = answer(await server.authorization.approve(request.id, anna, grant, browser=browser))["code"]
    body = (await app.redeem(code)).json()
    for said in (body, (await app.refresh(body["refresh_token"])).json()):
        ours, theirs = said["authorization_details"]
        assert (ours["type"], theirs["type"]) == (TYPE, LWS_GRANT)
        assert theirs["access"][0]["target"]["value"] == [f"{anna.storage}cv/experience"]
        assert theirs["access"][0]["action"] == ["read"]
    for wrong in (
        {"assignee": "https://elsewhere.example/#me"},
        {"constraint": constraint("client", "eq", "https://b.example/")},
    ):
        details = json.dumps([{"type": LWS_REQUEST, "storage": anna.storage, "access": [{**policy, **wrong}]}])
        found = answer((await server.ask(app, anna, authorization_details=details)).headers["location"])
        assert found["error"] == "invalid_authorization_details"


async def test_a_yes_is_held_against_fields_and_terms(server: OAuthServer) -> None:
    """More fields, another purpose or basis, keeping more, passing on: refused; less is fine."""
    anna, app = await server.citizen(), server.app()
    details = json.dumps([{
        "type": TYPE, "sections": ["experience"], "fields": {"experience": ["period"]}, "duration": "P1D",
        "optional_fields": {"experience": ["employer"]}, "purpose": "https://w3id.org/dpv#ServiceProvision",
        "legal_basis": LEGITIMATE, "keep": "P30D",
    }])  # fmt: skip
    request, _ = await pending(server, await server.ask(app, anna, authorization_details=details))
    good = server.grant_for(
        anna, app, sections=("experience",), hidden_fields=request.access.must_hide(("experience",)),
        purpose=request.access.purpose, legal_basis=LEGITIMATE, keep="P30D", until=server.clock() + 86400,
    )  # fmt: skip
    request.check(anna, good, server.clock())
    ticked = request.access.must_hide(("experience",), ["experience.employer"])
    narrower = ({"hidden_fields": ticked}, {"keep": "nothing"}, {"keep": "P1D"}, {"keep": "until_end"}, {"once": True},
                {"hidden_fields": (*good.hidden_fields, "experience.period")}, {"until": server.clock() + 60},
                {"hidden_entries": ("experience#1",)})  # fmt: skip
    for changes in narrower:
        request.check(anna, replace(good, **changes), server.clock())  # type: ignore[arg-type]
    wider = ({"hidden_fields": ()}, {"hidden_fields": ("experience.place",)}, {"keep": ""}, {"keep": "P31D"},
             {"onward": True}, {"purpose": ""}, {"legal_basis": "https://w3id.org/dpv#Consent"}, {"until": None},
             {"sections": ("experience", "contact")}, {"everything": True, "sections": ()},
             {"actions": ("read", "append")})  # fmt: skip
    for changes in wider:
        with pytest.raises(GrantTooWide):
            request.check(anna, replace(good, **changes), server.clock())  # type: ignore[arg-type]


async def test_who_left_something_out_is_not_asked_each_time(server: OAuthServer) -> None:
    """The same question again is answered by the same grant; a needed field that is hidden, or new, is asked."""
    anna, app = await server.citizen(), server.app()
    request, browser = await pending(server, await server.ask(app, anna))
    made = server.grant_for(anna, app, hidden_entries=("experience#1",), hidden_fields=("experience.place",))
    grant = await server.grants.create(made)
    await server.authorization.approve(request.id, anna, grant, browser=browser)
    assert "code" in answer((await server.ask(app, anna)).headers["location"])
    needs = json.dumps([{"type": TYPE, "sections": ["experience"], "fields": {"experience": ["place"]}}])
    waiting(await server.ask(app, anna, authorization_details=needs))
    fine = json.dumps([{"type": TYPE, "sections": ["experience"], "fields": {"experience": ["period"]}}])
    assert "code" in answer((await server.ask(app, anna, authorization_details=fine)).headers["location"])
    onward = json.dumps([{"type": TYPE, "sections": ["experience"], "onward": True}])
    waiting(await server.ask(app, anna, authorization_details=onward))


async def test_what_is_given_again_rests_on_the_first_yes(server: OAuthServer) -> None:
    """A grant that the citizen stopped and gave again lets the app in without a question, if it is what it was."""
    anna, app = await server.citizen(), server.app()
    await server.say_yes(app, anna)
    for _ in range(2):
        (grant,) = await server.grants.list(anna.id, active_only=True)
        await server.grants.revoke(anna.id, grant.id, by=anna.id)
        waiting(await server.ask(app, anna))
        await server.grants.create(replace(server.grant_for(anna, app), renews=grant.id))
        assert "code" in answer((await server.ask(app, anna)).headers["location"])


async def test_the_client_document_says_what_is_asked_where_the_request_does_not(server: OAuthServer) -> None:
    """Access needs of the document, required and optional, for apps that cannot send authorization_details."""
    needs = {"sections": ["experience"], "optional": ["languages"], "actions": ["read"], "duration": "P7D"}
    anna, app = await server.citizen(), server.app(document={"werkpod:access": needs})
    request, _ = await pending(server, await server.ask(app, anna, authorization_details=None))
    assert (request.chooses, request.access.sections, request.access.optional) == (
        False,
        ("experience",),
        ("languages",),
    )
