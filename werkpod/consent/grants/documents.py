"""The document of each grant in the pod that gives it, kept up with what happens to the grant."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from werkpod.consent.grants.errors import GrantNotFound
from werkpod.consent.grants.events import GrantEvent
from werkpod.consent.grants.grants import Grants
from werkpod.consent.grants.writing_down import PREFIX, path_of, written_down
from werkpod.consent.publishing import Publications
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.kept import CONTAINERS
from werkpod.pod.ldp.graphs import TURTLE
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.store.protocol import Statement

SWEEP_SECONDS = 86400.0
"""How often pods are looked for whose grants were not written down yet."""


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

    async def sweep(self, pods: PodDirectory, storage: ResourceStorage) -> int:
        """Write down the grants of pods from before they were; how many pods. Idempotent; for a chore.

        Such a pod lacks the containers that a new one begins with. They are made last: what is cut off begins again.
        """
        done = 0
        for pod in await pods.all():
            try:
                if await storage.head(pod.id, PREFIX) is None or await storage.head(pod.id, CONTAINERS[-1]) is None:
                    await self._write_down(pod, storage)
                    done += 1
            except PodUnavailable:  # erased since
                continue
            await asyncio.sleep(0)
        return done

    async def _write_down(self, pod: Pod, storage: ResourceStorage) -> None:
        for record in await self._grants.list(pod.id):
            await self._publications.put(pod.id, path_of(record.id))
        await self._publications.drain(pod.id)
        for container in CONTAINERS:
            await storage.put(pod.id, container, b"", TURTLE, limited=False)

    async def render(self, pod: Pod, grant_id: str) -> tuple[bytes, str] | None:
        """The document of the current version of a grant; None where there is none."""
        try:
            record = await self._grants.get(pod.id, grant_id)
        except GrantNotFound:
            return None
        return written_down(record, pod, self._clock()), TURTLE
