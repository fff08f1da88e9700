"""DPoP proofs (RFC 9449)."""

import base64
import hashlib

from joserfc import jws, jwt
from joserfc.jwk import ECKey

from werkpod.apps.kit.dpop import ProofKey


def test_a_proof_says_what_it_is_for_and_verifies_with_the_key_in_its_header() -> None:
    """A proof has the members of RFC 9449, 4.2, its address without query, and is signed by the key it carries."""
    key = ProofKey.generate()
    proof = key.proof("GET", "https://pod.example/anna/cv/experience?x=1#y", now=1000.9, token="abc")
    header = jws.extract_compact(proof.encode()).headers()
    assert header["typ"] == "dpop+jwt"
    assert header["alg"] == "ES256"
    assert "d" not in header["jwk"]
    claims = jwt.decode(proof, ECKey.import_key(header["jwk"]), algorithms=["ES256"]).claims
    assert (claims["htm"], claims["htu"], claims["iat"]) == ("GET", "https://pod.example/anna/cv/experience", 1000)
    assert claims["ath"] == base64.urlsafe_b64encode(hashlib.sha256(b"abc").digest()).rstrip(b"=").decode()


def test_each_proof_has_its_own_jti() -> None:
    """Two proofs for the same request differ in `jti`, so that a server may refuse the second use of one."""
    key = ProofKey.generate()
    jtis = {jws.extract_compact(key.proof("GET", "https://a.example/", now=1.0).encode()).payload for _ in range(3)}
    assert len(jtis) == 3


def test_a_key_survives_its_text() -> None:
    """A key made from its text is the same key, by thumbprint (RFC 7638)."""
    key = ProofKey.generate()
    assert ProofKey(key.text).thumbprint == key.thumbprint


def test_without_a_token_there_is_no_ath() -> None:
    """A proof for the token endpoint is bound to no access token."""
    payload = jws.extract_compact(ProofKey.generate().proof("POST", "https://a.example/t", now=1.0).encode()).payload
    assert b"ath" not in payload
