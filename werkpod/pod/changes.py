"""What changed in the pods of this server, told to who listens in this process, after it is on disk.

A write is told as one or more changes: of the resource itself, of the containers that were made for it, and of the
container that it came into or left. A container is told of its members coming and going and of its description, not of
what changes inside a member: who wants to know that listens to the member (Solid Notifications Protocol, "Notification
Message"; ActivityStreams 2.0 Vocabulary, Add and Remove).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

from werkpod.pod.access.wac import Rule
from werkpod.pod.addresses import address, ancestors
from werkpod.pod.directory import Pod

Kind = Literal["create", "update", "delete", "add", "remove"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to the resource at `path` of a pod; `at` in Unix seconds.

    `etag`: that of the version now stored, None for containers and for what is gone. `member`: of a container to which
    something was added, or from which it was removed, the path of that; None for the other kinds. `rules`: the access
    rules of its own that went with what was deleted; who could read it by them may know that it is gone.
    """

    pod: Pod
    path: str
    kind: Kind
    etag: str | None
    at: float
    member: str | None = None
    rules: tuple[Rule, ...] | None = None


Listener = Callable[[Change], None]
"""Is called in the event loop, inside the write that it is told of: it notes the change and returns; never raises."""


class Changes:
    """Tells listeners of changes, in the order in which they were published. One for a server."""

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every change from now on, until what is returned is called (idempotent)."""
        self._listeners += (listener,)

        def leave() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return leave

    def publish(self, change: Change) -> None:
        """Tell everybody who listens."""
        for listener in self._listeners:
            listener(change)

    def written(self, pod: Pod, path: str, etag: str | None, *, there: Collection[str]) -> None:
        """Tell what follows from a write of `path`; `there`: what existed of it and of the containers above it."""
        if not self._listeners:
            return
        where, at = address(path), self._clock()
        created = path not in there
        self.publish(Change(pod, path, "create" if created else "update", etag, at))
        if where.auxiliary:
            self._described(pod, path, at)
        elif created:
            member = path
            for container in ancestors(path):
                if container in there:
                    self.publish(Change(pod, container, "add", None, at, member))
                    break
                self.publish(Change(pod, container, "create", None, at))
                member = container

    def deleted(self, pod: Pod, path: str, rules: tuple[Rule, ...] | None = None) -> None:
        """Tell what follows from the deletion of `path`, and of the access rules that it had of its own."""
        if not self._listeners:
            return
        where, at = address(path), self._clock()
        self.publish(Change(pod, path, "delete", None, at, rules=rules))
        if where.auxiliary:
            self._described(pod, path, at)
        else:
            self.publish(Change(pod, ancestors(path)[0], "remove", None, at, path))

    def _described(self, pod: Pod, path: str, at: float) -> None:
        """The description of a container is a part of the container, as it is read."""
        where = address(path)
        if path.endswith(".meta") and (where.subject == "" or where.subject.endswith("/")):
            self.publish(Change(pod, where.subject, "update", None, at))
