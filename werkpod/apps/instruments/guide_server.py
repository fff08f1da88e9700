"""A guide of instruments on this machine: answers as Eva and Dennis do, from the starter catalogue or another file.

For tests and demonstrations: `GET /api/v1/instrument/list` and `/show/{id}` with a bearer token, in pages when asked,
with the older names of the members or those of the SUWI register, with an ETag.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from werkpod.apps.instruments.codes import code_of
from werkpod.apps.instruments.guides import starter_folder
from werkpod.apps.instruments.model import Guide

Names = Literal["older", "sgr"]
_JSON = "application/json"
_BRIEF = ("id", "uuid", "name", "slug", "publish", "updated_at", "created_at")
_SGR = {
    "aim": "OmsDoelInstrument", "summary": "SamenvattingInstrument", "method": "ToelWerkwijzeInstrument",
    "target_group_description": "ToelDoelgroep", "participation_conditions": "OmsVoorwaardenDeelname",
    "application_instructions": "OmsAanmeldinstructies", "additional_information": "OmsAanvullendeInfo",
    "intensity_hours_per_week": "AantUrenIntensiteitPerWeek", "total_duration_value": "DuurTraject",
    "total_duration_unit_key": "CdEenheidDuurTraject", "costs_description": "ToelKosten", "links": "Link",
}  # fmt: skip
_KEPT = ("id", "created_at", "updated_at", "deleted_at", "is_national", "available_regions", "available_townships",
         "sectors")  # fmt: skip


def starter_items(guide: Guide) -> list[dict[str, Any]]:
    """The instruments of the starter catalogue as a guide answers them."""
    answer = msgspec.json.decode((starter_folder() / f"{guide}.json").read_bytes())
    items: list[dict[str, Any]] = answer["data"]
    return items


def in_sgr(item: Mapping[str, Any]) -> dict[str, Any]:
    """An instrument under the names of the SUWI register, with codes where a list has them."""
    found = {name: item[name] for name in _KEPT if name in item}
    found |= {new: item[old] for old, new in _SGR.items() if item.get(old) is not None}
    if item.get("total_costs"):
        found["BedrTotaalKosten"] = {
            "CdMunteenheid": "EUR", "CdPositiefNegatief": "+", "WaardeBedr": item["total_costs"],
        }  # fmt: skip
    found["Instrument"] = {
        "NaamInstrument": item["name"],
        "UuidInstrument": item.get("uuid"),
        "IndPublicatie": "1" if item.get("publish", True) else "2",
        "InstrumentBeherendeOrganisatie": {
            "NaamInstrumentBeherendeOrganisatie": (item.get("organisation") or {}).get("name")
        },
    }
    if item.get("provider"):
        found["Aanbieder"] = {"NaamAanbieder": item["provider"]["name"]}
    if item.get("implementation"):
        found["Uitvoeringsvorm"] = _entry(item["implementation"], "Uitvoeringsvorm", ("UV",))
    for old, new, prefixes in (
        ("client_characteristics", "Klantkenmerk", ("KK",)), ("target_groups", "Doelgroep", ("DD", "ED")),
        ("group_forms", "Groepsvorm", ("GV",)), ("tiles", "WerklandschapTegel", ("EW", "DW")),
    ):  # fmt: skip
        found[new] = [_entry(each, new, prefixes) for each in item.get(old) or ()]
    return found


def _entry(entry: Mapping[str, Any], name: str, prefixes: tuple[str, ...]) -> dict[str, Any]:
    called = entry.get("name") or entry.get("description")
    code = code_of(entry.get("key"), called, prefixes)
    return {f"Cd{name}": code} if code else {f"Oms{name}": called}


class GuideServer:
    """A guide as an ASGI application. `items` may be changed while it answers.

    `page_size` 0: the whole list at once; `brief`: the list has no texts, so that `show` is needed.
    """

    def __init__(
        self, items: Sequence[Mapping[str, Any]], *, token: str, page_size: int = 0, names: Names = "older",
        brief: bool = False,
    ) -> None:  # fmt: skip
        self.items = list(items)
        self._token, self._page_size, self._names, self._brief = token, page_size, names, brief

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[Route("/api/v1/instrument/list", self._list), Route("/api/v1/instrument/show/{id:int}", self._show)]
        )

    async def _list(self, request: Request) -> Response:
        if not self._known(request):
            return _answer({"message": "Unauthenticated."}, 401)
        items = [self._shown(item, brief=self._brief) for item in self.items]
        if not self._page_size:
            return _answer({"data": items}, request=request)
        page, size = request.query_params.get("page", "1"), self._page_size
        number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 7 else 1
        last = max(1, -(-len(items) // size))
        url = str(request.url.replace(query=""))

        def at(wanted: int) -> str | None:
            return f"{url}?page={wanted}" if 1 <= wanted <= last else None

        links = {"first": at(1), "last": at(last), "prev": at(number - 1), "next": at(number + 1)}
        meta = {"current_page": number, "last_page": last, "per_page": size, "total": len(items)}
        shown = items[(number - 1) * size : number * size]
        return _answer({"data": shown, "links": links, "meta": meta}, request=request)

    async def _show(self, request: Request) -> Response:
        if not self._known(request):
            return _answer({"message": "Unauthenticated."}, 401)
        found = next((item for item in self.items if item.get("id") == request.path_params["id"]), None)
        if found is None:
            return _answer({"message": "No query results for this model."}, 404)
        return _answer({"data": self._shown(found, brief=False)}, request=request)

    def _known(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self._token}".encode())

    def _shown(self, item: Mapping[str, Any], *, brief: bool) -> dict[str, Any]:
        if brief:
            return {name: item[name] for name in _BRIEF if name in item}
        return in_sgr(item) if self._names == "sgr" else dict(item)


def _answer(content: Any, status: int = 200, *, request: Request | None = None) -> Response:
    body = msgspec.json.encode(content)
    if request is None:
        return Response(body, status, media_type=_JSON)
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers=headers, media_type=_JSON)
