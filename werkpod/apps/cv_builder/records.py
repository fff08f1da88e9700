"""Reading and changing the CV in the pod: a section is read, changed entry by entry, and written back.

Each change is one write of one section, with If-Match. When another wrote in between, the section is read again and the
same change is made to what is there now: changes touch only their own entry, so both survive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from werkpod.apps.kit import ChangedMeanwhile, Gone, PodClient
from werkpod.vocab import shapes
from werkpod.vocab.cv import Cv, SectionDocument, cv_of, cv_section, section_iri

TRIES = 4
"""How often a change is made anew when somebody else wrote first."""

Change = Callable[[SectionDocument], SectionDocument]
"""A change to a section; is called again on a fresh document when another wrote in between."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A section as it was read; `etag` None: there is no such document yet."""

    document: SectionDocument
    etag: str | None


class Records:
    """The CV in the pod that `pod` reaches. Methods raise what `PodClient` raises, and UnreadableSection."""

    def __init__(self, pod: PodClient) -> None:
        self._pod = pod
        self.storage = pod.storage

    async def load(self, key: str) -> Loaded:
        """A section; an empty document when the pod has none."""
        iri = section_iri(self.storage, key)
        try:
            found = await self._pod.get(cv_section(key).path)
        except Gone:
            return Loaded(SectionDocument.empty(key, iri), None)
        return Loaded(SectionDocument.parse(key, found.body, iri, found.media_type or "text/turtle"), found.etag)

    async def documents(self, keys: Iterable[str]) -> Mapping[str, SectionDocument]:
        """Several sections, read at the same time."""
        wanted = tuple(keys)
        loaded = await asyncio.gather(*(self.load(key) for key in wanted))
        return {key: each.document for key, each in zip(wanted, loaded, strict=True)}

    async def cv(self, keys: Iterable[str]) -> Cv:
        """The CV as far as `keys` go."""
        documents = await self.documents(keys)
        return cv_of(self.storage, (entry for document in documents.values() for entry in document.entries))

    async def change(self, key: str, change: Change) -> SectionDocument:
        """Make a change and write it; nothing is written when nothing changed. Returns the section as it is now.

        Raises InvalidEntry when the shapes refuse what changed, ChangedMeanwhile when others wrote first each time.
        """
        for _ in range(TRIES - 1):
            try:
                return await self._change_once(key, change)
            except ChangedMeanwhile:
                continue
        return await self._change_once(key, change)

    async def _change_once(self, key: str, change: Change) -> SectionDocument:
        loaded = await self.load(key)
        changed = change(loaded.document)
        if changed.triples == loaded.document.triples:
            return changed
        before = frozenset(loaded.document.entries)
        await asyncio.to_thread(shapes.check, changed, [e for e in changed.entries if e not in before])
        absent = loaded.etag is None
        await self._pod.put(
            cv_section(key).path, changed.turtle(), if_match=loaded.etag or "", if_none_match="*" if absent else ""
        )
        return changed
