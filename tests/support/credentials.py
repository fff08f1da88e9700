"""A citizen's or coach's own program, with credentials made on the settings page."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2

from support.oauth import BASE
from support.site import Site, Visitor
from support.tokens import Device


class Tool:
    """A program with credentials."""

    def __init__(self, site: Site, client_id: str, secret: str) -> None:
        self.site, self.device, self.id, self._secret = site, Device(), client_id, secret
        self.access_token = ""

    async def sign_in(self) -> Tool:
        """Get a token."""
        url = f"{BASE}/oauth/token"
        basic = base64.b64encode(f"{self.id}:{self._secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "DPoP": self.device.proof("POST", url, None)}
        data = {"grant_type": "client_credentials", "scope": "webid"}
        answer = await self.site.http.post(url, data=data, headers=headers)
        assert answer.status_code == 200, answer.text
        self.access_token = answer.json()["access_token"]
        return self

    async def ask(self, method: str, path: str, body: Any = None, **more: str) -> httpx2.Response:
        """A request with the token; `more`: headers, with underscores. Bodies go as a merge patch."""
        headers = self.device.headers(method, f"{BASE}{path.partition('?')[0]}", self.access_token)
        headers |= {"Accept": "*/*", "Content-Type": "application/merge-patch+json"}
        headers |= {name.replace("_", "-"): value for name, value in more.items()}
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.site.http.request(method, path, headers=headers, content=content)


async def tool_of(site: Site, visitor: Visitor) -> Tool:
    """A tool of somebody's, made on the settings page."""
    page = await visitor.post("/regie/instellingen/hulpmiddel", {"naam": "Mijn script", "zeker": "ja"})
    assert page.status_code == 200, page.text
    client_id = page.text.split("<dt>Client ID</dt><dd><code>")[1].split("<")[0]
    secret = page.text.split('<code class="wp-code">')[1].split("<")[0]
    return await Tool(site, client_id, secret).sign_in()
