"""The entries of a CV as values, one class for each kind; `mapping.py` says how each field is written in RDF.

An entry's `id` is its fragment in the section document. Text is as the person said it. Optional fields are None; fields
with several values are tuples without doubles, in order of the alphabet (RDF keeps no order). IRIs of occupations and
competences are those of the taxonomy; `gained_in` holds full IRIs of entries in the sections experience and education.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from werkpod.vocab.cv.dates import PartialDate

ExperienceKind: TypeAlias = Literal["work", "volunteer", "internship", "other"]
CompetenceKind: TypeAlias = Literal["skill", "knowledge", "attitude"]
CertificateKind: TypeAlias = Literal["certificate", "licence", "award"]
LanguageLevel: TypeAlias = Literal["A1", "A2", "B1", "B2", "C1", "C2", "native"]

LANGUAGE_LEVELS: tuple[LanguageLevel, ...] = ("A1", "A2", "B1", "B2", "C1", "C2", "native")
"""The levels of the Common European Framework of Reference (Council of Europe), and a mother tongue."""

ME = "me"
"""The fragment of an entry that a section has only one of."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the person is. No photo: it says nothing of what somebody can do."""

    id: str = ME
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    birth_date: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the person. `country` is an ISO 3166-1 alpha-2 code or a name, as known."""

    id: str = ME
    email: str | None = None
    phone: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class OnlineProfile:
    """An account of the person elsewhere; lives in the section contact."""

    id: str
    network: str | None = None
    username: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The person in their own words; `headline` is the one line above it ("chauffeur met 10 jaar ervaring")."""

    id: str = ME
    text: str | None = None
    headline: str | None = None


@dataclass(frozen=True, slots=True)
class Experience:
    """A job or other work. No `end`: still going on. `occupation` is an IRI, `label` what the person calls it;
    `declined`: IRIs that were offered in the place of that occupation, and that the person did not want."""

    id: str
    label: str | None = None
    occupation: str | None = None
    employer: str | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    kind: ExperienceKind = "work"
    description: str | None = None
    place: str | None = None
    website: str | None = None
    employer_about: str | None = None
    declined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "declined", tuple(sorted(set(self.declined))))

    @property
    def title(self) -> str:
        """What to call it in a list: the job, else the employer."""
        return self.label or self.employer or ""

    @property
    def ongoing(self) -> bool:
        """Whether the person still does this."""
        return self.start is not None and self.end is None


@dataclass(frozen=True, slots=True)
class Education:
    """A school or course. `label`: what was learnt; `level` ("mbo 2"), `score`: as said; `completed`: has a diploma."""

    id: str
    label: str | None = None
    level: str | None = None
    institution: str | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    completed: bool | None = None
    score: str | None = None
    courses: tuple[str, ...] = ()
    website: str | None = None
    description: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "courses", tuple(sorted(set(self.courses))))

    @property
    def title(self) -> str:
        """What to call it in a list: what was learnt, else the level, else the school."""
        return self.label or self.level or self.institution or ""


@dataclass(frozen=True, slots=True)
class Competence:
    """Something the person can do, knows or is. `concept`: the taxonomy's IRI; None for own words in `label`.

    `level` runs from 1 (a little) to 4 (can teach it); None: not said. `declined` as in `Experience`, for the concept.
    """

    id: str
    label: str
    concept: str | None = None
    level: int | None = None
    kind: CompetenceKind | None = None
    gained_in: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "gained_in", tuple(sorted(set(self.gained_in))))
        object.__setattr__(self, "declined", tuple(sorted(set(self.declined))))

    @property
    def title(self) -> str:
        """What to call it in a list; a competence that another app wrote without a name is called by its concept."""
        return self.label or (self.concept or "").rstrip("/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Language:
    """A language. `code`: a BCP 47 tag when known; `label`: its name as said; `note`: the level in own words."""

    id: str
    code: str | None = None
    label: str | None = None
    level: LanguageLevel | None = None
    note: str | None = None

    @property
    def title(self) -> str:
        """What to call it in a list."""
        return self.label or self.code or ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate, a licence ("rijbewijs B") or a prize."""

    id: str
    label: str
    issuer: str | None = None
    issued: PartialDate | None = None
    expires: PartialDate | None = None
    website: str | None = None
    kind: CertificateKind = "certificate"
    description: str | None = None

    @property
    def title(self) -> str:
        """What to call it in a list."""
        return self.label


@dataclass(frozen=True, slots=True)
class Wish:
    """Work that the person would like. `occupation`: an IRI when one was picked; `label` its name; `text` own words;
    `declined` as in `Experience`."""

    id: str
    label: str | None = None
    occupation: str | None = None
    text: str | None = None
    declined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "declined", tuple(sorted(set(self.declined))))

    @property
    def title(self) -> str:
        """What to call it in a list."""
        return self.label or self.text or ""


Entry: TypeAlias = (
    Identity | Contact | OnlineProfile | Summary | Experience | Education | Competence | Language | Certificate | Wish
)
"""Any entry of a CV."""
