"""Where clients come from: the document behind the client id, a registration, or a citizen's own credentials."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

import httpx2
import msgspec

from werkpod.consent.accounts.limits import Limiter
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.document_cache import DocumentCache, Kept
from werkpod.consent.oauth.documents import DOCUMENT_LIMIT, parse_document
from werkpod.consent.oauth.errors import InvalidClient, SlowDown, WireError
from werkpod.consent.oauth.registered import REGISTERED_ID, RegisteredClients
from werkpod.pod.addresses import RESERVED
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database
from werkpod.pod.vault import Vault
from werkpod.web.client import DEADLINE, Fetched, FetchRefused, check_url, fetch

LINKED = "application/ld+json"
ACCEPT = f"{LINKED}, application/json;q=0.9"
FETCHES = 8
"""Documents of strangers that are fetched at once. Each holds one of the carrier's 16 threads (`carrier.THREADS`) for
as long as the stranger likes, up to the deadline; the other threads stay free for everybody else."""
CREDENTIAL_ID = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.([0-9A-HJKMNP-TV-Z]{26})\Z")


class CredentialRecord(msgspec.Struct, frozen=True):
    """The sealed part of a credential: what the citizen calls it, and the grant behind it."""

    label: str
    grant: str


def is_first_party(client_id: str, base_url: str) -> bool:
    """Whether this is the client id of one of our own apps. Pods are on this origin too: a document there is anybody's.

    Only such an app may be redirected to by plain http, where a server is tried out on http://localhost.
    """
    return re.fullmatch(re.escape(base_url) + r"/apps/[a-z0-9-]+/client\.jsonld", client_id) is not None


class Clients:
    """Finds clients by client id. Documents are kept as `document_cache` says; errors are not kept."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        http: httpx2.AsyncClient,
        *,
        base_url: str,
        allow_loopback: bool = False,
        limiter: Limiter | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._vault, self._http = database, vault, http
        self._base_url, self._allow_loopback = base_url, allow_loopback
        self._limiter = limiter or Limiter()
        self._clock = clock
        self.registered = RegisteredClients(database, vault, clock=clock)
        self._documents = DocumentCache()
        self._fetching = 0

    async def get(self, client_id: str) -> Client | None:
        """The client, or None when there is none of this id. Raises InvalidClient: its document is unfit."""
        if match := CREDENTIAL_ID.match(client_id):
            return await self._credential(match[1], match[2])
        if REGISTERED_ID.match(client_id):
            return await self.registered.get(client_id)
        kept = self._documents.get(client_id)
        if kept is not None and kept.until > self._clock():
            return kept.client
        try:
            return await self._fetch(client_id, kept)
        except InvalidClient:
            self._documents.drop(client_id)
            raise

    async def _fetch(self, client_id: str, kept: Kept | None) -> Client:
        """The client that its document describes now. Raises InvalidClient, SlowDown."""
        own = client_id.startswith(f"{self._base_url}/")
        try:
            parts = check_url(client_id, allow_loopback=self._allow_loopback or own)
            if parts.path in ("", "/") or parts.fragment:
                raise FetchRefused("A client id must be the https address of a document, with a path.")
            first_party = is_first_party(client_id, self._base_url)
            if own and not first_party and (parts.query or parts.path.split("/")[1] in RESERVED):
                # Never an endpoint of our own: one that asks another such document would wait for itself.
                raise FetchRefused("A client id on this server is a document in a pod, or that of one of its own apps.")
            found = await self._document(client_id, parts.hostname or "", own=own, etag=kept.etag if kept else "")
            if kept is not None and found.unchanged:
                self._documents.renew(kept, found.headers, self._clock())
                return kept.client
            if found.media_type not in (LINKED, "application/json"):
                raise FetchRefused("A client id document must be application/ld+json or application/json.")
            # Our own apps on a server that is tried out on http://localhost redirect to that address.
            local = self._allow_loopback or (first_party and self._base_url.startswith("http://"))
            client = parse_document(client_id, found.body, allow_loopback=local, linked=found.media_type == LINKED)
            self._documents.put(client, found.headers, self._clock())
            return client
        except FetchRefused as error:
            raise InvalidClient(f"client_id: {error.detail}") from None
        except WireError as error:
            if isinstance(error, (InvalidClient, SlowDown)):
                raise
            raise InvalidClient(f"The client id document asks for something unknown. {error.description}") from None

    async def _document(self, client_id: str, host: str, *, own: bool, etag: str) -> Fetched:
        """The document, within its deadline. Raises FetchRefused, SlowDown."""
        if not own and (self._fetching >= FETCHES or await self._limiter.wait("client-document", host)):
            raise SlowDown("Too many client documents were asked for. Try again in a minute.")
        self._fetching += not own
        try:
            async with asyncio.timeout(DEADLINE):
                return await fetch(
                    self._http, client_id, accept=ACCEPT, limit=DOCUMENT_LIMIT,
                    allow_loopback=self._allow_loopback or own, etag=etag,
                )  # fmt: skip
        except TimeoutError:
            raise FetchRefused("The address did not answer in time.") from None
        finally:
            self._fetching -= not own

    async def _credential(self, pod: str, name: str) -> Client | None:
        rows = await self._database.fetch(
            "SELECT secret, sealed FROM credential WHERE pod = ?1 AND id = ?2 AND stopped IS NULL", pod, name
        )
        if not rows:
            return None
        secret, sealed = rows[0]
        try:
            vault = await self._vault.open(pod)
        except PodUnavailable:
            return None
        record = msgspec.json.decode(vault.open_record("credential", name, bytes(sealed)), type=CredentialRecord)  # type: ignore[arg-type]
        return Client(
            id=f"{pod}.{name}",
            name=record.label,
            auth_method="client_secret",
            grant_types=("client_credentials",),
            secret=bytes(secret),  # type: ignore[arg-type]
            pod=pod,
            grant=record.grant,
        )
