"""Instellingen: language, recovery, own tools, signing out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page, see_other
from werkpod.consent.errors import NameUnfit

PATH = "/regie/instellingen"


def amount(size: int, lang: str) -> str:
    """A number of bytes as people say it: "1,5 GB", "300 KB"; one decimal where it is under 10."""
    for unit, width in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= width:
            value = size / width
            text = f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:.0f}"
            return f"{text.replace('.', ',') if lang == 'nl' else text} {unit}"
    return f"{size} bytes"


class SettingsPages:
    """The pages at `/regie/instellingen`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The settings, a new recovery code, a tool made and stopped."""
        return [
            page(PATH, self.show),
            page(f"{PATH}/herstelcode", self.new_code, methods=["POST"]),
            page(f"{PATH}/hulpmiddel", self.make_tool, methods=["POST"]),
            page(f"{PATH}/hulpmiddel/stop", self.stop_tool, methods=["POST"]),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """Everything that can be set."""
        return await self._page(request, account, stopped="gestopt" in request.query_params)

    async def new_code(self, request: Request, account: Account) -> Response:
        """A new recovery code in place of the old one, shown this once."""
        form = await form_of(self._parts, request)
        form.only()
        code = await self._parts.accounts.renew_recovery(account.id)
        return self._parts.pages.render(
            request, "dashboard/recovery_code.html", account=account, code=code, onward=PATH, missing=False
        )

    async def make_tool(self, request: Request, account: Account) -> Response:
        """Credentials for a tool of one's own; the secret is shown this once."""
        form = await form_of(self._parts, request)
        form.only("naam", "zeker")
        label = form.text("naam")
        if form.text("zeker") != "ja":
            return await self._page(request, account, label=label, error="zeker")
        try:
            client_id, secret = await self._parts.credentials.create(account, label)
        except NameUnfit:
            return await self._page(request, account, label=label, error="naam")
        return self._parts.pages.render(
            request, "dashboard/tool_made.html", label=label, client_id=client_id, secret=secret,
            issuer=self._parts.base_url,
        )  # fmt: skip

    async def stop_tool(self, request: Request, account: Account) -> Response:
        """The tool can do nothing any more, whatever tokens it holds."""
        form = await form_of(self._parts, request)
        form.only("hulpmiddel")
        chosen = form.text("hulpmiddel")
        for tool in await self._parts.credentials.list(account):
            if tool.client_id == chosen:
                await self._parts.sharing.stop(account, tool.grant)
                await self._parts.credentials.stop(account, tool.client_id)
        return see_other(f"{PATH}?gestopt=1")

    async def _page(
        self, request: Request, account: Account, *, label: str = "", error: str = "", stopped: bool = False
    ) -> Response:
        active = {grant.id for grant in await self._parts.grants.list(account.id, active_only=True)}
        tools = [tool for tool in await self._parts.credentials.list(account) if tool.grant in active]
        usage = await self._parts.service.usage(account.id)
        ways, providers = await self._parts.outside.identities.of(account), self._parts.outside.providers.all()
        return self._parts.pages.render(
            request, "dashboard/settings.html", status=400 if error else 200, account=account, tools=tools,
            label=label, error=error, stopped=stopped, ways=ways,
            used=amount(usage.bytes, lang_of(request)), allowed=amount(usage.allowed, lang_of(request)),
            more=[one for one in providers if one.role == account.role and one.name not in [w.provider for w in ways]],
            added="toegevoegd" in request.query_params, removed="weg" in request.query_params,
        )  # fmt: skip
