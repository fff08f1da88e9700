"""The one client for what strangers name: WebIDs, client ids, key sets, pods elsewhere.

A request to a stranger's address is a request that the stranger makes from our place in the network (SSRF, OWASP; RFC
6890 lists what must not be reached). So: https only, port 443, public addresses only, the address that was checked is
the address that is connected to (no second look-up that could answer otherwise), no redirects, no proxies or
credentials from the environment, no cookies kept, bounded in size and time, nothing compressed. `allow_loopback` opens
http and any port on this machine, for tests and the demo.

Requests for our own base URL never leave the process: they go to our own ASGI application (`OwnApp`).

    FetchRefused   400   an address that we do not fetch, or an answer that we do not take
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import SplitResult, urlsplit

import httpx2
from starlette.types import ASGIApp, Receive, Scope, Send

from werkpod.web.errors import BadRequest

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From (host, port) to IP addresses in their textual form; raises OSError for a name that is not known."""

BODY_LIMIT = 1 << 20
"""Bytes of an answer that are read when the caller says nothing else."""
DEADLINE = 5.0
"""Seconds that a whole exchange with a stranger may take, the last byte included."""

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3",
        "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "5f00::/16",
        "ff00::/8",
    )
)  # fmt: skip
"""Special-purpose blocks (IANA registries behind RFC 6890) that `ipaddress.is_global` does not refuse in every Python;
those that embed an IPv4 address (NAT64, Teredo, 6to4) among them."""


_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that was ever given out (RFC 4291, 2.5.4); `::127.0.0.1` and old site-local addresses lie outside."""


class FetchRefused(BadRequest):
    """An address that we do not fetch, or an answer that we do not take. Never repeats what was fetched."""

    code, title = "fetch_refused", "This address cannot be used"


class AddressRefused(httpx2.TransportError):
    """`FetchRefused` in the shape that users of an `httpx2.AsyncClient` expect."""


def is_public(address: str) -> bool:
    """Whether an IP address may be connected to on a stranger's word (RFC 6890: globally reachable, unicast)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _GLOBAL_UNICAST:
        return False
    return ip.is_global and not any(ip.version == net.version and ip in net for net in _NOT_PUBLIC)


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own loopback."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_loopback


def check_url(url: str, *, allow_loopback: bool = False, any_port: bool = False) -> SplitResult:
    """The parts of an address that may be fetched, before any look-up. Raises FetchRefused that says what is wrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchRefused("An address must be an absolute https URL.") from None
    if parts.scheme != "https" and not (allow_loopback and parts.scheme == "http"):
        raise FetchRefused("An address must start with https://.")
    if not parts.hostname or any(ord(c) <= 32 or ord(c) == 127 or c == "\\" for c in url):
        raise FetchRefused("An address must name a host and have no spaces, control characters or backslashes.")
    if "@" in parts.netloc:
        raise FetchRefused("An address must have no user name or password in it.")
    if any(segment.lower().replace("%2e", ".") in (".", "..") for segment in parts.path.split("/")):
        raise FetchRefused("An address must have no dot segments in its path.")
    if port not in (None, 443) and not (allow_loopback or any_port):
        raise FetchRefused("An address must use port 443.")
    return parts


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine knows them."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


@functools.cache
def trusted() -> ssl.SSLContext:
    """The certificate authorities that are trusted by default. Reading them takes 20 ms, so it is done once."""
    return httpx2.create_ssl_context(trust_env=False)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Carries requests out under the rules of this module. A name with one address that is not public is refused.

    `private_hosts`: hosts that the operator, not a stranger, has named: they may have any address and any port.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        resolver: Resolver = system_resolver,
        limit: int = BODY_LIMIT,
        deadline: float = DEADLINE,
        tls: ssl.SSLContext | None = None,
        private_hosts: Collection[str] = (),
    ) -> None:
        self._allow_loopback, self._resolver = allow_loopback, resolver
        self._private_hosts = frozenset(private_hosts)
        self._limit, self._deadline = limit, deadline
        # No connection is kept: the pool knows them by address, and two names at one address share no certificate.
        self._inner = httpx2.AsyncHTTPTransport(
            verify=tls or trusted(),
            trust_env=False,
            limits=httpx2.Limits(max_connections=50, max_keepalive_connections=0),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Check, pin, send; the answer comes with a body that stops at the limit or the deadline."""
        ends = asyncio.get_running_loop().time() + self._deadline
        try:
            async with asyncio.timeout_at(ends):
                pinned = await self._pinned(request)
                response = await self._inner.handle_async_request(pinned)
        except FetchRefused as error:
            raise AddressRefused(error.detail, request=request) from None
        except TimeoutError:
            raise httpx2.ReadTimeout("The answer took too long.", request=request) from None
        if response.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
            # `limit` counts what comes in: 32 MB of zeros, compressed, are 32 GB in memory
            await response.aclose()
            raise AddressRefused("The address answered with a compressed document, which was not asked for.",
                                 request=request)  # fmt: skip
        return httpx2.Response(
            response.status_code,
            headers=_without_cookies(response.headers),
            stream=_Bounded(cast(httpx2.AsyncByteStream, response.stream), self._limit, ends),
            extensions=response.extensions,
        )

    async def _pinned(self, request: httpx2.Request) -> httpx2.Request:
        url = str(request.url)
        named = urlsplit(url).hostname in self._private_hosts
        parts = check_url(url, allow_loopback=self._allow_loopback, any_port=named)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            addresses = await self._resolver(host, port)
        except (OSError, UnicodeError):
            raise FetchRefused("The host of this address is not known.") from None
        local = self._allow_loopback and bool(addresses) and all(is_loopback(a) for a in addresses)
        if not local and (parts.scheme != "https" or (port != 443 and not named)):
            raise FetchRefused("An address must use https and port 443.")
        if not addresses or not (local or named or all(is_public(a) for a in addresses)):
            raise FetchRefused("The host of this address is not on the public internet.")
        headers = httpx2.Headers(request.headers)
        headers["Host"] = parts.netloc
        headers["Accept-Encoding"] = "identity"
        return httpx2.Request(
            request.method,
            request.url.copy_with(host=addresses[0]),
            headers=headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with an error where it passes the limit or the deadline."""

    def __init__(self, inner: httpx2.AsyncByteStream, limit: int, ends: float) -> None:
        self._inner, self._limit, self._ends = inner, limit, ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total, chunks = 0, self._inner.__aiter__()
        while True:
            try:
                async with asyncio.timeout_at(self._ends):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise httpx2.ReadTimeout("The answer took too long.") from None
            total += len(chunk)
            if total > self._limit:
                raise httpx2.ReadError(f"The answer is larger than {self._limit} bytes.")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()


class OwnApp:
    """Our own application, known by its base URL; composed late, because it needs clients itself."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._app: ASGIApp | None = None

    def bind(self, app: ASGIApp) -> None:
        """Say which application answers for the base URL."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on. Raises RuntimeError before `bind`."""
        if self._app is None:
            raise RuntimeError("OwnApp.bind was not called")
        await self._app(scope, receive, send)


class DispatchTransport(httpx2.AsyncBaseTransport):
    """Requests for our own base URL go to our own application, in this process; all others go outside."""

    def __init__(self, own: OwnApp, outside: httpx2.AsyncBaseTransport) -> None:
        self._origin = httpx2.Origin(httpx2.URL(own.base_url))
        self._inside = httpx2.ASGITransport(own, raise_app_exceptions=False)
        self._outside = outside

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Choose by origin: scheme, host and port."""
        if httpx2.Origin(request.url) != self._origin or request.url.userinfo:
            return await self._outside.handle_async_request(request)
        response = await self._inside.handle_async_request(request)
        response.headers = _without_cookies(response.headers)
        return response

    async def aclose(self) -> None:
        """Close what is open outside."""
        await self._outside.aclose()


def _without_cookies(headers: httpx2.Headers) -> httpx2.Headers:
    """The headers without Set-Cookie: one client serves many people, nothing of one may stick to the next."""
    kept = headers.copy()
    if "set-cookie" in kept:
        del kept["set-cookie"]
    return kept


def guarded_client(
    own: OwnApp | None = None,
    *,
    allow_loopback: bool = False,
    resolver: Resolver = system_resolver,
    limit: int = BODY_LIMIT,
    deadline: float = DEADLINE,
    tls: ssl.SSLContext | None = None,
) -> httpx2.AsyncClient:
    """A client under the rules of this module; with `own`, requests for our base URL stay in the process.

    A refused address raises AddressRefused (an `httpx2.TransportError`); a redirect is returned, never followed.
    """
    outside = GuardedTransport(
        allow_loopback=allow_loopback, resolver=resolver, limit=limit, deadline=deadline, tls=tls
    )
    transport = DispatchTransport(own, outside) if own else outside
    return httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=deadline)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document that was fetched. `media_type` without parameters, in lower case; `cache_control`: "" for none.

    `headers`: names in lower case. `unchanged`: it is still what its ETag names, and has no body.
    """

    url: str
    media_type: str
    body: bytes
    cache_control: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False


async def fetch(
    client: httpx2.AsyncClient, url: str, *, accept: str, limit: int, allow_loopback: bool = False, etag: str = ""
) -> Fetched:
    """GET a document of at most `limit` bytes that a stranger named. Raises FetchRefused for all but a plain 200.

    `etag`: that of the document as it is known; then a 304 is an answer too.
    """
    parts = check_url(url, allow_loopback=allow_loopback)
    if parts.fragment:
        raise FetchRefused("An address to fetch must have no fragment.")
    body = bytearray()
    headers = {"Accept": accept, "Accept-Encoding": "identity", **({"If-None-Match": etag} if etag else {})}
    try:
        async with client.stream("GET", url, headers=headers) as response:
            if etag and response.status_code == 304:
                return Fetched(url, "", b"", headers=dict(response.headers), unchanged=True)
            if response.status_code != 200:
                raise FetchRefused(f"The address answered with status {response.status_code}, 200 is needed.")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise FetchRefused("The address answered with a compressed document, which was not asked for.")
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > limit:
                    raise FetchRefused(f"The document is larger than {limit} bytes.")
    except AddressRefused as error:
        raise FetchRefused(str(error)) from None
    except (httpx2.HTTPError, httpx2.InvalidURL):
        raise FetchRefused("The address did not answer as it should.") from None
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    cache_control = response.headers.get("cache-control", "")
    return Fetched(url, media_type, bytes(body), cache_control, dict(response.headers))
