"""Channels: what a subscription became, and the messages that go through one.

A channel keeps who asked and with what: agent, app, grant, issuer and origin. Nothing of a decision is kept; whether
they may still know is found out each time that there is something to tell.
"""

from __future__ import annotations

import asyncio
import enum
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from werkpod.pod.access.model import Requester
from werkpod.pod.addresses import encode
from werkpod.pod.changes import Change
from werkpod.pod.directory import Pod
from werkpod.pod.ldp.graphs import JSON_LD
from werkpod.pod.notify.subscriptions import Wanted, date_time, duration
from werkpod.pod.notify.words import ACTIVITIES, CONTEXT, NOTIFY, WEBSOCKET, written

PREFIX = ".well-known/notifications/"
"""Where the subscription services of a storage are, under its root. No resource of a pod can be there."""
_FORM = re.compile(r"\.(?:ttl|json|nt)$")
"""What a tag has at its end where the representation is not the stored form (`ldp.conditional`)."""
_KINDS = {"create": "Create", "update": "Update", "delete": "Delete", "add": "Add", "remove": "Remove"}


class Reason(enum.Enum):
    """Why a channel, or a connection to it, ends: the code of RFC 6455 (7.4.1) and a word for the log."""

    ENDED = (1000, "ended")
    REVOKED = (1008, "revoked")
    SLOW = (1013, "slow")
    REPLACED = (1000, "replaced")
    GONE = (1000, "gone")
    NOISY = (1008, "noisy")
    SHUTDOWN = (1012, "shutdown")

    @property
    def code(self) -> int:
        """The close code of a WebSocket."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, written out. `key`: messages with the same one are about the same, and the later one counts.

    `state`: the tag of the topic at that time; `at`: when it was decided that it may be sent, in the loop's time.
    """

    key: tuple[str, str]
    body: bytes
    state: str | None
    at: float


class Outlet(Protocol):
    """Where the messages of a channel go. Both methods return at once."""

    def put(self, message: Message) -> bool:
        """Take a message; False where there is no room left for it."""
        ...

    def close(self, reason: Reason) -> None:
        """Send nothing more, and let go of what waits."""
        ...


@dataclass(slots=True, eq=False)
class Channel:
    """One channel. `secret`: the part of its addresses that cannot be guessed; `end`: Unix seconds.

    `seen`: the tag of the topic that the receiver was last told of; `last`: when, in the loop's time; `held`: what
    waits for the end of `wanted.rate`; `form`: the media type of the messages; `begins`: that its start has just come.
    """

    secret: str
    type: str
    pod: Pod
    path: str
    requester: Requester
    wanted: Wanted
    end: float
    seen: str | None
    form: str = JSON_LD
    outlet: Outlet | None = None
    last: float = float("-inf")
    held: Change | None = None
    ended: bool = False
    begins: bool = False
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """The URL of what it is about."""
        return self.pod.storage + encode(self.path)

    @property
    def id(self) -> str:
        """The URL of the channel itself."""
        return f"{service_url(self.pod, self.type)}/{self.secret}"

    @property
    def receive_from(self) -> str:
        """The URL where messages come from, for the types where the receiver connects."""
        url = f"{self.id}/messages"
        return "ws" + url.removeprefix("http") if self.type == WEBSOCKET else url

    def described(self) -> dict[str, Any]:
        """The channel in the notification data model (Solid Notifications Protocol, "Notification Channel")."""
        wanted = self.wanted
        kind = self.type if wanted.context == CONTEXT else NOTIFY + self.type
        found: dict[str, Any] = {"@context": [wanted.context], "id": self.id, "type": kind, "topic": self.topic}
        if wanted.send_to is None:
            found["receiveFrom"] = self.receive_from
        else:
            found |= {"sendTo": wanted.send_to, "sender": sender_url(self.pod)}
        if wanted.start is not None:
            found["startAt"] = date_time(wanted.start)
        found["endAt"] = date_time(self.end)
        if wanted.rate:
            found["rate"] = duration(wanted.rate)
        if wanted.accept is not None:
            found["accept"] = wanted.accept
        if wanted.state is not None:
            found["state"] = wanted.state
        return found


def service_url(pod: Pod, channel_type: str) -> str:
    """The URL of a subscription service of a storage."""
    return f"{pod.storage}{PREFIX}{channel_type}"


def sender_url(pod: Pod) -> str:
    """The WebID under which this server sends messages about a storage."""
    return f"{pod.storage}{PREFIX}sender#it"


def activity(change: Change, state: str | None) -> dict[str, Any]:
    """A change in the notification data model (Solid Notifications Protocol, "Notification Message")."""
    url = change.pod.storage + encode(change.path)
    found: dict[str, Any] = {
        "@context": [ACTIVITIES, CONTEXT],
        "id": uuid.uuid4().urn,
        "type": _KINDS[change.kind],
        "object": url if change.member is None else change.pod.storage + encode(change.member),
    }
    if change.member is not None:
        found["target"] = url
    if state is not None:
        found["state"] = state
    found["published"] = date_time(change.at)
    return found


class Written:
    """One change as a message, written once for each form and context in which somebody wants it."""

    def __init__(self, change: Change, state: str | None) -> None:
        self._key, self._state = (change.kind, change.member or ""), state
        self._activity = activity(change, state)
        self._forms: dict[tuple[str, str], bytes] = {}

    def message(self, form: str, context: str, at: float) -> Message:
        """The message in this form, in the words of this context; `at`: when it was decided."""
        body = self._forms.get((form, context))
        if body is None:
            body = self._forms[form, context] = written({**self._activity, "@context": [ACTIVITIES, context]}, form)
        return Message(self._key, body, self._state, at)


def same_state(one: str | None, other: str | None) -> bool:
    """Whether two entity tags are of one version, in whatever form it was read; a client may leave the quotes out."""
    return (one and _version(one)) == (other and _version(other))


def _version(tag: str) -> str:
    return _FORM.sub("", tag.removeprefix("W/").strip('"'))
