"""The message that a link was opened for the first time: which link and when, and nothing of whoever opened it."""

from __future__ import annotations

from werkpod.consent import posting
from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.links import ShareLink
from werkpod.vocab.sections import INBOX
from werkpod.web.errors import WerkpodError
from werkpod.web.failures import N_
from werkpod.web.pages import day

NAMED = N_("Je link voor %(name)s is voor het eerst geopend op %(when)s.")
NAMELESS = N_("Je link is voor het eerst geopend op %(when)s.")


class FirstOpened:
    """Puts that message in the citizen's inbox, as from their own pod."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    async def __call__(self, pod: str, link: ShareLink) -> None:
        """Write it. An inbox that takes nothing more is no reason not to show the CV."""
        account = await self._parts.accounts.get(pod)
        if account is None:
            return
        own = await OwnPod.of(self._parts, account)
        body = posting.message(account.webid, account.webid, self.text(account, link), self._parts.clock())
        try:
            await self._parts.service.post(own.owner, own.pod, INBOX.path, body, "text/turtle")
        except WerkpodError:
            return

    def text(self, account: Account, link: ShareLink) -> str:
        """The sentence, in the citizen's language."""
        say = self._parts.pages.gettext(account.lang)
        when = day(link.first_opened, account.lang, with_time=True)
        return say(NAMED, name=link.label, when=when) if link.label else say(NAMELESS, when=when)
