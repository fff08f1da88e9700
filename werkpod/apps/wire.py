"""The forms that the services' answers share: occupations and competences as JSON."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from werkpod.apps.errors import UnknownCode
from werkpod.apps.jsonapi import Lang
from werkpod.vocab.errors import UnknownConcept
from werkpod.vocab.profile import Job, Profile, profile_of
from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy

MOST_JOBS, MOST_COMPETENCES = 200, 5000
"""Bounds of a CV: over any real one, so that no request takes long."""
MOST_SHOWN = 20
"""Occupations that an error names where a code leads to several."""


class OccupationOut(msgspec.Struct, frozen=True):
    """An occupation: IRI, code in the taxonomy, code of its ISCO-08 unit group, title in the language asked."""

    iri: str
    code: str
    isco: str
    title: str


class CompetenceOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A competence; `lang` is there only when the label is in another language than was asked, for want of one."""

    iri: str
    label: str
    lang: str | None = None


class HaveOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A competence that the person has; `experience` are the IRIs of the occupations done that ask it."""

    iri: str
    label: str
    lang: str | None = None
    experience: list[str] = []


Moment = Annotated[
    str,
    msgspec.Meta(max_length=10, extra_json_schema={"pattern": r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$"}),
]
"""A year, month or day. The pattern is for the document: what is wrong with a date is said by `BadPeriod`."""


class JobIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A job done: the occupation's IRI or code, and from when to when (a year, month or day; `to` null: until now)."""

    occupation: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    start: Moment | None = msgspec.field(default=None, name="from")
    end: Moment | None = msgspec.field(default=None, name="to")


_SHOWN = "8344"
"""Forklift drivers: easy to see before you."""
Jobs = Annotated[list[JobIn], msgspec.Meta(max_length=MOST_JOBS)]
CompetenceIris = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=300)]], msgspec.Meta(max_length=MOST_COMPETENCES)
]


def occupation_out(occupation: Occupation, lang: str) -> OccupationOut:
    """An occupation as JSON."""
    return OccupationOut(occupation.iri, occupation.code, occupation.isco, occupation.title(lang))


def competence_out(competence: Competence, lang: str) -> CompetenceOut:
    """A competence as JSON."""
    used = competence.label_lang(lang)
    return CompetenceOut(competence.iri, competence.label(lang), None if used == lang else used)


def have_out(competence: Competence, profile: Profile, lang: str) -> HaveOut:
    """A competence that the person has as JSON, with where it comes from."""
    out = competence_out(competence, lang)
    return HaveOut(out.iri, out.label, out.lang, list(profile.sources.get(competence.iri, ())))


def find_occupation(taxonomy: Taxonomy, code: str) -> Occupation | None:
    """The occupation with a code or IRI of any scheme that is known here, or None. Every code that a caller sends is
    looked up here: the taxonomy's own codes and IRIs, ISCO-08 unit groups, and what crosswalks know."""
    return taxonomy.occupation(code)


def occupation_or_404(taxonomy: Taxonomy, code: str) -> Occupation:
    """The occupation with a code or IRI of the path. Raises UnknownCode, which names the occupations that a code leads
    to where it leads to several."""
    found = find_occupation(taxonomy, code)
    if found is None:
        resolution = taxonomy.resolve(code)
        several = [msgspec.to_builtins(occupation_out(way.occupation, "nl")) for way in resolution.ways[:MOST_SHOWN]]
        more: dict[str, Any] = {"occupations": several} if several else {}
        raise UnknownCode(f"{resolution.problem} {examples(taxonomy)}", value=code[:300], **more)
    return found


def competence_or_404(taxonomy: Taxonomy, iri: str) -> Competence:
    """The competence with the IRI of the path, or the one that means the same. Raises UnknownCode."""
    same = taxonomy.equivalents(iri)
    found = same[0].competence if len(same) == 1 else None
    if found is None:
        where = "as /api/competentnl/v1/occupations/{code}/competences and /api/competentnl/v1/competences?q= name them"
        raise UnknownCode(f"{iri[:120]!r} is no competence of {taxonomy.title}; give an IRI, {where}.", value=iri[:300])
    return found


def shown_concepts(taxonomy: Taxonomy) -> tuple[str, str]:
    """What the examples of a document are about: the code of an occupation, the IRI of a competence that it asks."""
    occupation = taxonomy.occupation(_SHOWN) or next(iter(taxonomy.occupations()), None)
    links = taxonomy.links(occupation) if occupation else ()
    return occupation.code if occupation else _SHOWN, links[0].competence.iri if links else ""


def examples(taxonomy: Taxonomy) -> str:
    """What valid occupations look like in this taxonomy."""
    some = next(iter(taxonomy.occupations()), None)
    if some is None:
        return ""
    codes = some.code if some.code == some.isco else f"{some.code}, an ISCO-08 unit group such as {some.isco}"
    return f"An occupation is a code such as {codes}, or an IRI such as {some.iri}."


def read_profile(taxonomy: Taxonomy, jobs: Sequence[JobIn], competences: Sequence[str]) -> Profile:
    """What the jobs and competences of a request say of a person. Raises UnknownConcept, naming every IRI and code that
    the taxonomy does not have, and BadPeriod."""
    unknown: list[tuple[str, str]] = []
    read: list[Job] = []
    for place, job in enumerate(jobs):
        occupation = find_occupation(taxonomy, job.occupation)
        if occupation is None:
            unknown.append((f"experience[{place}].occupation", job.occupation))
        else:
            read.append(Job.of(occupation, job.start, job.end, where=f"experience[{place}]"))
    same = [taxonomy.equivalents(iri) for iri in competences]
    known = [each.competence for every in same for each in every]
    unknown += [(f"competences[{place}]", iri) for place, iri in enumerate(competences) if not same[place]]
    if unknown:
        raise unknown_concepts(taxonomy, unknown)
    return profile_of(taxonomy, read, known)


def unknown_concepts(taxonomy: Taxonomy, unknown: Sequence[tuple[str, str]]) -> UnknownConcept:
    """The error for IRIs and codes that the taxonomy does not have; `unknown`: (place in the input, value)."""
    hint = (
        f"{examples(taxonomy)} Competences are IRIs as /api/competentnl/v1/occupations/{{code}}/competences names them."
    )
    known = (found.problem for _, value in unknown if (found := taxonomy.resolve(value)).known)
    hint = " ".join((*itertools.islice(known, 3), hint))
    return UnknownConcept(unknown, taxonomy=f"{taxonomy.title} {taxonomy.version}", hint=hint)


LangParameter = Annotated[Lang, msgspec.Meta(description="Language of titles and labels: nl or en.")]


class LangQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Only the language."""

    lang: LangParameter = "nl"
