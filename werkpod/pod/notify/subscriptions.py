"""What a client asks for: a subscription request, checked (Solid Notifications Protocol, "Notification Channel")."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pyoxigraph as ox

from werkpod.pod.ldp.conneg import choose
from werkpod.pod.ldp.errors import NotAcceptable
from werkpod.pod.ldp.graphs import JSON_LD, PREFIXES
from werkpod.pod.notify.errors import Unsubscribable
from werkpod.pod.notify.words import CONTEXT, DRAFT, FEATURES, FORMS, NOTIFY, WEBHOOK, read_subscription

_TYPE = PREFIXES["rdf"] + "type"
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE
)
"""xsd:duration (XSD 1.1, 3.3.6); letters of either case, because the drafts of the channel types write "PT10s"."""
_SECONDS = (365 * 86400, 30 * 86400, 86400, 3600, 60, 1)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?")
MAX_RATE = 31 * 86400.0
MAX_VALUE = 2048
"""Characters of a URL or a state."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription request. Times in Unix seconds, `rate` in seconds; `accept`: the form of the messages.

    `state`: what the client last knew of the topic, an entity tag, or None where it did not say. `context`: the JSON-LD
    context in whose words it asked.
    """

    topic: str
    send_to: str | None = None
    start: float | None = None
    end: float | None = None
    rate: float = 0.0
    accept: str | None = None
    state: str | None = None
    context: str = CONTEXT


def read_wanted(body: bytes, service: str, channel_type: str, form: str = JSON_LD) -> Wanted:
    """The request in a body, of media type `form`, that was POSTed to `service`.

    Raises BadRequest, Unsubscribable, TooLarge.
    """
    triples, context = read_subscription(body, service, form)
    said = _about_one(triples)
    types = said.pop(_TYPE, [])
    if types not in ([NOTIFY + channel_type], [DRAFT + channel_type]):
        raise Unsubscribable(
            f"The type of a channel here is {channel_type}; {', '.join(types)[:200] or 'none'} was sent."
        )
    given: dict[str, str] = {}
    for predicate, values in said.items():
        name = predicate.removeprefix(NOTIFY)
        if name not in (*FEATURES, "topic", "sendTo") or name == predicate:
            raise Unsubscribable(f"{name[:200]!r} is no feature of this service; it has {', '.join(FEATURES)}.")
        if len(values) > 1:
            raise Unsubscribable(f"A channel here has one {name}; {len(values)} were sent. Subscribe more than once.")
        if len(values[0]) > MAX_VALUE:
            raise Unsubscribable(f"The value of {name} has at most {MAX_VALUE} characters.")
        given[name] = values[0]
    if (channel_type == WEBHOOK) != ("sendTo" in given):
        raise Unsubscribable(f"{WEBHOOK} has a sendTo, where messages are sent; other types have none.")
    return replace(_checked(given), context=context)


def _about_one(triples: Iterable[ox.Triple]) -> dict[str, list[str]]:
    """What is said of the one subject that has a topic, by predicate."""
    by_subject: dict[str, dict[str, list[str]]] = {}
    for triple in triples:
        if isinstance(triple.object, ox.Triple):
            continue
        said = by_subject.setdefault(str(triple.subject), {})
        said.setdefault(triple.predicate.value, []).append(triple.object.value)
    channels = [said for said in by_subject.values() if NOTIFY + "topic" in said]
    if len(channels) != 1:
        raise Unsubscribable("A subscription asks for one channel with a topic, the URL of what it is about.")
    return channels[0]


def _checked(given: dict[str, str]) -> Wanted:
    start, end = (_time(name, given[name]) if name in given else None for name in ("startAt", "endAt"))
    if end is not None and start is not None and end <= start:
        raise Unsubscribable("endAt must be later than startAt.")
    accept = None
    if "accept" in given:
        try:
            accept = choose(given["accept"], FORMS)
        except NotAcceptable:
            raise Unsubscribable(f"Messages can be had as {', '.join(FORMS)}; accept says otherwise.") from None
    rate = _duration(given["rate"]) if "rate" in given else 0.0
    return Wanted(given["topic"], given.get("sendTo"), start, end, rate, accept, given.get("state"))


def _time(name: str, text: str) -> float:
    """Unix seconds of an xsd:dateTime; one without a zone is in UTC (XSD 1.1 leaves that to the application)."""
    try:
        if not _DATE_TIME.fullmatch(text):
            raise ValueError(text)
        at = dt.datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Unsubscribable(f"{name} is a time like 2030-01-31T12:00:00Z; {text[:60]!r} is not.") from None


def _duration(text: str) -> float:
    match = _DURATION.fullmatch(text)
    parts = match.groups()[1:] if match else ()
    if match is None or not any(parts) or text[-1] in "Tt":
        raise Unsubscribable(f"rate is a duration like PT10S; {text[:60]!r} is not.")
    seconds = sum(float(part) * unit for part, unit in zip(parts, _SECONDS, strict=True) if part)
    if match[1] or seconds > MAX_RATE:
        raise Unsubscribable(f"rate is a duration from 0 to {MAX_RATE / 86400:.0f} days; {text[:60]!r} is not.")
    return seconds


def date_time(at: float) -> str:
    """An xsd:dateTime in UTC, to the millisecond."""
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """An xsd:duration of so many seconds."""
    return f"PT{seconds:g}S" if seconds < 1e6 else f"PT{seconds:.0f}S"
