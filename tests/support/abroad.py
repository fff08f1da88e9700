"""Another place on the web, on a port of its own: documents, and an issuer with keys, WebIDs and tokens."""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc.jwk import ECKey, Key

from support.tokens import Device, sign

TURTLE = "text/turtle"
DISCOVERY = "/.well-known/openid-configuration"


@lru_cache
def tls() -> ssl.SSLContext:
    """The certificates that clients trust, read once: it takes longer than most tests."""
    return ssl.create_default_context()


@dataclass
class Page:
    """What a path answers with; not before `when`."""

    body: bytes
    media_type: str = TURTLE
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    when: threading.Event | None = None


class Abroad:
    """A web server that counts what it is asked for; what has no page answers 404.

    `reached`: set when somebody waits for a page that has a `when`.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: Counter[str] = Counter()
        self.reached = threading.Event()
        abroad = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                abroad.asked[self.path] += 1
                page = abroad.pages.get(self.path, Page(b"", status=404))
                if page.when is not None:
                    abroad.reached.set()
                    page.when.wait(10)
                self.send_response(page.status)
                for name, value in {"Content-Type": page.media_type, **page.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(page.body)))
                with suppress(ConnectionError):  # who asked may be gone
                    self.end_headers()
                    self.wfile.write(page.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def publish(self, path: str, body: str | bytes, media_type: str = TURTLE, **how: Any) -> str:
        """Put a page there. Returns its address."""
        self.pages[path] = Page(body.encode() if isinstance(body, str) else body, media_type, **how)
        return self.base + path

    def __enter__(self) -> Abroad:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class IssuerAbroad:
    """A Solid-OIDC issuer at a place abroad. `slash`: what its name ends in."""

    def __init__(self, place: Abroad, *, slash: str = "", key: Key | None = None, algorithm: str = "ES256") -> None:
        self.place, self.name, self.algorithm = place, place.base + slash, algorithm
        self.keys: dict[str, Key] = {"k1": key or ECKey.generate_key("P-256")}
        self.kid = "k1"
        self.describe()
        self.publish_keys()

    def describe(self, **changes: Any) -> None:
        """Publish the discovery document."""
        said = {"issuer": self.name, "jwks_uri": f"{self.place.base}/jwks", **changes}
        self.place.publish(DISCOVERY, json.dumps(said), "application/json")

    def publish_keys(self, **how: Any) -> None:
        """Publish the public keys."""
        found = [{**key.as_dict(private=False), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]
        self.place.publish("/jwks", json.dumps({"keys": found}), "application/json", **how)

    def rotate(self, kid: str) -> None:
        """Sign with a new key from now on; only that one is published."""
        self.keys, self.kid = {kid: ECKey.generate_key("P-256")}, kid
        self.publish_keys()

    def webid(self, name: str = "bob", *, issuer: str | None = None, **how: Any) -> str:
        """Publish the WebID document of somebody who names `issuer` (None: this one). Returns the WebID."""
        url = f"{self.place.base}/{name}/card"
        document = f"<#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <{issuer or self.name}> ."
        self.place.publish(f"/{name}/card", document, **how)
        return f"{url}#me"

    def token(self, device: Device, webid: str | None, *, now: float | None = None, **claims: Any) -> str:
        """An access token as CSS makes them; `claims` change or (None) leave out one; `typ`, `kid`: in the header."""
        at = int(time.time() if now is None else now)
        header = {"typ": claims.pop("typ", "at+jwt"), "kid": claims.pop("kid", self.kid)}
        key = claims.pop("key", self.keys[self.kid])
        said = {
            "iss": self.name, "aud": "solid", "sub": "an-account", "webid": webid, "client_id": "https://app.example/id",
            "iat": at, "exp": at + 600, "jti": secrets.token_urlsafe(16), "cnf": {"jkt": device.thumbprint},
        }  # fmt: skip
        return sign(header, {**said, **claims}, key, self.algorithm)
