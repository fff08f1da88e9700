"""The JSON APIs on their own, over the ASGI transport."""

from __future__ import annotations

from collections.abc import Sequence

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from werkpod.apps.competentnl import api as competentnl
from werkpod.apps.improver import api as improver
from werkpod.apps.instruments import api as instruments
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.isco import api as isco
from werkpod.apps.matcher import api as matcher
from werkpod.apps.wish import api as wish
from werkpod.vocab.taxonomy import Taxonomy, starter

BASE_URL = "http://localhost:8080"
SERVICES = ("isco", "competentnl", "matcher", "wish", "improver", "instruments")


def client_of(routes: Sequence[BaseRoute]) -> httpx2.AsyncClient:
    """A client of an application that has these routes only."""
    transport = httpx2.ASGITransport(Starlette(routes=list(routes)))
    return httpx2.AsyncClient(transport=transport, base_url=BASE_URL)


def every_service(taxonomy: Taxonomy | None = None, *, base_url: str = BASE_URL) -> list[BaseRoute]:
    """The routes of the six services, over the starter unless another taxonomy is given."""
    taxonomy, catalogue = taxonomy or starter(), starter_catalogue()
    return [
        *isco.routes(taxonomy.isco, base_url=base_url),
        *competentnl.routes(taxonomy, base_url=base_url),
        *matcher.routes(taxonomy, base_url=base_url),
        *wish.routes(taxonomy, base_url=base_url),
        *improver.routes(taxonomy, catalogue, base_url=base_url),
        *instruments.routes(catalogue, base_url=base_url),
    ]
