"""What a change is to those who wait: as their access shows it, together with others, written once for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from werkpod.pod.access.model import Requester
from werkpod.pod.changes import Change, Kind
from werkpod.pod.glance import Glance
from werkpod.pod.notify.channels import Channel, Message, Written


class Shared:
    """The messages of one telling, written once for all that get the same."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, str | None, str | None], Written] = {}
        self.logged: set[Requester] = set()

    def written(self, change: Change, etag: str | None, at: float, channel: Channel) -> Message:
        """The message for a channel: what changed, `etag` now; `at`: when it was decided."""
        state = None if change.kind == "delete" else etag
        key = (change.kind, change.member, state)
        known = self._written.get(key)
        if known is None:
            known = self._written[key] = Written(change, state)
        return known.message(channel.form, channel.wanted.context, at)


def visible(channel: Channel, found: Glance, changes: Sequence[Change]) -> list[Change]:
    """The changes as the receiver would see them. Through a lens, only that what it lets pass is another now."""
    gone = found.etag is None
    if not changes:
        return []
    if found.partial:
        if found.etag == channel.seen:
            return []
        kind: Kind = "delete" if gone else "create" if channel.seen is None else "update"
        return [replace(changes[-1], kind=kind, member=None)]
    if not gone:
        return list(changes)
    deleted = any(change.kind == "delete" for change in changes)
    told = [change for change in changes if change.kind != "update"]
    return told if deleted else [*told, *(replace(c, kind="delete") for c in changes if c.kind == "update")]


def together(first: Change | None, then: Change) -> Change:
    """Two changes of one topic as one."""
    if first is None or (first.kind, first.member) == (then.kind, then.member):
        return then
    if (first.kind, then.kind) == ("create", "update"):
        return replace(then, kind="create")
    return replace(then, kind="update", member=None)
