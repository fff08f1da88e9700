"""Webhooks: messages that this server sends to an address that a subscriber named (WebhookChannel2023).

The address is a stranger's word, so messages go through the guarded client: https, public addresses, no redirects,
few seconds. Each one is signed as the WebID that the subscription reply names as `sender`: an access token of our own
issuer for it, and a DPoP proof (Solid-OIDC 8; RFC 9449). The receiver checks them as those of any Solid client.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import ipaddress
import random
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, cast
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import httpx2
import structlog
from joserfc import jwt
from joserfc.jwk import ECKey

from werkpod.pod.directory import Pod
from werkpod.pod.notify.channels import Channel, Message, Reason, sender_url
from werkpod.pod.notify.errors import Unsubscribable
from werkpod.pod.notify.hub import FRESH, Hub
from werkpod.pod.notify.kept import KeptChannels
from werkpod.web.client import FetchRefused, check_url, is_loopback, is_public
from werkpod.web.errors import WerkpodError

DELAYS = (1.0, 5.0, 25.0, 125.0, 625.0)
"""Seconds between the tries for one message; after the last one the receiver is taken for gone."""
WAITING = 32
"""Messages that wait for one receiver; where there are more, they become one: it changed."""
AT_ONCE, OF_ONE = 40, 4
"""Messages under way at the same time, of all webhooks and of one subscriber's: each may take seconds."""
TOKEN_SECONDS = 300
ALGORITHM = "ES256"

log = structlog.get_logger("werkpod.notify")


class Signer(Protocol):
    """What signs access tokens of this server's issuer."""

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """A JWT over `claims` with this `typ`, by a key that the issuer publishes."""
        ...


class Webhooks:
    """The webhooks of one server. `client`: makes the guarded client, at the first need, because that takes 50 ms;
    `issuer`: our own, also the base URL."""

    def __init__(
        self,
        hub: Hub,
        kept: KeptChannels,
        signer: Signer,
        client: Callable[[], httpx2.AsyncClient],
        *,
        issuer: str,
        allow_loopback: bool = False,
        delays: Sequence[float] = DELAYS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.hub, self.kept, self.delays = hub, kept, tuple(delays)
        self.make_client, self._client = client, cast("httpx2.AsyncClient | None", None)
        self.places = asyncio.Semaphore(AT_ONCE)
        self._places_of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        hub.on_end = self._ended
        self._signer, self._issuer, self._allow_loopback, self._clock = signer, issuer, allow_loopback, clock
        self._key = ECKey.generate_key("P-256", private=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def checked(self, url: str) -> str:
        """The address of a receiver, as it was sent. Raises Unsubscribable for one that nothing is sent to."""
        try:
            parts = check_url(url, allow_loopback=self._allow_loopback)
        except FetchRefused as error:
            raise Unsubscribable(f"Nothing can be sent to the sendTo {url[:200]!r}: {error.detail}") from None
        if parts.fragment:
            raise Unsubscribable("A sendTo has no fragment.")
        host = str(parts.hostname)
        if _is_number(host) and not (is_public(host) or (self._allow_loopback and is_loopback(host))):
            raise Unsubscribable("A sendTo is on the public internet.")
        own = urlsplit(self._issuer)
        if (host.rstrip("."), parts.port or 443) == (own.hostname, own.port or 443):
            raise Unsubscribable("A sendTo is not on this server: it would be told of what it is told.")
        return url

    async def begin(self, channel: Channel) -> None:
        """Begin a new channel, kept on disk first. Raises TooManyChannels, StoreFailure."""
        self.hub.check_room(channel)
        await self.kept.put(channel)
        try:
            self._add(channel)
        except WerkpodError:
            await self.kept.forget(channel)
            raise
        if channel.wanted.state is not None:
            self.hub.check(channel)

    async def start(self) -> None:
        """Take up the channels that are kept from before, and tell each where its topic is in another state now."""
        async for channel in self.kept.all():
            if channel.end <= self._clock():
                await self.kept.forget(channel)
                continue
            with contextlib.suppress(WerkpodError):  # there is less room now: it is kept for a time with more
                self._add(channel)
                self.hub.check(channel)

    async def close(self) -> None:
        """Stop sending. Idempotent."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def places_of(self, agent: str) -> asyncio.Semaphore:
        """The places of one subscriber."""
        return self._places_of.setdefault(agent, asyncio.Semaphore(OF_ONE))

    @property
    def client(self) -> httpx2.AsyncClient:
        """The guarded client."""
        if self._client is None:
            self._client = self.make_client()
        return self._client

    def run(self, work: Any) -> asyncio.Task[None]:
        """Run a coroutine beside everything else until `close`."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def signed(self, pod: Pod, url: str) -> dict[str, str]:
        """The headers that say who sends: Authorization and DPoP."""
        sender, now = sender_url(pod), int(self._clock())
        token = self._signer.sign(
            {
                "iss": self._issuer,
                "sub": sender,
                "webid": sender,
                "client_id": sender,
                "azp": sender,
                "aud": ["solid"],
                "iat": now,
                "exp": now + TOKEN_SECONDS,
                "jti": secrets.token_urlsafe(16),
                "cnf": {"jkt": self._key.thumbprint()},
            },
            typ="at+jwt",
        )
        digest = hashlib.sha256(token.encode()).digest()
        proof = jwt.encode(
            {"typ": "dpop+jwt", "alg": ALGORITHM, "jwk": self._key.as_dict(private=False)},
            {
                "htm": "POST",
                "htu": url.partition("#")[0].partition("?")[0],
                "iat": now,
                "jti": secrets.token_urlsafe(16),
                "ath": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            },
            self._key,
            algorithms=[ALGORITHM],
        )
        return {"Authorization": f"DPoP {token}", "DPoP": proof}

    def _add(self, channel: Channel) -> None:
        channel.outlet = _Receiver(self, channel)
        try:
            self.hub.add(channel)
        except WerkpodError:
            channel.outlet = None
            raise

    def _ended(self, channel: Channel, reason: Reason) -> None:
        if channel.wanted.send_to is not None:
            self.run(self._forget(channel))

    async def _forget(self, channel: Channel) -> None:
        try:
            await self.kept.forget(channel)
        except WerkpodError as error:  # it ends by itself at its end, or with its pod
            log.warning("a webhook could not be forgotten", code=error.code)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _Receiver:
    """The outlet of one webhook: what waits for it, and one task while something does."""

    def __init__(self, webhooks: Webhooks, channel: Channel) -> None:
        self._webhooks, self._channel = webhooks, channel
        self._messages: OrderedDict[tuple[str, str], Message] = OrderedDict()
        self._task: asyncio.Task[None] | None = None
        self._over = False
        self._places = webhooks.places_of(channel.requester.agent or "")

    def put(self, message: Message) -> bool:
        """Take a message in place of an earlier one with the same key. There is always room: see `WAITING`."""
        if self._over:
            return True
        self._messages.pop(message.key, None)
        if len(self._messages) >= WAITING:
            self._messages.clear()
            self._channel.seen = ""  # no state that anything has: it is told as one change when its turn comes
            self._webhooks.hub.check(self._channel)
            return True
        self._messages[message.key] = message
        if self._task is None or self._task.done():
            self._task = self._webhooks.run(self._send_all())
        return True

    def close(self, reason: Reason) -> None:
        """Send nothing more."""
        self._over = True
        self._messages.clear()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    async def _send_all(self) -> None:
        while self._messages and not self._over:
            _, message = self._messages.popitem(last=False)
            if not await self._send(message):
                return
            if not self._messages and not self._over:
                with contextlib.suppress(WerkpodError):  # at the next start it is told once more
                    await self._webhooks.kept.put(self._channel)

    async def _send(self, message: Message) -> bool:
        """Send one message, again where that fails. False where the channel is over."""
        webhooks, channel, clock = self._webhooks, self._channel, asyncio.get_running_loop().time
        for delay in (*webhooks.delays, None):
            async with self._places, webhooks.places:
                if clock() - message.at > FRESH and not await webhooks.hub.may_still(channel):
                    channel.seen = ""  # where it is only that this could not be found out: it is told another time
                    return False
                answer = await self._post(message)
            if self._over or answer == "sent":
                return not self._over
            if answer == "gone" or delay is None:
                log.info("a webhook is gone", pod=channel.pod.id)
                webhooks.hub.end(channel, Reason.GONE)
                return False
            await asyncio.sleep(delay * (0.75 + random.random() / 2))  # noqa: S311 - spreads tries, keeps no secret
        return False

    async def _post(self, message: Message) -> str:
        """What became of it: "sent", "gone" (it will never be taken) or "failed"."""
        channel, url = self._channel, str(self._channel.wanted.send_to)
        headers = {"Content-Type": channel.form, **self._webhooks.signed(channel.pod, url)}
        try:
            async with self._webhooks.client.stream("POST", url, headers=headers, content=message.body) as response:
                if 200 <= response.status_code < 300:
                    return "sent"
                return "gone" if response.status_code in (404, 410) else "failed"
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return "failed"
