"""The coach asks to look along: the pages at `/apps/coach/vragen`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from starlette.requests import Request

from werkpod.apps.kit import CitizenApp, Visit
from werkpod.apps.kit.asking import CONSENT, Asked, AskingPages

PURPOSE = "https://w3id.org/dpv#ServiceProvision"
"""DPV 2 `dpv:ServiceProvision`: what a coach does with it."""
PUBLIC_TASK = "https://w3id.org/dpv#OfficialAuthorityOfController"
"""DPV 2, GDPR article 6.1e: towards a municipality consent is often not free, and a coach says so."""


async def _opened(request: Request, visit: Visit, asked: Asked) -> dict[str, Any]:
    """Where the coach looks at what was given."""
    return {"link": f"/apps/coach/mens?wie={quote(asked.to, safe='')}"}


def asking_pages(app: CitizenApp) -> AskingPages:
    """The pages of the coach's app."""
    return AskingPages(app, purpose=PURPOSE, opened=_opened, grounds=(CONSENT, PUBLIC_TASK))
