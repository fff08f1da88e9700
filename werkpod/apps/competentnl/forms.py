"""What `/api/competentnl/v1` takes and answers, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from werkpod.apps.wire import CompetenceOut, LangParameter, OccupationOut
from werkpod.vocab.taxonomy import Competence, Kind, Link, Occupation
from werkpod.vocab.why import Why

MOST_RESULTS = 100
PAGE_SIZE, LARGEST_PAGE = 100, 500
LinkKind = Literal["essential", "important", "optional"]
MatchRelation = Literal["exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"]


class SearchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a search."""

    q: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=200, description="What people call the job or the skill.", examples=["heftruck"]
        ),
    ]
    lang: LangParameter = "nl"
    limit: Annotated[
        int, msgspec.Meta(ge=1, le=MOST_RESULTS, description=f"How many results at most, 1 to {MOST_RESULTS}.")
    ] = 10


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of a list, and the language."""

    lang: LangParameter = "nl"
    page: Annotated[int, msgspec.Meta(ge=1, le=100000, description="The number of the page, from 1.")] = 1
    page_size: Annotated[
        int, msgspec.Meta(ge=1, le=LARGEST_PAGE, description=f"How many there are on a page, 1 to {LARGEST_PAGE}.")
    ] = msgspec.field(default=PAGE_SIZE, name="pageSize")


class Found(msgspec.Struct, frozen=True, omit_defaults=True):
    """An occupation found. `score` 0 to 1; `matched`: the name of the occupation that the text is like; `why` in which
    way. `source` is there where that name is from another classification."""

    iri: str
    code: str
    isco: str
    title: str
    score: float
    matched: str
    why: Why
    source: str = ""


class FoundOccupations(msgspec.Struct, frozen=True):
    """Occupations, best first."""

    results: list[Found]


class FoundCompetence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A competence found. `score` 0 to 1; `matched`: the name that the text is like; `why` in which way. `lang` is
    there only when the label is in another language than was asked."""

    iri: str
    label: str
    score: float
    matched: str
    why: Why
    lang: str | None = None


class FoundCompetences(msgspec.Struct, frozen=True):
    """Competences, best first."""

    results: list[FoundCompetence]


class GroupRefOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group that competences come in, or a competence that is broader. `lang` as in other labels."""

    iri: str
    label: str
    lang: str | None = None


class RequiredCompetence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A competence that an occupation asks. `weight` 1 for essential, 0.75 for important, 0.5 for optional; `type`:
    skill, knowledge or attitude; `plain`: what one does, in everyday Dutch; `group`: the nearest group that it is in;
    `collections`: digital, green, language, transversal. `lang` is there only when the label is in another language
    than was asked."""

    iri: str
    label: str
    kind: LinkKind
    weight: float
    type: Kind
    lang: str | None = None
    plain: str = ""
    group: GroupRefOut | None = None
    collections: tuple[str, ...] = ()


class Required(msgspec.Struct, frozen=True):
    """What an occupation asks, the most distinctive first. `important` is empty in a taxonomy that tells only essential
    and optional apart (ESCO, the starter)."""

    occupation: OccupationOut
    essential: list[RequiredCompetence]
    important: list[RequiredCompetence]
    optional: list[RequiredCompetence]


class MatchOut(msgspec.Struct, frozen=True):
    """A concept of another classification; `relation` as in SKOS."""

    relation: str
    iri: str


class WholeCompetence(msgspec.Struct, frozen=True, omit_defaults=True):
    """A competence. `labels` by language; `type`, `plain`, `group`, `collections` and `lang` as in what an occupation
    asks; `broader`: what is directly broader; `matches`: concepts of other classifications; `occupationCount`: how many
    occupations ask it."""

    iri: str
    label: str
    labels: dict[str, str]
    type: Kind
    broader: list[GroupRefOut]
    matches: list[MatchOut]
    occupation_count: int = msgspec.field(name="occupationCount")
    lang: str | None = None
    plain: str = ""
    group: GroupRefOut | None = None
    collections: tuple[str, ...] = ()


class AskingOccupation(msgspec.Struct, frozen=True):
    """An occupation that asks a competence, and how much (`kind`, `weight`)."""

    iri: str
    code: str
    isco: str
    title: str
    kind: LinkKind
    weight: float


class Asking(msgspec.Struct, frozen=True):
    """A page of the occupations that ask a competence, those to which it matters most first. `count`: how many there
    are in all; `next`, `previous`: the addresses of the other pages, null where there is none."""

    competence: CompetenceOut
    count: int
    next: str | None
    previous: str | None
    occupations: list[AskingOccupation]


def other_lang(used: str, asked: str) -> str | None:
    """What `lang` says: the language of a label, where it is another one than was asked."""
    return None if used == asked else used


def group_out(competence: Competence, lang: str) -> GroupRefOut | None:
    """The nearest group of a competence."""
    group = competence.group
    return GroupRefOut(group.iri, group.label(lang), other_lang(group.label_lang(lang), lang)) if group else None


def required_out(link: Link, lang: str) -> RequiredCompetence:
    """What an occupation asks, as JSON."""
    one = link.competence
    return RequiredCompetence(
        one.iri,
        one.label(lang),
        link.kind,
        link.weight,
        one.kind,
        other_lang(one.label_lang(lang), lang),
        one.plain,
        group_out(one, lang),
        one.collections,
    )


def asking_out(occupation: Occupation, link: Link, lang: str) -> AskingOccupation:
    """Who asks a competence, as JSON."""
    return AskingOccupation(
        occupation.iri, occupation.code, occupation.isco, occupation.title(lang), link.kind, link.weight
    )
