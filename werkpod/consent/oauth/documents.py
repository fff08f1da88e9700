"""Client id documents: an app's client id is the address of a document that says what the app is.

Solid-OIDC, section 5 ("Client Identifiers"), and draft-ietf-oauth-client-id-metadata-document; members of RFC 7591.
The document is read as JSON; its JSON-LD context is not followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from werkpod.consent.oauth.client_model import LINK_GRANT, Client
from werkpod.consent.oauth.consented import said_of, snapshot_of
from werkpod.consent.oauth.details import DOCUMENT_MEMBER, AccessRequest, document_defaults
from werkpod.consent.oauth.errors import InvalidClient
from werkpod.consent.oauth.jwks import public_keys
from werkpod.consent.oauth.redirects import is_web

OIDC_CONTEXT = "https://www.w3.org/ns/solid/oidc-context.jsonld"
DOCUMENT_LIMIT = 5 * 1024
"""Bytes of a client id document (the draft's section 6.6 recommends 5 KB)."""
_GRANT_TYPES = ("authorization_code", "refresh_token", "client_credentials", LINK_GRANT)
_AUTH_METHODS = ("none", "private_key_jwt")


def parse_document(client_id: str, body: bytes, *, allow_loopback: bool, linked: bool = False) -> Client:
    """The client that a document describes. Raises InvalidClient that names the member and what it should be.

    `linked`: it was sent as JSON-LD. Then, and where it names a context, the context must be Solid-OIDC's (5.1): the
    names of its members would mean something else otherwise. One that is plain JSON needs none (the draft).
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidClient("The client id document is not JSON.") from None
    if not isinstance(document, dict):
        raise InvalidClient("The client id document must be an object.")
    if (linked or "@context" in document) and OIDC_CONTEXT not in _contexts(document):
        raise InvalidClient(f"@context of a client id document in JSON-LD must be or have {OIDC_CONTEXT}.")
    if document.get("client_id") != client_id:
        raise InvalidClient("client_id in the client id document must be the address of the document.")
    if "client_secret" in document:
        raise InvalidClient("A client id document is public and must not have a client_secret.")
    method = document.get("token_endpoint_auth_method", "none")
    if method not in _AUTH_METHODS:
        raise InvalidClient(f"token_endpoint_auth_method must be one of {', '.join(_AUTH_METHODS)}.")
    scope, said = _string(document, "scope", 200), said_of(document)
    grant_types = _strings(document, "grant_types") or ("authorization_code",)
    if "offline_access" in scope.split():
        grant_types = (*grant_types, "refresh_token")
    return Client(
        id=client_id,
        name=_string(document, "client_name", 100) or (urlsplit(client_id).hostname or ""),
        names={"en": name} if (name := _string(document, "client_name#en", 100)) else {},
        uri=_string(document, "client_uri", 500),
        redirect_uris=_redirect_uris(document, allow_loopback=allow_loopback),
        post_logout_redirect_uris=tuple(
            uri for uri in _strings(document, "post_logout_redirect_uris") if is_web(uri, loopback=allow_loopback)
        ),
        auth_method=method,
        keys=public_keys(document.get("jwks")) if method == "private_key_jwt" else (),
        grant_types=tuple(g for g in _GRANT_TYPES if g in grant_types),
        access=_access(document),
        snapshot=snapshot_of(said),
        said=said,
        pushes=_boolean(document, "require_pushed_authorization_requests"),
    )


def _contexts(document: Mapping[str, Any]) -> list[object]:
    value = document.get("@context")
    return value if isinstance(value, list) else [value]


def _redirect_uris(document: Mapping[str, Any], *, allow_loopback: bool) -> tuple[str, ...]:
    """Those that a person can be sent to; an app's document often names its maker's own machine beside them."""
    uris = _strings(document, "redirect_uris")
    if not uris:
        raise InvalidClient("redirect_uris must be an array with at least one address.")
    fit = tuple(uri for uri in uris if is_web(uri, loopback=allow_loopback))
    if not fit:
        raise InvalidClient("redirect_uris must have an https address without a user name or fragment.")
    return fit


def _access(document: Mapping[str, Any]) -> AccessRequest:
    return document_defaults(document.get(DOCUMENT_MEMBER))


def _string(document: Mapping[str, Any], name: str, most: int) -> str:
    value = document.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise InvalidClient(f"{name} in the client id document must be a string of at most {most} characters.")
    return "".join(c for c in value if c.isprintable()).strip()


def _strings(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = document.get(name, [])
    if not isinstance(value, list) or len(value) > 20 or not all(isinstance(v, str) and len(v) <= 500 for v in value):
        raise InvalidClient(f"{name} in the client id document must be an array of at most 20 strings.")
    return tuple(dict.fromkeys(value))


def _boolean(document: Mapping[str, Any], name: str) -> bool:
    value = document.get(name, False)
    if not isinstance(value, bool):
        raise InvalidClient(f"{name} in the client id document must be true or false.")
    return value
