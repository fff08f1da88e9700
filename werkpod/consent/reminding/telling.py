"""The chore that reminds: a message in the citizen's own inbox, 14 days and 2 days before something ends.

It says the name of the receiver and the day, nothing of what is shared: whoever may read the inbox learns no more.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from werkpod.consent import posting
from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import wording
from werkpod.consent.grants import GrantNotFound, GrantRecord, Grants
from werkpod.consent.reminding.store import DAY, Due, Reminders, worth_telling
from werkpod.pod.access.model import Requester
from werkpod.pod.directory import PodDirectory
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.service import PodService
from werkpod.vocab.sections import INBOX
from werkpod.web.errors import Forbidden, NotFound
from werkpod.web.pages import Pages, day

SECONDS = 3600.0
"""How often the chore looks."""


class Reminding:
    """Tells citizens what ends soon."""

    def __init__(
        self,
        *,
        reminders: Reminders,
        accounts: Accounts,
        grants: Grants,
        pods: PodDirectory,
        service: PodService,
        pages: Pages,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._reminders, self._accounts, self._grants = reminders, accounts, grants
        self._pods, self._service, self._pages, self._clock = pods, service, pages, clock

    async def run(self) -> int:
        """Tell what there is to tell; how many messages that were."""
        told = 0
        while due := await self._reminders.due():
            for each in due:
                if await self._reminders.claim(each):
                    told += await self._tell(each)
        return told

    async def _tell(self, due: Due) -> bool:
        """Leave a message, where there is still something to tell and somebody to tell it to."""
        try:
            account, grant = await self._accounts.get(due.pod), await self._grants.get(due.pod, due.grant)
        except (GrantNotFound, PodUnavailable):  # the pod was erased since
            return False
        if account is None or not worth_telling(grant, due):
            return False
        pod = await self._pods.by_id(account.id)
        if pod is None:
            return False
        title, text = self._words(account, grant)
        body = posting.message(account.webid, account.webid, title, self._clock(), text)
        owner = Requester(agent=account.webid, own_pages=True)
        with contextlib.suppress(Forbidden, NotFound):
            await self._service.post(owner, pod, INBOX.path, body, "text/turtle")
            return True
        return False

    def _words(self, account: Account, grant: GrantRecord) -> tuple[str, str]:
        _ = say = self._pages.gettext(account.lang)
        days = max(1, round(((grant.until or 0.0) - self._clock()) / DAY))
        name = wording.called(grant, say)
        title = _("Over %(days)s stopt het delen met %(name)s.", days=wording.in_days(days, say), name=name)
        text = _(
            "Het stopt op %(day)s. Wil je langer delen? Ga naar Delen. Wil je dat niet? Dan hoef je niets te doen.",
            day=day(grant.until, account.lang),
        )
        return title, text
