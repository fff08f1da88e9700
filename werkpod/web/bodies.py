"""Reading the body of a request that is small by nature, and never more of it than that."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from werkpod.web.errors import BadRequest, TooLarge


def media_type(request: Request) -> str:
    """The media type of a request's body, without parameters, in lower case; "" where none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_at_most(request: Request, most: int) -> bytes:
    """The body. Raises TooLarge: more than `most` bytes, of which the rest is not read; BadRequest: it broke off."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise TooLarge(f"The body has more than {most} bytes.")
    except ClientDisconnect:
        raise BadRequest("The body did not arrive whole.") from None
    return bytes(body)
