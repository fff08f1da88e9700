"""When a signing key was stolen and taken away, what was signed with it does not live on in a running server."""

from __future__ import annotations

import time

import pytest
from joserfc.jwk import ECKey, Key
from support.tokens import Device, Issuer

from werkpod.pod.authn.errors import InvalidToken
from werkpod.pod.authn.tokens import OWN_AGAIN, OwnKeys, TokenVerifier

BASE = "https://pod.example"


async def test_a_token_of_a_key_that_was_taken_away_ends_within_a_minute() -> None:
    """Also one that was made by a thief to last for years, and was seen before: it is looked at again."""
    thief, now = Issuer(BASE), time.time()
    keys: list[Key] = [thief.key, ECKey.generate_key("P-256", parameters={"kid": "next"})]
    verifier = TokenVerifier(OwnKeys(BASE, lambda: keys, base_url=BASE), issuer=BASE, clock=lambda: now)  # type: ignore[arg-type, return-value]
    forged = thief.token(Device(), webid=f"{BASE}/anna/profile/card#me", client="x", now=now, exp=int(now) + 10**8)
    assert (await verifier.verify(forged)).webid == f"{BASE}/anna/profile/card#me"
    del keys[0]
    now += OWN_AGAIN
    for _ in range(2):
        with pytest.raises(InvalidToken, match="key is not known here"):
            await verifier.verify(forged)
