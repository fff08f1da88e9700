"""A lean HTTP/1.1 client for loading a server, and the DPoP side of it (RFC 9449)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

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


@dataclass(slots=True)
class Connection:
    """One kept-alive connection to the server of `base`."""

    base: str
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = field(default=None)

    async def send(self, raw: bytes) -> Answer:
        """Send one prepared request and read its answer."""
        if self._writer is None:
            parts = urlsplit(self.base)
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", parts.port)
        assert self._reader is not None
        self._writer.write(raw)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        body = await self._body(headers, raw.startswith(b"HEAD "))
        return Answer(int(lines[0].split()[1]), headers, body)

    async def _body(self, headers: dict[str, str], head: bool) -> bytes:
        assert self._reader is not None
        if head:
            return b""
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while size := int((await self._reader.readline()).strip() or b"0", 16):
                parts.append(await self._reader.readexactly(size))
                await self._reader.readline()
            await self._reader.readline()
            return b"".join(parts)
        return await self._reader.readexactly(int(headers.get("content-length", "0")))

    async def close(self) -> None:
        """Let go of the connection."""
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):  # the server may have gone first
                await self._writer.wait_closed()
            self._writer = None


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
