"""What an operator says of an outside OpenID provider."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from werkpod.consent.accounts.model import Role

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
ClientAuth = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]


class OutsideProvider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One provider; the same issuer may come twice, for people in different roles.

    `name`: part of the redirect URI, `{base}/inloggen/met/{name}/terug`; `label`: what the button says.
    `issuer`: its issuer identifier, byte for byte (OpenID Connect Discovery 1.0, 4.3); `client_id`: our name there.
    `client_auth`: how we prove that (OpenID Connect Core 1.0, 9), with `client_secret`, `client_secret_file`, or
    `private_key_file` (PEM) and `private_key_id`.
    `subject`: the claim that names a person for good; `person_name`: claims that make up the name, joined with spaces.
    `require`: claims that must be there with one of these values (`acr` for a level of assurance, a group).
    `acr_values`, `prompt`: sent along (Core, 3.1.2.1); `prompt` is "login" unless told otherwise, because the computers
    in a town hall are shared.
    `role`: of accounts that are made; `create`: whether a new person gets an account, else only known ones come in.
    `private_address`: its host is in the operator's own network: any address and any port will do.
    """

    name: str
    label: str
    issuer: str
    client_id: str
    client_auth: ClientAuth = "client_secret_basic"
    client_secret: str = ""
    client_secret_file: str = ""
    private_key_file: str = ""
    private_key_id: str = ""
    scope: str = "openid profile"
    subject: str = "sub"
    person_name: tuple[str, ...] = ("name",)
    require: dict[str, tuple[str, ...]] = {}
    acr_values: str = ""
    prompt: str = "login"
    role: Role = "citizen"
    create: bool = True
    private_address: bool = False

    @property
    def host(self) -> str:
        """The issuer's host name."""
        return urlsplit(self.issuer).hostname or ""

    def secret(self) -> str:
        """The client secret, from the file where one is named. Raises OSError."""
        if self.client_secret_file:
            return Path(self.client_secret_file).read_text("utf-8").strip()
        return self.client_secret


def private_hosts(providers: Sequence[OutsideProvider]) -> frozenset[str]:
    """The hosts that may have a private address, because the operator says so."""
    return frozenset(provider.host for provider in providers if provider.private_address)


def check_providers(providers: Sequence[OutsideProvider]) -> None:
    """Raise ValueError with what is wrong and what would be right."""
    names = [provider.name for provider in providers]
    for provider in providers:
        where = f"sign_in_with {provider.name[:40]!r}"
        if not _NAME.match(provider.name):
            raise ValueError(f"{where}: a name has 1 to 32 of a-z, 0-9 and hyphens.")
        if names.count(provider.name) > 1:
            raise ValueError(f"{where}: the name is there twice.")
        url = urlsplit(provider.issuer)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
            raise ValueError(f"{where}: issuer = {provider.issuer!r} must start with https://.")
        if not url.hostname or url.query or url.fragment or "@" in url.netloc:
            raise ValueError(f"{where}: issuer = {provider.issuer!r} is a URL without query, fragment or password.")
        if not provider.label.strip() or not provider.client_id or "openid" not in provider.scope.split():
            raise ValueError(f"{where}: label and client_id have a value, and scope has 'openid' in it.")
        _check_proof(provider, where)


def _check_proof(provider: OutsideProvider, where: str) -> None:
    try:
        if provider.client_auth.startswith("client_secret") and not provider.secret():
            raise ValueError(f"{where}: {provider.client_auth} needs client_secret or client_secret_file.")
        if provider.client_auth == "private_key_jwt":
            if not provider.private_key_file:
                raise ValueError(f"{where}: client_auth = 'private_key_jwt' needs private_key_file.")
            Path(provider.private_key_file).read_bytes()
    except OSError as error:
        raise ValueError(f"{where}: {error.filename} cannot be read: {error.strerror}.") from error
