"""The CV as values: every section's entries, and the RDF that they are kept in.

read_cv(storage, {section key: Turtle}) -> Cv          all of it, for pages and services
SectionDocument.parse / .put / .remove / .turtle       one section, changed entry by entry
"""

from werkpod.vocab.cv.dates import PartialDate
from werkpod.vocab.cv.documents import (
    SectionDocument,
    cv_section,
    entry_iri,
    parse_section,
    section_iri,
    serialise_section,
)
from werkpod.vocab.cv.errors import ForeignEntry, InvalidEntry, Problem, UnknownSection, UnreadableSection
from werkpod.vocab.cv.fragments import mint, slug
from werkpod.vocab.cv.model import (
    LANGUAGE_LEVELS,
    ME,
    Certificate,
    CertificateKind,
    Competence,
    CompetenceKind,
    Contact,
    Education,
    Entry,
    Experience,
    ExperienceKind,
    Identity,
    Language,
    LanguageLevel,
    OnlineProfile,
    Summary,
    Wish,
)
from werkpod.vocab.cv.whole import Cv, cv_of, newest_first, read_cv

__all__ = [
    "LANGUAGE_LEVELS",
    "ME",
    "Certificate",
    "CertificateKind",
    "Competence",
    "CompetenceKind",
    "Contact",
    "Cv",
    "Education",
    "Entry",
    "Experience",
    "ExperienceKind",
    "ForeignEntry",
    "Identity",
    "InvalidEntry",
    "Language",
    "LanguageLevel",
    "OnlineProfile",
    "PartialDate",
    "Problem",
    "SectionDocument",
    "Summary",
    "UnknownSection",
    "UnreadableSection",
    "Wish",
    "cv_of",
    "cv_section",
    "entry_iri",
    "mint",
    "newest_first",
    "parse_section",
    "read_cv",
    "section_iri",
    "serialise_section",
    "slug",
]
