"""Signing out because an app asks for it: OpenID Connect RP-Initiated Logout 1.0.

An app that shows an ID token of ours for who is signed in may end the session (section 2: else the person is asked).
The browser is sent back to an address of `post_logout_redirect_uris` and to no other (section 3), by itself only with
such an ID token: anybody can register an app, and a link of ours must not lead wherever its maker likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from werkpod.consent.accounts.model import Account
from werkpod.consent.oauth.carrier import Parts
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.errors import WireError
from werkpod.consent.oauth.hints import read_hint

LOGOUT_PATH = "/oauth/logout"
PARAMETERS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
"""Those that count; `logout_hint` and `ui_locales` are taken and change nothing."""


@dataclass(frozen=True, slots=True)
class SignOut:
    """What an app asks. `client` None: it is not known. `back`: where to go afterwards; "" for nowhere.

    `sure`: it showed an ID token of who is signed in, or nobody is.
    """

    client: Client | None = None
    back: str = ""
    sure: bool = False


async def read_sign_out(parameters: Mapping[str, str], parts: Parts, viewer: Account | None) -> SignOut:
    """What a request to sign out means. What does not hold in it is as if it were not there; nothing is refused."""
    hint = read_hint(parameters.get("id_token_hint", ""), parts.keys, parts.issuer)
    client_id = parameters.get("client_id") or (hint.client if hint else "")
    if hint is not None and hint.client != client_id:
        hint, client_id = None, ""  # section 2: both are there and differ
    client = await _client(client_id, parts) if client_id else None
    back = parameters.get("post_logout_redirect_uri", "")
    if client is None or back not in client.post_logout_redirect_uris:
        back = ""
    if back and "state" in parameters:
        back += ("&" if "?" in back else "?") + urlencode({"state": parameters["state"]})
    return SignOut(client, back, hint is not None and (viewer is None or hint.webid == viewer.webid))


async def _client(client_id: str, parts: Parts) -> Client | None:
    try:
        return await parts.clients.get(client_id)
    except WireError:
        return None
