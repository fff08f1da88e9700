"""The ontologies, the shapes and the starter taxonomy on the web, as Turtle or JSON-LD (or .ttl, .jsonld).

    /vocab/cv, /vocab/consent, /vocab/taxonomy, /vocab/instruments   ontologies   /vocab/shapes   shapes
    /vocab/starter                               the whole starter taxonomy, as SKOS
    /vocab/competence[/{id}], /vocab/competence-group/{id}, /vocab/isco[/{code}]   one concept, or the scheme

What is at `https://w3id.org/werkpod/...` is at `/vocab/...` here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from anyio import to_thread
from pyoxigraph import RdfFormat, parse, serialize
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.vocab import skos
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.starter import COMPETENCE_IRI, GROUP_IRI

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
    Publication("/vocab/taxonomy", "werkpod.vocab.ontology", "taxonomy.ttl"),
    Publication("/vocab/instruments", "werkpod.vocab.ontology", "instruments.ttl"),
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


def _answer(request: Request, content: bytes, media_type: str) -> Response:
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {
        "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600", "Vary": "Accept", "ETag": etag,
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in known:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def _routes(publication: Publication) -> list[BaseRoute]:
    async def negotiated(request: Request) -> Response:
        media_type = preferred(request.headers.get("accept", ""))
        return _answer(request, body(publication, media_type), media_type)

    async def as_turtle(request: Request) -> Response:
        return _answer(request, body(publication, TURTLE), TURTLE)

    async def as_json_ld(request: Request) -> Response:
        return _answer(request, body(publication, JSON_LD), JSON_LD)

    return [
        Route(publication.path, negotiated),
        Route(publication.path + ".ttl", as_turtle),
        Route(publication.path + ".jsonld", as_json_ld),
    ]


_FORMS = {TURTLE: RdfFormat.TURTLE, JSON_LD: RdfFormat.JSON_LD}
_ENDINGS = {".ttl": TURTLE, ".jsonld": JSON_LD}
_PARTS = {"competence": COMPETENCE_IRI, "competence-group": GROUP_IRI, "isco": ISCO_IRI}
"""Segment after /vocab/ -> what the IRIs start with whose ends follow it."""
_SCHEMES = {"competence": skos.SCHEME, "isco": skos.ISCO_SCHEME}


async def _everything(request: Request) -> Response:
    media_type = _wanted(request, request.url.path)
    return _answer(request, await to_thread.run_sync(_whole, media_type), media_type)


@cache
def _whole(media_type: str) -> bytes:
    return skos.written(skos.graph().everything(), _FORMS[media_type])


async def _one(request: Request) -> Response:
    """A scheme, a competence, a group of competences or a group of ISCO-08: what the starter says of it, and who asks
    it. 404, in plain text, for what is not in the starter; it says what an address here looks like."""
    part, _, name = request.url.path.removeprefix("/vocab/").partition("/")
    media_type = _wanted(request, name)
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    iri = _PARTS[part] + name if name else _SCHEMES[part]
    content = await to_thread.run_sync(_described, iri, media_type)
    if not content:
        told = "The starter taxonomy has no such concept. /vocab/starter has all that it has; for instance "
        told += "/vocab/competence/heftruck-rijden, /vocab/competence-group/zorg and /vocab/isco/8344.\n"
        return Response(told, 404, {"Access-Control-Allow-Origin": "*"}, "text/plain")
    return _answer(request, content, media_type)


def _described(iri: str, media_type: str) -> bytes:
    triples = skos.graph().of(iri)
    return skos.written(triples, _FORMS[media_type]) if triples else b""


def _wanted(request: Request, path: str) -> str:
    form = _ENDINGS.get(path[path.rfind(".") :]) if "." in path else None
    return form or preferred(request.headers.get("accept", ""))


def routes() -> list[BaseRoute]:
    """The routes of every vocabulary that is served; anyone may read them, from any origin."""
    own = [route for publication in PUBLICATIONS for route in _routes(publication)]
    whole = [Route("/vocab/starter" + end, _everything) for end in ("", ".ttl", ".jsonld")]
    parts = [Route(f"/vocab/{part}/{{name}}", _one) for part in _PARTS]
    return [*own, *whole, *(Route(f"/vocab/{part}", _one) for part in _SCHEMES), *parts]
