"""The document of each grant in the pod that gives it, kept up with what happens to the grant."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from werkpod.consent.grants.errors import GrantNotFound
from werkpod.consent.grants.events import GrantEvent
from werkpod.consent.grants.grants import Grants
from werkpod.consent.grants.writing_down import PREFIX, path_of, written_down
from werkpod.consent.publishing import Publications
from werkpod.pod.directory import Pod
from werkpod.pod.ldp.graphs import TURTLE
from werkpod.pod.store.protocol import Statement


class GrantDocuments:
    """A witness of grants (`Witness`) that has their documents written; tell the grants of it once."""

    def __init__(self, grants: Grants, publications: Publications, *, clock: Callable[[], float] = time.time) -> None:
        self._grants, self._publications, self._clock = grants, publications, clock
        publications.renders(PREFIX, self.render)

    async def statements(self, event: GrantEvent) -> Sequence[Statement]:
        """The row that has the document drawn up anew."""
        return [await self._publications.row(event.record.pod, path_of(event.record.id))]

    def written(self, event: GrantEvent) -> None:
        """Have it written soon."""
        self._publications.soon(event.record.pod)

    async def render(self, pod: Pod, grant_id: str) -> tuple[bytes, str] | None:
        """The document of the current version of a grant; None where there is none."""
        try:
            record = await self._grants.get(pod.id, grant_id)
        except GrantNotFound:
            return None
        return written_down(record, pod, self._clock()), TURTLE
