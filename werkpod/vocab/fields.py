"""The fields of a section that can be left out of what is shared: what a person calls them, and their predicates.

A field is what a person would leave out as one thing: "when" is a start and an end, "your address" five predicates.
What a section is about (the title of a job, the name of a competence) has no field: without it there is nothing to
share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkpod.vocab.cv.mapping import forms_of
from werkpod.vocab.cv.terms import DCTERMS, FOAF, SCHEMA, WP

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
VCARD = "http://www.w3.org/2006/vcard/ns#"


@dataclass(frozen=True, slots=True)
class ShareField:
    """A field. `key`: "section.name", as grants and requests name it; `predicates`: IRIs; labels as a person reads."""

    key: str
    predicates: frozenset[str]
    nl: str
    en: str

    @property
    def section(self) -> str:
        """The key of the section that it is in."""
        return self.key.partition(".")[0]

    def label(self, lang: str) -> str:
        """The name of the field in a language."""
        return self.en if lang == "en" else self.nl


def _field(key: str, nl: str, en: str, *predicates: str) -> ShareField:
    return ShareField(key, frozenset(predicates), nl, en)


_S, _W = SCHEMA, WP

FIELDS: Mapping[str, ShareField] = {
    field.key: field
    for field in (
        _field("identity.name", "Je naam", "Your name", _S + "name", _S + "givenName", _S + "familyName"),
        _field("identity.birth_date", "Je geboortedatum", "Your date of birth", _S + "birthDate"),
        _field(
            "identity.photo", "Je foto", "Your photo",
            _S + "image", FOAF + "img", FOAF + "depiction", VCARD + "hasPhoto",
        ),
        _field("contact.email", "Je e-mailadres", "Your email address", _S + "email"),
        _field("contact.phone", "Je telefoonnummer", "Your phone number", _S + "telephone"),
        _field(
            "contact.address", "Je adres en woonplaats", "Your address and town", _S + "streetAddress",
            _S + "postalCode", _S + "addressLocality", _S + "addressRegion", _S + "addressCountry",
        ),
        _field(
            "contact.online", "Je websites en accounts", "Your websites and accounts",
            _S + "url", _W + "network", FOAF + "accountName",
        ),
        _field("summary.text", "Je eigen tekst", "Your own text", _S + "description"),
        _field(
            "experience.employer", "Bij wie je werkte", "Who you worked for",
            _W + "employer", _W + "employerDescription", _S + "url",
        ),
        _field("experience.period", "Wanneer je werkte", "When you worked there", _S + "startDate", _S + "endDate"),
        _field("experience.place", "Waar je werkte", "Where you worked", _S + "location"),
        _field("experience.kind", "Wat voor werk (betaald, vrijwilliger, stage)", "Kind of work", _W + "kind"),
        _field("experience.description", "Je eigen tekst", "Your own text", _S + "description"),
        _field("education.institution", "De naam van je school", "Your school's name", _W + "institution", _S + "url"),
        _field("education.period", "Wanneer je die deed", "When you took it", _S + "startDate", _S + "endDate"),
        _field("education.result", "Je diploma en cijfers", "Your diploma and marks", _W + "completed", _W + "score"),
        _field("education.courses", "De vakken", "The courses", _W + "course"),
        _field("education.description", "Je eigen tekst", "Your own text", _S + "description"),
        _field("competences.level", "Hoe goed je het kunt", "How well you can do it", _W + "level"),
        _field("competences.source", "Waar je het leerde", "Where you learned it", _W + "gainedIn"),
        _field("languages.level", "Hoe goed je de taal kent", "How well you know it", _W + "languageLevel"),
        _field("languages.note", "Je eigen tekst", "Your own text", _S + "description"),
        _field("certificates.issuer", "Wie het gaf", "Who gave it", _W + "issuer", _S + "url"),
        _field("certificates.period", "Wanneer je het haalde", "When you got it", DCTERMS + "issued", _S + "expires"),
        _field("certificates.description", "Je eigen tekst", "Your own text", _S + "description"),
        _field("wishes.text", "Je eigen tekst", "Your own text", _S + "description"),
    )
}  # fmt: skip
"""Every field, by key, in the order in which a person reads them."""


def fields_of(section: str) -> tuple[ShareField, ...]:
    """The fields of a section (its key); none where nothing in it can be left out on its own."""
    return tuple(field for field in FIELDS.values() if field.section == section)


def passing(section: str, hidden: Iterable[str]) -> frozenset[str]:
    """The predicates of a section that pass when the fields `hidden` (keys) are left out, `rdf:type` among them.

    What no form of the section knows does not pass either: another app may have written the name, the employer or the
    date in words of its own.
    """
    known = {field.predicate for form in forms_of(section) for field in form.fields}
    known |= {predicate for field in fields_of(section) for predicate in field.predicates}
    gone = {predicate for key in hidden if key in FIELDS for predicate in FIELDS[key].predicates}
    return frozenset((known | {RDF_TYPE}) - gone)
