"""What an app may say of itself when it registers: RFC 7591, section 2, and OpenID Connect Registration 1.0, section 2.

What is not known here is left out (RFC 7591, 2: unknown members are ignored), what cannot be given is replaced (3.2.1),
and the answer says what was registered. What is known and malformed is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from werkpod.consent.oauth.errors import InvalidClient, InvalidClientMetadata, InvalidRedirectUri
from werkpod.consent.oauth.jwks import public_keys
from werkpod.consent.oauth.keys import ALGORITHM
from werkpod.consent.oauth.redirects import is_private_scheme, is_web

BODY_LIMIT = 16 * 1024
"""Bytes of a registration."""
AUTH_METHODS = ("none", "client_secret_basic", "client_secret_post", "private_key_jwt")
GRANT_TYPES = ("authorization_code", "refresh_token")
_MOST_URIS, _LONGEST_URI, _LONGEST_NAME = 10, 500, 100


class Registration(msgspec.Struct, frozen=True):
    """What is registered. Equal registrations are one client. `keys`: public JWKs for private_key_jwt. `pushes`: as in
    `Client`."""

    redirect_uris: tuple[str, ...]
    auth_method: str
    grant_types: tuple[str, ...]
    application_type: str = "web"
    name: str = ""
    names: dict[str, str] = {}
    uri: str = ""
    post_logout_redirect_uris: tuple[str, ...] = ()
    keys: tuple[dict[str, Any], ...] = ()
    pushes: bool = False

    def stored(self) -> bytes:
        """What is kept of it, the same for the same registration: the client id is a hash of this."""
        said = msgspec.to_builtins(self)
        return msgspec.json.encode({k: v for k, v in said.items() if k != "pushes" or v}, order="sorted")

    def metadata(self) -> dict[str, Any]:
        """The members of a registration answer that say what was registered (RFC 7591, 3.2.1)."""
        found: dict[str, Any] = {
            "redirect_uris": list(self.redirect_uris),
            "token_endpoint_auth_method": self.auth_method,
            "grant_types": list(self.grant_types),
            "response_types": ["code"],
            "application_type": self.application_type,
            "subject_type": "public",
            "id_token_signed_response_alg": ALGORITHM,
            "scope": "openid webid" + (" offline_access" if "refresh_token" in self.grant_types else ""),
            "dpop_bound_access_tokens": True,
        }
        if self.name:
            found["client_name"] = self.name
        found.update({f"client_name#{lang}": name for lang, name in self.names.items()})
        if self.uri:
            found["client_uri"] = self.uri
        if self.post_logout_redirect_uris:
            found["post_logout_redirect_uris"] = list(self.post_logout_redirect_uris)
        if self.pushes:
            found["require_pushed_authorization_requests"] = True
        if self.keys:
            found["jwks"] = {"keys": list(self.keys)}
            found["token_endpoint_auth_signing_alg"] = ALGORITHM
        return found


def parse_registration(body: bytes) -> Registration:
    """The registration in a request's body. Raises InvalidClientMetadata, InvalidRedirectUri that name the member."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidClientMetadata("The body must be a JSON object.") from None
    if not isinstance(said, dict):
        raise InvalidClientMetadata("The body must be a JSON object.")
    method = _text(said, "token_endpoint_auth_method", 40) or "client_secret_basic"  # RFC 7591, 2
    if method not in AUTH_METHODS:
        raise InvalidClientMetadata(f"token_endpoint_auth_method must be one of {', '.join(AUTH_METHODS)}.")
    application_type = _text(said, "application_type", 20) or "web"
    if application_type not in ("web", "native"):
        raise InvalidClientMetadata("application_type must be web or native.")
    return Registration(
        redirect_uris=_addresses(said, "redirect_uris", needed=True),
        auth_method=method,
        grant_types=_grant_types(said),
        application_type=application_type,
        name=_text(said, "client_name", _LONGEST_NAME),
        names={lang: name for lang in ("nl", "en") if (name := _text(said, f"client_name#{lang}", _LONGEST_NAME))},
        uri=_client_uri(said),
        post_logout_redirect_uris=_addresses(said, "post_logout_redirect_uris"),
        keys=_keys(said) if method == "private_key_jwt" else (),
        pushes=_boolean(said, "require_pushed_authorization_requests"),
    )


def _grant_types(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that are spoken here. An app that names none gets both: Solid apps that refresh often do not say so."""
    if "code" not in (_strings(said, "response_types") or ("code",)):
        raise InvalidClientMetadata("response_types must have code in it; no other is spoken here.")
    asked = _strings(said, "grant_types")
    if asked and "authorization_code" not in asked:
        raise InvalidClientMetadata("grant_types must have authorization_code in it.")
    return tuple(name for name in GRANT_TYPES if not asked or name in asked)


def _addresses(said: Mapping[str, Any], name: str, *, needed: bool = False) -> tuple[str, ...]:
    found = said.get(name) or []
    if not isinstance(found, list) or not all(isinstance(uri, str) for uri in found):
        raise InvalidRedirectUri(f"{name} must be an array of addresses.")
    if len(found) > _MOST_URIS or (needed and not found):
        raise InvalidRedirectUri(f"{name} must have {1 if needed else 0} to {_MOST_URIS} addresses.")
    for uri in found:
        if len(uri) > _LONGEST_URI or not (is_web(uri, loopback=True) or is_private_scheme(uri)):
            raise InvalidRedirectUri(
                f"{name}: {uri[:80]} must be an https address, an http address on localhost, 127.0.0.1 or [::1], or "
                "that of a native app whose scheme has a full stop; without fragment or user name, at most "
                f"{_LONGEST_URI} characters."
            )
    return tuple(dict.fromkeys(found))


def _client_uri(said: Mapping[str, Any]) -> str:
    """The app's home page; one that is no web address is left out, nothing rests on it."""
    uri = _text(said, "client_uri", _LONGEST_URI)
    return uri if is_web(uri, loopback=False) else ""


def _keys(said: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    try:
        return public_keys(said.get("jwks"))
    except InvalidClient as error:
        raise InvalidClientMetadata(str(error.description)) from None


def _text(said: Mapping[str, Any], name: str, most: int) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > most:
        raise InvalidClientMetadata(f"{name} must be a string of at most {most} characters.")
    return "".join(c for c in value if c.isprintable()).strip()


def _strings(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = said.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > 20 or not all(isinstance(item, str) for item in value):
        raise InvalidClientMetadata(f"{name} must be an array of at most 20 strings.")
    return tuple(value)


def _boolean(said: Mapping[str, Any], name: str) -> bool:
    value = said.get(name) or False
    if not isinstance(value, bool):
        raise InvalidClientMetadata(f"{name} must be true or false.")
    return value
