"""Instruments in JSON or as linked data, at one address, by what the caller prefers (RFC 9110, 12.5.1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from anyio import to_thread
from pyoxigraph import RdfFormat
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from werkpod.apps.answers import CACHE_SECONDS
from werkpod.apps.instruments.ggm import Graph
from werkpod.apps.instruments.model import Catalogue, Instrument

_FORMS = {"text/turtle": RdfFormat.TURTLE, "application/ld+json": RdfFormat.JSON_LD}


class Negotiated:
    """An address that answers in JSON, or as linked data where the caller prefers that (RFC 9110, 12.5.1)."""

    def __init__(self, json: ASGIApp, catalogue: Catalogue, graph: Graph) -> None:
        self._json, self._catalogue, self._graph = json, catalogue, graph
        self._whole: tuple[Catalogue | None, dict[RdfFormat, bytes]] = None, {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what there is none of, and any method but GET, is answered in JSON."""
        request = Request(scope, receive)
        form = preferred_rdf(request.headers.get("accept", "")) if request.method in ("GET", "HEAD") else None
        wanted = request.path_params.get("id")
        found = self._catalogue.instruments if wanted is None else [self._catalogue.get(wanted)]
        instruments = [each for each in found if each is not None]
        if form is None or (wanted is not None and not instruments):
            await self._json(scope, receive, _varying(send))
            return
        body = await to_thread.run_sync(self._written, instruments, form, wanted is None)
        etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        headers = {
            "ETag": etag, "Cache-Control": f"public, max-age={CACHE_SECONDS}", "Vary": "Accept",
            "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "API-Version": "1.0.0",
        }  # fmt: skip
        same = etag in {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
        response = Response(b"" if same else body, 304 if same else 200, headers, form.media_type)
        await response(scope, receive, send)

    def _written(self, instruments: Sequence[Instrument], form: RdfFormat, whole: bool) -> bytes:
        """The instruments as linked data. The whole catalogue takes half a millisecond an instrument, for whoever asks,
        so it is written once and kept until the catalogue is another."""
        if not whole:
            return self._graph.written(instruments, form)
        now = self._catalogue.now
        of, made = self._whole
        if of is not now:
            of, made = self._whole = now, {}
        if form not in made:
            made[form] = self._graph.written(now.instruments, form)
        return made[form]


def _varying(send: Send) -> Send:
    """Say that the answer depends on `Accept`, so that no cache gives one form for the other."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (b"vary", b"Accept")]}
        await send(message)

    return told


def preferred_rdf(accept: str) -> RdfFormat | None:
    """The format of RDF that is preferred over JSON, or None: JSON is what is given where nothing is asked."""
    quality = {"text/turtle": 0.0, "application/ld+json": 0.0, "application/json": 0.0, "*/*": 0.0}
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.lower().split(";"))
        said = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        if name in quality:
            quality[name] = float(said) if re.fullmatch(r"[01](\.\d{0,3})?", said) else 0.0
    best = max(_FORMS, key=lambda name: quality[name])
    return _FORMS[best] if quality[best] > max(quality["application/json"], quality["*/*"]) else None
