"""What goes over the wire between an app and an authorization server: the request, the metadata, the token answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import msgspec

from werkpod.apps.kit.errors import PodUnavailable
from werkpod.vocab.sections import SECTIONS

ACCESS_TYPE = "https://w3id.org/werkpod/access"
"""The `type` of our authorization_details (RFC 9396, 2)."""

DEFAULT_SCOPE = "webid offline_access"


@dataclass(frozen=True, slots=True)
class Text:
    """A short text in the two languages of Werkpod."""

    nl: str
    en: str

    def __call__(self, lang: str) -> str:
        """The text in a language."""
        return self.en if lang == "en" else self.nl


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What an app asks: which sections (keys of `vocab.sections.SECTIONS`), to do what, why and how long.

    Without one of `sections` the app is of no use; `optional` are others, which the citizen may tick or leave out.
    `purpose` is a DPV term; `duration` an ISO 8601 duration or "once". Raises ValueError for a section or an action
    that does not exist.
    """

    sections: tuple[str, ...]
    actions: tuple[str, ...]
    purpose: str
    purpose_text: Text
    duration: str = "P90D"
    optional: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if both := set(self.sections) & set(self.optional):
            raise ValueError(f"section {min(both)!r} is both needed and optional")
        for section in self.possible:
            if section not in SECTIONS:
                raise ValueError(f"section {section!r} does not exist; known: {', '.join(SECTIONS)}")
        for action in self.actions:
            if action not in ("read", "append", "write"):
                raise ValueError(f"action {action!r} does not exist; known: read, append, write")

    @property
    def possible(self) -> tuple[str, ...]:
        """Every section that the app can be given."""
        return (*self.sections, *self.optional)

    def detail(self) -> dict[str, Any]:
        """The element of `authorization_details` (RFC 9396) that asks this."""
        return {
            "type": ACCESS_TYPE,
            "sections": list(self.sections),
            **({"optional": list(self.optional)} if self.optional else {}),
            "actions": list(self.actions),
            "purpose": self.purpose,
            "purpose_text": {"nl": self.purpose_text.nl, "en": self.purpose_text.en},
            "duration": self.duration,
        }


class Metadata(msgspec.Struct, frozen=True):
    """The addresses of an authorization server (RFC 8414, 2)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str = ""
    pushed_authorization_request_endpoint: str = ""


class PushAnswer(msgspec.Struct, frozen=True):
    """The answer to a pushed authorization request (RFC 9126, 2.2)."""

    request_uri: str
    expires_in: int = 60


class GrantedDetail(msgspec.Struct, frozen=True):
    """One element of what was granted, as the token response tells it (RFC 9396, 7)."""

    type: str
    sections: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class TokenAnswer(msgspec.Struct, frozen=True):
    """The token response (RFC 6749, 5.1), with what Werkpod adds: whose pod, and where it is."""

    access_token: str
    token_type: str
    expires_in: int = 300
    refresh_token: str = ""
    webid: str = ""
    storage: str = ""
    authorization_details: tuple[GrantedDetail, ...] = ()

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections that were granted, each once."""
        found = [s for d in self.authorization_details if d.type == ACCESS_TYPE for s in d.sections]
        return tuple(dict.fromkeys(found))

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that were granted, each once."""
        found = [a for d in self.authorization_details if d.type == ACCESS_TYPE for a in d.actions]
        return tuple(dict.fromkeys(found))


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The error response of an OAuth endpoint (RFC 6749, 5.2)."""

    error: str = "unknown"
    error_description: str = ""


def decode_json(response: httpx2.Response, form: type[Any]) -> Any:
    """The JSON of a response as `form`. Raises PodUnavailable naming the address when it is something else."""
    try:
        return msgspec.json.decode(response.content, type=form)
    except msgspec.MsgspecError as error:
        raise PodUnavailable(
            f"{response.url} answered {response.status_code} with something unexpected: {error}"
        ) from None


def decode_error(response: httpx2.Response) -> ErrorAnswer:
    """The error of an OAuth endpoint; "unknown" when it has no such form."""
    try:
        return msgspec.json.decode(response.content, type=ErrorAnswer)
    except msgspec.MsgspecError:
        return ErrorAnswer()


def client_document(
    *, client_id: str, name: Text, description: Text, redirect_uri: str, home: str, jwks: Mapping[str, Any],
    access: AccessRequest | None, grant_types: tuple[str, ...], reasons: Mapping[str, Text] | None = None,
) -> bytes:  # fmt: skip
    """The client id document (Solid-OIDC, "Client ID Document"; members of RFC 7591), JSON-LD as bytes.

    `reasons`: why each section; in the document alone, so that the address of a request stays short.
    """
    document: dict[str, Any] = {
        "@context": [
            "https://www.w3.org/ns/solid/oidc-context.jsonld",
            {"werkpod": "https://w3id.org/werkpod/"},
        ],
        "client_id": client_id,
        "client_name": name.nl,
        "client_name#en": name.en,
        "client_uri": home,
        "redirect_uris": [redirect_uri],
        "grant_types": list(grant_types),
        "response_types": ["code"],
        "scope": DEFAULT_SCOPE,
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "dpop_bound_access_tokens": True,
        "require_pushed_authorization_requests": True,
        "jwks": jwks,
        "werkpod:description": {"nl": description.nl, "en": description.en},
    }
    if access is not None:
        why = {key: {"nl": text.nl, "en": text.en} for key, text in (reasons or {}).items()}
        document["werkpod:access"] = {**access.detail(), **({"reasons": why} if why else {})}
    return msgspec.json.encode(document)
