"""Tokens of issuers elsewhere: taken when the WebID names the issuer and the issuer's key signed; else never."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from support.abroad import DISCOVERY, Abroad, IssuerAbroad, tls
from support.tokens import Device, Issuer

from werkpod.pod.access.model import Requester
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.errors import InvalidProof, InvalidToken
from werkpod.pod.authn.issuers import KEYS_AGAIN, LONGEST, ForeignIssuers
from werkpod.pod.elsewhere import BURST, FAILED, Elsewhere
from werkpod.web.client import guarded_client
from werkpod.web.errors import Unavailable

BASE = "https://pod.example"
URL = f"{BASE}/anna/cv/experience"
APP = "https://app.example/id"
OIDC = "http://www.w3.org/ns/solid/terms#oidcIssuer"


class Desk:
    """An authenticator that goes abroad on this machine, and a client's device. `late` is added to its clocks."""

    def __init__(self, place: Abroad, *, allow_loopback: bool = True) -> None:
        self.place, self.device, self.late = place, Device(), 0.0
        self.own = Issuer(BASE)
        self.client = guarded_client(allow_loopback=allow_loopback, tls=tls())
        elsewhere = Elsewhere(self.client, own=BASE, allow_loopback=allow_loopback, clock=lambda: self.late)
        self.authenticate = Authenticator(
            self.own.keys(), issuer=BASE, foreign=ForeignIssuers(elsewhere), clock=lambda: time.time() + self.late
        )

    async def ask(self, token: str, *, device: Device | None = None, headers: Any = ()) -> Requester:
        proof = (device or self.device).proof("GET", URL, token, now=time.time() + self.late)
        sent = [(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode()), *headers]
        return await self.authenticate(sent, "GET", URL)

    async def refused(self, token: str, saying: str, **how: Any) -> None:
        with pytest.raises(InvalidToken, match=saying) as caught:
            await self.ask(token, **how)
        assert 'error="invalid_token"' in caught.value.headers["WWW-Authenticate"]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    with Abroad() as place:
        found = Desk(place)
        yield found
        await found.client.aclose()


@pytest.mark.duty(110, 111, 113)
async def test_an_issuer_that_the_webid_names_is_taken_at_its_word(desk: Desk) -> None:
    """WebID and client come out of the token, and the issuer is known for acl:IssuerCondition."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    assert await desk.ask(issuer.token(desk.device, bob)) == Requester(bob, APP, issuer=issuer.name)


@pytest.mark.duty(113)
@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES256", lambda: ECKey.generate_key("P-256")),
        ("EdDSA", lambda: OKPKey.generate_key("Ed25519")),
        ("RS256", lambda: RSAKey.generate_key(2048)),
        ("PS256", lambda: RSAKey.generate_key(2048)),
    ],
)
async def test_every_algorithm_that_is_advertised(desk: Desk, algorithm: str, key: Any) -> None:
    """ES256, EdDSA, RS256 and PS256."""
    issuer = IssuerAbroad(desk.place, key=key(), algorithm=algorithm)
    assert (await desk.ask(issuer.token(desk.device, issuer.webid()))).issuer == issuer.name


@pytest.mark.parametrize("algorithm", ["ES384", "RS384", "PS512", "HS256"])
async def test_no_other_algorithm(desk: Desk, algorithm: str) -> None:
    """What is not advertised is refused before anybody is asked for keys."""
    keys = {"E": lambda: ECKey.generate_key("P-384"), "H": lambda: OctKey.generate_key(256)}
    key = keys.get(algorithm[0], lambda: RSAKey.generate_key(2048))()
    issuer = IssuerAbroad(desk.place, algorithm=algorithm)
    await desk.refused(issuer.token(desk.device, issuer.webid(), key=key), "alg")
    assert not desk.place.asked


async def test_a_weak_rsa_key_is_not_trusted(desk: Desk) -> None:
    """RSA has at least 2,048 bits (RFC 7518, 3.3)."""
    with pytest.warns(SecurityWarning):
        issuer = IssuerAbroad(desk.place, key=RSAKey.generate_key(1024), algorithm="RS256")
    await desk.refused(issuer.token(desk.device, issuer.webid()), "not among the keys")


@pytest.mark.parametrize("slash", ["", "/"])
async def test_names_of_issuers_are_compared_as_they_are_written(desk: Desk, slash: str) -> None:
    """An issuer whose name ends in a slash is found, and is not the one whose name does not."""
    issuer = IssuerAbroad(desk.place, slash=slash)
    assert (await desk.ask(issuer.token(desk.device, issuer.webid()))).issuer == issuer.name
    other = desk.place.base + ("" if slash else "/")
    eve = issuer.webid("eve", issuer=other)
    await desk.refused(issuer.token(desk.device, eve), "does not name its issuer")


@pytest.mark.parametrize(
    "how",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "application/at+jwt"},
        {"aud": ["https://app.example/id", "solid"], "client_id": None, "azp": APP},
        {"kid": None},
    ],
)
async def test_tokens_as_other_servers_make_them(desk: Desk, how: dict[str, Any]) -> None:
    """Some say no typ or JWT, some name the client among the audiences and in azp, some name no key."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    assert await desk.ask(issuer.token(desk.device, bob, **how)) == Requester(bob, APP, issuer=issuer.name)


@pytest.mark.duty(110, 115)
@pytest.mark.parametrize(
    ("how", "saying"),
    [
        ({"typ": "dpop+jwt"}, "typ"),
        ({"typ": "logout+jwt"}, "typ"),
        ({"aud": "https://other.example"}, "aud"),
        ({"aud": ["https://other.example"]}, "aud"),
        ({"aud": None}, "claims"),
        ({"exp": 1}, "expired"),
        ({"iat": int(time.time()) + 10_000}, "expired"),
        ({"iat": int(time.time()) - 200_000}, "day old"),
        ({"nbf": int(time.time()) + 10_000}, "expired"),
        ({"cnf": None}, "claims"),
        ({"cnf": {"jkt": ""}}, "cnf"),
        ({"webid": None}, "webid"),
        ({"iss": None}, "claims"),
        ({"iss": "urn:issuer"}, "iss"),
        ({"iss": "https://user:secret@issuer.example"}, "iss"),
        ({"iss": "https://issuer.example/a/../b"}, "iss"),
        ({"iss": "https://issuer.example/?q"}, "iss"),
        ({"webid": "urn:bob"}, "webid"),
        ({"webid": "https://bob.example/\\card"}, "webid"),
        ({"webid": "https://bob.example/" + "x" * LONGEST}, "characters"),
        ({"iss": "https://issuer.example/" + "x" * LONGEST}, "characters"),
        ({"client_id": "https://app.example/" + "x" * LONGEST}, "characters"),
        ({"cnf": {"jkt": "short"}}, "thumbprint"),
    ],
)
async def test_what_can_be_seen_in_a_token_is_seen_before_anybody_is_asked(
    desk: Desk, how: dict[str, Any], saying: str
) -> None:
    """A token that is of no use causes no request to anybody."""
    issuer = IssuerAbroad(desk.place)
    token = issuer.token(desk.device, **{"webid": issuer.webid(), **how})
    await desk.refused(token, saying)
    assert not desk.place.asked


@pytest.mark.duty(115)
async def test_a_token_needs_the_key_that_it_is_bound_to(desk: Desk) -> None:
    """A token that was stolen is of no use to who has not its key, nor without a proof."""
    issuer = IssuerAbroad(desk.place)
    token = issuer.token(desk.device, issuer.webid())
    with pytest.raises(InvalidProof):
        await desk.ask(token, device=Device())
    with pytest.raises(InvalidProof):
        await desk.authenticate([(b"authorization", f"DPoP {token}".encode())], "GET", URL)
    with pytest.raises(InvalidToken):
        await desk.authenticate([(b"authorization", f"Bearer {token}".encode())], "GET", URL)


@pytest.mark.duty(110, 111)
async def test_a_webid_that_does_not_name_the_issuer_is_not_its_to_speak_for(desk: Desk) -> None:
    """Neither a document that names another, nor one that names nobody, nor one where another WebID names it."""
    issuer = IssuerAbroad(desk.place)
    await desk.refused(issuer.token(desk.device, issuer.webid(issuer="https://other.example")), "does not name")
    for path, said in (
        ("/silent", "<#me> a <http://xmlns.com/foaf/0.1/Person> ."),
        ("/neighbour", f"<#you> <{OIDC}> <{issuer.name}> ."),
        ("/literal", f'<#me> <{OIDC}> "{issuer.name}" .'),
        ("/elsewhere", f"<https://eve.example/#me> <{OIDC}> <{issuer.name}> ."),
    ):
        webid = desk.place.publish(path, said) + "#me"
        await desk.refused(issuer.token(desk.device, webid), "does not name")


async def test_a_webid_document_may_be_json_ld(desk: Desk) -> None:
    """As some servers have it, with its own context; and a WebID may have no fragment."""
    issuer = IssuerAbroad(desk.place)
    bob = desk.place.publish(
        "/bob", json.dumps({"@id": f"{desk.place.base}/bob", OIDC: {"@id": issuer.name}}), "application/ld+json"
    )
    assert (await desk.ask(issuer.token(desk.device, bob))).agent == bob


async def test_of_a_webid_document_so_much_is_kept(desk: Desk) -> None:
    """One that names thousands of issuers is believed about the first, and costs no more memory than that."""
    issuer = IssuerAbroad(desk.place)
    many = "".join(f"<#me> <{OIDC}> <https://issuer.example/{n:0100}> .\n" for n in range(1000))
    ours = f"<#me> <{OIDC}> <{issuer.name}> .\n"
    first = desk.place.publish("/first", ours + many) + "#me"
    last = desk.place.publish("/last", many + ours) + "#me"
    assert (await desk.ask(issuer.token(desk.device, first))).agent == first
    await desk.refused(issuer.token(desk.device, last), "does not name")


async def test_a_stolen_name_is_of_no_use(desk: Desk) -> None:
    """Who says to be the issuer of somebody else's WebID has no key of that issuer."""
    issuer = IssuerAbroad(desk.place)
    token = issuer.token(desk.device, issuer.webid(), key=ECKey.generate_key("P-256"))
    await desk.refused(token, "signature")
    assert not desk.place.asked["/bob/card"]


async def test_a_discovery_document_names_its_own_issuer(desk: Desk) -> None:
    """One that names another is that of somebody else's server (OpenID Connect Discovery, 4.3)."""
    issuer = IssuerAbroad(desk.place)
    issuer.describe(issuer="https://other.example")
    await desk.refused(issuer.token(desk.device, issuer.webid()), "discovery document")


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/bob/card"])
@pytest.mark.parametrize(
    "how",
    [
        {"body": b"", "status": 404},
        {"body": b"", "status": 500},
        {"body": b"", "status": 302, "headers": {"Location": "/elsewhere"}},
        {"body": b" " * (300 << 10)},
        {"body": b"nonsense", "media_type": "text/html"},
        {"body": b"{", "media_type": "application/json"},
        {"body": b'{"keys": 1, "issuer": 2}', "media_type": "application/json"},
        {"body": b"[" * 100_000, "media_type": "application/json"},
        {"body": b"x", "headers": {"Content-Encoding": "gzip"}},
    ],
)
async def test_documents_that_are_of_no_use(desk: Desk, path: str, how: dict[str, Any]) -> None:
    """Not there, broken, elsewhere, too large, of another kind: the token is refused, and it is said why."""
    issuer = IssuerAbroad(desk.place)
    token = issuer.token(desk.device, issuer.webid())
    desk.place.publish(path, **how)
    await desk.refused(token, "could not be read")
    assert not desk.place.asked["/elsewhere"]


async def test_nobody_is_asked_twice_for_what_is_known(desk: Desk) -> None:
    """Ten requests with two tokens of one person ask for each document once, also at the same time."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    tokens = [issuer.token(desk.device, bob) for _ in range(2)]
    await asyncio.gather(*(desk.ask(token) for token in tokens * 5))
    assert desk.place.asked == {DISCOVERY: 1, "/jwks": 1, "/bob/card": 1}


async def test_what_could_not_be_had_is_left_alone_for_a_while(desk: Desk) -> None:
    """An issuer that is down is not asked again at each request, and is when the while is over."""
    issuer = IssuerAbroad(desk.place)
    token = issuer.token(desk.device, issuer.webid())
    desk.place.publish(DISCOVERY, "", status=503)
    for _ in range(5):
        await desk.refused(token, "could not be read")
    assert desk.place.asked[DISCOVERY] == 1
    issuer.describe()
    desk.late = FAILED + 1
    assert (await desk.ask(token)).issuer == issuer.name


async def test_a_new_key_is_found_and_looked_for_no_more_than_now_and_then(desk: Desk) -> None:
    """A kid that is not known makes us look again, at most once in KEYS_AGAIN seconds; a failed look costs nothing."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    first = issuer.token(desk.device, bob)
    await desk.ask(first)
    for _ in range(5):
        await desk.refused(issuer.token(desk.device, bob, kid="never"), "not among the keys")
    assert desk.place.asked["/jwks"] == 1
    issuer.publish_keys(status=500)
    desk.late = KEYS_AGAIN + 1
    await desk.refused(issuer.token(desk.device, bob, kid="never"), "not among the keys")
    assert (await desk.ask(issuer.token(desk.device, bob))).agent == bob
    issuer.rotate("k2")
    desk.late = 2 * KEYS_AGAIN + 2
    assert (await desk.ask(issuer.token(desk.device, bob))).agent == bob
    assert desk.place.asked["/jwks"] == 3


async def test_a_webid_that_changed_its_issuer_is_not_spoken_for_any_more(desk: Desk) -> None:
    """A token that was good is looked at again, and refused, within minutes."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid(headers={"Cache-Control": "max-age=60"})
    token = issuer.token(desk.device, bob, exp=int(time.time()) + 3600)
    await desk.ask(token)
    issuer.webid(issuer="https://other.example")
    await desk.ask(token)
    desk.late = 61
    await desk.refused(token, "does not name")


async def test_a_key_that_was_withdrawn_does_not_count_any_more(desk: Desk) -> None:
    """A token that was good is refused when its key is gone, within the time that keys are kept."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    token = issuer.token(desk.device, bob, exp=int(time.time()) + 7200)
    await desk.ask(token)
    issuer.rotate("k2")
    desk.late = 700
    await desk.refused(token, "not among the keys")


async def test_claims_that_only_our_own_tokens_have_count_for_nothing(desk: Desk) -> None:
    """An issuer elsewhere names no grant, confines nobody and has no family that could be revoked."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    token = issuer.token(desk.device, bob, grant="01GRANT", confined=True, family="01FAMILY")
    assert await desk.ask(token) == Requester(bob, APP, issuer=issuer.name)
    await desk.refused(issuer.token(desk.device, None, grant="01GRANT", confined=True), "webid")


@pytest.mark.parametrize(
    "webid",
    [
        f"{BASE}/anna/profile/card#me",
        "https://POD.example/anna/profile/card#me",
        "https://pod.example:443/anna/profile/card#me",
        "https://pod.example./anna/profile/card#me",
        "https://pod.example",
    ],
)
async def test_nobody_elsewhere_speaks_for_people_here(desk: Desk, webid: str) -> None:
    """A WebID under our base URL is our own issuer's, whatever its document says and however it is spelled."""
    issuer = IssuerAbroad(desk.place)
    await desk.refused(issuer.token(desk.device, webid), "webid")
    assert not desk.place.asked


@pytest.mark.parametrize("name", [BASE + "/", "https://POD.example", "https://pod.example:443", BASE + "/x"])
async def test_our_own_address_is_no_issuer_elsewhere(desk: Desk, name: str) -> None:
    """Under another spelling it is refused without a request; under its own name it has only our own keys."""
    issuer = IssuerAbroad(desk.place)
    await desk.refused(issuer.token(desk.device, issuer.webid(), iss=name), "iss")
    await desk.refused(issuer.token(desk.device, issuer.webid(), iss=BASE), "not known here")
    assert not desk.place.asked


async def test_our_own_tokens_stay_what_they_were(desk: Desk) -> None:
    """Our issuer's tokens are at+jwt for "solid" and nothing else, about WebIDs here."""
    anna = f"{BASE}/anna/profile/card#me"
    made = desk.own.token(desk.device, webid=anna, client=APP, grant="01GRANT")
    assert await desk.ask(made) == Requester(anna, APP, "01GRANT", issuer=BASE)
    for how in ({"typ": "JWT"}, {"aud": ["solid", "x"]}, {"webid": "https://bob.example/#me"}):
        await desk.refused(desk.own.token(desk.device, **{"webid": anna, "client": APP, **how}), "token")


async def test_addresses_inside_are_refused_in_production() -> None:
    """Without `allow_loopback` nothing on this machine or in a private network is asked, whoever names it."""
    with Abroad() as place:
        desk = Desk(place, allow_loopback=False)
        issuer = IssuerAbroad(place)
        await desk.refused(issuer.token(desk.device, issuer.webid()), "https")
        for host in ("127.0.0.1", "[::1]", "10.0.0.1", "169.254.169.254", "localhost"):
            token = issuer.token(desk.device, "https://bob.example/#me", iss=f"https://{host}")
            await desk.refused(token, "could not be read: The host of this address is not on the public internet")
        await desk.client.aclose()
        assert not place.asked


async def test_nobody_elsewhere_vouches_for_our_own_apps(desk: Desk) -> None:
    """An app under our base URL signs people in with our own issuer: named by another, it is no app that we know."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    token = issuer.token(desk.device, bob, client_id=f"{BASE}/apps/werkgever/client.jsonld")
    assert await desk.ask(token) == Requester(bob, None, issuer=issuer.name)
    dynamic = issuer.token(desk.device, bob, client_id="an id that is no URL")
    assert (await desk.ask(dynamic)).client == "an id that is no URL"


async def test_strangers_with_bad_tokens_keep_nobody_out_who_was_in(desk: Desk) -> None:
    """New names at a host are refused for a while, as busy and not as wrong; who came in before still comes in."""
    issuer = IssuerAbroad(desk.place)
    bob = issuer.webid()
    await desk.ask(issuer.token(desk.device, bob))
    for n in range(BURST - 1):
        await desk.refused(issuer.token(desk.device, bob, iss=f"{desk.place.base}/nobody{n}"), "could not be read")
    with pytest.raises(Unavailable):
        await desk.ask(issuer.token(desk.device, bob, iss=f"{desk.place.base}/one-more"))
    token = issuer.token(desk.device, bob)
    assert (await desk.ask(token)).agent == bob
    assert (await desk.ask(issuer.token(desk.device, issuer.webid("carla")))).issuer == issuer.name


@pytest.mark.duty(114)
async def test_a_refusal_says_how_to_come_back(desk: Desk) -> None:
    """The challenge names scheme, realm, authorization server and algorithms (Solid-OIDC; RFC 9449, 7.1)."""
    with pytest.raises(InvalidToken) as caught:
        await desk.ask("nonsense")
    said = caught.value.headers["WWW-Authenticate"]
    assert said == (f'DPoP realm="{BASE}", as_uri="{BASE}", algs="ES256 EdDSA RS256 PS256", error="invalid_token"')


@pytest.mark.duty(109)
async def test_a_proof_for_a_token_from_elsewhere_is_used_once(desk: Desk) -> None:
    """A proof that was seen is refused, whoever issued the token."""
    issuer = IssuerAbroad(desk.place)
    token = issuer.token(desk.device, issuer.webid())
    proof = desk.device.proof("GET", URL, token)
    headers = [(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())]
    await desk.authenticate(headers, "GET", URL)
    with pytest.raises(InvalidProof, match="used before"):
        await desk.authenticate(headers, "GET", URL)
