"""The gate: finds the rules and grants that hold, has the decision made and written down before anything follows.

Nothing of a decision is remembered: rules and grants are read for each request, so that a revocation holds at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from werkpod.pod.access.conditions import NOBODY, Members
from werkpod.pod.access.decide import decide, holds
from werkpod.pod.access.groups import Groups
from werkpod.pod.access.model import Access, AccessEntry, AccessLog, Grant, GrantSource, Mode, Requester
from werkpod.pod.access.wac import NO_RULES, AclDocument, EffectiveAcl, Rule, rules_of
from werkpod.pod.addresses import Address, Kind, ancestors, encode
from werkpod.pod.authn.errors import NoCredentials
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.ldp import graphs
from werkpod.pod.storage import Head, ResourceStorage
from werkpod.web.errors import Forbidden

_CACHED = 2048
_TRIES = 3
_WORDS = ((Mode.READ, "read"), (Mode.WRITE, "write"), (Mode.APPEND, "append"), (Mode.CONTROL, "control"))


@lru_cache(maxsize=4096)
def _rule_places(subject: str) -> tuple[str, ...]:
    """Where the rules for a resource may be: its own document, then those of the containers above it (WAC 5.1)."""
    return (subject + ".acl", *(above + ".acl" for above in ancestors(subject)))


@lru_cache(maxsize=4096)
def _surroundings(where: Address) -> tuple[str, ...]:
    """What a write at an address may rest on: what is there, what it belongs to, what it is in, and their rules."""
    paths = [where.path, where.subject, *ancestors(where.subject), *_rule_places(where.subject)]
    if where.container:
        paths.append(where.path + ".meta")
    return tuple(dict.fromkeys(paths))


@dataclass(frozen=True, slots=True)
class View:
    """One look at what decisions rest on: the resources that exist, and the rules and grants that hold at `now`.

    `members`: who is in the groups that the rules name, where that can matter to this requester. `fence`: for who is
    going to write, what the storage's fence said before all that was looked at; None for who needs nobody's leave.
    """

    requester: Requester
    pod: Pod
    heads: Mapping[str, Head]
    rules: Mapping[str, tuple[Rule, ...]]
    grants: Sequence[Grant]
    now: float
    members: Members = field(default_factory=dict)
    fence: int | None = None

    def access(self, where: Address) -> Access:
        """What the requester may do with a resource whose rules are in view; an auxiliary goes by its subject."""
        acl = self.effective_acl(where.subject)
        return decide(self.requester, self.pod.webid, where.subject, acl, self.grants, self.now)

    def effective_acl(self, subject: str) -> EffectiveAcl:
        """The rules that hold for a resource: its own, else the nearest container's that has any (WAC 5.1)."""
        storage = self.pod.storage
        for place in _rule_places(subject):
            rules = self.rules.get(place)
            if rules is not None:
                holder = place.removesuffix(".acl")
                return EffectiveAcl(storage + encode(subject), storage + encode(holder), rules, self.members)
        return NO_RULES


class Gate:
    """Decides and logs for one server."""

    def __init__(
        self,
        pods: PodDirectory,
        storage: ResourceStorage,
        grants: GrantSource,
        log: AccessLog,
        clock: Callable[[], float],
        groups: Groups | None = None,
    ) -> None:
        self._pods, self._storage, self._grants, self._log, self._clock = pods, storage, grants, log, clock
        self._groups = groups
        self._rules: OrderedDict[tuple[str, str, str], tuple[Rule, ...]] = OrderedDict()

    async def access(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        grants: Sequence[Grant] | None = None,
    ) -> Access:
        """What `requester` may do with a resource; an auxiliary goes by its subject. See `view`."""
        return (await self.view(requester, pod, _rule_places(where.subject), grants)).access(where)

    async def look_at(
        self, requester: Requester, pod: Pod, where: Address, *, was: tuple[Rule, ...] | None = None
    ) -> View:
        """The view that a decision about reading rests on; see `view`.

        `was`: the rules of its own that a resource had that was deleted, for who is told of that.
        """
        view = await self.view(requester, pod, _rule_places(where.subject), also=was or ())
        return view if was is None else replace(view, rules={where.subject + ".acl": was, **view.rules})

    async def survey(self, requester: Requester, pod: Pod, where: Address) -> View:
        """The view of somebody who is going to write at an address: all that the write may rest on, in one look."""
        fence = None if requester.own_pages else await self._storage.fence(pod.id)
        return replace(await self.view(requester, pod, _surroundings(where)), fence=fence)

    async def view(
        self,
        requester: Requester,
        pod: Pod,
        paths: tuple[str, ...],
        grants: Sequence[Grant] | None = None,
        *,
        also: tuple[Rule, ...] = (),
    ) -> View:
        """What is stored at `paths`, and the rules and grants that hold there; those of `grants` instead of the stored.

        The grants are read last, so that what is answered without another wait was still granted when it was answered.
        Where groups are waited for, all is looked at anew, for the same reason; one that changes each time has nobody.
        `also`: rules whose groups are looked up besides.
        """
        heads, rules = await self._look(pod, paths)
        members = NOBODY
        if self._groups is not None and _rules_count(requester, pod):
            for _ in range(_TRIES):
                wanted = _look_ups((*rules.values(), also))
                if not wanted:
                    break
                found, waited = await self._groups.members(pod, wanted, self._may_read)
                if not waited:
                    members = found
                    break
                heads, rules = await self._look(pod, paths)
        if grants is None:
            grants = ()
            if not requester.anonymous and not requester.own_pages:
                grants = await self._grants.grants_for(pod.id, requester)
                requester = await self._vouched(requester, pod)
        return View(requester, pod, heads, rules, grants, self._clock(), members)

    async def _look(
        self, pod: Pod, paths: tuple[str, ...]
    ) -> tuple[Mapping[str, Head], Mapping[str, tuple[Rule, ...]]]:
        heads = await self._storage.heads(pod.id, paths)
        return heads, {path: await self._rules_in(pod, head) for path, head in heads.items() if path.endswith(".acl")}

    async def _may_read(self, asking: Pod, pod: Pod, where: Address) -> bool:
        """Whether the owner of one pod may read the whole of a document in another; no group is looked up for it."""
        heads, rules = await self._look(pod, _rule_places(where.subject))
        owner = Requester(asking.webid)
        grants = await self._grants.grants_for(pod.id, owner)
        access = View(owner, pod, heads, rules, grants, self._clock()).access(where)
        return Mode.READ in access.modes and not access.lenses

    async def _vouched(self, requester: Requester, pod: Pod) -> Requester:
        """The requester without the grant that its token names, where that is of the agent's own pod and holds there.

        An app that a coach signs in to has a grant of the coach, not of the citizen. When the coach stops that app, it
        loses at once what it had in the coach's name everywhere: its grant stays named, and is unknown here.
        """
        if requester.grant is None or requester.confined or requester.agent in (None, pod.webid):
            return requester
        home = await self._pods.by_webid(str(requester.agent))
        if home is None or not holds(requester, await self._grants.grants_for(home.id, requester), self._clock()):
            return requester
        return replace(requester, grant=None)

    async def acl_documents(self, pod: Pod) -> list[AclDocument]:
        """Every ACL document of a pod, by path; one that did not change since it was last read is not read again."""
        found = []
        for head in await self._storage.auxiliaries(pod.id, ".acl"):
            subject = head.path.removesuffix(".acl")
            rules = await self._rules_in(pod, head)
            found.append(AclDocument(subject, pod.storage + encode(subject), head.modified, rules))
        return found

    async def _rules_in(self, pod: Pod, head: Head) -> tuple[Rule, ...]:
        """The parsed rules of one version of an ACL document; the version is in the key, so this is never stale."""
        key = (pod.id, head.path, head.etag)
        known = self._rules.get(key)
        if known is None:
            stored = await self._storage.get(pod.id, head.path)
            if stored is None:
                return ()
            document = graphs.parse(stored.body, stored.media_type, pod.storage + encode(stored.path))
            known = self._rules[(pod.id, stored.path, stored.etag)] = rules_of(document.triples)
            if len(self._rules) > _CACHED:
                self._rules.popitem(last=False)
        return known

    def require(self, requester: Requester, pod: Pod, where: Address, access: Access, needed: Mode) -> None:
        """Where `access` is less than `needed`, log that and raise: NoCredentials for the public, else Forbidden."""
        if needed in access.modes:
            return
        action = words(needed & ~access.modes)
        self.record(requester, pod, where, access, action, refused=f"needs {action}")
        self.refuse(requester, f"This needs {action} access, and it is not shared with you for that.")

    def refuse(self, requester: Requester, detail: str) -> None:
        """Raise what says no: 401 where nobody said who they are, 403 where they did (Solid Protocol, 2.1)."""
        if requester.anonymous:
            raise NoCredentials("This is not public; sign in, and ask with a DPoP-bound access token.")
        raise Forbidden(detail)

    def record(
        self, requester: Requester, pod: Pod, where: Address, access: Access, action: str, *, refused: str = ""
    ) -> None:
        """Write the line of the log. Raises Unavailable, and then nothing else may be answered.

        The owner's own pages are not logged, and the public is not: nobody was there to name, and a stranger could fill
        the citizen's log at will.
        """
        if requester.own_pages or requester.anonymous:
            return
        entry = AccessEntry(
            at=self._clock(),
            action=action,
            path=where.path,
            outcome="refused" if refused else "allowed",
            agent=requester.agent,
            client=requester.client,
            grant=access.grant or (requester.grant if requester.confined or requester.agent == pod.webid else None),
            purpose=access.purpose,
            reason=refused,
            version=access.version,
        )
        self._log.record(pod.id, entry)


def _rules_count(requester: Requester, pod: Pod) -> bool:
    """Whether rules that name groups can give this requester anything (`decide` has the table)."""
    return not (requester.own_pages or requester.confined or requester.agent in (None, pod.webid))


def _look_ups(rules: Iterable[tuple[Rule, ...]]) -> frozenset[str]:
    """The groups whose members have to be known to apply some rules."""
    return frozenset(group for found in rules for rule in found for group in rule.look_ups)


def needed_to_read(where: Address) -> Mode:
    """The mode that reading takes: access rules are for who has Control (WAC 5.3)."""
    return Mode.CONTROL if where.kind is Kind.ACL else Mode.READ


def words(modes: Mode) -> str:
    """Modes as the log and an error have them: "read", "write", "append", "control", joined by "+"."""
    named = [name for mode, name in _WORDS if mode in modes and not (mode is Mode.APPEND and Mode.WRITE in modes)]
    return "+".join(named)
