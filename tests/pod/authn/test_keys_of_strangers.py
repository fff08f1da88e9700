"""JWKs and tokens that a stranger can make up: a key, a refusal, and never anything else."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey
from support.abroad import tls
from support.tokens import Device, Issuer

from werkpod.pod.authn import keys, signatures
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.errors import ALGORITHMS, InvalidProof, InvalidToken
from werkpod.pod.authn.issuers import ForeignIssuers
from werkpod.pod.elsewhere import Elsewhere
from werkpod.web.client import guarded_client

BASE = "https://pod.example"
GOOD = [
    key.as_dict(private=False)
    for key in (ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519"), RSAKey.generate_key(2048))
]
_WORDS = st.sampled_from(["AAAA", "A" * 400, "P-256", "RSA"])
_ODD: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | _WORDS
_JWKS = st.sampled_from(GOOD).flatmap(
    lambda good: st.dictionaries(st.sampled_from([*keys.PUBLIC, "use", "alg", "kid"]), _ODD, max_size=3).map(
        lambda odd: {**good, **odd}
    )
)


@pytest.mark.parametrize(("jwk", "algorithms"), [*zip(GOOD, [{"ES256"}, {"EdDSA"}, {"RS256", "PS256"}], strict=True)])
def test_a_key_fits_the_algorithms_of_its_kind(jwk: dict[str, Any], algorithms: set[str]) -> None:
    """And no other, nor one that it is not meant for."""
    assert {algorithm for algorithm in ALGORITHMS if keys.fits(jwk, algorithm)} == algorithms
    for algorithm in algorithms:
        assert not keys.fits({**jwk, "use": "enc"}, algorithm)
        assert not keys.fits({**jwk, "alg": "ES512"}, algorithm)


def test_an_rsa_key_has_an_exponent_that_is_quick_to_check() -> None:
    """One as long as the modulus makes each check cost milliseconds of everybody's time: it fits nothing."""
    good = GOOD[2]
    assert keys.fits({**good, "e": "__________8"}, "RS256")
    assert not keys.fits({**good, "e": good["n"]}, "RS256")
    assert not keys.fits({**good, "e": "A" * 400 + "AQAB"}, "RS256")


@given(_JWKS, st.sampled_from(ALGORITHMS))
@settings(deadline=None)
def test_any_jwk_is_a_key_or_is_refused(jwk: dict[str, Any], algorithm: str) -> None:
    """ValueError is all that comes of a JWK that is none; what comes of one that is one can check a signature."""
    if not keys.fits(jwk, algorithm):
        return
    try:
        key = keys.public_key(jwk, algorithm)
    except ValueError:
        return
    assert not signatures.verify(algorithm, key, "e30", "e30", base64.urlsafe_b64encode(b"x" * 63).decode())


_CLAIMS = st.dictionaries(
    st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "cnf", "webid", "client_id", "azp", "grant", "confined"]),
    _ODD | st.lists(_ODD, max_size=2) | st.fixed_dictionaries({"jkt": _ODD}),
    max_size=4,
)
_HEADERS = st.dictionaries(st.sampled_from(["typ", "alg", "kid", "crit", "jwk"]), _ODD, max_size=2)


def part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


@given(_HEADERS, _CLAIMS)
@settings(deadline=None)
async def test_any_token_is_refused_and_asks_nobody(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """401 for whatever somebody writes in a token, and no way out: these name no host on the internet."""
    now, device = int(time.time()), Device()
    said = {
        "iss": "https://issuer.invalid", "aud": "solid", "iat": now, "exp": now + 60, "webid": "https://bob.invalid/#me",
        "cnf": {"jkt": device.thumbprint}, **claims,
    }  # fmt: skip
    token = f"{part({'typ': 'at+jwt', 'alg': 'ES256', 'kid': 'k', **header})}.{part(said)}.AAAA"
    async with guarded_client(resolver=nowhere, tls=tls()) as client:
        foreign = ForeignIssuers(Elsewhere(client, own=BASE))
        ask = Authenticator(Issuer(BASE).keys(), issuer=BASE, foreign=foreign)
        sent = [(b"authorization", b"DPoP " + token.encode()), (b"dpop", device.proof("GET", BASE, token).encode())]
        with pytest.raises((InvalidToken, InvalidProof)):
            await ask(sent, "GET", BASE)


async def nowhere(host: str, port: int) -> list[str]:
    raise OSError("no such host")
