"""The HTTP client that apps are given: no cookies, no redirects, short waits."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2


def plain_client(
    mounts: Mapping[str, httpx2.AsyncBaseTransport] | None = None, *, timeout: float = 10.0
) -> httpx2.AsyncClient:
    """A client that stores no cookies, so that nothing of one person ever goes along with another's request.

    `mounts` maps an origin to a transport: our own base URL to an `ASGITransport` answers it in this process.
    `timeout` in seconds.
    """
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx2.AsyncClient(
        mounts=dict(mounts or {}), cookies=jar, timeout=timeout, follow_redirects=False, trust_env=False
    )
