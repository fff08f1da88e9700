"""The whole CV: every section together, as far as it was read or shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from werkpod.vocab.cv.documents import SectionDocument, entry_iri, section_iri
from werkpod.vocab.cv.model import (
    Certificate,
    Competence,
    Contact,
    Education,
    Entry,
    Experience,
    Identity,
    Language,
    OnlineProfile,
    Summary,
    Wish,
)

_Kind = TypeVar("_Kind", bound=Entry)


def _of(kind: type[_Kind], entries: Iterable[Entry]) -> tuple[_Kind, ...]:
    return tuple(entry for entry in entries if isinstance(entry, kind))


@dataclass(frozen=True, slots=True)
class Cv:
    """A CV in the pod with root `storage`. Work and education are latest first; what was not shared is empty."""

    storage: str
    identity: Identity | None = None
    contact: Contact | None = None
    profiles: tuple[OnlineProfile, ...] = ()
    summary: Summary | None = None
    experience: tuple[Experience, ...] = ()
    education: tuple[Education, ...] = ()
    competences: tuple[Competence, ...] = ()
    languages: tuple[Language, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    wishes: tuple[Wish, ...] = ()

    def experience_iri(self, experience: Experience) -> str:
        """The IRI of one of this CV's jobs."""
        return entry_iri(self.storage, "experience", experience.id)

    def sources(self, competence: Competence) -> tuple[Experience | Education, ...]:
        """The jobs and schools that a competence was gained in, as far as they are in this CV."""
        jobs = [e for e in self.experience if entry_iri(self.storage, "experience", e.id) in competence.gained_in]
        schools = [e for e in self.education if entry_iri(self.storage, "education", e.id) in competence.gained_in]
        return (*jobs, *schools)

    def gained(self, source: Experience | Education) -> tuple[Competence, ...]:
        """The competences that were gained in a job or a school."""
        section = "experience" if isinstance(source, Experience) else "education"
        iri = entry_iri(self.storage, section, source.id)
        return tuple(c for c in self.competences if iri in c.gained_in)

    @property
    def concepts(self) -> frozenset[str]:
        """The taxonomy IRIs of the competences that have one."""
        return frozenset(c.concept for c in self.competences if c.concept)


def cv_of(storage: str, entries: Iterable[Entry]) -> Cv:
    """The CV of entries of any sections, in any order."""
    every = tuple(entries)
    return Cv(
        storage,
        identity=next(iter(_of(Identity, every)), None),
        contact=next(iter(_of(Contact, every)), None),
        profiles=_of(OnlineProfile, every),
        summary=next(iter(_of(Summary, every)), None),
        experience=newest_first(_of(Experience, every)),
        education=newest_first(_of(Education, every)),
        competences=_of(Competence, every),
        languages=_of(Language, every),
        certificates=_of(Certificate, every),
        wishes=_of(Wish, every),
    )


def read_cv(storage: str, bodies: Mapping[str, bytes], media_type: str = "text/turtle") -> Cv:
    """The CV of section documents, `bodies` by section key; absent ones are empty. Raises UnreadableSection."""
    documents = (SectionDocument.parse(k, body, section_iri(storage, k), media_type) for k, body in bodies.items())
    return cv_of(storage, (entry for document in documents for entry in document.entries))


def newest_first(entries: Iterable[_Kind]) -> tuple[_Kind, ...]:
    """Jobs and schools as a CV has them: what still goes on, then by end, else start. Others stay in their order."""
    return tuple(sorted(entries, key=_latest, reverse=True))


def _latest(entry: object) -> tuple[bool, str, str]:
    if not isinstance(entry, (Experience, Education)):
        return False, "", ""
    return entry.start is not None and entry.end is None, entry.end or entry.start or "", entry.start or ""
