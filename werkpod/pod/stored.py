"""What the storage speaks in: resources with and without their body, members, expected versions, categories."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from werkpod.pod.addresses import Address, Kind
from werkpod.vocab.sections import section_of


class _Any(enum.Enum):
    ANY = "any"


ANY: Final = _Any.ANY
"""For `expected`: whatever is stored, or nothing."""

Expected = int | None | Literal[_Any.ANY]
"""A version; None (or 0) for "nothing is stored there"; ANY."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a resource without its body.

    `version` compares equal for the same state only (it starts at a random number); `etag` is strong and quoted;
    `modified` Unix seconds; `size` bytes of the body, 0 for a container.
    """

    path: str
    media_type: str
    version: int
    etag: str
    modified: float
    size: int
    container: bool


@dataclass(frozen=True, slots=True)
class Stored(Head):
    """A resource with its body; a container's is empty. `sealed`: the hash of it as it is stored in one piece."""

    body: bytes
    sealed: bytes = field(default=b"", compare=False, repr=False)


class Content(Protocol):
    """The body of one version, read part by part."""

    def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both inclusive, in pieces of at most 256 KB, each checked when it comes.

        Only the parts that are needed are read. What was begun ends with the version that it began with, or raises
        Replaced (also before the first piece), IntegrityError, PodUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class Large(Head):
    """A resource whose body is not in memory."""

    content: Content


@dataclass(frozen=True, slots=True)
class Child:
    """A member of a container, as a listing shows it. `creator`: the WebID of who wrote it, "" where not known."""

    path: str
    media_type: str
    modified: float
    size: int
    container: bool
    creator: str = ""


def category_of(where: Address) -> str:
    """The encryption category of an address: its CV section, access rules, the profile, or the rest.

    A section is a consent category and an encryption category (design, "Addresses").
    """
    if where.kind is Kind.ACL:
        return "control"
    section = section_of(where.subject)
    if section is not None:
        return section.key
    return "profile" if where.path.startswith("profile/") else "other"


def with_body(head: Head, body: bytes, sealed: bytes = b"") -> Stored:
    """A resource of which the body is `body`."""
    return Stored(
        head.path, head.media_type, head.version, head.etag, head.modified, head.size, head.container, body, sealed
    )  # fmt: skip
