"""The parts of the CV that are filled in with a form: for each its words, its fields, and the way between the two.

A part that there is one of (name, contact, summary) has its form as its page; the others have a list and a form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from werkpod.apps.cv_builder.inputs import N_, TEXT, Typed, typed_date
from werkpod.vocab.cv import (
    LANGUAGE_LEVELS,
    Certificate,
    CertificateKind,
    Contact,
    Education,
    Entry,
    Experience,
    ExperienceKind,
    Identity,
    Language,
    Summary,
    Wish,
)
from werkpod.vocab.cv.languages import LANGUAGE_CODES, language_name

Fields = Mapping[str, Sequence[str]]
"""A form's fields as they are shown: name -> values."""

END_OR_STILL = N_("Vul in wanneer je stopte. Of kruis aan dat je dit nog doet.")
END_FIRST = N_("Je stopte eerder dan je begon. Kijk naar de jaren.")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the CV. `slug` is its place under the app's home, `template` holds its fields.

    `read` makes the entry's field values of what was typed (and the entry as it was); `show` the other way round.
    """

    slug: str
    section: str
    cls: type[Entry]
    title: str
    intro: str
    add: str
    new: str
    read: Callable[[Typed, Any, str], dict[str, Any]]
    show: Callable[[Any], Fields]
    single: bool = False


def _some(**values: str | None) -> dict[str, Sequence[str]]:
    return {name: [value] for name, value in values.items() if value}


def _period(typed: Typed, old: Any, *, needed: str = "") -> dict[str, Any]:
    """Start and end; "still" means no end. The error for an end before the start is at the end."""
    still = typed.raw("nog") == "ja"
    start = typed.date("begin", getattr(old, "start", None), needed=needed)
    asked = END_OR_STILL if start is not None else ""
    end = None if still else typed.date("eind", getattr(old, "end", None), needed=asked)
    if start is not None and end is not None and end.before(start):
        typed.errors["eind"] = END_FIRST
    return {"start": start, "end": end}


def _show_period(entry: Experience | Education) -> dict[str, Sequence[str]]:
    still = {"nog": ["ja"]} if entry.start is not None and entry.end is None else {}
    return {**typed_date("begin", entry.start), **typed_date("eind", entry.end), **still}


# -- name, contact, summary ------------------------------------------------------------------------------------------


def _read_name(typed: Typed, old: Identity | None, lang: str) -> dict[str, Any]:
    return {"name": typed.text("naam", needed=N_("Vul je naam in."))}


def _read_contact(typed: Typed, old: Contact | None, lang: str) -> dict[str, Any]:
    email = typed.text("email", longest=254)
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        typed.errors["email"] = N_("Dit is geen e-mailadres. Het heeft een @ in het midden.")
    return {
        "email": email,
        "phone": typed.text("telefoon", longest=60),
        "street": typed.text("straat"),
        "postal_code": typed.text("postcode", longest=60),
        "city": typed.text("plaats"),
        "website": typed.text("website"),
    }


def _show_contact(entry: Contact) -> Fields:
    return _some(
        email=entry.email,
        telefoon=entry.phone,
        straat=entry.street,
        postcode=entry.postal_code,
        plaats=entry.city,
        website=entry.website,
    )


def _read_summary(typed: Typed, old: Summary | None, lang: str) -> dict[str, Any]:
    return {"headline": typed.text("kop"), "text": typed.text("tekst", longest=TEXT)}


# -- work ------------------------------------------------------------------------------------------------------------


def _read_work(typed: Typed, old: Experience | None, lang: str) -> dict[str, Any]:
    return {
        "label": typed.text("naam", needed=N_("Schrijf op hoe je dit werk noemt.")),
        "occupation": typed.raw("beroep") or None,
        "kind": typed.choice("soort", get_args(ExperienceKind), old.kind if old else "work"),
        "employer": typed.text("werkgever"),
        "place": typed.text("plaats"),
        "description": typed.text("tekst", longest=TEXT),
        **_period(typed, old, needed=N_("Vul in wanneer je begon. Alleen het jaar is ook goed.")),
    }


def _show_work(entry: Experience) -> Fields:
    return {
        **_some(
            naam=entry.label,
            beroep=entry.occupation,
            soort=entry.kind,
            werkgever=entry.employer,
            plaats=entry.place,
            tekst=entry.description,
        ),
        **_show_period(entry),
    }


# -- education -------------------------------------------------------------------------------------------------------


def _read_school(typed: Typed, old: Education | None, lang: str) -> dict[str, Any]:
    return {
        "label": typed.text("naam", needed=N_("Schrijf op welke opleiding of cursus het is.")),
        "level": typed.text("niveau"),
        "institution": typed.text("school"),
        "completed": {"ja": True, "nee": False}.get(typed.raw("diploma")),
        "description": typed.text("tekst", longest=TEXT),
        **_period(typed, old),
    }


def _show_school(entry: Education) -> Fields:
    diploma = {True: "ja", False: "nee", None: None}[entry.completed]
    return {
        **_some(
            naam=entry.label or entry.title,
            niveau=entry.level,
            school=entry.institution,
            diploma=diploma,
            tekst=entry.description,
        ),
        **_show_period(entry),
    }


# -- languages -------------------------------------------------------------------------------------------------------


def _read_language(typed: Typed, old: Language | None, lang: str) -> dict[str, Any]:
    code, other = typed.raw("taal"), typed.text("andere")
    if code not in LANGUAGE_CODES:
        code = old.code or "" if old is not None and code == old.code else ""
    if not code and not other:
        typed.errors["taal"] = N_("Kies een taal, of schrijf de taal op.")
    label = language_name(code, "nl") if code else other
    if old is not None and old.code == code and old.label and code:
        label = old.label
    return {"code": code or None, "label": label, "level": typed.choice("niveau", LANGUAGE_LEVELS)}


def _show_language(entry: Language) -> Fields:
    return _some(taal=entry.code, andere=None if entry.code else entry.label, niveau=entry.level)


# -- certificates and wishes -----------------------------------------------------------------------------------------


def _read_certificate(typed: Typed, old: Certificate | None, lang: str) -> dict[str, Any]:
    issued = typed.date("sinds", old.issued if old else None)
    expires = typed.date("tot", old.expires if old else None)
    if issued is not None and expires is not None and expires.before(issued):
        typed.errors["tot"] = N_("Dit is eerder dan het jaar waarin je het kreeg.")
    return {
        "label": typed.text("naam", needed=N_("Schrijf op hoe het heet.")) or "",
        "kind": typed.choice("soort", get_args(CertificateKind), old.kind if old else "certificate"),
        "issuer": typed.text("gever"),
        "issued": issued,
        "expires": expires,
    }


def _show_certificate(entry: Certificate) -> Fields:
    return {
        **_some(naam=entry.label, soort=entry.kind, gever=entry.issuer),
        **typed_date("sinds", entry.issued),
        **typed_date("tot", entry.expires),
    }


def _read_wish(typed: Typed, old: Wish | None, lang: str) -> dict[str, Any]:
    label, text = typed.text("naam"), typed.text("tekst", longest=TEXT)
    if not label and not text:
        typed.errors["naam"] = N_("Schrijf op welk werk je wilt.")
    return {"label": label, "occupation": typed.raw("beroep") or None, "text": text}


NAME = Part(
    "naam", "identity", Identity, N_("Je naam"), N_("Deze naam staat boven je cv."), "", "",
    _read_name, lambda e: _some(naam=e.name or " ".join(n for n in (e.given_name, e.family_name) if n)), single=True,
)  # fmt: skip
CONTACT = Part(
    "contact", "contact", Contact, N_("Hoe je te bereiken bent"),
    N_("Vul in wat je wilt. Een e-mailadres of telefoonnummer is genoeg."), "", "",
    _read_contact, _show_contact, single=True,
)  # fmt: skip
SUMMARY = Part(
    "over", "summary", Summary, N_("Over jou"),
    N_("Vertel in een paar zinnen wie je bent en wat je goed kunt."), "", "",
    _read_summary, lambda e: _some(kop=e.headline, tekst=e.text), single=True,
)  # fmt: skip
WORK = Part(
    "werk", "experience", Experience, N_("Je werk"), N_("Betaald werk, vrijwilligerswerk, een stage: alles telt."),
    N_("Werk erbij zetten"), N_("Waar en wanneer was het?"), _read_work, _show_work,
)  # fmt: skip
SCHOOL = Part(
    "opleiding", "education", Education, N_("Je opleiding"),
    N_("Alle scholen en cursussen tellen, ook zonder diploma."),
    N_("Opleiding erbij zetten"), N_("Welke opleiding of cursus?"), _read_school, _show_school,
)  # fmt: skip
LANGUAGE = Part(
    "talen", "languages", Language, N_("Je talen"), N_("Zet hier ook je moedertaal neer."),
    N_("Taal erbij zetten"), N_("Welke taal spreek je?"), _read_language, _show_language,
)  # fmt: skip
CERTIFICATE = Part(
    "diplomas", "certificates", Certificate, N_("Je diploma's en certificaten"),
    N_("Bijvoorbeeld je rijbewijs, VCA, BHV of heftruckcertificaat."),
    N_("Certificaat erbij zetten"), N_("Welk certificaat heb je?"), _read_certificate, _show_certificate,
)  # fmt: skip
WISH = Part(
    "wensen", "wishes", Wish, N_("Wat je wilt"), N_("Welk werk zou je graag doen? Je mag meer dan één ding kiezen."),
    N_("Wens erbij zetten"), N_("Welk werk wil je?"), _read_wish,
    lambda e: _some(naam=e.label, beroep=e.occupation, tekst=e.text),
)  # fmt: skip

PARTS: tuple[Part, ...] = (NAME, CONTACT, SUMMARY, WORK, SCHOOL, LANGUAGE, CERTIFICATE, WISH)
"""Every part that has a form."""
