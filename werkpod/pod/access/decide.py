"""The access decision: one pure function from who, what and the rules to `Access`. Design, "Who is asking".

Pure on purpose: everything that can change between two requests comes in as an argument, so that the consent preview,
the app's response and the access log cannot come to different answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from werkpod.pod.access.model import ALL, Access, Grant, Lens, Mode, Requester, Scope
from werkpod.pod.access.wac import NO_RULES, EffectiveAcl
from werkpod.pod.kept import kept_by_server

WRITING = Mode.APPEND | Mode.WRITE | Mode.CONTROL


def decide(
    requester: Requester, owner: str, path: str, acl: EffectiveAcl, grants: Sequence[Grant], now: float
) -> Access:
    """What `requester` may do with the resource at `path` (relative to the pod) of the pod of `owner` (a WebID).

    `acl`: the rules that hold for the resource; `grants`: those of this pod that could concern the requester, active or
    not; `now`: Unix seconds. For an auxiliary resource, `path` is that of its subject.

    |   | agent         | client          | access                                                                |
    |---|---------------|-----------------|-----------------------------------------------------------------------|
    | 1 | pod's owner   | Werkpod's pages | all                                                                   |
    | 2 | pod's owner   | any (a token)   | what the public gets, the active grants to that client                |
    | 3 | someone else  | any (a token)   | what WAC gives that agent, the active grants to that agent (and       |
    |   |               |                 | through that client, where the grant names one)                       |
    | 4 | any, confined | any (a token)   | what the public gets, the very grant that the token names             |
    | 5 | any           | any, its named  | what the public gets                                                  |
    |   |               | grant not active|                                                                       |
    | 6 | nobody        | -               | what WAC gives the public                                             |
    | 7 | any           | any             | under `consent/`: Read at most, whatever is said above; rules do not  |
    |   |               |                 | count, and who is not the owner (with one of their apps) needs a      |
    |   |               |                 | grant that names that very document                                   |
    | 8 | any           | any             | through a lens: Read alone, of what passes; whole where anything      |
    |   |               |                 | else gives it whole                                                   |
    | 9 | any           | any             | a listing: without size, date and writer of what the grants show its  |
    |   |               |                 | reader through a lens                                                 |

    A token names the grant that its owner gave the app, in that owner's pod; where the app goes to somebody else's pod,
    the gate has looked there whether it still holds (`holds`), and hands the requester in without it.

    WAC rules that name the owner, or a group or an app of theirs, do not count for the owner's apps: no app has root.
    Of two grants, the reader gets the union; a lens narrows only the scope that it belongs to. Each row has cases in
    the tests, by its number.
    """
    kept = kept_by_server(path)
    if kept:
        acl = NO_RULES
    public = acl.modes(None, requester.origin)
    if requester.own_pages and requester.agent == owner:
        return Access(Mode.READ if kept else ALL, public)
    if requester.anonymous:
        return Access(public, public)
    candidates = [grant for grant in grants if grant.active(now) and _concerns(grant, requester)]
    if requester.grant is not None and all(grant.id != requester.grant for grant in candidates):
        return Access(public, public)
    if requester.confined:
        candidates = [grant for grant in candidates if grant.id == requester.grant]
        given = public
    elif requester.agent is None or requester.agent == owner:
        given = public
    else:
        given = public | acl.modes(requester.agent, requester.origin, requester.client, requester.issuer)
    if kept:
        candidates = [_read_only(grant, path, everywhere=requester.agent == owner) for grant in candidates]
    return _union(given, public, path, candidates, requester.grant)


def holds(requester: Requester, grants: Iterable[Grant], now: float) -> bool:
    """Whether the grant that the requester's token names is among `grants`, is to this requester, and is active."""
    return any(g.id == requester.grant and g.active(now) and _concerns(g, requester) for g in grants)


def _concerns(grant: Grant, requester: Requester) -> bool:
    """Whether a grant is to this requester. One that names no agent counts only for the token that names it."""
    if grant.client is not None and grant.client != requester.client:
        return False
    if grant.agent is None:
        return grant.id == requester.grant and grant.client is not None
    return grant.agent == requester.agent and (not requester.confined or grant.id == requester.grant)


def _read_only(grant: Grant, path: str, *, everywhere: bool) -> Grant:
    """What a grant gives of what the server keeps; `everywhere`: also by scopes that cover more than this document."""
    scopes = [scope for scope in grant.scopes if everywhere or scope.path == path]
    return replace(grant, scopes=tuple(replace(scope, modes=scope.modes & Mode.READ) for scope in scopes))


def _union(given: Mode, public: Mode, path: str, grants: Sequence[Grant], named: str | None) -> Access:
    modes, lenses, whole = given, list[Lens](), Mode.READ in given
    rests_on: Grant | None = None
    for grant in grants:
        for scope in grant.scopes:
            if not scope.covers(path):
                continue
            gives = modes_of(scope)
            modes |= gives
            if Mode.READ in gives and scope.lens and scope.lens not in lenses:
                lenses.append(scope.lens)
            whole = whole or (Mode.READ in gives and not scope.lens)
            if gives and (rests_on is None or grant.id == named):
                rests_on = grant
    return Access(
        modes,
        public,
        () if whole else tuple(lenses),
        rests_on.id if rests_on else None,
        rests_on.purpose if rests_on else "",
        rests_on.version if rests_on else 0,
        _veiled(path, grants) if Mode.READ in modes else frozenset(),
    )


def _veiled(path: str, grants: Sequence[Grant]) -> frozenset[str]:
    """The names of the members of a container that grants let be seen through a lens, and none whole."""
    if path and not path.endswith("/"):
        return frozenset()
    scopes = [scope for grant in grants for scope in grant.scopes if Mode.READ in scope.modes]
    seen = {scope.path for scope in scopes if scope.lens and scope.path.startswith(path)}
    members = {place for place in seen if place != path and "/" not in place[len(path) :].rstrip("/")}
    whole = {place for place in members if any(not scope.lens and scope.covers(place) for scope in scopes)}
    return frozenset(place[len(path) :] for place in members - whole)


def modes_of(scope: Scope) -> Mode:
    """The modes that a scope gives: Write implies Append (WAC 4.2); through a lens nothing can be written."""
    if scope.lens:
        return scope.modes & Mode.READ
    return scope.modes | Mode.APPEND if Mode.WRITE in scope.modes else scope.modes
