"""The words of an access decision: who asks (`Requester`), what was given (`Grant`), what follows (`Access`).

Two things identify a request, design "Who is asking": the agent (a WebID) and the client (the app).
`consent` provides the grants (`GrantSource`) and keeps the log (`AccessLog`); deciding happens here and nowhere else.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Mode(enum.Flag):
    """Access modes of Web Access Control (WAC 1.0, section 4.2). WRITE implies APPEND."""

    NONE = 0
    READ = enum.auto()
    APPEND = enum.auto()
    WRITE = enum.auto()
    CONTROL = enum.auto()


ALL = Mode.READ | Mode.APPEND | Mode.WRITE | Mode.CONTROL


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. `agent`: WebID; `client`: client id; `grant`: the grant that the token names; all None: the public.

    `own_pages` is set only by Werkpod's own pages for the signed-in owner, never from a token.
    A `confined` token (a share link's) gets what its grant says and nothing that the agent has besides.
    `origin`: the Origin header of the request, for acl:origin; it can only narrow what WAC gives.
    `issuer`: who signed the token and so vouches for `agent` and `client`, for acl:IssuerCondition.
    """

    agent: str | None = None
    client: str | None = None
    grant: str | None = None
    own_pages: bool = False
    confined: bool = False
    origin: str | None = None
    issuer: str | None = None

    @property
    def anonymous(self) -> bool:
        """Whether nobody identified themselves: such a request is answered 401 where another is answered 403."""
        return self.agent is None and self.client is None and not self.own_pages


PUBLIC = Requester()


@dataclass(frozen=True, slots=True)
class Lens:
    """What of a document passes: what is left out of it. The empty lens lets all pass.

    `hidden_entries`: fragments ("other#fragment": of a neighbour in the container, to which then nothing points);
    `hidden_predicates`: IRIs; `hidden_documents`: names of neighbours in the container, to whose entries nothing may
    point ("experience": an entry's name says something of it).

    `only_entries`, `only_predicates`, `only_types`: where there are any, of these fragments (as subjects, with what
    hangs off them), of these IRIs as predicates, and of these IRIs as types alone. `only_links`: "other#fragment"; to a
    neighbour that is named here only these links pass. `quiet_documents`: names of neighbours; only links to entries
    whose name says nothing pass, because what the name could say is left out there (`vocab.cv.fragments.is_quiet`).
    """

    hidden_entries: frozenset[str] = frozenset()
    hidden_predicates: frozenset[str] = frozenset()
    hidden_documents: frozenset[str] = frozenset()
    only_entries: frozenset[str] = frozenset()
    only_predicates: frozenset[str] = frozenset()
    only_types: frozenset[str] = frozenset()
    only_links: frozenset[str] = frozenset()
    quiet_documents: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self != NO_LENS


NO_LENS = Lens()


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a pod that a grant covers. `path`: in the pod; "" or one that ends in "/" covers all below."""

    path: str
    modes: Mode
    lens: Lens = field(default_factory=Lens)

    def covers(self, path: str) -> bool:
        """Whether `path` (relative to the pod) falls under this scope."""
        return path == self.path or ((self.path == "" or self.path.endswith("/")) and path.startswith(self.path))


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant as the decision sees it; `consent.grants` keeps the whole story. Times are Unix seconds.

    `agent` None: any agent (a share link, where only `client` with this very grant in its token counts).
    `client` None: any client of that agent.
    """

    id: str
    agent: str | None
    client: str | None
    scopes: tuple[Scope, ...]
    not_before: float
    until: float | None
    revoked: bool = False
    purpose: str = ""
    version: int = 0

    def active(self, now: float) -> bool:
        """Whether the grant holds at `now`."""
        return not self.revoked and self.not_before <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Access:
    """What a requester may do with one resource. `public`: what anyone may. `grant`: the grant that it rests on.

    `version`: of that grant. `lenses`: what is read goes through them; a triple passes when one of them lets it pass.
    None at all: all passes. `veiled`: names of members of a container that this requester sees through a lens: its
    listing says of them neither size nor date nor who wrote them, which would tell of changes that the lens hides.
    """

    modes: Mode
    public: Mode = Mode.NONE
    lenses: tuple[Lens, ...] = ()
    grant: str | None = None
    purpose: str = ""
    version: int = 0
    veiled: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether what may be read is handed out as it is."""
        return not self.lenses and not self.veiled


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One line of the access log: never values. `at`: Unix seconds; `outcome`: "allowed" or "refused" (`reason`).

    `grant` and `version` lead to which sections, entries and fields were shared then. `by`: the WebID of who did it for
    the citizen, where somebody acts for them. `times`: how many refusals in a row one line stands for (record 30).
    """

    at: float
    action: str
    path: str
    outcome: str
    agent: str | None = None
    client: str | None = None
    grant: str | None = None
    purpose: str = ""
    reason: str = ""
    version: int = 0
    by: str | None = None
    times: int = 1


class GrantSource(Protocol):
    """Where the decision finds grants. Must answer from the store at each call: revocation is immediate."""

    async def grants_for(self, pod: str, requester: Requester) -> Sequence[Grant]:
        """The grants of `pod` (its id) that could concern `requester`, active or not; none for an unknown pod."""
        ...


class AccessLog(Protocol):
    """Where every access and refusal is written before it is answered."""

    def record(self, pod: str, entry: AccessEntry) -> None:
        """Write the entry; returns when it survives a crash. Raises Unavailable: then nothing is read."""
        ...
