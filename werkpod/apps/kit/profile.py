"""What a person can do, as far as they shared it: competences, and the job that each comes from.

A competence that the CV names counts. Where the CV names what was learnt in a job, that is all that the job counts for:
the person chose it. A job of which the CV names nothing counts with what its occupation asks of everyone; that is shown
as `assumed`, and the person can check it. Weights are those of `vocab.profile`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkpod.apps.kit.errors import Gone
from werkpod.apps.kit.naming import other_language
from werkpod.apps.kit.podclient import Document, PodClient
from werkpod.vocab.cv import Cv, Entry, Experience, cv_of, parse_section
from werkpod.vocab.profile import BadPeriod, Job
from werkpod.vocab.profile import profile_of as history_of
from werkpod.vocab.sections import SECTIONS
from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy


@dataclass(frozen=True, slots=True)
class Skill:
    """One competence of a person. `sources`: the jobs and schools it comes from, as the person calls them."""

    iri: str
    sources: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A person's competences by IRI, the IRIs of the occupations they have had, and weights for `Taxonomy.rank`."""

    skills: Mapping[str, Skill]
    occupations: frozenset[str]
    weights: Mapping[str, float]


def profile_of(cv: Cv, taxonomy: Taxonomy, lang: str, *, today: dt.date | None = None) -> Profile:
    """The profile of a CV. A competence of another taxonomy, or one that is gone, counts as what means the same in this
    one; what leads nowhere is left out."""
    day = today or dt.datetime.now(dt.UTC).date()
    jobs = [(entry, _job(entry, occupation)) for entry in cv.experience if (occupation := _occupation(entry, taxonomy))]
    claims = [
        (claim, same.competence)
        for claim in cv.competences if claim.concept
        for same in taxonomy.equivalents(claim.concept)
    ]  # fmt: skip
    silent = [(entry, job) for entry, job in jobs if not cv.gained(entry)]
    history = history_of(taxonomy, [job for _, job in silent], [competence for _, competence in claims], today=day)
    weights, skills = dict(history.weights), dict[str, Skill]()
    now = day.year * 12 + day.month
    for claim, competence in claims:
        iri, sources = competence.iri, cv.sources(claim)
        known = skills[iri].sources if iri in skills else ()
        skills[iri] = Skill(iri, tuple(dict.fromkeys((*known, *(s.title for s in sources if s.title)))))
        factors = [job.weight(now) for entry, job in jobs if entry in sources]
        weights[iri] = max([weights[iri], *factors])
    for iri in history.owned - skills.keys():
        titles = [
            entry.title or job.occupation.title(lang)
            for entry, job in silent if job.occupation.iri in history.sources.get(iri, ())
        ]  # fmt: skip
        skills[iri] = Skill(iri, tuple(dict.fromkeys(titles)), assumed=True)
    return Profile(skills, frozenset(job.occupation.iri for _, job in jobs), weights)


def _occupation(entry: Experience, taxonomy: Taxonomy) -> Occupation | None:
    return taxonomy.occupation(entry.occupation) if entry.occupation else None


def _job(entry: Experience, occupation: Occupation) -> Job:
    """The job with its dates; without them when they contradict each other, which is for the citizen to mend."""
    try:
        return Job.of(occupation, entry.start, entry.end)
    except BadPeriod:
        return Job(occupation)


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A competence as a person reads it; `sources` and `assumed` as in `Skill`, empty for what is still to learn;
    `lang`: the language of the name where it is not the reader's."""

    label: str
    iri: str
    sources: tuple[str, ...] = ()
    assumed: bool = False
    lang: str = ""

    @property
    def origin(self) -> tuple[bool, bool, tuple[str, ...]]:
        """Where it comes from, to group and order by: what the person named first, what has no source last."""
        return (not self.sources, self.assumed, self.sources)


def skill_lines(competences: Iterable[Competence], profile: Profile, lang: str) -> tuple[SkillLine, ...]:
    """The competences by their everyday names, with what the profile says of each."""
    lines = []
    for competence in competences:
        skill = profile.skills.get(competence.iri, Skill(competence.iri))
        name, other = competence.everyday(lang), other_language(competence, lang)
        lines.append(SkillLine(name, competence.iri, skill.sources, skill.assumed, other))
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
