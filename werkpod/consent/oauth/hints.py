"""`id_token_hint`: an ID token that we gave, back from the app as a word about who it means.

OpenID Connect Core, 3.1.2.1, and RP-Initiated Logout 1.0, 2: it may be over, but it must be ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from joserfc import jws, jwt
from joserfc.errors import JoseError

from werkpod.consent.oauth.keys import ALGORITHM, SigningKeys

_LONGEST = 8 * 1024


@dataclass(frozen=True, slots=True)
class Hint:
    """Whom an ID token was about, and which app it was for."""

    webid: str
    client: str


def read_hint(token: str, keys: SigningKeys, issuer: str) -> Hint | None:
    """What an ID token of ours says; None for anything else, and for one whose key is no longer published."""
    if not token or len(token) > _LONGEST:
        return None
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
        key = keys.key(str(header.get("kid")))
        if key is None or header.get("typ") != "JWT":
            return None
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        return None
    webid, client = claims.get("webid"), claims.get("azp")
    if claims.get("iss") != issuer or not isinstance(webid, str) or not isinstance(client, str):
        return None
    return Hint(webid, client)
