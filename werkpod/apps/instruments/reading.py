"""Reads a guide over HTTP: pages, retries, and only what changed where the guide makes that possible.

An answer is taken whole or not at all: a page that fails after its retries leaves the last good copy as it was.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import msgspec

from werkpod.apps.errors import GuideUnreadable
from werkpod.apps.instruments.kept import Kept
from werkpod.apps.instruments.sources import GuideSource
from werkpod.web.client import GuardedTransport

LIST, SHOW = "/api/v1/instrument/list", "/api/v1/instrument/show/{}"
ANSWER_LIMIT = 32 << 20
"""Bytes of one answer: 2,000 instruments at their longest."""
DEADLINE = 60.0
"""Seconds that one answer may take."""
MOST_SECONDS = 900.0
"""Seconds that a whole refresh may take, retries included."""
MOST_PAGES, MOST_INSTRUMENTS = 500, 20_000
MOST_BYTES = 128 << 20
"""Bytes of all answers of one refresh together: 20,000 instruments of 6 KB."""
TRIES = 4
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the second try; each next pause is twice as long. A guide that asks for more is left until then."""
LONGEST_LATER = 86_400.0
"""Seconds that a guide is left alone at most, whatever it asks: a wrong clock there should not end its refreshes."""
_AGAIN = frozenset([408, 425, 429, 500, 502, 503, 504])
_TEXTS = ("aim", "summary", "method", "OmsDoelInstrument", "SamenvattingInstrument", "OmsInstrument")
"""Members of which a whole instrument has some; a list may leave them all to `show`."""
_STAMPS = ("updated_at", "DatGewijzigd")

Item = dict[str, Any]


class _Page(msgspec.Struct, frozen=True):
    """A page of the list. `links` may also be a list of numbered pages, which is not needed."""

    data: list[Item]
    links: Any = None
    meta: Any = None
    next_page_url: str | None = None


class _One(msgspec.Struct, frozen=True):
    data: Item


class AskLater(GuideUnreadable):
    """The guide asks not to be asked for a while: `seconds`."""

    code = "guide_asks_later"

    def __init__(self, detail: str, seconds: float) -> None:
        super().__init__(detail)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Read:
    """What came. `unchanged`: the guide says that the last copy is still right; `fetched` counts the requests."""

    kept: Kept
    unchanged: bool
    fetched: int


def client_for(source: GuideSource, *, allow_loopback: bool, deadline: float = DEADLINE) -> httpx2.AsyncClient:
    """A guarded client for one guide, whose host the operator has named."""
    transport = GuardedTransport(
        allow_loopback=allow_loopback or source.is_local,
        private_hosts=[source.host] if source.private_address else [],
        limit=ANSWER_LIMIT,
        deadline=deadline,
    )
    return httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=deadline)


class GuideReader:
    """Reads one guide. `pause` waits between tries."""

    def __init__(
        self, source: GuideSource, http: httpx2.AsyncClient, *, clock: Callable[[], float] = time.time,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep, tries: int = TRIES,
    ) -> None:  # fmt: skip
        self._source, self._http, self._clock, self._pause, self._tries = source, http, clock, pause, tries
        self._requests = self._bytes = 0

    async def read(self, known: Kept | None) -> Read:
        """All instruments of the guide; `known` is the last good copy. Raises GuideUnreadable that says what was wrong
        (never the token), AskLater where the guide asks for time."""
        try:
            async with asyncio.timeout(MOST_SECONDS):
                return await self._read(known if known and known.url == self._source.url else None)
        except TimeoutError:
            raise self._wrong(f"reading it took more than {MOST_SECONDS:.0f} seconds") from None
        except (ValueError, RecursionError) as error:  # whatever else can be wrong with what a stranger answers
            raise self._wrong(f"it answers what no guide does ({type(error).__name__})") from error

    async def _read(self, known: Kept | None) -> Read:
        self._requests = self._bytes = 0
        url = self._source.url.rstrip("/") + LIST
        first = await self._get(url, etag=known.etag if known else "")
        if first.status_code == 304 and known is not None:
            return Read(known, unchanged=True, fetched=self._requests)
        items, onward, etag = await self._pages(url, first)
        before = {str(item["id"]): item for item in known.items if "id" in item} if known else {}
        told = any(item.get(name) for item in items for name in _TEXTS)
        whole = items if told else [await self._whole(item, before) for item in items]
        # an ETag is that of one page: with more of them it says nothing about the others
        kept = Kept(url=self._source.url, fetched=self._clock(), etag="" if onward else etag, items=whole)
        return Read(kept, unchanged=False, fetched=self._requests)

    async def _pages(self, url: str, response: httpx2.Response) -> tuple[list[Item], bool, str]:
        items: list[Item] = []
        seen, etag, pages = {url}, _tag(response), 1
        while True:
            page = self._decode(response, _Page)
            items += page.data
            if len(items) > MOST_INSTRUMENTS:
                raise self._wrong(f"it has more than {MOST_INSTRUMENTS} instruments")
            onward = self._next(url, response, page)
            if not onward or not page.data:
                return _latest(items), pages > 1, etag
            if onward in seen or pages >= MOST_PAGES:
                raise self._wrong("its pages go round or do not end")
            seen.add(onward)
            url, pages = onward, pages + 1
            response = await self._get(url)

    def _next(self, url: str, response: httpx2.Response, page: _Page) -> str:
        """The address of the next page, "" for none."""
        links = page.links if isinstance(page.links, Mapping) else {}
        meta = page.meta if isinstance(page.meta, Mapping) else {}
        found = links.get("next") or page.next_page_url or response.links.get("next", {}).get("url")
        number, last = meta.get("current_page"), meta.get("last_page")
        if not found and isinstance(number, int) and isinstance(last, int) and number < last:
            found = f"?page={number + 1}"
        if not found or not isinstance(found, str):
            return ""
        try:
            onward = urljoin(url, found)
            here, there = urlsplit(url), urlsplit(onward)
        except ValueError:
            raise self._wrong("what it gives as its next page is no address") from None
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise self._wrong("its next page is on another server, to which its token is not sent")
        return onward

    async def _whole(self, item: Item, before: Mapping[str, Item]) -> Item:
        """The instrument with its texts, of a list without: the last copy when it has not changed since, or `show`."""
        number = item.get("id")
        if not isinstance(number, int):
            return item
        stamp = _stamp(item)
        same = before.get(str(number)) if stamp else None
        if same is not None and _stamp(same) == stamp:
            return same
        response = await self._get(self._source.url.rstrip("/") + SHOW.format(number))
        one: _One = self._decode(response, _One)
        return one.data

    async def _get(self, url: str, *, etag: str = "") -> httpx2.Response:
        """The answer 200 (or 304), after as many tries as that takes."""
        try:
            token = self._source.bearer()
        except (OSError, UnicodeDecodeError) as error:
            raise self._wrong(f"its token cannot be read: {error}") from error
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if etag:
            headers["If-None-Match"] = etag
        problem, wait = "", 0.0
        for turn in range(self._tries):
            if turn:
                await self._pause(wait or FIRST_PAUSE * 2 ** (turn - 1) * (1 + random.random() / 4))  # noqa: S311
            self._requests, wait = self._requests + 1, 0.0
            try:
                response = await self._http.get(url, headers=headers)
            except httpx2.InvalidURL:
                raise self._wrong("what it gives as its next page is no address") from None
            except httpx2.RequestError as error:
                problem = f"{_path(url)} does not answer ({str(error) or type(error).__name__})"
                continue
            self._bytes += len(response.content)
            if self._bytes > MOST_BYTES:
                raise self._wrong(f"its answers are more than {MOST_BYTES} bytes together")
            if response.status_code == 200 or (etag and response.status_code == 304):
                return response
            problem = f"{_path(url)} answers {response.status_code}"
            if response.status_code not in _AGAIN:
                raise self._wrong(problem + _HINTS.get(response.status_code, ""))
            wait = _retry_after(response, self._clock())
            if wait > LONGEST_PAUSE:
                raise AskLater(f"{self._said(problem)} It asks to wait {wait:.0f} seconds.", wait)
        raise self._wrong(f"{problem}, {self._tries} times")

    def _decode(self, response: httpx2.Response, form: type[Any]) -> Any:
        try:
            return msgspec.json.decode(response.content, type=form)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(f"{_path(str(response.url))} answers what no guide does: {error}") from error

    def _said(self, problem: str) -> str:
        return f"The guide {self._source.name}: {problem}."

    def _wrong(self, problem: str) -> GuideUnreadable:
        return GuideUnreadable(self._said(problem))


_HINTS = {
    401: ": the token is not right or has ended",
    403: ": the token may not read instruments",
    404: ": the url in the settings may not be that of a guide",
}


def _latest(items: list[Item]) -> list[Item]:
    """Each instrument once: between two pages one may have moved, and the later answer counts."""
    named = {str(item.get("id") or item.get("uuid") or item.get("UuidInstrument") or at): at
             for at, item in enumerate(items)}  # fmt: skip
    return [items[at] for at in named.values()]


def _stamp(item: Mapping[str, Any]) -> str:
    return next((str(item[name]) for name in _STAMPS if item.get(name)), "")


def _path(url: str) -> str:
    """What to call an address in a sentence that is logged and printed: short, and nothing but what is seen."""
    return "".join(c if c.isprintable() else "?" for c in urlsplit(url).path[:200])


def _tag(response: httpx2.Response) -> str:
    """The ETag, where it can be sent back as it is (RFC 9110, 8.8.3)."""
    said: str = response.headers.get("etag", "")
    return said if re.fullmatch(r'(?:W/)?"[\x21\x23-\x7e]{0,300}"', said) else ""


def _retry_after(response: httpx2.Response, now: float) -> float:
    """Seconds that the answer asks to wait (RFC 9110, 10.2.3: seconds or a date); 0 when it does not."""
    said = response.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_LATER)
    try:
        later = email.utils.parsedate_to_datetime(said).timestamp() - now
    except (ValueError, OverflowError):
        return 0.0
    return min(max(0.0, later), LONGEST_LATER)
