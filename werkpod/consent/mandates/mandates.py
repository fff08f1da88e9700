"""The store of mandates: asked, accepted or declined, stopped; and who acts for whom now.

Nothing readable is kept: a mandate is sealed under the keys of the citizen's pod, the representative is a keyed hash.
Whether one holds is asked of the store at each request, so a stop counts at once. Whatever happens to one is written
down in its own unit, for the ledger; a ledger that cannot be written keeps nobody's access going.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol, cast

import msgspec

from werkpod.consent.accounts.model import Account
from werkpod.consent.ledger import Act, Acts
from werkpod.consent.mandates.acting import Acting
from werkpod.consent.mandates.errors import BeyondMandate, MandateNotFound, MandateRefused
from werkpod.consent.mandates.model import ACTS, DAY, KINDS, Mandate
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import IntegrityError, PodUnavailable
from werkpod.pod.store.protocol import Database, ExpectationFailed, Row, Statement
from werkpod.pod.vault import SERVER, PodVault, Vault
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.ids import ulid

MAX_DAYS = 365
"""Days that a mandate lasts at most, and what is shared under one: nobody is a representative for ever by mistake."""
AT_ONCE, A_DAY = 5, 10
"""Mandates that a citizen has open or waiting at most, and invitations in 24 hours: an invitation is also a message."""
_LISTED = 200

_INSERT = "INSERT INTO mandates (pod, id, state, until, sealed) VALUES (?1, ?2, ?3, ?4, ?5)"
_POINTER = "INSERT INTO mandate_actors (pod, actor, id, giver) VALUES (?1, ?2, ?3, ?4)"
_UPDATE = "UPDATE mandates SET state = ?4, sealed = ?5 WHERE pod = ?1 AND id = ?2 AND state = ?3"
_USE = "UPDATE mandates SET used = used + 1 WHERE pod = ?1 AND id = ?2 AND state = 'accepted' AND until > ?3"
_ROWS = "SELECT id, state, sealed FROM mandates WHERE pod = ?1"
_OPEN = "SELECT COUNT(*) FROM mandates WHERE pod = ?1 AND state IN ('asked', 'accepted') AND until > ?2"
_LATELY = "SELECT COUNT(*) FROM mandates WHERE pod = ?1 AND id > ?2"
_FOR = "SELECT giver, id FROM mandate_actors WHERE pod = ?1 AND actor = ?2 ORDER BY accepted DESC, id DESC LIMIT ?3"
_ACCEPTED = "UPDATE mandate_actors SET accepted = 1 WHERE pod = ?1 AND actor = ?2 AND id = ?3"
_FORGET = "DELETE FROM mandate_actors WHERE pod = ?1 AND actor = ?2 AND id = ?3"


class AccountSource(Protocol):
    """Where accounts are found (`Accounts`)."""

    async def get(self, account_id: str) -> Account | None:
        """The account of this id, or None."""
        ...


class Mandates:
    """All mandates. `acts`: to the ledger, which gets a line for each act."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        accounts: AccountSource,
        acts: Acts,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._vault, self._accounts, self._acts, self._clock = database, vault, accounts, acts, clock

    # The citizen

    async def invite(self, mandate: Mandate) -> Mandate:
        """Ask its representative; `until` is as given, id and state are set here. Raises MandateRefused.

        Whether there is somebody with that WebID is not looked at, so the answer does not tell.
        """
        now = self._clock()
        mandate = replace(mandate, id=ulid(now), created=now, state="asked", answered=None, ended=None, ended_by=None)
        _check(mandate, now)
        citizen = await self._accounts.get(mandate.pod)
        if citizen is None or citizen.role != "citizen" or citizen.webid == mandate.actor:
            raise MandateRefused("A citizen lets somebody else act for them.")
        if int(cast("int", (await self._database.fetch(_OPEN, mandate.pod, now))[0][0])) >= AT_ONCE:
            raise MandateRefused(f"A citizen has at most {AT_ONCE} representatives at once; stop one first.")
        since = ulid(now - DAY)[:10] + "0" * 16
        if int(cast("int", (await self._database.fetch(_LATELY, mandate.pod, since))[0][0])) >= A_DAY:
            raise MandateRefused(f"A citizen asks at most {A_DAY} people in a day; try again tomorrow.")
        vault, server = await self._vault.open(mandate.pod), await self._vault.open(SERVER)
        # First, and apart: a unit touches one pod. Should the next step fail, this row leads to no mandate.
        key = server.lookup("mandate-actor", mandate.actor)
        await self._database.write(Statement(_POINTER, (SERVER, key, mandate.id, mandate.pod)))
        row = (mandate.pod, mandate.id, mandate.state, mandate.until, _seal(vault, mandate))
        act = await self._act("given", mandate)
        await self._database.write(Statement(_INSERT, row), act.statement)
        self._acts.done(act)
        return mandate

    async def of(self, pod: str) -> Sequence[Mandate]:
        """The mandates of a citizen, newest first, those that are over too (200 at most)."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_ROWS + " ORDER BY id DESC LIMIT ?2", pod, _LISTED)
        return [_opened(vault, row) for row in rows]

    async def names(self, pod: str) -> dict[str, str]:
        """What a citizen calls those who act or acted for them, by WebID."""
        return {mandate.actor: mandate.actor_name for mandate in reversed(await self.of(pod))}

    # The representative

    async def for_actor(self, actor: Account) -> Sequence[tuple[Mandate, Account]]:
        """Who asked `actor` to act for them and still may: invitations and mandates in force, newest first."""
        server, now, found = await self._vault.open(SERVER), self._clock(), list[tuple[Mandate, Account]]()
        rows = await self._database.fetch(_FOR, SERVER, server.lookup("mandate-actor", actor.webid), _LISTED)
        for giver, mandate_id in rows:
            try:
                mandate = await self.get(str(giver), str(mandate_id))
            except MandateNotFound:  # never finished, or the pod was erased since
                continue
            citizen = await self._accounts.get(mandate.pod)
            if citizen is not None and (mandate.active(now) or mandate.waiting(now)):
                found.append((mandate, citizen))
        return found

    async def answer(self, actor: Account, mandate_id: str, *, accept: bool) -> Mandate:
        """Accept or decline an invitation. Raises MandateNotFound for one that is not theirs or is not waiting."""
        mandate = await self._theirs(actor, mandate_id)
        now = self._clock()
        if not mandate.waiting(now):
            raise MandateNotFound(f"Mandate {mandate_id} waits for no answer.")
        answered = replace(mandate, state="accepted" if accept else "declined", answered=now)
        await self._move(mandate, answered)
        await self._point(answered, _ACCEPTED if accept else _FORGET)
        return answered

    async def begin(self, actor: Account, mandate_id: str) -> tuple[Acting, bytes]:
        """Switch to acting for the citizen; and what the session keeps of it, sealed. Raises MandateNotFound."""
        mandate = await self._theirs(actor, mandate_id)
        citizen = await self._accounts.get(mandate.pod)
        if citizen is None or not mandate.active(self._clock()):
            raise MandateNotFound(f"Mandate {mandate_id} is not in force.")
        self._acts.record(mandate.pod, self._entry("used", mandate, by=actor.webid))
        vault = await self._vault.open(actor.id)
        sealed = vault.seal_record("acting", actor.id, msgspec.msgpack.encode((mandate.pod, mandate.id)))
        return Acting(mandate, citizen, actor), sealed

    async def acting(self, actor: Account, sealed: bytes) -> Acting | None:
        """For whom a session acts, read from the store now; None when the mandate does not hold (any more)."""
        try:
            vault = await self._vault.open(actor.id)
            pod, mandate_id = msgspec.msgpack.decode(
                vault.open_record("acting", actor.id, sealed), type=tuple[str, str]
            )
            mandate = await self.get(pod, mandate_id)
        except (PodUnavailable, IntegrityError, MandateNotFound):
            return None
        citizen = await self._accounts.get(pod)
        if citizen is None or mandate.actor != actor.webid or not mandate.active(self._clock()):
            return None
        return Acting(mandate, citizen, actor)

    # Both

    async def get(self, pod: str, mandate_id: str) -> Mandate:
        """One mandate, as it is now. Raises MandateNotFound."""
        try:
            vault = await self._vault.open(pod)
        except PodUnavailable:
            raise MandateNotFound(f"There is no mandate {mandate_id[:40]}.") from None
        rows = await self._database.fetch(_ROWS + " AND id = ?2", pod, mandate_id)
        if not rows:
            raise MandateNotFound(f"There is no mandate {mandate_id[:40]}.")
        return _opened(vault, rows[0])

    async def stop(self, pod: str, mandate_id: str, *, by: str) -> Mandate:
        """End a mandate or take an invitation back, now. `by`: WebID of the citizen or of the representative.

        Ending it twice changes nothing. Raises MandateNotFound, also for anybody else.
        """
        while True:
            mandate, citizen = await self.get(pod, mandate_id), await self._accounts.get(pod)
            if citizen is None or by not in (citizen.webid, mandate.actor):
                raise MandateNotFound(f"There is no mandate {mandate_id[:40]}.")
            if mandate.state in ("declined", "stopped"):
                return mandate
            ended = replace(mandate, state="stopped", ended=self._clock(), ended_by=by)
            try:
                await self._move(mandate, ended, by=None if by == citizen.webid else by)
            except MandateNotFound:  # answered or stopped a moment ago: look again
                continue
            await self._point(ended, _FORGET)
            return ended

    async def give_up(self, actor: Account, mandate_id: str) -> Mandate:
        """The representative stops. Raises MandateNotFound."""
        mandate = await self._theirs(actor, mandate_id)
        return await self.stop(mandate.pod, mandate_id, by=actor.webid)

    def used(self, mandate: Mandate) -> Statement:
        """A row to write in the unit of what a representative does: it holds the unit back when the mandate is over."""
        return Statement(_USE, (mandate.pod, mandate.id, self._clock()), rows=1)

    async def _theirs(self, actor: Account, mandate_id: str) -> Mandate:
        """The mandate of this id that names `actor`. Raises MandateNotFound."""
        server = await self._vault.open(SERVER)
        sql = "SELECT giver FROM mandate_actors WHERE pod = ?1 AND actor = ?2 AND id = ?3"
        rows = await self._database.fetch(sql, SERVER, server.lookup("mandate-actor", actor.webid), mandate_id)
        if not rows:
            raise MandateNotFound(f"There is no mandate {mandate_id[:40]}.")
        return await self.get(str(rows[0][0]), mandate_id)

    async def _move(self, before: Mandate, after: Mandate, *, by: str | None = None) -> Mandate:
        """From one state to the next, once. Raises MandateNotFound when it is in another state by now."""
        vault = await self._vault.open(before.pod)
        values = (before.pod, before.id, before.state, after.state, _seal(vault, after))
        act = await self._act(after.state, after, by=by)
        try:
            await self._database.write(Statement(_UPDATE, values, rows=1), act.statement)
        except ExpectationFailed:
            raise MandateNotFound(f"Mandate {before.id} was changed a moment ago.") from None
        self._acts.done(act)
        return after

    async def _point(self, mandate: Mandate, sql: str) -> None:
        """Change where the representative finds it; apart, as it is another pod's row. Without it nothing is wrong."""
        server = await self._vault.open(SERVER)
        key = server.lookup("mandate-actor", mandate.actor)
        await self._database.write(Statement(sql, (SERVER, key, mandate.id)))

    async def _act(self, what: str, mandate: Mandate, *, by: str | None = None) -> Act:
        return await self._acts.begin(mandate.pod, self._entry(what, mandate, by=by))

    def _entry(self, what: str, mandate: Mandate, *, by: str | None = None) -> AccessEntry:
        return AccessEntry(
            at=self._clock(), action=f"mandate:{what}", path="", outcome="allowed", agent=mandate.actor, by=by
        )


def refuse_beyond(mandate: Mandate) -> BeyondMandate:
    """The error for what is outside the limits of `mandate`, which names them."""
    days, sections = mandate.max_days, ", ".join(mandate.sections) or "none"
    return BeyondMandate(
        f"This mandate is for: {', '.join(mandate.may)}; sections to share: {sections}; at most {days} days; to people "
        "other than yourself, to read only."
    )


def _check(mandate: Mandate, now: float) -> None:
    """Raises MandateRefused that names what is wrong."""
    known = [section.key for section in CV_SECTIONS]
    if mandate.kind not in KINDS:
        raise MandateRefused(f"A representative is one of {', '.join(KINDS)}, not {mandate.kind!r}.")
    if not mandate.may or not set(mandate.may) <= set(ACTS):
        raise MandateRefused(f"A mandate names at least one of {', '.join(ACTS)}.")
    if not mandate.actor_name or len(mandate.actor_name) > 80:
        raise MandateRefused("Give the representative a name of at most 80 characters.")
    if unknown := set(mandate.sections) - set(known):
        raise MandateRefused(f"Sections are {', '.join(known)}; not {', '.join(sorted(unknown))}.")
    if {"share", "answer"} & set(mandate.may) and not mandate.sections:
        raise MandateRefused("Name the sections that the representative may share.")
    if not 1 <= mandate.max_days <= MAX_DAYS:
        raise MandateRefused(f"What a representative shares lasts 1 to {MAX_DAYS} days, not {mandate.max_days}.")
    if not now < mandate.until <= now + MAX_DAYS * DAY + 1:
        raise MandateRefused(f"A mandate ends within {MAX_DAYS} days.")


def _seal(vault: PodVault, mandate: Mandate) -> bytes:
    return vault.seal_record("mandate", mandate.id, msgspec.msgpack.encode(mandate))


def _opened(vault: PodVault, row: Row) -> Mandate:
    mandate_id, state, sealed = cast("tuple[str, str, bytes]", row)
    mandate = msgspec.msgpack.decode(vault.open_record("mandate", mandate_id, sealed), type=Mandate)
    if mandate.state != state:
        raise IntegrityError("A mandate says another state than its row")
    return mandate
