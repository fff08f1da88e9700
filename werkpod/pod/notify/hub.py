"""The hub: which channels there are, and who is told what.

A change is noted in the write that made it and told a moment later by one task, topic by topic. For each of the people
and apps that wait for it, the gate decides once, whatever number of connections they have.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import structlog

from werkpod.pod.access.model import Requester
from werkpod.pod.changes import Change, Kind
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.glance import Glance
from werkpod.pod.notify.channels import Channel, Message, Outlet, Reason, same_state
from werkpod.pod.notify.errors import TooManyChannels
from werkpod.pod.notify.telling import Shared, together, visible
from werkpod.pod.service import PodService
from werkpod.web.errors import WerkpodError

_WAITING = 16
"""Changes of one topic that wait to be told; where there are more, they become one: it changed. Half of what may wait
for a receiver, so that one that reads is not taken for slow."""
_DECISIONS = 25
"""Requesters that are decided about and told together; between two such groups others get their turn."""
_DELIVERIES = 100
"""Messages handed to connections before others get their turn: sending them takes about 4 ms."""
FRESH = 0.1
"""Seconds after a decision within which a message is sent without asking again."""
UNCONNECTED = 300.0
"""Seconds that a channel waits for its receiver to connect, or to come back."""
RECHECK = 60.0
"""Seconds between two looks at whether everybody who waits may still know, also where nothing changes."""

log = structlog.get_logger("werkpod.notify")


@dataclass(frozen=True, slots=True)
class Room:
    """How many channels there may be: on this server, in one pod, of the public in one pod, of one agent in one pod.

    In all pods together the public has at most half of the server's, so have all that are signed in elsewhere (anybody
    can name as many people as they like), and one agent five times what it has in one.
    """

    server: int = 5000
    pod: int = 2000
    public: int = 1000
    agent: int = 100

    def limits(self, requester: Requester) -> tuple[int, int, int, int, int]:
        """On the server, in the pod, of these requesters on the server, of these in the pod, of all from elsewhere."""
        half = (self.server + 1) // 2
        if requester.anonymous:
            return self.server, self.pod, half, self.public, half
        return self.server, self.pod, 5 * self.agent, self.agent, half


class Hub:
    """The channels of one server. Used in one event loop; `close` ends everything."""

    def __init__(
        self, service: PodService, *, room: Room | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._pods, self._glances, self._room, self._clock = service.pods, service.glances, room or Room(), clock
        self._changes, self._own = service.changes, service.base_url
        self._channels: dict[str, Channel] = {}
        self._topics: dict[tuple[str, str], dict[str, Channel]] = {}
        self._count: Counter[tuple[str, ...]] = Counter()
        self._pending: OrderedDict[tuple[str, str], list[Change]] = OrderedDict()
        self._many: set[tuple[str, str]] = set()
        self._due: deque[Channel] = deque()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] | None = None
        self._closed = False
        self.on_end: Callable[[Channel, Reason], None] | None = None
        self._working = False
        self.decided = 0  # decisions of the gate so far, for who measures

    # Channels

    def channel(self, secret: str) -> Channel | None:
        """The channel with this secret, or None."""
        return self._channels.get(secret)

    def all(self) -> Iterable[Channel]:
        """Every channel."""
        return tuple(self._channels.values())

    @property
    def waiting(self) -> int:
        """Changes that wait to be told."""
        return sum(len(changes) for changes in self._pending.values())

    @property
    def busy(self) -> bool:
        """Whether anything waits to be told, or is being told."""
        return bool(self._pending or self._due or self._working)

    def check_room(self, channel: Channel) -> None:
        """Raise TooManyChannels where there is no room for this one."""
        for key, limit in zip(self._places(channel), self._room.limits(channel.requester), strict=False):
            if self._closed or self._count[key] >= limit:
                raise TooManyChannels(
                    f"There are {limit} notification channels already; end one, or try again later.",
                    headers={"Retry-After": "60"},
                )

    def add(self, channel: Channel) -> None:
        """Begin to tell a channel of changes. Raises TooManyChannels."""
        self.check_room(channel)
        for key in self._places(channel):
            self._count[key] += 1
        self._channels[channel.secret] = channel
        self._topics.setdefault(_topic(channel), {})[channel.secret] = channel
        self._later(channel, "end", channel.end - self._clock(), lambda: self.end(channel, Reason.ENDED))
        if (wait := (channel.wanted.start or 0.0) - self._clock()) > 0:
            self._later(channel, "start", wait, lambda: self._begin(channel))
        if channel.outlet is None:
            self._await_receiver(channel)
        self._start()

    def end(self, channel: Channel, reason: Reason) -> None:
        """End a channel for good. Idempotent."""
        if channel.ended:
            return
        channel.ended = True
        self._channels.pop(channel.secret, None)
        topic = self._topics[_topic(channel)]
        topic.pop(channel.secret, None)
        if not topic:
            del self._topics[_topic(channel)]
        for key in self._places(channel):
            self._count[key] -= 1
            if not self._count[key]:
                del self._count[key]
        for timer in channel.timers.values():
            timer.cancel()
        channel.timers.clear()
        outlet, channel.outlet, channel.held = channel.outlet, None, None
        if outlet is not None:
            outlet.close(reason)
        if self.on_end is not None:
            self.on_end(channel, reason)

    def _places(self, channel: Channel) -> tuple[tuple[str, ...], ...]:
        """What a channel counts for: the server, its pod, who asked, who asked in that pod, and all from elsewhere."""
        requester, pod = channel.requester, channel.pod.id
        who = (requester.agent or "", requester.client or "" if requester.agent is None else "")
        places = (), (pod,), ("", *who), (pod, *who)
        return places if requester.issuer in (None, self._own) else (*places, ("elsewhere",))

    def connect(self, channel: Channel, outlet: Outlet) -> None:
        """The receiver is there. One that was there before is let go of; what was missed is told as one change."""
        before, channel.outlet = channel.outlet, outlet
        if before is not None:
            before.close(Reason.REPLACED)
        timer = channel.timers.pop("receiver", None)
        if timer is not None:
            timer.cancel()
        self.check(channel)

    def disconnect(self, channel: Channel, outlet: Outlet) -> None:
        """The receiver went; the channel waits a while for it to come back."""
        if channel.outlet is outlet and not channel.ended:
            channel.outlet, channel.held = None, None
            self._await_receiver(channel)

    def check(self, channel: Channel) -> None:
        """Look soon whether the topic is in another state than the receiver knows of, and tell it then."""
        self._due.append(channel)
        self._wake.set()

    async def may_still(self, channel: Channel) -> bool:
        """Whether the receiver may still know; where it may not, the channel ends. For what waited to be sent."""
        if channel.ended:
            return False
        try:
            found = (await self._look(channel, [channel.requester]))[channel.requester]
        except WerkpodError:
            return False
        if found is None:
            self.end(channel, Reason.REVOKED)
        return found is not None

    async def close(self) -> None:
        """End every connection and the task. What persists is not forgotten. Idempotent."""
        self._closed = True
        if self._leave is not None:
            self._leave()
            self._leave = None
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self.on_end = None
        for channel in self.all():
            self.end(channel, Reason.SHUTDOWN)

    def _await_receiver(self, channel: Channel) -> None:
        if channel.wanted.send_to is None:
            wait = max(0.0, (channel.wanted.start or 0.0) - self._clock()) + UNCONNECTED
            self._later(channel, "receiver", wait, lambda: self.end(channel, Reason.GONE))

    def _begin(self, channel: Channel) -> None:
        """The start of a channel: what was before it is not told, unless the client said what it knew."""
        channel.timers.pop("start", None)
        channel.begins = channel.wanted.state is None
        self.check(channel)

    def _later(self, channel: Channel, name: str, seconds: float, act: Callable[[], None]) -> None:
        known = channel.timers.pop(name, None)
        if known is not None:
            known.cancel()
        channel.timers[name] = asyncio.get_running_loop().call_later(max(0.0, seconds), act)

    # Changes

    def _start(self) -> None:
        if self._task is None and not self._closed:
            self._leave = self._changes.subscribe(self._note)
            self._task = asyncio.get_running_loop().create_task(self._run(), name="werkpod-notify")

    def _note(self, change: Change) -> None:
        """Note a change of a topic that somebody waits for. Called inside the write."""
        key = (change.pod.id, change.path)
        if key not in self._topics:
            return
        waiting = self._pending.setdefault(key, [])
        waiting[:] = [each for each in waiting if (each.kind, each.member) != (change.kind, change.member)]
        waiting.append(change)
        if len(waiting) > _WAITING or key in self._many:
            self._many.add(key)
            waiting[:] = [replace(change, kind="update", member=None)]
        self._wake.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        recheck = loop.time() + RECHECK
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(recheck):
                    await self._wake.wait()
            self._wake.clear()
            if loop.time() >= recheck:
                recheck = loop.time() + RECHECK
                for key in tuple(self._topics):
                    self._pending.setdefault(key, [])
            while self._pending or self._due:
                self._working = True
                try:
                    await self._step()
                except WerkpodError as error:  # fail closed: what cannot be decided or logged is not told
                    log.warning("a change could not be told", code=error.code)
                except Exception:
                    log.exception("telling a change failed")
                self._working = False
                await asyncio.sleep(0)

    async def _step(self) -> None:
        if self._pending:
            key, changes = self._pending.popitem(last=False)
            self._many.discard(key)
            await self._tell(key, changes)
        if self._due:
            await self._catch_up(self._due.popleft())

    async def _tell(self, key: tuple[str, str], changes: Sequence[Change]) -> None:
        """Tell every channel of a topic what changed; without changes, end those that may not know any more."""
        groups: dict[Requester, list[Channel]] = {}
        for channel in self._topics.get(key, {}).values():
            groups.setdefault(channel.requester, []).append(channel)
        waiting, shared = iter(groups), Shared()
        while some := list(islice(waiting, _DECISIONS)):
            at = asyncio.get_running_loop().time()
            found = await self._look(groups[some[0]][0], some, changes)
            for requester in some:
                await self._tell_one(groups[requester], found[requester], changes, shared, at)
            await asyncio.sleep(0)

    async def _tell_one(
        self, channels: Sequence[Channel], found: Glance | None, changes: Sequence[Change], shared: Shared, at: float
    ) -> None:
        """Tell the channels of one requester, after it was logged. Ends them where they may not know any more.

        `at`: when that was decided, in the loop's time.
        """
        if found is None:
            for channel in channels:
                self.end(channel, Reason.REVOKED)
            return
        telling = [(channel, told) for channel in channels if (told := self._due_now(channel, found, changes, at))]
        if not telling:
            return
        first = channels[0]
        who = replace(first.requester, origin=None)
        try:
            if who not in shared.logged:
                self._glances.told(who, first.pod, first.path, found.access)
                shared.logged.add(who)
        except WerkpodError as error:  # what is not on record is not told
            log.warning("a change could not be told", code=error.code)
            return
        for count, (channel, told) in enumerate(telling, start=1):
            channel.seen, channel.last = found.etag, at
            self._send(channel, [shared.written(change, found.etag, at, channel) for change in told])
            if count % _DELIVERIES == 0:
                await asyncio.sleep(0)

    def _due_now(self, channel: Channel, found: Glance, changes: Sequence[Change], at: float) -> list[Change]:
        """What a channel is told now: what its receiver would see, from its start on, not more often than its rate."""
        if channel.ended or channel.outlet is None or (channel.wanted.start or 0.0) > self._clock():
            return []
        told = visible(channel, found, changes)
        if not told:  # what a lens lets through is as it was before what was held back
            channel.held = None if changes and found.partial else channel.held
        if not channel.wanted.rate or not told:
            return told
        for change in told:
            channel.held = together(channel.held, change)
        wait = channel.last + channel.wanted.rate - at
        if wait > 0:
            if "rate" not in channel.timers:
                self._later(channel, "rate", wait, lambda: self._rate_over(channel))
            return []
        held, channel.held = channel.held, None
        return visible(channel, found, [held]) if held is not None else []

    async def _look(
        self, channel: Channel, requesters: Sequence[Requester], changes: Sequence[Change] = ()
    ) -> dict[Requester, Glance | None]:
        self.decided += len(requesters)
        was = changes[-1].rules if changes else None
        try:
            return await self._glances.look(channel.pod, channel.path, requesters, was=was)
        except PodUnavailable:  # erased: there is nothing that anybody may know of
            return dict.fromkeys(requesters)

    def _rate_over(self, channel: Channel) -> None:
        channel.timers.pop("rate", None)
        self.check(channel)

    async def _catch_up(self, channel: Channel) -> None:
        """Tell a channel what it does not know of yet: what was held back, or that the state is another one."""
        if channel.ended:
            return
        at = asyncio.get_running_loop().time()
        found = (await self._look(channel, [channel.requester]))[channel.requester]
        changes: list[Change] = []
        if found is not None and channel.begins:
            channel.begins, channel.seen = False, found.etag
        elif found is not None and channel.held is not None:
            changes = [channel.held]
        elif found is not None and not same_state(found.etag, channel.seen):
            kind: Kind = "delete" if found.etag is None else "create" if channel.seen is None else "update"
            changes = [Change(channel.pod, channel.path, kind, found.etag, self._clock())]
        await self._tell_one([channel], found, changes, Shared(), at)

    def _send(self, channel: Channel, messages: Iterable[Message]) -> None:
        for message in messages:
            outlet = channel.outlet
            if outlet is not None and not outlet.put(message):
                log.info("a receiver is too slow", type=channel.type)
                self.end(channel, Reason.SLOW)


def _topic(channel: Channel) -> tuple[str, str]:
    return channel.pod.id, channel.path
