"""The ontologies and the shapes on the web, at /vocab/cv, /vocab/consent and /vocab/shapes, as Turtle or JSON-LD
(or .ttl, .jsonld)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

from pyoxigraph import RdfFormat, parse, serialize
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

TURTLE, JSON_LD = "text/turtle", "application/ld+json"


@dataclass(frozen=True, slots=True)
class Publication:
    """A vocabulary that is served: its path, and the package and file that hold it as Turtle."""

    path: str
    package: str
    file: str


PUBLICATIONS = (
    Publication("/vocab/cv", "werkpod.vocab.ontology", "cv.ttl"),
    Publication("/vocab/consent", "werkpod.vocab.ontology", "consent.ttl"),
    Publication("/vocab/shapes", "werkpod.vocab.shapes", "cv.ttl"),
)
"""What is served."""


@cache
def body(publication: Publication, media_type: str) -> bytes:
    """The vocabulary in a media type, `TURTLE` as it was written or `JSON_LD` made from it."""
    turtle = resources.files(publication.package).joinpath(publication.file).read_bytes()
    if media_type == TURTLE:
        return turtle
    triples = [quad.triple for quad in parse(turtle, RdfFormat.TURTLE)]
    return serialize(triples, format=RdfFormat.JSON_LD) or b""


def preferred(accept: str) -> str:
    """JSON_LD where `accept` (RFC 9110, 12.5.1) gives it or plain JSON a higher quality than Turtle, else TURTLE."""
    quality = {TURTLE: 0.0, JSON_LD: 0.0, "application/json": 0.0}
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.lower().split(";"))
        q = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        if name in quality:
            try:
                quality[name] = float(q)
            except ValueError:
                quality[name] = 0.0
    return JSON_LD if max(quality[JSON_LD], quality["application/json"]) > quality[TURTLE] else TURTLE


def _answer(publication: Publication, media_type: str) -> Response:
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600", "Vary": "Accept"}
    return Response(
        body(publication, media_type), media_type=media_type, headers={**headers, "X-Content-Type-Options": "nosniff"}
    )


def _routes(publication: Publication) -> list[BaseRoute]:
    async def negotiated(request: Request) -> Response:
        return _answer(publication, preferred(request.headers.get("accept", "")))

    async def as_turtle(request: Request) -> Response:
        return _answer(publication, TURTLE)

    async def as_json_ld(request: Request) -> Response:
        return _answer(publication, JSON_LD)

    return [
        Route(publication.path, negotiated),
        Route(publication.path + ".ttl", as_turtle),
        Route(publication.path + ".jsonld", as_json_ld),
    ]


def routes() -> list[BaseRoute]:
    """The routes of every vocabulary that is served; anyone may read them, from any origin."""
    return [route for publication in PUBLICATIONS for route in _routes(publication)]
