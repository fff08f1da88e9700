"""The addresses of notifications, under `.well-known/notifications/` of each storage: pure ASGI.

    {type}                     the subscription service: GET describes it, POST subscribes
    {type}/{secret}            a channel: GET describes it, DELETE ends it
    {type}/{secret}/messages   where its messages come from: a WebSocket, or an HTTP answer that goes on
    sender                     the WebID under which messages are sent to webhooks

The last two addresses of a channel are capability URLs: who knows one may use it, and nobody can guess it. What they
give is decided each time by what the subscriber may read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

from werkpod.pod.addresses import Kind, address, split
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.errors import NoCredentials
from werkpod.pod.directory import Pod
from werkpod.pod.ldp.conneg import content_type
from werkpod.pod.ldp.errors import NotTaken
from werkpod.pod.ldp.graphs import JSON_LD, PREFIXES, essence
from werkpod.pod.ldp.headers import VARY, Header, cors, preflight
from werkpod.pod.notify import words
from werkpod.pod.notify.channels import PREFIX, Channel, Reason, sender_url, service_url
from werkpod.pod.notify.errors import Unsubscribable, UpgradeNeeded
from werkpod.pod.notify.hub import Hub
from werkpod.pod.notify.streams import stream, websocket
from werkpod.pod.notify.subscriptions import read_wanted
from werkpod.pod.notify.webhooks import Webhooks
from werkpod.pod.service import PodService
from werkpod.web.errors import (
    PROBLEM_JSON,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
    WerkpodError,
    problem_body,
)
from werkpod.web.ids import secret

BODY_LIMIT = 16 << 10
"""Bytes of a subscription request."""
_TAKEN = ", ".join(words.FORMS)
"""What a subscription may be written in: JSON-LD as the protocol has it, and what is RDF besides."""
LIFETIME = 30 * 86400.0
"""Seconds that a channel lasts at most; a client that asks for more is told what it got."""
_MARK = b"/" + PREFIX.encode()
_NO_STORE: Header = (b"cache-control", b"no-store")
_NOSNIFF: Header = (b"x-content-type-options", b"nosniff")

log = structlog.get_logger("werkpod.notify")


def is_for_notifications(raw_path: bytes) -> bool:
    """Whether a path is one of this module's, in any pod."""
    _, _, rest = raw_path[1:].partition(b"/")
    return (b"/" + rest).startswith(_MARK)


@dataclass(frozen=True, slots=True)
class _Place:
    """What a path names: `name` is a channel type or "sender", `secret` that of a channel, `messages` its stream."""

    slug: str
    name: str
    secret: str = ""
    messages: bool = False

    @property
    def methods(self) -> str:
        """What can be done here."""
        if self.name == "sender" or self.messages:
            return "GET, HEAD, OPTIONS"
        return "GET, HEAD, OPTIONS, DELETE" if self.secret else "GET, HEAD, OPTIONS, POST"


def _place(raw_path: bytes) -> _Place:
    """Raises NotFound."""
    slug, _, rest = raw_path[1:].decode("latin-1").partition("/")
    parts = rest.removeprefix(PREFIX).split("/")
    known = parts[0] in words.TYPES or parts == ["sender"]
    if not known or len(parts) > 3 or (len(parts) == 3 and parts[2] != "messages") or "" in parts:
        raise NotFound(f"Under {PREFIX} there are {', '.join(words.TYPES)}.")
    return _Place(slug, parts[0], parts[1] if len(parts) > 1 else "", len(parts) == 3)


class NotifyApp:
    """The ASGI application of notifications, for HTTP and WebSockets."""

    def __init__(
        self,
        hub: Hub,
        service: PodService,
        authenticator: Authenticator,
        webhooks: Webhooks,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._hub, self._service, self._authenticator, self._webhooks = hub, service, authenticator, webhooks
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or carry one connection."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        cross = cors(headers.get(b"origin"))
        try:
            answered = await self._answer(scope, headers, receive, send)
        except WerkpodError as error:
            answered = self._problem(error)
        except Exception:
            log.exception("a request about notifications failed")
            answered = self._problem(WerkpodError())
        if answered is None:
            return
        status, answer, body = answered
        if not any(name == b"access-control-allow-origin" for name, _ in answer):
            answer += cross
        answer += [VARY, _NO_STORE, _NOSNIFF]
        if status != 204:
            answer.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": answer})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> tuple[int, list[Header], bytes] | None:
        """Status, headers and body; None where the answer was given already."""
        method, raw_path = str(scope["method"]), _raw_path(scope)
        place = _place(raw_path)
        allow: list[Header] = [(b"allow", place.methods.encode())]
        if method in ("OPTIONS", "GET", "HEAD") and place.methods.endswith("POST"):
            allow.append((b"accept-post", _TAKEN.encode()))
        if method == "OPTIONS":
            if b"access-control-request-method" in headers:
                allow += preflight(headers.get(b"origin"), headers.get(b"access-control-request-headers"))
            return 204, allow, b""
        if method not in place.methods.split(", "):
            raise MethodNotAllowed(f"{method[:20]} is not done here.", headers={"Allow": place.methods})
        pod = await self._service.pods.find(place.slug)
        if pod is None:
            raise NotFound(f"There is no pod at {self._service.base_url}/{place.slug}/.")
        accept = _text(headers, b"accept")
        if accept:
            words.check_profile(accept)
        form = JSON_LD if place.messages else words.form_for(accept, plain=True)
        if place.name == "sender":
            return _given(_sender(pod, self._service.base_url), form, allow)
        if not place.secret:
            if method != "POST":
                document = {"@context": [words.CONTEXT], **words.service(service_url(pod, place.name), place.name)}
                return _given(document, form, allow)
            channel = await self._subscribe(scope, headers, receive, pod, place.name)
            return _given(channel.described(), form, allow)
        channel = self._channel(place, pod)
        if method == "DELETE":
            self._hub.end(channel, Reason.ENDED)
            return 204, allow, b""
        if not place.messages:
            return _given(channel.described(), form, allow)
        return await self._stream(channel, method, headers, receive, send)

    def _channel(self, place: _Place, pod: Pod) -> Channel:
        channel = self._hub.channel(place.secret)
        streams = channel is not None and channel.wanted.send_to is None
        if channel is None or channel.type != place.name or channel.pod != pod or (place.messages and not streams):
            raise NotFound("There is no such channel, or it has ended; subscribe again.")
        return channel

    async def _stream(
        self, channel: Channel, method: str, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> tuple[int, list[Header], bytes] | None:
        if channel.type == words.WEBSOCKET:
            raise UpgradeNeeded("Connect to the receiveFrom of this channel.", headers={"Upgrade": "websocket"})
        if channel.type == words.STREAMING and channel.wanted.accept is None:
            channel.form = words.form_for(_text(headers, b"accept"))
        answer: list[Header] = [*cors(headers.get(b"origin")), VARY, _NO_STORE, _NOSNIFF]
        if method == "HEAD":
            return 200, [(b"content-type", channel.form.encode())], b""
        await stream(self._hub, channel, answer, _text(headers, b"last-event-id"), receive, send)
        return None

    # Subscribing

    async def _subscribe(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, pod: Pod, channel_type: str
    ) -> Channel:
        """Make a channel. What is asked is read first, who asks may know next, and only then is anything made."""
        url = self._service.base_url + _raw_path(scope).decode("latin-1")
        requester = await self._authenticator(scope["headers"], "POST", url)
        if channel_type == words.WEBHOOK and requester.anonymous:
            raise NoCredentials("A webhook is subscribed to by somebody; ask with a DPoP-bound access token.")
        media_type = content_type(_text(headers, b"content-type"))
        form = essence(media_type)
        if form not in words.FORMS:
            raise NotTaken(f"A subscription is one of {_TAKEN}; {form} was sent.", headers={"Accept-Post": _TAKEN})
        words.check_profile(media_type)
        wanted = read_wanted(await _body(receive), service_url(pod, channel_type), channel_type, form)
        path = self._topic(wanted.topic, pod)
        now = self._clock()
        end = min(now + LIFETIME, wanted.end or now + LIFETIME)
        if end <= now or (wanted.start or now) >= end:
            raise Unsubscribable(f"A channel begins before it ends, and ends later than now, within {LIFETIME:.0f} s.")
        if wanted.send_to is not None:
            wanted = replace(wanted, send_to=self._webhooks.checked(wanted.send_to))
        channel = Channel(secret(), channel_type, pod, path, requester, wanted, end, None, wanted.accept or JSON_LD)
        self._hub.check_room(channel)
        found = await self._service.glances.admit(requester, pod, path)
        channel.seen = found.etag if wanted.state is None else wanted.state
        if wanted.send_to is not None:
            await self._webhooks.begin(channel)
        else:
            self._hub.add(channel)
        return channel

    def _topic(self, topic: str, pod: Pod) -> str:
        """The path of a topic in its pod. Raises Unsubscribable."""
        base = self._service.base_url
        if not topic.startswith(pod.storage) or "#" in topic or "?" in topic:
            raise Unsubscribable(f"The topic of a channel here is the URL of a resource in {pod.storage}.")
        try:
            slug, path = split(topic.removeprefix(base).encode())
            where = address(path)
        except (WerkpodError, UnicodeEncodeError):
            raise Unsubscribable(f"The topic {topic[:200]!r} is not the URL of a resource here.") from None
        if slug != pod.slug or where.kind is Kind.STORAGE:
            raise Unsubscribable(f"The topic of a channel here is the URL of a resource in {pod.storage}.")
        return path

    # WebSockets

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            place = _place(_raw_path(scope))
            pod = await self._service.pods.find(place.slug)
            channel = self._channel(place, pod) if pod is not None and place.messages else None
        except WerkpodError:
            channel = None
        if channel is None or channel.type != words.WEBSOCKET:
            await _refuse(scope, receive, send)
            return
        await websocket(self._hub, channel, list(scope.get("subprotocols") or ()), receive, send)

    def _problem(self, error: WerkpodError) -> tuple[int, list[Header], bytes]:
        if isinstance(error, Unauthorized):
            error.headers.setdefault("WWW-Authenticate", self._authenticator.challenge(error))
        answer = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in error.headers.items()]
        answer.append((b"content-type", PROBLEM_JSON.encode()))
        return error.status, answer, problem_body(error)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the handshake with 404, where the server can, else with the refusal that it has."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        error = NotFound("There is no such channel, or it has ended; subscribe again.")
        headers = [(b"content-type", PROBLEM_JSON.encode())]
        await send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": problem_body(error)})
        return
    await send({"type": "websocket.close"})


def _given(document: dict[str, Any], form: str, headers: list[Header]) -> tuple[int, list[Header], bytes]:
    return 200, [*headers, (b"content-type", form.encode())], words.written(document, form)


def _sender(pod: Pod, issuer: str) -> dict[str, Any]:
    """The WebID document of the sender: who may speak for it (Solid-OIDC, 4)."""
    return {
        "@context": [words.CONTEXT],
        "id": sender_url(pod),
        PREFIXES["solid"] + "oidcIssuer": {"id": issuer},
    }


def _raw_path(scope: Scope) -> bytes:
    raw = scope.get("raw_path")
    return raw if isinstance(raw, bytes) and raw else str(scope["path"]).encode()


def _text(headers: dict[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


async def _body(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise TooLarge("The body broke off before its end.")
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise TooLarge(f"A subscription has at most {BODY_LIMIT} bytes.")
        more = bool(message.get("more_body"))
    return bytes(body)
