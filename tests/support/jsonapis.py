"""The JSON APIs on their own, over the ASGI transport."""

from __future__ import annotations

from collections.abc import Sequence

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute

BASE_URL = "http://localhost:8080"


def client_of(routes: Sequence[BaseRoute]) -> httpx2.AsyncClient:
    """A client of an application that has these routes only."""
    transport = httpx2.ASGITransport(Starlette(routes=list(routes)))
    return httpx2.AsyncClient(transport=transport, base_url=BASE_URL)
