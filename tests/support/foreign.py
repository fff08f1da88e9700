"""An app of somebody else, as a client id document on another port of this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"a verifier that nobody redeems").digest()).rstrip(b"=").decode()


class ForeignApp:
    """A Solid app that never heard of Werkpod: it asks for nothing in particular."""

    def __init__(self) -> None:
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(app.document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/ld+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def id(self) -> str:
        """Its client id."""
        return f"{self.base}/app.jsonld"

    @property
    def document(self) -> dict[str, object]:
        """Its client id document, as the Solid-OIDC specification has it (section 5)."""
        return {
            "@context": "https://www.w3.org/ns/solid/oidc-context.jsonld",
            "client_id": self.id,
            "client_name": "Vreemde app",
            "redirect_uris": [f"{self.base}/terug"],
            "scope": "openid webid",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }

    def registered(self, issuer: str) -> str:
        """Its client id where it has no document, and registers itself."""
        document = {name: value for name, value in self.document.items() if name not in ("@context", "client_id")}
        request = urllib.request.Request(
            f"{issuer}/oauth/register", json.dumps(document).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return str(json.load(response)["client_id"])

    def question(self, issuer: str, client_id: str = "") -> str:
        """The address at which it asks somebody for access."""
        return f"{issuer}/oauth/authorize?" + urlencode(
            {
                "response_type": "code", "client_id": client_id or self.id, "redirect_uri": f"{self.base}/terug",
                "scope": "openid webid", "state": "s", "code_challenge": _CHALLENGE, "code_challenge_method": "S256",
            }
        )  # fmt: skip

    def __enter__(self) -> ForeignApp:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
