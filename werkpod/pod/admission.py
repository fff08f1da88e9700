"""Who may write what: the modes that a write takes, required and written down before anything is looked at (WAC 5.3).

A reader of the errors learns nothing of what is stored before it is clear that they may.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from werkpod.pod.access.decide import WRITING
from werkpod.pod.access.model import Access, Mode, Requester
from werkpod.pod.addresses import Address, Kind, address, ancestors, encode
from werkpod.pod.directory import Pod
from werkpod.pod.errors import Fenced, NoSubject
from werkpod.pod.gate import Gate, View
from werkpod.pod.ldp.conditional import Condition
from werkpod.pod.ldp.headers import allow
from werkpod.web.errors import Forbidden, MethodNotAllowed

_TRIES = 20
T = TypeVar("T")


async def decided(write: Callable[[], Awaitable[T]]) -> T:
    """Carry out a write that is decided on inside; where somebody may do less meanwhile, decide anew. Raises Fenced."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(Fenced):
            return await write()
    return await write()


class Admission:
    """Lets writers in for one server."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def admit(self, requester: Requester, pod: Pod, where: Address) -> Access:
        """The access to `where`. Raises where it has no mode of writing, and MethodNotAllowed for what is fixed."""
        return self.admitted(await self._gate.survey(requester, pod, where), where)

    def admitted(self, view: View, where: Address) -> Access:
        """`admit`, in a view."""
        access = view.access(where)
        if not access.modes & WRITING:
            self._gate.require(view.requester, view.pod, where, access, Mode.WRITE)
        if where.kind is Kind.STORAGE:
            raise MethodNotAllowed("A storage describes itself; this is only read.", headers={"Allow": allow(where)})
        return access

    def authorise(
        self, view: View, where: Address, access: Access, needed: Mode, *, action: str, record: bool = True
    ) -> None:
        """Require `needed` here and, to create, Append on each container that it is or will be made in; then log it."""
        if where.kind is Kind.ACL:
            needed, action = Mode.CONTROL, "control"
        requester, pod, exists = view.requester, view.pod, where.path in view.heads
        self._gate.require(requester, pod, where, access, needed)
        if where.auxiliary and not exists and where.subject not in view.heads:
            raise NoSubject(f"There is nothing at {pod.storage}{encode(where.subject)} that this could belong to.")
        if access.lenses and Mode.READ in needed:
            self._gate.record(requester, pod, where, access, action, refused="a lens hides part of it")
            raise Forbidden("Part of this document is not shared with you, so you cannot change it on conditions.")
        if not exists and not where.auxiliary:
            for container in ancestors(where.path):
                above = address(container)
                self._gate.require(requester, pod, above, view.access(above), Mode.APPEND)
                if container in view.heads:
                    break
        if record:
            self._gate.record(requester, pod, where, access, action)

    def check_condition(self, view: View, where: Address, access: Access, condition: Condition) -> None:
        """Raise Forbidden for a write on a condition by who sees the resource through a lens, whether it holds or not.

        Whether it holds would tell of changes that the lens hides. That something is there at all they know.
        """
        asked = condition.if_match, condition.if_unmodified_since, condition.if_none_match
        if access.lenses and any(wish is not None and wish.strip() != "*" for wish in asked):
            self._gate.record(view.requester, view.pod, where, access, "write", refused="a lens hides part of it")
            raise Forbidden("Part of this document is not shared with you, so you cannot change it on conditions.")
