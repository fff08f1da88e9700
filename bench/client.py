"""A lean HTTP/1.1 client for loading a server, and the DPoP side of it (RFC 9449)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode, urlsplit

import httptools
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from bench.server import Owner


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A P-256 key that signs DPoP proofs."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        numbers = self._key.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": _b64(numbers.x.to_bytes(32)), "y": _b64(numbers.y.to_bytes(32))}
        self._header = _b64(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}).encode())

    def proof(self, method: str, url: str, token: str | None = None) -> str:
        """A fresh proof for one request."""
        claims: dict[str, object] = {
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "jti": secrets.token_urlsafe(12),
        }
        if token is not None:
            claims["ath"] = _b64(hashlib.sha256(token.encode()).digest())
        signed = f"{self._header}.{_b64(json.dumps(claims).encode())}"
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_b64(r.to_bytes(32) + s.to_bytes(32))}"


@dataclass(slots=True)
class Answer:
    """What came back: status, headers (lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Wire(asyncio.Protocol):
    """One HTTP/1.1 connection, one request at a time. httptools parses, so that loading costs less than serving."""

    def __init__(self) -> None:
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def send(self, raw: bytes) -> asyncio.Future[Answer]:
        if self.transport is None:
            raise ConnectionResetError("the server closed the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        if raw.startswith(b"HEAD "):
            self._parser = httptools.HttpResponseParser(self)  # no body comes, whatever Content-Length says
        self.transport.write(raw)
        self._head = raw.startswith(b"HEAD ")
        return self._waiting

    # Called by the parser

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._head:
            self._answered()

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if not self._head:
            self._answered()

    def _answered(self) -> None:
        status = self._parser.get_status_code()
        if self._head:
            self._parser = httptools.HttpResponseParser(self)
        if status >= 200 and self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(status, self._headers, b"".join(self._body)))


@dataclass(slots=True)
class Connection:
    """One kept-alive connection to the server of `base`; opened again where the server closed it in between."""

    base: str
    _wire: _Wire | None = None

    async def send(self, raw: bytes) -> Answer:
        """Send one prepared request and read its answer. Raises OSError where the connection breaks."""
        if self._wire is None or self._wire.transport is None:
            loop, port = asyncio.get_running_loop(), urlsplit(self.base).port
            _, self._wire = await loop.create_connection(_Wire, "127.0.0.1", port)
        return await self._wire.send(raw)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.close()
        self._wire = None


def request(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one HTTP/1.1 request."""
    parts = urlsplit(url)
    lines = [f"{method} {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def token(owner: Owner, base: str, key: Key) -> str:
    """An access token by client credentials (RFC 6749, 4.4) bound to `key`."""
    url = f"{base}/oauth/token"
    connection = Connection(base)
    config = await connection.send(request("GET", f"{owner.issuer}/.well-known/openid-configuration", {}))
    url = json.loads(config.body)["token_endpoint"]
    basic = base64.b64encode(f"{owner.client_id}:{owner.client_secret}".encode()).decode()
    headers = {
        "Authorization": f"Basic {basic}",
        "Content-Type": "application/x-www-form-urlencoded",
        "DPoP": key.proof("POST", url),
    }
    form = urlencode({"grant_type": "client_credentials", "scope": "webid"}).encode()
    answer = await connection.send(request("POST", url, headers, form))
    await connection.close()
    if answer.status != 200:
        raise SystemExit(f"no token: {answer.status} {answer.body.decode()}")
    return str(json.loads(answer.body)["access_token"])
