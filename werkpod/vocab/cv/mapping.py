"""The table that ties the model to RDF: for each class its RDF type, and for each field its predicate and codec."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkpod.vocab.cv import codecs as c
from werkpod.vocab.cv.model import (
    LANGUAGE_LEVELS,
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
from werkpod.vocab.cv.terms import DCTERMS, FOAF, SCHEMA, WP

TEXT, IRI, ADDRESS, DATE, YES_NO = c.Text(), c.Iri(), c.WebAddress(), c.Date(), c.Boolean()

EXPERIENCE_KIND = c.Choice(
    {"work": "Work", "volunteer": "Volunteering", "internship": "Internship", "other": "OtherWork"}
)
COMPETENCE_KIND = c.Choice({"skill": "Skill", "knowledge": "Knowledge", "attitude": "Attitude"})
CERTIFICATE_KIND = c.Choice({"certificate": "CertificateOfCourse", "licence": "Licence", "award": "Award"})
LANGUAGE_LEVEL = c.Choice({level: "Native" if level == "native" else level for level in LANGUAGE_LEVELS})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a class: its name in the model, its predicate, how a value is written, whether it holds several."""

    name: str
    predicate: str
    codec: c.Codec
    many: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """How a class of entries is written. `defaults` are the values that a field has when a document does not say."""

    cls: type[Entry]
    rdf_type: str
    section: str
    fields: tuple[Field, ...]
    single: bool = False

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The default of each field that has one."""
        return {f.name: f.default for f in dataclasses.fields(self.cls) if f.default is not dataclasses.MISSING}


FORMS: tuple[Form, ...] = (
    Form(
        Identity,
        SCHEMA + "Person",
        "identity",
        (
            Field("name", SCHEMA + "name", TEXT),
            Field("given_name", SCHEMA + "givenName", TEXT),
            Field("family_name", SCHEMA + "familyName", TEXT),
            Field("birth_date", SCHEMA + "birthDate", DATE),
        ),
        single=True,
    ),
    Form(
        Contact,
        SCHEMA + "ContactPoint",
        "contact",
        (
            Field("email", SCHEMA + "email", TEXT),
            Field("phone", SCHEMA + "telephone", TEXT),
            Field("street", SCHEMA + "streetAddress", TEXT),
            Field("postal_code", SCHEMA + "postalCode", TEXT),
            Field("city", SCHEMA + "addressLocality", TEXT),
            Field("region", SCHEMA + "addressRegion", TEXT),
            Field("country", SCHEMA + "addressCountry", TEXT),
            Field("website", SCHEMA + "url", ADDRESS),
        ),
        single=True,
    ),
    Form(
        OnlineProfile,
        FOAF + "OnlineAccount",
        "contact",
        (
            Field("network", WP + "network", TEXT),
            Field("username", FOAF + "accountName", TEXT),
            Field("url", SCHEMA + "url", ADDRESS),
        ),
    ),
    Form(
        Summary,
        WP + "Summary",
        "summary",
        (Field("text", SCHEMA + "description", TEXT), Field("headline", SCHEMA + "headline", TEXT)),
        single=True,
    ),
    Form(
        Experience,
        WP + "Experience",
        "experience",
        (
            Field("label", SCHEMA + "roleName", TEXT),
            Field("occupation", WP + "occupation", IRI),
            Field("employer", WP + "employer", TEXT),
            Field("start", SCHEMA + "startDate", DATE),
            Field("end", SCHEMA + "endDate", DATE),
            Field("kind", WP + "kind", EXPERIENCE_KIND),
            Field("description", SCHEMA + "description", TEXT),
            Field("place", SCHEMA + "location", TEXT),
            Field("website", SCHEMA + "url", ADDRESS),
            Field("employer_about", WP + "employerDescription", TEXT),
            Field("declined", WP + "declined", IRI, many=True),
        ),
    ),
    Form(
        Education,
        WP + "Education",
        "education",
        (
            Field("label", SCHEMA + "name", TEXT),
            Field("level", SCHEMA + "educationalLevel", TEXT),
            Field("institution", WP + "institution", TEXT),
            Field("start", SCHEMA + "startDate", DATE),
            Field("end", SCHEMA + "endDate", DATE),
            Field("completed", WP + "completed", YES_NO),
            Field("score", WP + "score", TEXT),
            Field("courses", WP + "course", TEXT, many=True),
            Field("website", SCHEMA + "url", ADDRESS),
            Field("description", SCHEMA + "description", TEXT),
        ),
    ),
    Form(
        Competence,
        WP + "Competence",
        "competences",
        (
            Field("label", SCHEMA + "name", TEXT),
            Field("concept", WP + "concept", IRI),
            Field("level", WP + "level", c.Integer(1, 4)),
            Field("kind", WP + "kind", COMPETENCE_KIND),
            Field("gained_in", WP + "gainedIn", IRI, many=True),
            Field("declined", WP + "declined", IRI, many=True),
        ),
    ),
    Form(
        Language,
        WP + "LanguageSkill",
        "languages",
        (
            Field("code", WP + "languageCode", TEXT),
            Field("label", SCHEMA + "name", TEXT),
            Field("level", WP + "languageLevel", LANGUAGE_LEVEL),
            Field("note", SCHEMA + "description", TEXT),
        ),
    ),
    Form(
        Certificate,
        SCHEMA + "EducationalOccupationalCredential",
        "certificates",
        (
            Field("label", SCHEMA + "name", TEXT),
            Field("issuer", WP + "issuer", TEXT),
            Field("issued", DCTERMS + "issued", DATE),
            Field("expires", SCHEMA + "expires", DATE),
            Field("website", SCHEMA + "url", ADDRESS),
            Field("kind", WP + "kind", CERTIFICATE_KIND),
            Field("description", SCHEMA + "description", TEXT),
        ),
    ),
    Form(
        Wish,
        WP + "Wish",
        "wishes",
        (
            Field("label", SCHEMA + "name", TEXT),
            Field("occupation", WP + "occupation", IRI),
            Field("text", SCHEMA + "description", TEXT),
            Field("declined", WP + "declined", IRI, many=True),
        ),
    ),
)
"""Every class of entries, in the order in which a document lists them."""

FORM_OF: Mapping[type[Entry], Form] = {form.cls: form for form in FORMS}
"""The form of a class."""


def forms_of(section_key: str) -> tuple[Form, ...]:
    """The forms of the entries that a section may hold."""
    return tuple(form for form in FORMS if form.section == section_key)
