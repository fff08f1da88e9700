"""A Dennis or Eva guide as a source: what an operator says of it, and reading it over HTTP.

`GET {url}/api/v1/instrument/list` with a bearer token answers `{"data": [Instrument, ...]}`. The published documents
know no pages; both guides are built on a framework whose lists may have them, so `links.next`, `next_page_url`,
`meta.last_page` and a `Link` header are followed, on the guide's own origin only: the token goes nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from werkpod.apps.instruments.model import Guide

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LONGEST_NAME = 40
SHORTEST, LONGEST = 1, 60 * 24 * 7
"""Minutes between two refreshes."""


class GuideSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One guide.

    `name`: the first part of the ids of its instruments, as in `eva-noord-12`; `kind`: eva (for jobseekers) or dennis
    (for employers); `url`: where its API is, without `/api/v1`. `token` or `token_file`: the bearer token that the
    guide gave. `refresh_minutes`: how often it is read. `private_address`: its host is in the operator's own network.
    """

    name: str
    kind: Guide
    url: str
    token: str = ""
    token_file: str = ""
    refresh_minutes: int = 60
    private_address: bool = False

    @property
    def host(self) -> str:
        """The host name in its address."""
        return urlsplit(self.url).hostname or ""

    @property
    def is_local(self) -> bool:
        """Whether it is on this machine, as the guide for tests and the demo is."""
        return self.host in _LOOPBACK

    def bearer(self) -> str:
        """The token, from the file where one is named; read each time, so that it can be replaced. Raises OSError and
        UnicodeDecodeError."""
        return Path(self.token_file).read_text("utf-8").strip() if self.token_file else self.token


def check_sources(sources: Sequence[GuideSource]) -> None:
    """Raises ValueError with a sentence that names the guide, the key and what would be right; never a token."""
    seen: set[str] = set()
    for each in sources:
        where = f"guides: {each.name!r}"
        if not _NAME.match(each.name) or len(each.name) > _LONGEST_NAME:
            raise ValueError(f"{where} is no name: use a-z, 0-9 and single hyphens, {_LONGEST_NAME} at most.")
        if each.name in seen:
            raise ValueError(f"{where} is there twice; each guide has a name of its own.")
        seen.add(each.name)
        url = urlsplit(each.url)
        if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment or url.username:
            raise ValueError(f"{where}: url = {each.url!r} is not right: give an address like https://eva.example.")
        if url.scheme == "http" and not each.is_local:
            raise ValueError(f"{where}: url = {each.url!r}: only https is safe outside this machine.")
        if bool(each.token) == bool(each.token_file):
            raise ValueError(f"{where}: give token or token_file, one of the two.")
        try:
            token = each.bearer()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{where}: token_file = {each.token_file!r} cannot be read: {error}.") from error
        if not re.fullmatch(r"[\x21-\x7e]{1,4096}", token):
            raise ValueError(f"{where}: the token is empty or has spaces or other characters that no token has.")
        if not SHORTEST <= each.refresh_minutes <= LONGEST:
            raise ValueError(
                f"{where}: refresh_minutes = {each.refresh_minutes} is not right: give {SHORTEST} to {LONGEST}."
            )
