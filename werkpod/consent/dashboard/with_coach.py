"""Sharing with a coach, whole: the grant, the coach in the citizen's `people`, and a message to the coach."""

from __future__ import annotations

import time
from collections.abc import Callable

from werkpod.consent import naming, posting
from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import people
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.grants import GrantRecord, Grants
from werkpod.pod.directory import PodDirectory
from werkpod.pod.service import PodService
from werkpod.pod.store.protocol import Statement
from werkpod.vocab.sections import INBOX
from werkpod.web.pages import Pages


class CoachSharing:
    """Begins and ends what is shared with coaches of this server."""

    def __init__(
        self,
        *,
        grants: Grants,
        pods: PodDirectory,
        service: PodService,
        pages: Pages,
        base_url: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.pods, self.service = pods, service
        self._grants, self._pages, self._base_url, self._clock = grants, pages, base_url, clock

    async def with_coach(
        self, citizen: Account, coach: Account, record: GrantRecord, *beside: Statement
    ) -> GrantRecord:
        """Share as `record` says (kind "coach", agent the coach); `beside` in the same unit. Raises InvalidGrant."""
        return await self._begun(citizen, coach, await self._grants.create(record, *beside))

    async def again(self, citizen: Account, coach: Account, grant_id: str, *, until: float) -> GrantRecord:
        """Share with a coach again what ended, until `until`. Raises GrantNotFound, InvalidGrant."""
        return await self._begun(citizen, coach, await self._grants.renew(citizen.id, grant_id, until=until))

    async def _begun(self, citizen: Account, coach: Account, grant: GrantRecord) -> GrantRecord:
        own = await OwnPod.of(self, citizen)
        await people.remember(own, people.Helper(coach.webid, coach.name, coach.storage + INBOX.path))
        name = naming.giver(citizen, await self._grants.of_receiver(citizen.id, agent=coach.webid))
        await self._tell(citizen, coach, name)
        return grant

    async def stop(self, citizen: Account, grant_id: str, *, actor: str | None = None) -> GrantRecord:
        """Stop any grant, and its link; a coach with whom nothing is shared any more goes from `people`.

        `actor`: the client id of the app that does this, None: the citizen, or who acts for them.
        """
        ended = await self._grants.revoke(citizen.id, grant_id, by=citizen.id, actor=actor)
        if ended.receiver_kind == "coach" and ended.agent is not None:
            left = await self._grants.of_receiver(citizen.id, agent=ended.agent)
            if all(grant.receiver_kind != "coach" for grant in left):
                await people.forget(await OwnPod.of(self, citizen), ended.agent)
        return ended

    async def _tell(self, citizen: Account, coach: Account, name: str) -> None:
        """Drop a message in the coach's inbox, as the citizen, by `name` where it was shared.

        An inbox that takes none is no reason not to share.
        """
        gettext = self._pages.gettext(coach.lang)
        text = gettext("%(name)s deelt een cv met je.", name=name or naming.nameless(citizen, gettext))
        body = posting.message(citizen.webid, coach.webid, text, self._clock())
        await posting.drop(self.service, self.pods, citizen.webid, coach, body, client=self._base_url)
