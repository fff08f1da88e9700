"""What is asked, by whom, of whom, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from werkpod.consent.oauth.details import AccessRequest, parse_details
from werkpod.vocab.sections import CV_SECTIONS

State = Literal["waiting", "question", "approved", "refused", "withdrawn", "expired"]
Kind = Literal["coach", "employer", "elsewhere"]
DAY = 86400.0
WAITS = 30 * DAY
"""Seconds that a request waits for an answer."""


class Content(msgspec.Struct, frozen=True):
    """What was asked, as it was sent: never changed. `to`, `asker`: WebIDs; `client`: the app that it was asked with.

    `kind`: what the asker is here ("elsewhere": not from this server); `name` and `client_name`: what the accounts here
    say, "" for who is from elsewhere: what strangers call themselves is not repeated. `only_client`: the access is for
    that app alone. `element`: of `authorization_details`, in our own form (`consent/oauth/details.py`).
    """

    to: str
    asker: str
    kind: Kind
    name: str
    client: str
    client_name: str
    only_client: bool
    element: dict[str, Any]
    created: float
    expires: float

    @property
    def access(self) -> AccessRequest:
        """What is asked."""
        return parse_details(msgspec.json.encode([self.element]).decode(), AccessRequest())

    @property
    def host(self) -> str:
        """Where the asker's address is, in ASCII (RFC 3490): letters that look like others show."""
        host = urlsplit(self.asker).netloc
        try:
            return host.encode("idna").decode("ascii")
        except UnicodeError:
            return ascii(host)


class Exchange(msgspec.Struct, frozen=True):
    """A question of the citizen, and what the asker said to it. Times are Unix seconds."""

    question: str
    asked: float
    answer: str = ""
    answered: float | None = None


class Talk(msgspec.Struct, frozen=True):
    """What was said since, and how it ended. `by`: the WebID of who answered for the citizen, None: the citizen."""

    exchanges: tuple[Exchange, ...] = ()
    reason: str = ""
    grant: str = ""
    ended: float | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as the citizen has it. `raw`: the bytes of `content` as they were sent."""

    id: str
    state: State
    turn: int
    content: Content
    talk: Talk
    raw: bytes

    @property
    def open(self) -> bool:
        """Whether it can still be answered."""
        return self.state in ("waiting", "question")

    @property
    def digest(self) -> str:
        """SHA-256 of what was asked, its id before it: what an answer is held against."""
        return hashlib.sha256(self.id.encode() + b"." + self.raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as its asker has it. `giver`: the pod where it lies, None: not there, or not yet, or to nobody."""

    id: str
    pod: str
    content: Content
    state: State
    giver: str | None
    talk: Talk


@dataclass(frozen=True, slots=True)
class Blocked:
    """Somebody whose requests a citizen does not want to see. `mark`: names the line in a form."""

    mark: str
    asker: str
    kind: Kind
    name: str
    created: float


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as their token shows it. `pod`: their own where they have one here, None for who is from elsewhere."""

    webid: str
    kind: Kind
    name: str = ""
    client: str = ""
    client_name: str = ""
    pod: str | None = None


ASKABLE = tuple(section.key for section in CV_SECTIONS)
"""The sections that can be asked for: the CV. Nobody asks for somebody's messages, or for who helps them."""
