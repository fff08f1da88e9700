"""The employer asks to see a CV: the pages at `/apps/werkgever/vragen`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from werkpod.apps.kit import CitizenApp, NotShared, Visit, read_shared_cv
from werkpod.apps.kit.asking import Asked, AskingPages

PURPOSE = "https://w3id.org/dpv#PersonnelHiring"
"""DPV 2 `dpv:PersonnelHiring`: what an employer asks a CV for."""


async def _opened(request: Request, visit: Visit, asked: Asked) -> dict[str, Any]:
    """The CV that was given; nothing where it was stopped just now."""
    sections = asked.granted.sections if asked.granted else ()
    try:
        cv = await read_shared_cv(visit.pod, sections, storage=asked.storage)
    except NotShared:
        return {}
    return {"cv": cv, "sections": sections}


def asking_pages(app: CitizenApp) -> AskingPages:
    """The pages of the employer's app."""
    return AskingPages(app, purpose=PURPOSE, opened=_opened, inbox=True)
