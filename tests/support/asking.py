"""Askers: a tool of a coach or an employer, and what they ask."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2

from support.oauth import BASE
from support.site import Site, Visitor
from support.tokens import Device

REQUESTS = "/api/consent/v1/requests"
PURPOSE = "https://w3id.org/dpv#ServiceProvision"


class Speaker:
    """Whoever has a token and its key."""

    def __init__(self, site: Site, device: Device, token: str) -> None:
        self.site, self.device, self.token = site, device, token

    async def send(self, method: str, path: str, body: object = None, **headers: str) -> httpx2.Response:
        """A request with the token; `body` as JSON, or bytes as they are."""
        sent = {**self.device.headers(method, f"{BASE}{path}", self.token), "accept": "*/*"}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            sent["content-type"] = "application/json"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.site.http.request(method, path, content=content, headers=sent)

    async def ask(self, to: str, **changes: Any) -> httpx2.Response:
        """Ask `to` (the name of a pod, or an address); when it returns, the request has come where it can."""
        answer = await self.send("POST", REQUESTS, wanted(to, **changes))
        await self.site.house.asking.settled()
        return answer

    async def asked(self, to: str, **changes: Any) -> str:
        """Ask something that can be asked; its id."""
        answer = await self.ask(to, **changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def one(self, ask_id: str) -> dict[str, Any]:
        """How a request stands."""
        answer = await self.send("GET", f"{REQUESTS}/{ask_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def wanted(to: str, **changes: Any) -> dict[str, Any]:
    """A good request; `changes` replace or (None) leave out members."""
    body = {
        "to": to, "sections": ["competences"], "actions": ["read"], "purpose": PURPOSE,
        "purpose_text": {"nl": "Om samen werk te zoeken."}, "duration": "P90D", **changes,
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}


async def tool_of(site: Site, person: Visitor, label: str = "Klantsysteem") -> Speaker:
    """A tool of somebody's, with a token from the token endpoint (client credentials)."""
    client_id, secret = await site.house.credentials.create(person.account, label)
    url, device = f"{BASE}/oauth/token", Device()
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "DPoP": device.proof("POST", url, None)}
    data = {"grant_type": "client_credentials", "scope": "webid"}
    answer = await site.http.post(url, data=data, headers=headers)
    assert answer.status_code == 200, answer.text
    return Speaker(site, device, answer.json()["access_token"])


def digest_on(page: str) -> str:
    """What a page says that it shows."""
    return page.split('name="gezien" value="')[1].split('"')[0]
