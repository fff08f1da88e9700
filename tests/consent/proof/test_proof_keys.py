"""The keys that sign proofs: published for ever, followed up each year, useless for what was before."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet
from support.regie import Regie, regie

from werkpod.consent.proof import ProofKeys, ProofRefused, PublicKeys
from werkpod.consent.proof.checking import detached
from werkpod.consent.proof.keys import DAYS, LEAD, POLL
from werkpod.pod.vault import SERVER

TYP = "test-proof+jws"
YEAR = DAYS * 86400.0


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as parts:
        yield parts


async def _keys(parts: Regie) -> ProofKeys:
    return await ProofKeys.load(parts.consent, parts.vault, clock=parts.clock)


async def test_a_proof_says_what_was_signed_when_and_by_which_key(parts: Regie) -> None:
    """Payload, time and key come back from a proof, byte for byte."""
    keys = await _keys(parts)
    checked = keys.verify(keys.sign(b'{"a": 1}\n', typ=TYP, cty="json"), typ=TYP)
    assert checked.payload == b'{"a": 1}\n'
    assert checked.at == int(parts.clock.now)
    assert checked.kid == keys.jwks()["keys"][0]["kid"]


async def test_the_published_list_checks_in_other_software(parts: Regie) -> None:
    """A JOSE library finds the key by its id in the published list; no private member is out."""
    keys = await _keys(parts)
    signed = keys.sign(b"x", typ=TYP)
    published = keys.jwks()
    registry = jws.JWSRegistry(strict_check_header=False)
    found = jws.deserialize_compact(signed, KeySet.import_key_set(published), registry=registry)  # type: ignore[arg-type]
    assert found.payload == b"x"
    assert not any("d" in key for key in published["keys"])


async def test_any_changed_character_fails(parts: Regie) -> None:
    """Each character of a proof counts, the last one of the signature included, whose last bits stand for nothing."""
    keys = await _keys(parts)
    signed = keys.sign(b'{"from": "a"}', typ=TYP)
    for place, old in enumerate(signed):
        new = chr(ord(old) ^ 1)
        with pytest.raises(ProofRefused):
            keys.verify(signed[:place] + new + signed[place + 1 :], typ=TYP)
    with pytest.raises(ProofRefused):
        keys.verify(signed + "=", typ=TYP)


async def test_a_detached_proof_fits_its_payload_alone(parts: Regie) -> None:
    """Without its payload a proof checks with the same bytes beside it, and with no others."""
    keys = await _keys(parts)
    bare = detached(keys.sign(b"these bytes", typ=TYP))
    assert keys.verify(bare, typ=TYP, payload=b"these bytes").payload == b"these bytes"
    with pytest.raises(ProofRefused) as refused:
        keys.verify(bare, typ=TYP, payload=b"these bytez")
    assert refused.value.failed == "signature"


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({"alg": "none"}, "signature"), ({"alg": "HS256"}, "signature"), ({"typ": "at+jwt"}, "kind"),
        ({"kid": "another"}, "key"), ({"kid": None}, "form"), ({"iat": "now"}, "form"), ({"iat": True}, "form"),
        ({"iat": 5}, "period"), ({"crit": ["b64"], "b64": False}, "signature"),
        ({"jku": "https://evil.example"}, "signature"),
    ],
)  # fmt: skip
async def test_a_header_of_another_kind_is_refused(parts: Regie, changed: dict[str, object], failed: str) -> None:
    """Another algorithm, kind, key or time than ours is refused, even where our own key signed it."""
    keys = await _keys(parts)
    key: ECKey = keys._keys[0].key
    header = {"alg": "ES256", "typ": TYP, "kid": key.kid, "iat": int(parts.clock.now)} | changed
    if header["alg"] == "ES256" and changed.keys() <= {"iat", "kid", "typ"}:
        registry = jws.JWSRegistry(strict_check_header=False)
        sent = {name: value for name, value in header.items() if value is not None}
        signed = jws.serialize_compact(sent, b"x", key, registry=registry) if sent.get("kid") else _unsigned(sent)
    else:
        signed = _unsigned(header)
    with pytest.raises(ProofRefused) as refused:
        keys.verify(signed, typ=TYP)
    assert refused.value.failed == failed


def _unsigned(header: dict[str, object]) -> str:
    parts = (json.dumps(header).encode(), b"x", b"s" * 64)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "é.é.é", "{}", "." * 300, "a" * 200_000])
async def test_what_is_no_proof_is_refused(parts: Regie, text: str) -> None:
    """Any other text is refused with a sentence, never an error of a library."""
    keys = await _keys(parts)
    with pytest.raises(ProofRefused) as refused:
        keys.verify(text, typ=TYP)
    assert refused.value.failed == "form"


async def test_after_a_year_there_is_a_new_key_and_the_old_proofs_still_check(parts: Regie) -> None:
    """The successor is published before it signs; the old key stays in the list, with its end, and cannot sign more."""
    keys = await _keys(parts)
    old = keys.sign(b"old", typ=TYP)
    parts.clock.now += YEAR + 1
    await keys.fresh()
    assert len(keys.jwks()["keys"]) == 2
    first = keys.verify(old, typ=TYP).kid
    assert keys.verify(keys.sign(b"still", typ=TYP), typ=TYP).kid == first
    parts.clock.now += LEAD + 1
    assert keys.verify(keys.sign(b"new", typ=TYP), typ=TYP).kid != first
    parts.clock.now += LEAD + POLL
    await keys.fresh()
    assert keys.verify(old, typ=TYP).payload == b"old"
    assert [held.private for held in keys._keys] == [False, True]
    again = await _keys(parts)
    assert again.jwks() == keys.jwks()
    assert again.verify(old, typ=TYP).payload == b"old"


async def test_an_old_key_makes_no_new_proof(parts: Regie) -> None:
    """What says that it was signed after its key had a successor is refused."""
    keys = await _keys(parts)
    stolen = keys._keys[0].key
    parts.clock.now += YEAR + 1
    await keys.fresh()
    parts.clock.now += LEAD + 100
    header = {"alg": "ES256", "typ": TYP, "kid": stolen.kid, "iat": int(parts.clock.now)}
    signed = jws.serialize_compact(header, b"x", stolen, registry=jws.JWSRegistry(strict_check_header=False))
    with pytest.raises(ProofRefused) as refused:
        keys.verify(signed, typ=TYP)
    assert refused.value.failed == "period"


async def test_a_stolen_key_is_withdrawn_at_once(parts: Regie) -> None:
    """The next proof is by another key, and what the stolen one signed is not trusted; the list says so to others."""
    keys = await _keys(parts)
    old = keys.sign(b"old", typ=TYP)
    await keys.rotate(stolen=True)
    assert keys.verify(keys.sign(b"new", typ=TYP), typ=TYP).payload == b"new"
    for checker in (keys, PublicKeys.read(keys.jwks())):
        with pytest.raises(ProofRefused) as refused:
            checker.verify(old, typ=TYP) if isinstance(checker, ProofKeys) else checker.check(old, TYP)
        assert refused.value.failed == "withdrawn"


async def test_two_processes_make_one_key(parts: Regie) -> None:
    """Two servers on one store sign with the same first key, and a planned successor is made once."""
    one, two = await _keys(parts), await _keys(parts)
    assert one.jwks() == two.jwks()
    await one.rotate()
    await two.rotate()
    assert one.jwks() == two.jwks()
    assert len(one.jwks()["keys"]) == 2


async def test_nothing_of_a_key_stands_in_the_database(parts: Regie) -> None:
    """Neither half of a key is readable in the files, and a row that somebody put there is not taken for a key."""
    keys = await _keys(parts)
    key = keys._keys[0].key.as_dict(private=True)
    assert not any(str(key[name]).encode() in parts.raw() for name in ("d", "x", "y"))
    (row,) = await parts.consent.fetch("SELECT COUNT(*) FROM proof_key WHERE pod = ?1", SERVER)
    assert row[0] == 1


@pytest.mark.parametrize(
    "listed", [None, [], {}, {"keys": []}, {"keys": [{}]}, {"keys": ["x"]}, {"keys": [{"kty": "oct", "k": "eA"}]}]
)
def test_a_list_of_keys_that_is_none_is_refused(listed: object) -> None:
    """A file that is no list of our keys is said to be none."""
    with pytest.raises(ProofRefused) as refused:
        PublicKeys.read(listed)
    assert refused.value.failed == "key"
