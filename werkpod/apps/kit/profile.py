"""What a person can do, as far as they shared it: competences, and the job that each comes from.

A competence that the CV names counts. A job of which the CV names no competence counts with what its occupation asks
of everyone: it is shown as coming from that job, marked `assumed`, and the person can check it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkpod.apps.kit.errors import Gone
from werkpod.apps.kit.podclient import Document, PodClient
from werkpod.vocab.cv import Cv, Entry, cv_of, parse_section
from werkpod.vocab.sections import SECTIONS
from werkpod.vocab.taxonomy import Competence, Taxonomy


@dataclass(frozen=True, slots=True)
class Skill:
    """One competence of a person. `sources`: the jobs and schools it comes from, as the person calls them."""

    iri: str
    sources: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's competences by IRI, and the IRIs of the occupations they have had."""

    skills: Mapping[str, Skill]
    occupations: frozenset[str]

    @property
    def weights(self) -> dict[str, float]:
        """The weights for `Taxonomy.rank`: 1 for each competence."""
        return dict.fromkeys(self.skills, 1.0)


def profile_of(cv: Cv, taxonomy: Taxonomy, lang: str) -> Profile:
    """The profile of a CV. IRIs and codes that the taxonomy does not know are left out."""
    skills: dict[str, Skill] = {}
    for claim in cv.competences:
        if claim.concept and taxonomy.competence(claim.concept):
            sources = tuple(dict.fromkeys(source.title for source in cv.sources(claim) if source.title))
            known = skills.get(claim.concept)
            merged = tuple(dict.fromkeys((*(known.sources if known else ()), *sources)))
            skills[claim.concept] = Skill(claim.concept, merged)
    occupations = set()
    for job in cv.experience:
        occupation = taxonomy.occupation(job.occupation) if job.occupation else None
        if occupation is None:
            continue
        occupations.add(occupation.iri)
        if cv.gained(job):
            continue
        for link in taxonomy.links(occupation):
            if link.kind == "essential" and link.competence.iri not in skills:
                title = job.title or occupation.title(lang)
                skills[link.competence.iri] = Skill(link.competence.iri, (title,), assumed=True)
    return Profile(skills, frozenset(occupations))


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A competence as a person reads it; `sources` and `assumed` as in `Skill`, empty for what is still to learn."""

    label: str
    iri: str
    sources: tuple[str, ...] = ()
    assumed: bool = False


def skill_lines(competences: Iterable[Competence], profile: Profile, lang: str) -> tuple[SkillLine, ...]:
    """The competences by their everyday names, with what the profile says of each."""
    lines = []
    for competence in competences:
        skill = profile.skills.get(competence.iri, Skill(competence.iri))
        lines.append(SkillLine(competence.everyday(lang), competence.iri, skill.sources, skill.assumed))
    return tuple(lines)


async def read_shared_cv(pod: PodClient, sections: Iterable[str], *, storage: str = "") -> Cv:
    """The CV of those sections (keys), read from the pod at `storage`, the session's own by default.

    A section that is not there yet is empty. Raises NotShared, Stopped and PodUnavailable as `PodClient` does, and
    `vocab.cv.UnreadableSection` for a document that is no RDF.
    """
    root = storage or pod.storage
    keys = [key for key in sections if SECTIONS[key].path.startswith("cv/")]
    found = await asyncio.gather(*(_section(pod, root + SECTIONS[key].path) for key in keys))
    entries: list[Entry] = []
    for key, document in zip(keys, found, strict=True):
        if document is not None:
            entries += parse_section(key, document.body, document.url, document.media_type)
    return cv_of(root, entries)


async def _section(pod: PodClient, url: str) -> Document | None:
    try:
        return await pod.get(url)
    except Gone:
        return None
