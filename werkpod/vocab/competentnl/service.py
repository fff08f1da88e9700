"""The SPARQL service of CompetentNL (SPARQL 1.1 Protocol, 2.1.2: query by POST with URL-encoded parameters), with the
key of an organisation in the header `apikey`. It answers triples.

Patient and polite: one request at a time, a pause between them, `Retry-After` obeyed, a number of tries with longer and
longer waits. The key goes into the header of a request and nowhere else.

    SourceFailed   503  the service does not answer, answers rubbish, or cuts its answers off
    KeyRefused     422  the service does not take the key
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import email.utils
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import httpx2
from pyoxigraph import Quad, RdfFormat, parse

from werkpod.vocab.errors import KeyRefused, SourceFailed
from werkpod.web.client import AddressRefused, FetchRefused, check_url, guarded_client

PAUSE = 0.5
"""Seconds between the start of one request and that of the next, where the operator says nothing else."""
PAGE = 50
"""Occupations in a page: some 8,000 triples."""
TRIES = 6
LONGEST_WAIT = 600.0
"""Seconds: who asks to wait longer than this is not waited for; the import goes on when it is started again."""
_FIRST_WAIT, _LONGEST_BACKOFF = 1.0, 60.0
_LIMIT, _DEADLINE = 64 << 20, 120.0
_FORMATS = {
    "application/n-triples": RdfFormat.N_TRIPLES, "text/plain": RdfFormat.N_TRIPLES, "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE, "application/n-quads": RdfFormat.N_QUADS,
}  # fmt: skip
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})


class Service:
    """The service at `url`. `page`: occupations asked at once. `sleep` waits, for tests that do not want to."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        page: int = PAGE,
        pause: float = PAUSE,
        allow_loopback: bool = False,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        try:
            check_url(url, allow_loopback=allow_loopback)
        except FetchRefused as error:
            raise SourceFailed(f"{url!r} cannot be asked. {error.detail}") from None
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise KeyRefused("The key is empty, or has spaces or other characters in it that no key has.")
        self.url, self.page = url, page
        self._key, self._pause, self._allow_loopback, self._sleep = key, pause, allow_loopback, sleep
        self._client: httpx2.AsyncClient | None = None
        self._next = 0.0

    @property
    def host(self) -> str:
        """The host, as people know the service."""
        return urlsplit(self.url).hostname or self.url

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Service]:
        """The service with a client that is closed at the end of the block."""
        async with guarded_client(allow_loopback=self._allow_loopback, limit=_LIMIT, deadline=_DEADLINE) as client:
            self._client = client
            yield self
        self._client = None

    async def ask(self, query: str) -> list[Quad]:
        """The triples that answer a query (CONSTRUCT). Raises SourceFailed and KeyRefused."""
        problem, waits = "", _FIRST_WAIT
        for tried in range(1, TRIES + 1):
            await self._turn()
            problem, asked_to_wait, quads = await self._once(query)
            if quads is not None:
                return quads
            if asked_to_wait is not None and asked_to_wait > LONGEST_WAIT:
                raise SourceFailed(f"{self.host} {problem} and asks to wait {asked_to_wait:.0f} seconds. {_LATER}")
            if tried < TRIES:
                await self._sleep(waits if asked_to_wait is None else max(asked_to_wait, 0.0))
                waits = min(waits * 2, _LONGEST_BACKOFF)
        raise SourceFailed(f"{self.host} {problem}, {TRIES} times in a row. {_LATER}")

    async def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._next:
            await self._sleep(self._next - now)
        self._next = asyncio.get_running_loop().time() + self._pause

    async def _once(self, query: str) -> tuple[str, float | None, list[Quad] | None]:
        """(what went wrong, seconds that it asks to wait, the triples or None to try again)."""
        if self._client is None:
            raise RuntimeError("Service.ask is for inside Service.opened")
        headers = {"apikey": self._key, "Accept": "application/n-triples"}
        try:
            response = await self._client.post(self.url, data={"query": query}, headers=headers)
        except AddressRefused as error:
            raise SourceFailed(f"{self.host} cannot be asked. {error}") from None
        except httpx2.HTTPError as error:
            return f"did not answer ({type(error).__name__}: {error})", None, None
        status = response.status_code
        if status in (401, 403):
            raise KeyRefused(
                f"{self.host} does not take the key (it answered {status}). Is it the key of this service?"
            )
        if status in _AGAIN:
            return f"answered {status}", _retry_after(response.headers.get("retry-after", "")), None
        if status != 200:
            raise SourceFailed(f"{self.host} answered {status}, 200 was expected: {self._shown(response)}")
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = _FORMATS.get(media_type)
        if kind is None:
            return f"answered with {media_type or 'no media type'}, which is not RDF", None, None
        try:
            return "", None, list(parse(response.content, kind, rename_blank_nodes=True))
        except SyntaxError as error:
            return f"answered with what is not {kind.name} (line {error.lineno}: {error.msg})", None, None
        except MemoryError:  # what the parser says of a text of more than 16 MB
            return "answered with a text or name that is too long", None, None

    def _shown(self, response: httpx2.Response) -> str:
        text = "".join(c if c.isprintable() else " " for c in response.text[:300])
        return " ".join(text.replace(self._key, "(the key)").split()) or "nothing was said"


_LATER = "What came so far is kept: start the import again later, and it goes on from there."


def _retry_after(value: str) -> float | None:
    """Seconds (RFC 9110, 10.2.3: a number, or a date), None where it is neither."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return (date - dt.datetime.now(dt.UTC)).total_seconds()
