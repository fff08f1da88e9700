"""DPoP proofs at the pod, one wrong thing at a time, over HTTP (checklist section 3)."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from support.podapp import BASE, Server, pod_server
from support.tokens import Device, sign

from werkpod.pod.authn.errors import ALGORITHMS


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as started:
        yield started


async def _asked(server: Server, url: str, token: str, *proofs: str, scheme: str = "DPoP", name: str = "DPoP") -> int:
    """The status of a GET with these proofs; a refusal must say why, as RFC 9449, 7.1 has it."""
    headers = [("Authorization", f"{scheme} {token}"), *((name, proof) for proof in proofs)]
    answer = await server.http.get(url, headers=headers)
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("DPoP "), answer.headers
        assert ALGORITHMS[0] in answer.headers["www-authenticate"]
    return answer.status_code


def _header(**changes: Any) -> dict[str, Any]:
    return {"header": changes}


async def test_each_thing_that_is_wrong_with_a_proof_is_a_401(server: Server) -> None:
    """Checklist 48-62, 66: two headers, no JWT, each field left out or wrong, another key, the time."""
    anna = await server.person("anna")
    url, token, now = anna.url("cv/experience"), anna.token(), int(time.time())
    good, device = anna.device.proof, anna.device
    rsa = RSAKey.generate_key(2048)
    unsigned = sign({"typ": "dpop+jwt", "jwk": device.public}, {"jti": "x"}, device.key).split(".")
    head = json.dumps({"typ": "dpop+jwt", "alg": "none", "jwk": device.public}).encode()
    wrong: dict[str, tuple[str, ...]] = {
        "48 two headers": (good("GET", url, token), good("GET", url, token)),
        "49 no JWT": ("abc",),
        "49 empty": ("",),
        "50 typ missing": (good("GET", url, token, **_header(typ=None)),),
        "50 typ wrong": (good("GET", url, token, **_header(typ="at+jwt")),),
        "51 alg missing": (_with_header(good("GET", url, token), alg=None),),
        "52 alg none": (f"{_b64(head)}.{unsigned[1]}.",),
        "53 alg not offered": (
            sign({"typ": "dpop+jwt", "jwk": rsa.as_dict(private=False)}, {"jti": "x"}, rsa, "RS512"),
        ),
        "54 jwk missing": (good("GET", url, token, **_header(jwk=None)),),
        "55 private jwk": (good("GET", url, token, **_header(jwk=device.key.as_dict(private=True))),),
        "56 jti missing": (good("GET", url, token, jti=None),),
        "57 htm missing": (good("GET", url, token, htm=None),),
        "57 htm wrong": (good("POST", url, token),),
        "58 htu missing": (good("GET", url, token, htu=None),),
        "59 iat missing": (good("GET", url, token, iat=None),),
        "60 ath wrong": (good("GET", url, token, ath="A" * 43),),
        "61 signature": (good("GET", url, token)[:-6] + "AAAAAA",),
        "61 another key": (Device().proof("GET", url, token, **_header(jwk=device.public)),),
        "62 key B": (Device().proof("GET", url, token),),
        "66 an hour ago": (good("GET", url, token, iat=now - 3600),),
        "66 in an hour": (good("GET", url, token, iat=now + 3600),),
    }
    found = {name: await _asked(server, url, token, *proofs) for name, proofs in wrong.items()}
    assert {name: status for name, status in found.items() if status not in (400, 401)} == {}
    assert await _asked(server, url, token, good("GET", url, token)) == 200


async def test_a_proof_without_ath_ends_with_the_first_that_had_one(server: Server) -> None:
    """Checklist 60: libraries that never send `ath` are let in (record 19); a key that did once is held to it."""
    anna = await server.person("anna")
    url, token = anna.url("cv/experience"), anna.token()
    await _asked(server, url, token, anna.device.proof("GET", url, token))
    assert await _asked(server, url, token, anna.device.proof("GET", url, token, ath=None)) == 401


async def test_what_differs_without_meaning_is_let_in(server: Server) -> None:
    """Checklist 47, 63, 65, 66, 70-72: names in any case, query, ten seconds, extra claims."""
    anna = await server.person("anna")
    url, token, now = anna.url("cv/experience"), anna.token(), int(time.time())
    proof = anna.device.proof
    assert await _asked(server, url, token, proof("GET", url, token), name="DPOP") == 200
    for scheme in ("dpop", "DPOP", "dPoP"):
        assert await _asked(server, url, token, proof("GET", url, token), scheme=scheme) == 200
    for change in (
        {"htu": url + "?x=1#y"}, {"htu": url.replace("http://localhost", "HTTP://LOCALHOST")}, {"iat": now - 10},
        {"iat": now + 10}, {"extra": [1]}, _header(extra="x"), {"nbf": now - 5, "exp": now + 60},
    ):  # fmt: skip
        assert await _asked(server, url, token, proof("GET", url, token, **change)) == 200, change
    assert await _asked(server, url + "?x=1", token, proof("GET", url, token)) == 200
    for change in ({"nbf": now + 600}, {"exp": now - 600}):
        assert await _asked(server, url, token, proof("GET", url, token, **change)) == 401, change


async def test_a_proof_is_for_one_request_here(server: Server) -> None:
    """Checklist 64, 67-69, 74: another address, a second use, a bearer token, a proof alone, another Host are a 401."""
    anna = await server.person("anna")
    url, token, device = anna.url("cv/experience"), anna.token(), anna.device
    other = url.replace("localhost:8080", "evil.test")
    assert other != url
    for htu in (other, anna.url("cv/education"), BASE):
        assert await _asked(server, url, token, device.proof("GET", htu, token)) == 401
    once = device.proof("GET", url, token)
    assert [await _asked(server, url, token, once) for _ in range(2)] == [200, 401]
    for proofs in ((), (device.proof("GET", url, token),)):
        assert await _asked(server, url, token, *proofs, scheme="Bearer") == 401
    alone = await server.http.get(url, headers={"DPoP": device.proof("GET", url, None)})
    assert (alone.status_code, "www-authenticate" in alone.headers) == (401, True)
    headers = {"Authorization": f"DPoP {token}", "DPoP": device.proof("GET", other, token), "Host": "evil.test"}
    assert (await server.http.get(url, headers=headers)).status_code in (400, 401)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _with_header(proof: str, **changes: Any) -> str:
    """A proof with another header; the signature stays as it was."""
    header, payload, signature = proof.split(".")
    fields = json.loads(base64.urlsafe_b64decode(header + "=="))
    fields = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    return f"{_b64(json.dumps(fields).encode())}.{payload}.{signature}"
