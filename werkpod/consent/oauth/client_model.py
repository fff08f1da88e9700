"""The client, as Authlib's grants ask about it (RFC 6749, section 2) and as the consent page shows it."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

from werkpod.consent.oauth.details import AccessRequest
from werkpod.consent.oauth.redirects import is_local, same_but_port
from werkpod.web.ids import secret_hash

LINK_GRANT = "urn:werkpod:params:oauth:grant-type:share-link"
"""Our extension grant (RFC 6749, 4.5): a share link for a token that reads what the link shows."""
QUERY_GRANT, REVOKE_GRANT = "grant_management_query", "grant_management_revoke"
"""The scopes of Grant Management for OAuth 2.0: see one's own grant, end it."""
SCOPES = ("openid", "webid", "offline_access", QUERY_GRANT, REVOKE_GRANT)


@dataclass(frozen=True, slots=True)
class Client(ClientMixin):
    """An app with a client id document, one that registered itself (`registered`), or a citizen's own tool (a
    credential; then `pod` and `grant` are set).

    `keys`: public JWKs. `snapshot`: a hash of what a consent rests on, `said` of each part of it (`consented`).
    `pushes`: it said that it pushes its requests, so others are not its own (RFC 9126, 6). `secret`: SHA-256 of a
    tool's secret.
    `checks_secret`: whether a secret is one of a registered app's.
    """

    id: str
    name: str
    auth_method: str
    grant_types: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    uri: str = ""
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    keys: tuple[Mapping[str, Any], ...] = ()
    access: AccessRequest = field(default_factory=AccessRequest)
    snapshot: bytes = b""
    said: Mapping[str, bytes] = field(default_factory=dict)
    pushes: bool = False
    secret: bytes = b""
    pod: str = ""
    grant: str = ""
    registered: bool = False
    checks_secret: Callable[[str], bool] | None = None

    @property
    def host(self) -> str:
        """Who the app is, as far as anybody can check: the host of its client id, or that to which answers to an app
        that registered itself go; "" where that is a program on the person's own device."""
        if not self.registered:
            return urlsplit(self.id).netloc
        return "" if any(map(is_local, self.redirect_uris)) else urlsplit(self.redirect_uris[0]).netloc

    def label(self, lang: str) -> str:
        """The app's name in a language."""
        return self.names.get(lang, self.name)

    def get_client_id(self) -> str:
        """The client id."""
        return self.id

    def get_default_redirect_uri(self) -> None:
        """None: an authorization request names its redirect_uri, always (OIDC Core, 3.1.2.1)."""
        return

    def get_allowed_scope(self, scope: str | None) -> str:
        """What of the asked scope is given: what is known here. Others are left out, as RFC 6749, 3.3 allows."""
        asked = (scope or "").split()
        return " ".join(
            s for s in SCOPES if s in asked and (s != "offline_access" or "refresh_token" in self.grant_types)
        )

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exact string comparison (RFC 9700, 2.1); at a registered app's loopback address any port (RFC 8252, 7.3)."""
        return redirect_uri in self.redirect_uris or (
            self.registered and any(same_but_port(uri, redirect_uri) for uri in self.redirect_uris)
        )

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is the client's secret."""
        if self.checks_secret is not None:
            return self.checks_secret(client_secret)
        return bool(self.secret) and hmac.compare_digest(self.secret, secret_hash(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Who has a secret may send it in the header or in the form; every other client has one method."""
        if self.auth_method.startswith("client_secret"):
            return method in ("client_secret_basic", "client_secret_post")
        return method == self.auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Only the code flow."""
        return response_type == "code" and "authorization_code" in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use this grant type."""
        return grant_type in self.grant_types
