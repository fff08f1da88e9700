"""Requests as Authlib sees them, made from a Starlette request; the address comes from the configured base URL."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request

from werkpod.consent.oauth.errors import InvalidRequest

MAX_BYTES = 32 * 1024
_MAX_FIELDS = 50


class Payload(OAuth2Payload):
    """Parameters, each at most once."""

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = dict(parameters)

    @property
    def data(self) -> dict[str, str]:
        """The parameters."""
        return self._parameters

    @property
    def datalist(self) -> dict[str, list[str]]:  # type: ignore[override]
        """The parameters, as lists of one."""
        return {name: [value] for name, value in self._parameters.items()}


class Request(OAuth2Request):
    """A request in Authlib's form. `jkt`: thumbprint of the DPoP key that was proven, or None. `pushed`: it is, or came
    from, a pushed authorization request.

    `proven_client`: the client that showed by a secret or a signature who it is, once it has; a mere id is no proof.
    """

    payload: Any
    client: Any
    user: Any
    auth_method: Any
    authorization_code: Any
    refresh_token: Any

    def __init__(
        self,
        method: str,
        uri: str,
        parameters: Mapping[str, str],
        headers: Mapping[str, str],
        *,
        jkt: str | None = None,
        pushed: bool = False,
    ) -> None:
        super().__init__(method, uri, headers=dict(headers))
        self.payload = Payload(parameters)
        self.jkt = jkt
        self.pushed = pushed
        self.proven_client: str | None = None

    @property
    def args(self) -> dict[str, str]:
        """The parameters of the query."""
        return dict(self.payload.data) if self.method == "GET" else {}

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return dict(self.payload.data) if self.method == "POST" else {}


def read_parameters(encoded: bytes) -> dict[str, str]:
    """The parameters of a query or form body. Raises InvalidRequest.

    RFC 6749, 3.1 and 3.2: a parameter must not be sent twice; one without a value counts as not sent.
    """
    if len(encoded) > MAX_BYTES:
        raise InvalidRequest(f"The parameters have more than {MAX_BYTES} bytes.")
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise InvalidRequest(
            "The parameters must be application/x-www-form-urlencoded, in UTF-8, at most 50."
        ) from None
    return unique(pairs)


def unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs as a dictionary. Raises InvalidRequest when a name comes twice or a value has control characters."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidRequest(f"The parameter {name[:40]} is sent more than once.")
        if any(ord(c) < 32 and c not in "\t\r\n" for c in value):
            raise InvalidRequest(f"The parameter {name[:40]} has control characters in it.")
        found[name] = value
    return {name: value for name, value in found.items() if value}


def basic_credentials(header: str | None) -> tuple[str, str] | None:
    """Client id and secret of an Authorization header (RFC 6749, 2.3.1: both form-encoded); None if not Basic."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except ValueError:  # not base64 (binascii.Error), not ASCII, not UTF-8
        return None
    return (unquote_plus(name), unquote_plus(secret)) if colon else None
