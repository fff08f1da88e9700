"""DPoP and access tokens at the pod: each way in which a proof or a token can be wrong (RFC 9449, 4.3 and 7.1)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from support.tokens import Device, Issuer, sign

from werkpod.pod.access.model import Requester
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.dpop import normal
from werkpod.pod.authn.errors import InvalidProof, InvalidToken
from werkpod.pod.authn.replay import ReplayCache

BASE = "https://pod.example"
URL = f"{BASE}/anna/cv/experience"
ANNA = f"{BASE}/anna/profile/card#me"
APP = "https://app.example/id"


@dataclass(frozen=True)
class FromNow:
    """A time, in seconds from the moment of the test; parameters are made when tests are collected, minutes before."""

    seconds: int


def at_the_moment(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes with each FromNow as Unix seconds."""
    now = int(time.time())
    return {name: now + value.seconds if isinstance(value, FromNow) else value for name, value in changes.items()}


class Desk:
    """An authenticator, an issuer and a client's device."""

    def __init__(self) -> None:
        self.issuer, self.device = Issuer(BASE), Device()
        self.authenticate = Authenticator(self.issuer.keys(), issuer=BASE)
        self.token = self.make()

    def make(self, **claims: Any) -> str:
        return self.issuer.token(self.device, **{"webid": ANNA, "client": APP, **claims})

    async def ask(
        self, *, token: str | None = None, proof: str | None = None, method: str = "GET", url: str = URL,
        scheme: str = "DPoP", more: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Requester:  # fmt: skip
        token = self.token if token is None else token
        proof = self.device.proof(method, url, token) if proof is None else proof
        headers = [(b"authorization", f"{scheme} {token}".encode()), (b"dpop", proof.encode()), *more]
        return await self.authenticate(headers, method, url)

    async def refused(self, **how: Any) -> str:
        with pytest.raises((InvalidProof, InvalidToken)) as caught:
            await self.ask(**how)
        assert caught.value.status == 401
        assert f'error="{caught.value.code}"' in caught.value.headers["WWW-Authenticate"]
        return caught.value.code


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.duty(109)
async def test_a_good_proof_says_who_asks(desk: Desk) -> None:
    """WebID, client, grant and issuer come out of the token."""
    token = desk.make(grant="01GRANT")
    assert await desk.ask(token=token) == Requester(ANNA, APP, "01GRANT", issuer=BASE)


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "DPoP"])
async def test_the_scheme_has_no_case(desk: Desk, scheme: str) -> None:
    """RFC 9110, 11.1: authentication schemes are compared without case."""
    assert (await desk.ask(scheme=scheme)).agent == ANNA


@pytest.mark.duty(109)
@pytest.mark.parametrize(
    "changes",
    [
        {"header": {"typ": None}}, {"header": {"typ": "JWT"}}, {"header": {"jwk": None}}, {"jti": None}, {"htm": None},
        {"htm": "POST"}, {"htm": "get"}, {"htu": None}, {"htu": f"{BASE}/anna/cv/education"},
        {"htu": "https://evil.test/anna/cv/experience"}, {"htu": "/anna/cv/experience"}, {"iat": None}, {"ath": ""},
        {"ath": "A" * 43}, {"iat": FromNow(-3600)}, {"iat": FromNow(3600)}, {"iat": "now"},
        {"nbf": FromNow(600)}, {"exp": FromNow(-600)}, {"jti": ""}, {"header": {"crit": ["x"]}},
        {"header": {"jwk": "a string"}}, {"header": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}}},
        {"header": {"jwk": {"kty": "oct", "k": "AAAA"}}},
    ],
)  # fmt: skip
async def test_a_proof_that_lacks_something_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    """Each claim and header of a proof is needed, and needed right."""
    proof = desk.device.proof("GET", URL, desk.token, **at_the_moment(changes))
    assert await desk.refused(proof=proof) == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "changes",
    [
        {"htu": f"{URL}?page=2"}, {"htu": f"{URL}#part"}, {"htu": "HTTPS://POD.example:443/anna/cv/experience"},
        {"htu": f"{BASE}/anna/%63v/experience"}, {"iat": FromNow(-10)}, {"iat": FromNow(10)},
        {"extra": "claim"}, {"header": {"extra": "header"}}, {"exp": FromNow(60)}, {"ath": None},
    ],
)  # fmt: skip
async def test_what_does_not_matter_is_let_through(desk: Desk, changes: dict[str, Any]) -> None:
    """Query and fragment of htu, its case and default port, a clock that is a little off, and claims of others."""
    assert (await desk.ask(proof=desk.device.proof("GET", URL, desk.token, **at_the_moment(changes)))).agent == ANNA


@pytest.mark.duty(109)
async def test_a_key_that_named_its_token_once_is_held_to_it(desk: Desk) -> None:
    """Libraries that leave `ath` out are let in; nobody brings a client back to that which did it right before."""
    for _ in range(2):
        assert (await desk.ask(proof=desk.device.proof("GET", URL, desk.token, ath=None))).agent == ANNA
    assert (await desk.ask()).agent == ANNA
    assert await desk.refused(proof=desk.device.proof("GET", URL, desk.token, ath=None)) == "invalid_dpop_proof"


@pytest.mark.parametrize("proof", ["", "a", "a.b", "a.b.c", "a.b.c.d", "é.b.c", "e30.e30.e30", "A" * 9000])
async def test_what_is_no_jwt_is_refused(desk: Desk, proof: str) -> None:
    """Nonsense in the DPoP header is a 401 and never a 500."""
    assert await desk.refused(proof=proof) == "invalid_dpop_proof"


@pytest.mark.duty(109)
async def test_symmetric_and_unsigned_proofs_are_refused(desk: Desk) -> None:
    """alg none and HS256 are no proofs of anything."""
    good = desk.device.proof("GET", URL, desk.token)
    none = "eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ." + good.split(".")[1] + "."
    assert await desk.refused(proof=none) == "invalid_dpop_proof"
    secret = OctKey.generate_key(256)
    claims = {"jti": "1", "htm": "GET", "htu": URL, "iat": int(time.time())}
    hs256 = sign({"typ": "dpop+jwt", "jwk": desk.device.public}, claims, secret, "HS256")
    assert await desk.refused(proof=hs256) == "invalid_dpop_proof"


async def test_a_private_key_in_the_header_is_refused(desk: Desk) -> None:
    """A proof that shows its private key proves nothing any more."""
    private = desk.device.key.as_dict(private=True)
    proof = desk.device.proof("GET", URL, desk.token, header={"jwk": private})
    assert await desk.refused(proof=proof) == "invalid_dpop_proof"


async def test_another_key_than_the_one_shown_is_refused(desk: Desk) -> None:
    """The signature is made by the key in the header."""
    proof = desk.device.proof("GET", URL, desk.token, header={"jwk": Device().public})
    assert await desk.refused(proof=proof) == "invalid_dpop_proof"


@pytest.mark.duty(115)
async def test_a_token_of_another_key_is_refused(desk: Desk) -> None:
    """Who stole a token cannot use it with a key of their own."""
    assert await desk.refused(proof=Device().proof("GET", URL, desk.token)) == "invalid_dpop_proof"


async def test_a_changed_signature_is_refused(desk: Desk) -> None:
    """One character of the signature, of proof and of token."""
    proof = desk.device.proof("GET", URL, desk.token)
    header, payload, signature = proof.split(".")
    other = ("A" if signature[10] != "A" else "B").join([signature[:10], signature[11:]])
    assert await desk.refused(proof=f"{header}.{payload}.{other}") == "invalid_dpop_proof"
    header, payload, signature = desk.token.split(".")
    other = ("A" if signature[10] != "A" else "B").join([signature[:10], signature[11:]])
    assert await desk.refused(token=f"{header}.{payload}.{other}") == "invalid_token"


@pytest.mark.duty(109)
async def test_a_proof_comes_once(desk: Desk) -> None:
    """The second time it is refused, also after a hundred thousand others."""
    proof = desk.device.proof("GET", URL, desk.token)
    assert (await desk.ask(proof=proof)).agent == ANNA
    assert await desk.refused(proof=proof) == "invalid_dpop_proof"


def test_flooding_does_not_push_a_proof_out() -> None:
    """The cache forgets by time alone."""
    cache, now = ReplayCache(), 1_000_000.0
    assert cache.first("key", "mine", now, now)
    for number in range(100_000):
        cache.first("other", str(number), now, now)
    assert not cache.first("key", "mine", now, now + 59)


def test_what_cannot_hold_any_more_is_forgotten() -> None:
    """Memory is bounded by the window."""
    cache = ReplayCache()
    cache.first("key", "jti", 0.0, 0.0)
    cache.first("key", "later", 1000.0, 1000.0)
    assert len(cache._minutes) == 1


@pytest.mark.parametrize("algorithm", ["EdDSA", "RS256", "PS256"])
async def test_other_algorithms_that_are_offered(desk: Desk, algorithm: str) -> None:
    """EdDSA, RS256 and PS256 proofs hold as ES256 ones do."""
    key = OKPKey.generate_key("Ed25519") if algorithm == "EdDSA" else RSAKey.generate_key(2048)
    desk.device = Device(key, algorithm)
    desk.token = desk.make()
    assert (await desk.ask()).agent == ANNA


@pytest.mark.duty(115)
async def test_a_bound_token_is_no_bearer_token(desk: Desk) -> None:
    """The downgrade to Bearer is refused, with and without a proof."""
    assert await desk.refused(scheme="Bearer") == "invalid_token"


async def test_one_header_of_each(desk: Desk) -> None:
    """Two DPoP headers, two Authorization headers, a proof alone: refused."""
    extra = desk.device.proof("GET", URL, desk.token).encode()
    assert await desk.refused(more=((b"dpop", extra),)) == "invalid_dpop_proof"
    assert await desk.refused(more=((b"authorization", b"DPoP x"),)) == "invalid_token"
    with pytest.raises(InvalidToken):
        await desk.authenticate([(b"dpop", extra)], "GET", URL)


async def test_nothing_sent_is_the_public(desk: Desk) -> None:
    """Without credentials nobody is refused here; what is public can be read."""
    assert (await desk.authenticate([], "GET", URL)).anonymous


@pytest.mark.duty(110)
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "other"}, {"aud": ["solid", BASE]}, {"aud": None}, {"iss": "https://evil.test"}, {"iss": None},
        {"exp": 1}, {"exp": None}, {"iat": FromNow(600)}, {"nbf": FromNow(600)},
        {"webid": "https://other.example/card#me"}, {"webid": None}, {"cnf": None}, {"cnf": {}}, {"cnf": {"jkt": ""}},
        {"typ": "JWT"}, {"typ": "dpop+jwt"}, {"typ": None}, {"kid": "unknown"}, {"confined": True},
    ],
)  # fmt: skip
async def test_a_token_that_lacks_something_is_refused(desk: Desk, changes: dict[str, Any]) -> None:
    """Audience, issuer, times, binding, type, key, and whom the issuer may speak for."""
    assert await desk.refused(token=desk.make(**at_the_moment(changes))) == "invalid_token"


async def test_a_token_expires_while_it_is_known(desk: Desk) -> None:
    """That a token was verified before does not make it live longer."""
    now = [time.time()]
    authenticate = Authenticator(desk.issuer.keys(), issuer=BASE, clock=lambda: now[0])
    token = desk.make()
    for later, good in ((0, True), (299, True), (301, False)):
        now[0] += later if later != 299 else 290
        proof = desk.device.proof("GET", URL, token, now=now[0])
        headers = [(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())]
        if good:
            assert (await authenticate(headers, "GET", URL)).agent == ANNA
        else:
            with pytest.raises(InvalidToken):
                await authenticate(headers, "GET", URL)


@pytest.mark.duty(113)
async def test_a_token_signed_by_another_is_refused(desk: Desk) -> None:
    """The same claims under another key with the same kid."""
    forger = Issuer(BASE)
    forger.key = ECKey.generate_key("P-256", parameters={"kid": "test-1"})
    assert await desk.refused(token=forger.token(desk.device, webid=ANNA, client=APP)) == "invalid_token"


async def test_a_token_signed_with_the_public_key_as_secret_is_refused(desk: Desk) -> None:
    """HS256 with our public key is no signature of ours."""
    secret = OctKey.import_key(b"x" * 64)
    claims = {
        "iss": BASE,
        "aud": "solid",
        "webid": ANNA,
        "exp": time.time() + 60,
        "iat": time.time(),
        "cnf": {"jkt": "x"},
    }
    assert (
        await desk.refused(token=sign({"typ": "at+jwt", "kid": "test-1"}, claims, secret, "HS256")) == "invalid_token"
    )


async def test_a_share_link_token_needs_no_webid(desk: Desk) -> None:
    """A confined token names its grant and its client; there need not be an agent."""
    token = desk.make(webid=None, confined=True, grant="01LINK")
    assert await desk.ask(token=token) == Requester(None, APP, "01LINK", confined=True, issuer=BASE)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://pod.example/a%7eb", "https://pod.example/a~b"),
        ("HTTPS://Pod.Example/a", "https://pod.example:443/a"),
        ("https://pod.example", "https://pod.example/"),
        ("https://pod.example/caf%c3%a9", "https://pod.example/caf%C3%A9"),
    ],
)
def test_urls_have_a_normal_form(url: str, same: str) -> None:
    """RFC 3986, 6.2.2 and 6.2.3."""
    assert normal(url) == normal(same)


@pytest.mark.parametrize(
    "url", ["https://u@pod.example/a", "https://pod.example/a%2Fb", "https://pod.example:x/a", "a"]
)
def test_other_urls_stay_other(url: str) -> None:
    """User information, an encoded slash and nonsense are not the same URL."""
    assert normal(url) != normal("https://pod.example/a/b")
    assert normal(url) != normal("https://pod.example/a")
