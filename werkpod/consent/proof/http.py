"""Where the proof keys are published: for everybody, for ever."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.proof.keys import ProofKeys

PLACE = "/.well-known/werkpod-proof-keys"


def proof_routes(keys: ProofKeys) -> list[BaseRoute]:
    """The list of public keys (RFC 7517), each with the time in which it signs (`checking.py`)."""

    async def listed(request: Request) -> Response:
        await keys.fresh()
        headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
        return JSONResponse(keys.jwks(), headers=headers, media_type="application/jwk-set+json")

    return [Route(PLACE, listed)]
