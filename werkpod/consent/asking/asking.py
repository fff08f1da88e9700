"""Asking for access: askers ask, citizens answer, and both can see how it stands.

What was asked never changes. An answer is held against what was shown, is written in one unit with the grant that it
makes, and gives no more than was asked. Somebody who does not exist, who has no CV, or who blocked the asker is asked
in the same words and the same time as anybody else; such a request waits until it is over.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import msgspec
import structlog

from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.accounts.model import Account
from werkpod.consent.asking.delivery import Delivery
from werkpod.consent.asking.errors import AskChanged, AskClosed, AskGone, BadAsk
from werkpod.consent.asking.limits import check_within
from werkpod.consent.asking.model import WAITS, Ask, Asker, Blocked, Content, Exchange, Sent, State, Talk
from werkpod.consent.asking.reading import Wanted, plain_text
from werkpod.consent.asking.reports import Reported, Reports
from werkpod.consent.asking.sent import Copies, Copy
from werkpod.consent.asking.store import APPROVED, QUESTION, REFUSED, WAITING, Received
from werkpod.consent.grants import GrantRecord
from werkpod.consent.ledger import Act, Acts
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, ExpectationFailed
from werkpod.pod.vault import SERVER, Vault
from werkpod.web.ids import ulid

SECONDS = 60.0
"""How often the chore looks for what was left."""
QUESTIONS_MOST = 5
"""Times that a citizen asks why before saying yes or no."""
Give = Callable[..., Awaitable[GrantRecord]]
"""Makes the grant of a GrantRecord, with the statements after it in the same unit."""


log = structlog.get_logger("werkpod.consent.asking")


class Asking:
    """All requests for access."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        accounts: Accounts,
        acts: Acts,
        delivery: Delivery,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._received, self._copies = Received(database, vault), Copies(database, vault)
        self._reports = Reports(database, vault)
        self._accounts, self._acts, self._delivery, self._clock = accounts, acts, delivery, clock
        self._tasks: set[asyncio.Task[None]] = set()

    # The asker

    async def ask(self, asker: Asker, wanted: Wanted) -> Copy:
        """Ask; on disk when it returns, and `soon` brings it to the citizen. Raises BadAsk, AskedTooOften."""
        if wanted.to == asker.webid:
            raise BadAsk("to is yourself.")
        if wanted.client and wanted.client != asker.client:
            raise BadAsk("client can only be the app that asks.")
        now = self._clock()
        content = Content(
            to=wanted.to, asker=asker.webid, kind=asker.kind, name=asker.name, client=asker.client,
            client_name=asker.client_name, only_client=bool(wanted.client), element=wanted.element, created=now,
            expires=now + WAITS,
        )  # fmt: skip
        return await self._copies.add(asker, ulid(now), content, now)

    async def sent(self, asker: Asker) -> Sequence[Sent]:
        """The newest requests of an asker, and how each stands."""
        return [await self._standing(copy) for copy in await self._copies.list(asker)]

    async def sent_one(self, asker: Asker, ask_id: str) -> Sent:
        """One of them. Raises AskGone."""
        return await self._standing(await self._copies.get(asker, ask_id))

    async def withdraw(self, asker: Asker, ask_id: str) -> None:
        """Take a request back; twice is once. Raises AskGone, AskClosed (it was answered)."""
        copy = await self._copies.get(asker, ask_id)
        if copy.giver is not None:
            await self._received.withdraw(copy.giver, ask_id)
            if (await self._standing(copy)).state in ("approved", "refused"):
                raise AskClosed("The request was answered; there is nothing to take back.")
        await self._copies.withdraw(copy, self._clock())

    async def answer(self, asker: Asker, ask_id: str, text: str) -> Sent:
        """Answer the citizen's question. Raises AskGone, AskClosed (there is no question), BadAsk."""
        said, now = plain_text(text, "text", 1000), self._clock()
        copy = await self._copies.get(asker, ask_id)
        try:
            ask = await self._received.get(copy.giver or "", ask_id, now) if copy.giver else None
        except (AskGone, PodUnavailable):
            ask = None
        if ask is None or ask.state != "question" or copy.giver is None:
            raise AskClosed("There is no question to answer.")
        *before, last = ask.talk.exchanges
        talk = msgspec.structs.replace(
            ask.talk, exchanges=(*before, msgspec.structs.replace(last, answer=said, answered=now))
        )  # fmt: skip
        await self._received.moved(await self._received.move(copy.giver, ask, WAITING, talk, now))
        await self._delivery.tell_citizen(copy.giver, ask_id, ask.content, answered=True)
        return await self._standing(copy)

    async def _standing(self, copy: Copy) -> Sent:
        """How a copy stands for its asker, who is not told of blocks."""
        now = self._clock()
        quiet: State = "expired" if copy.expires <= now else "waiting"
        if copy.withdrawn is not None:
            return Sent(copy.id, copy.pod, copy.content, "withdrawn", None, Talk())
        if copy.giver is not None:
            try:
                ask = await self._received.get(copy.giver, copy.id, now)
            except (AskGone, PodUnavailable):  # hidden, or the pod was erased
                return Sent(copy.id, copy.pod, copy.content, quiet, None, Talk())
            return Sent(copy.id, copy.pod, copy.content, ask.state, copy.giver, ask.talk)
        return Sent(copy.id, copy.pod, copy.content, quiet, None, Talk())

    # The way there

    def soon(self, copy: Copy) -> None:
        """Bring a request to the citizen, after its asker has the answer."""
        task = asyncio.get_running_loop().create_task(self._deliver(copy))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Wait until everything that was to be brought is there."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def tidy(self) -> None:
        """Bring what a crash or a full inbox left lying, and take away what is over since long. Safe to repeat."""
        now = self._clock()
        after = ""
        while left := await self._copies.undelivered(now - 10.0, after):
            for copy in left:
                if copy.expires <= now:
                    await self._copies.delivered(copy.pod, copy.id, None)
                else:
                    await self._deliver(copy)
            after = left[-1].id
        await self._copies.tidy(now)

    async def _deliver(self, copy: Copy) -> None:
        citizen = await self._accounts.by_webid(copy.content.to)
        if citizen is None or citizen.role != "citizen":
            await self._copies.delivered(copy.pod, copy.id, None)
            return
        act = await self._act(citizen.id, "received", copy.content)
        put = await self._received.put(citizen.id, copy.id, copy.content, self._clock(), act.statement)
        if put == "later":  # too many wait there
            return
        if put == "new":
            self._acts.done(act)
        lies = put != "never"
        if not await self._copies.delivered(copy.pod, copy.id, citizen.id if lies else None) and lies:
            await self._received.withdraw(citizen.id, copy.id)
        elif lies:
            await self._delivery.tell_citizen(citizen.id, copy.id, copy.content)

    # The citizen

    async def count_waiting(self, citizen: Account) -> int:
        """How many requests wait for an answer of this citizen."""
        return await self._received.count(citizen.id, self._clock())

    async def list(self, citizen: Account) -> Sequence[Ask]:
        """The newest requests to a citizen, answered ones too."""
        return await self._received.list(citizen.id, self._clock())

    async def get(self, citizen: Account, ask_id: str) -> Ask:
        """One of them. Raises AskGone."""
        return await self._received.get(citizen.id, ask_id, self._clock())

    async def shown(self, citizen: Account, ask_id: str, digest: str) -> Ask:
        """An open request that was shown with this digest. Raises AskGone, AskClosed, AskChanged."""
        ask = await self.get(citizen, ask_id)
        if not hmac.compare_digest(ask.digest, digest if digest.isascii() else ""):
            raise AskChanged("The answer is to another request than the one that was shown.")
        if not ask.open:
            raise AskClosed(f"The request is {ask.state} already.")
        return ask

    async def approve(
        self, citizen: Account, ask: Ask, record: GrantRecord, give: Give, *, by: str | None = None
    ) -> GrantRecord:
        """Say yes: the grant and the answer in one unit. Raises AskClosed, BadAsk (more than was asked), InvalidGrant.

        `by`: the WebID of who answers for the citizen.
        """
        now = self._clock()
        record = replace(record, id=record.id or ulid(now))
        check_within(record, ask, now)
        if ask.content.kind != "elsewhere":
            account = await self._accounts.by_webid(ask.content.asker)
            if account is None or account.role != ask.content.kind:
                raise AskClosed("Who asked has no account here any more.")
        talk = msgspec.structs.replace(ask.talk, grant=record.id, ended=now, by=by)
        try:
            act = await self._act(citizen.id, "approved", ask.content, grant=record.id, by=by)
            answered = await self._received.move(citizen.id, ask, APPROVED, talk, now)
            grant = await give(record, answered, act.statement)
        except ExpectationFailed:
            raise AskClosed("The request was answered, withdrawn or over meanwhile.") from None
        self._acts.done(act)
        await self._closed(ask)
        if ask.content.kind != "coach":  # a coach gets the message that goes with every share
            await self._delivery.tell_asker(citizen, ask, "approved")
        return grant

    async def refuse(self, citizen: Account, ask: Ask, reason: str = "", *, by: str | None = None) -> None:
        """Say no, and why where the citizen likes. Raises AskClosed, BadAsk."""
        now = self._clock()
        said = plain_text(reason, "reden", 500) if reason.strip() else ""
        talk = msgspec.structs.replace(ask.talk, reason=said, ended=now, by=by)
        await self._answered(citizen, ask, REFUSED, talk, await self._act(citizen.id, "refused", ask.content, by=by))
        await self._closed(ask)
        await self._delivery.tell_asker(citizen, ask, "refused")

    async def ask_why(self, citizen: Account, ask: Ask, question: str, *, by: str | None = None) -> None:
        """Ask the asker something; the request waits. Raises AskClosed (also: a question is out already), BadAsk."""
        now = self._clock()
        if ask.state != "waiting" or len(ask.talk.exchanges) >= QUESTIONS_MOST:
            raise AskClosed("A question is out already, or there were enough of them.")
        exchange = Exchange(plain_text(question, "vraag", 500), now)
        talk = msgspec.structs.replace(ask.talk, exchanges=(*ask.talk.exchanges, exchange))
        act = await self._act(citizen.id, "questioned", ask.content, by=by)
        await self._answered(citizen, ask, QUESTION, talk, act)
        await self._delivery.tell_asker(citizen, ask, "question")

    async def block(self, citizen: Account, ask: Ask, *, by: str | None = None) -> None:
        """Never hear of this asker again; the asker is told nothing."""
        act = await self._act(citizen.id, "blocked", ask.content, by=by)
        await self._received.block(citizen.id, ask.content, self._clock(), act.statement)
        self._acts.done(act)

    async def unblock(self, citizen: Account, mark: str) -> Blocked:
        """Let somebody ask again. Raises AskGone."""
        found = next((one for one in await self.blocked(citizen) if one.mark == mark), None)
        if found is None:
            raise AskGone("Nobody is blocked by that name.")
        act = await self._acts.begin(citizen.id, self._entry("unblocked", found.asker))
        await self._received.unblock(citizen.id, mark, act.statement)
        self._acts.done(act)
        return found

    async def blocked(self, citizen: Account) -> Sequence[Blocked]:
        """Whom this citizen blocks."""
        return await self._received.blocked(citizen.id)

    async def report(self, citizen: Account, ask: Ask) -> None:
        """Tell who runs the server of this asker: nothing of the citizen, and nothing to the asker. Twice is once."""
        self._acts.record(citizen.id, self._entry("reported", ask.content.asker))
        await self._reports.add(citizen.id, ask.content, self._clock())
        log.warning("asker_reported")  # who it was: `werkpod reports`

    async def reported(self) -> Sequence[tuple[Reported, int]]:
        """Who was reported, and how much each asked in the last 30 days; for who runs the server."""
        found = []
        for one in await self._reports.list():
            account = await self._accounts.by_webid(one.asker)
            asked = await self._copies.asked_by(account.id if account else SERVER, one.asker, self._clock() - WAITS)
            found.append((one, asked))
        return found

    async def _closed(self, ask: Ask) -> None:
        """Let the asker's copy know that it does not wait any more."""
        account = await self._accounts.by_webid(ask.content.asker)
        await self._copies.close(account.id if account else SERVER, ask.id)

    async def _answered(self, citizen: Account, ask: Ask, to: int, talk: Talk, act: Act) -> None:
        """Move an open request on, with the act in its unit. Raises AskClosed."""
        moved = await self._received.move(citizen.id, ask, to, talk, self._clock())
        await self._received.moved(moved, act.statement)
        self._acts.done(act)

    async def _act(
        self, pod: str, what: str, content: Content, *, grant: str | None = None, by: str | None = None
    ) -> Act:  # fmt: skip
        entry = replace(
            self._entry(what, content.asker),
            client=content.client or None, purpose=content.access.purpose, grant=grant, by=by,
        )  # fmt: skip
        return await self._acts.begin(pod, entry)

    def _entry(self, what: str, agent: str) -> AccessEntry:
        return AccessEntry(at=self._clock(), action=f"request:{what}", path="", outcome="allowed", agent=agent)
