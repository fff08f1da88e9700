"""The pod as an app reaches it: over HTTP, with the session's token and a proof for each request (RFC 9449, 7)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx2
import msgspec

from werkpod.apps.kit.dpop import ProofKey
from werkpod.apps.kit.errors import ChangedMeanwhile, Gone, NotShared, PodConflict, PodRejected, PodUnavailable
from werkpod.apps.kit.session import Session

TURTLE = "text/turtle"
JSON_LD = "application/ld+json"


@dataclass(frozen=True, slots=True)
class Document:
    """What the pod answered. `etag` goes into `if_match` of a later write; "" when the pod sent none."""

    url: str
    body: bytes
    media_type: str
    etag: str


class PodClient:
    """Reads and writes in pods for one session.

    Addresses are relative to the session's storage ("cv/experience") or absolute (another person's pod).
    `renew` gives a session with fresh tokens, or raises Stopped. Every method raises NotShared (401, 403), Gone
    (404, 410), ChangedMeanwhile (412), PodConflict (409), PodRejected (other 4xx), PodUnavailable (5xx, no answer).
    """

    def __init__(
        self, http: httpx2.AsyncClient, session: Session, renew: Callable[[Session], Awaitable[Session]], *,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.session = session
        self._http, self._renew, self._clock = http, renew, clock
        self._proof = ProofKey(session.proof)

    @property
    def storage(self) -> str:
        """The root of the session's own pod; ends in "/"."""
        return self.session.storage

    def url(self, address: str) -> str:
        """The absolute URL of an address."""
        # In the form in which it is sent, because the proof names it character for character (RFC 9449, 4.3).
        return str(httpx2.URL(urljoin(self.storage, address)))

    async def get(self, address: str, *, accept: str = TURTLE) -> Document:
        """The document at an address."""
        return self._document(await self._request("GET", address, headers={"Accept": accept}))

    async def find(self, address: str, *, accept: str = TURTLE) -> Document | None:
        """The document at an address, or None when there is none or it is not shared."""
        try:
            return await self.get(address, accept=accept)
        except (Gone, NotShared):
            return None

    async def put(
        self, address: str, body: bytes, media_type: str = TURTLE, *, if_match: str = "", if_none_match: str = ""
    ) -> str:
        """Write the whole document; returns its new ETag. `if_none_match="*"` writes only what does not exist."""
        headers = _conditions(media_type, if_match, if_none_match)
        return (await self._request("PUT", address, headers=headers, body=body)).headers.get("etag", "")

    async def patch(self, address: str, body: bytes, media_type: str = "text/n3", *, if_match: str = "") -> str:
        """Change the document by an N3 Patch (Solid Protocol, 5.3.1); returns its new ETag."""
        headers = _conditions(media_type, if_match, "")
        return (await self._request("PATCH", address, headers=headers, body=body)).headers.get("etag", "")

    async def post(self, container: str, body: bytes, media_type: str = JSON_LD, *, slug: str = "") -> str:
        """Add to a container or an inbox (LDN, 3.1); returns the address that it got, "" when the pod tells none."""
        headers = {"Content-Type": media_type, **({"Slug": slug} if slug else {})}
        response = await self._request("POST", container, headers=headers, body=body)
        return str(response.url.join(response.headers["location"])) if "location" in response.headers else ""

    async def delete(self, address: str, *, if_match: str = "") -> None:
        """Remove the document."""
        await self._request("DELETE", address, headers={"If-Match": if_match} if if_match else {})

    async def ask(self, method: str, url: str, value: object = None) -> tuple[int, bytes]:
        """One request of JSON to a service beside the pod: status and body, also of a refusal that says why (4xx).

        Raises NotShared (401, 403) and PodUnavailable (5xx, no answer).
        """
        body = None if value is None else msgspec.json.encode(value)
        headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {})}
        try:
            response = await self._request(method, url, headers=headers, body=body, refusals=True)
        except (Gone, ChangedMeanwhile, PodConflict, PodRejected) as error:
            raise PodUnavailable(str(error)) from error
        return response.status_code, response.content

    async def _request(
        self, method: str, address: str, *, headers: Mapping[str, str], body: bytes | None = None,
        refusals: bool = False,
    ) -> httpx2.Response:  # fmt: skip
        url = self.url(address)
        # A token with less than 20 seconds to live would be over before a slow pod looks at it.
        if self.session.refresh_token and self.session.expires - self._clock() < 20:
            self.session = await self._renew(self.session)
        response = await self._send(method, url, headers, body)
        if response.status_code == 401 and self.session.refresh_token:
            self.session = await self._renew(self.session)
            response = await self._send(method, url, headers, body)
        told = refusals and 400 <= response.status_code < 500 and response.status_code not in (401, 403)
        if response.status_code >= 300 and not told:
            raise _error(method, url, response)
        return response

    async def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> httpx2.Response:
        token = self.session.access_token
        proof = self._proof.proof(method, url, now=self._clock(), token=token)
        try:
            return await self._http.request(
                method, url, content=body, headers={**headers, "Authorization": f"DPoP {token}", "DPoP": proof},
                follow_redirects=False,
            )  # fmt: skip
        except httpx2.RequestError as error:
            raise PodUnavailable(f"{method} {url}: no answer ({type(error).__name__})") from error

    @staticmethod
    def _document(response: httpx2.Response) -> Document:
        media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
        return Document(str(response.url), response.content, media_type, response.headers.get("etag", ""))


def _conditions(media_type: str, if_match: str, if_none_match: str) -> dict[str, str]:
    """The headers of a write; only the conditions that are given (RFC 9110, 13.1)."""
    headers = {"Content-Type": media_type}
    if if_match:
        headers["If-Match"] = if_match
    if if_none_match:
        headers["If-None-Match"] = if_none_match
    return headers


_BY_STATUS = {
    401: NotShared, 403: NotShared, 404: Gone, 408: PodUnavailable, 409: PodConflict, 410: Gone, 412: ChangedMeanwhile,
    425: PodUnavailable, 429: PodUnavailable,
}  # fmt: skip


def _error(method: str, url: str, response: httpx2.Response) -> Exception:
    """The error that goes with a status; the pod's own words only where they tell the app what to change."""
    status = response.status_code
    if status in _BY_STATUS:
        return _BY_STATUS[status](f"{method} {url} answered {status}")
    if 400 <= status < 500:
        return PodRejected(f"{method} {url} answered {status}: {response.text[:500]}")
    return PodUnavailable(f"{method} {url} answered {status}")
