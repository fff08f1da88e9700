"""A citizen's own pod, read and written in process as Werkpod's own pages (not logged: it is the citizen looking)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.readable import Say, Shown, shown
from werkpod.pod.access.model import Requester
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.representations import Representation
from werkpod.pod.service import PodService
from werkpod.vocab.cv import Cv, UnreadableSection, read_cv
from werkpod.vocab.sections import CV_SECTIONS, Section
from werkpod.web.errors import NotFound

TURTLE = "text/turtle"


class Pods(Protocol):
    """Where pods are found and served."""

    @property
    def pods(self) -> PodDirectory:
        """The directory."""
        ...

    @property
    def service(self) -> PodService:
        """The service."""
        ...


@dataclass(frozen=True, slots=True)
class OwnPod:
    """The pod of `account`, with everything that its owner may do."""

    service: PodService
    account: Account
    pod: Pod

    @classmethod
    async def of(cls, parts: Pods, account: Account) -> OwnPod:
        """The pod of an account. Raises NotFound when it is gone."""
        pod = await parts.pods.by_id(account.id)
        if pod is None:
            raise NotFound("This pod is not here any more.")
        return cls(parts.service, account, pod)

    @property
    def owner(self) -> Requester:
        """The owner, through Werkpod's own pages."""
        return Requester(agent=self.account.webid, own_pages=True)

    async def read(self, path: str) -> Representation | None:
        """A document as Turtle; None when there is none."""
        try:
            return await self.service.read(self.owner, self.pod, path, accept=TURTLE)
        except NotFound:
            return None

    async def put(self, path: str, body: bytes, *, before: Representation | None) -> None:
        """Write a document that was read as `before` (None: it was not there). Raises PreconditionFailed."""
        match, none_match = (before.etag, None) if before else (None, "*")
        await self.service.put(
            self.owner, self.pod, path, body, TURTLE, if_match=match, if_none_match=none_match
        )  # fmt: skip

    async def delete(self, path: str) -> None:
        """Take a document away."""
        await self.service.delete(self.owner, self.pod, path)

    def iri(self, path: str) -> str:
        """The address of a path in this pod."""
        return self.account.storage + path

    async def bodies(self) -> Mapping[str, bytes]:
        """The documents of the CV by section; those that are not there are left out."""
        found = {section.key: await self.read(section.path) for section in CV_SECTIONS}
        return {key: document.body for key, document in found.items() if document is not None}

    async def cv(self) -> Cv | None:
        """The whole CV; None when another app wrote something that is no CV."""
        try:
            return read_cv(self.account.storage, await self.bodies())
        except UnreadableSection:
            return None

    async def sections(self, lang: str, say: Say) -> tuple[Shown, ...]:
        """Every section of the CV to read, in order, empty ones too."""
        bodies = await self.bodies()
        names = self.names(bodies)
        return tuple(self.show(section, bodies.get(section.key, b""), lang, say, names) for section in CV_SECTIONS)

    def show(self, section: Section, body: bytes, lang: str, say: Say, names: Mapping[str, str] | None = None) -> Shown:
        """One section to read; a document that is no RDF is shown as it is."""
        try:
            return shown(section, body, self.iri(section.path), lang, say, names)
        except (UnreadableSection, SyntaxError, ValueError):
            return Shown(section.key, section.label(lang), exact=body.decode("utf-8", "replace"), readable=False)

    def names(self, bodies: Mapping[str, bytes]) -> Mapping[str, str]:
        """What to call the jobs and schools in these documents (by section key), by IRI."""
        try:
            cv = read_cv(self.account.storage, {k: b for k, b in bodies.items() if k in ("experience", "education")})
        except UnreadableSection:
            return {}
        names = {cv.experience_iri(job): job.title for job in cv.experience}
        return names | {f"{self.iri('cv/education')}#{school.id}": school.title for school in cv.education}
