"""A section as a person reads it. The consent page, Mijn cv and the coach's choice all show a section through here.

What the model has no words for (other apps may write in a section too) is not left out: it is shown as property and
value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph as ox

from werkpod.vocab.cv import (
    Certificate,
    Competence,
    Contact,
    Education,
    Entry,
    Experience,
    Identity,
    Language,
    OnlineProfile,
    PartialDate,
    SectionDocument,
    Summary,
    Wish,
    newest_first,
)
from werkpod.vocab.cv.mapping import FORM_OF
from werkpod.vocab.sections import CV_SECTIONS, Section
from werkpod.web.pages import day, month

Say: TypeAlias = Callable[..., str]
"""gettext of the reader's language; `%(name)s` is filled from keyword arguments."""

_CV_KEYS = frozenset(section.key for section in CV_SECTIONS)
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_CONTAINS = "http://www.w3.org/ns/ldp#contains"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: what it is called, short facts about it, a longer text."""

    title: str
    facts: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A section to show. `others`: (property, value) of what has no form; `exact`: the very Turtle.

    `readable` is False for a document that is no RDF. `index`: it only says where the sections are.
    """

    key: str
    label: str
    items: tuple[Item, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    exact: str = ""
    readable: bool = True
    index: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.readable and not self.items and not self.others


def shown(
    section: Section, turtle: bytes, iri: str, lang: str, say: Say, names: Mapping[str, str] | None = None
) -> Shown:
    """The section whose document at `iri` is `turtle`. `names`: what to call entries of other sections, by IRI."""
    if section.key in _CV_KEYS:
        document = SectionDocument.parse(section.key, turtle, iri)
        entries = newest_first(document.entries)
        items = tuple(item for entry in entries if (item := _item(entry, lang, say, names or {})))
        others = _others(document)
    else:
        triples = frozenset(q.triple for q in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=iri))
        items, others = (_listing(triples, say), ()) if section.path.endswith("/") else ((), _plain(_untyped(triples)))
    return Shown(section.key, section.label(lang), items, others, turtle.decode("utf-8", "replace"))


def plainly(path: str, turtle: bytes, iri: str) -> Shown:
    """A document that is no section and only shows the way to them: its properties and values."""
    others = _plain(frozenset(q.triple for q in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=iri)))
    return Shown(path, path, others=others, exact=turtle.decode("utf-8", "replace"), index=True)


def period(start: PartialDate | None, end: PartialDate | None, lang: str, say: Say) -> str:
    """From when until when, in words."""
    _ = say
    if start and end:
        return _("%(start)s tot %(end)s", start=month(start, lang), end=month(end, lang))
    if start:
        return _("sinds %(start)s", start=month(start, lang))
    return _("tot %(end)s", end=month(end, lang)) if end else ""


def _listing(triples: frozenset[ox.Triple], say: Say) -> tuple[Item, ...]:
    """What a container holds, by number: its documents have names that say nothing to a person."""
    _ = say
    count = sum(triple.predicate.value == _CONTAINS for triple in triples)
    return (Item(_("1 bericht") if count == 1 else _("%(num)s berichten", num=count)),) if count else ()


def _item(entry: Entry, lang: str, say: Say, names: Mapping[str, str]) -> Item | None:
    match entry:
        case Identity() | Contact() | OnlineProfile() | Summary():
            return _person(entry, lang, say)
        case Experience():
            facts = (entry.employer, entry.place, period(entry.start, entry.end, lang, say), _kind(entry, say))
            return Item(entry.title, _said(facts), entry.description or "")
        case Education():
            return _education(entry, lang, say)
        case Competence():
            return Item(entry.title, _said((_level(entry.level, say), *_sources(entry, say, names))))
        case Language():
            return Item(entry.title, _said((_language_level(entry, say), entry.note)))
        case Certificate():
            return _certificate(entry, lang, say)
        case Wish():
            return Item(entry.title, text=entry.text or "" if entry.label else "")


def _person(entry: Identity | Contact | OnlineProfile | Summary, lang: str, say: Say) -> Item | None:
    _ = say
    match entry:
        case Identity():
            name = entry.name or " ".join(filter(None, (entry.given_name, entry.family_name)))
            born = _("geboren op %(date)s", date=day(entry.birth_date, lang)) if entry.birth_date else ""
            return Item(name, _said((born,))) if name or born else None
        case Contact():
            place = " ".join(filter(None, (entry.postal_code, entry.city)))
            facts = _said((entry.phone, entry.street, place, entry.region, entry.country, entry.website))
            first, *rest = _said((entry.email, *facts)) or ("",)
            return Item(first, tuple(rest)) if first else None
        case OnlineProfile():
            return Item(entry.network or entry.url or "", _said((entry.username, entry.url if entry.network else "")))
        case Summary():
            return Item(entry.headline or "", text=entry.text or "") if entry.headline or entry.text else None


def _education(entry: Education, lang: str, say: Say) -> Item:
    _ = say
    done = (
        {True: _("met diploma"), False: _("zonder diploma")}.get(entry.completed) if entry.completed is not None else ""
    )
    level = entry.level if entry.level != entry.title else ""
    school = entry.institution if entry.institution != entry.title else ""
    when = period(entry.start, entry.end, lang, say)
    return Item(entry.title, _said((level, school, when, done, entry.score, *entry.courses)), entry.description or "")


def _certificate(entry: Certificate, lang: str, say: Say) -> Item:
    _ = say
    issued = _("gehaald in %(date)s", date=month(entry.issued, lang)) if entry.issued else ""
    expires = _("geldig tot %(date)s", date=month(entry.expires, lang)) if entry.expires else ""
    return Item(entry.title, _said((entry.issuer, issued, expires)), entry.description or "")


def _kind(entry: Experience, say: Say) -> str:
    _ = say
    return {"volunteer": _("vrijwilligerswerk"), "internship": _("stage")}.get(entry.kind, "")


def _level(level: int | None, say: Say) -> str:
    _ = say
    return {1: _("een beetje"), 2: _("met hulp"), 3: _("goed"), 4: _("heel goed")}.get(level or 0, "")


def _sources(entry: Competence, say: Say, names: Mapping[str, str]) -> tuple[str, ...]:
    _ = say
    return tuple(_("geleerd bij: %(job)s", job=names.get(iri) or iri.rpartition("#")[2]) for iri in entry.gained_in)


def _language_level(entry: Language, say: Say) -> str:
    _ = say
    return _("moedertaal") if entry.level == "native" else entry.level or ""


def _said(facts: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(fact for fact in facts if fact)


def _others(document: SectionDocument) -> tuple[tuple[str, str], ...]:
    """What the section's own forms have no field for."""
    known: set[tuple[str, str]] = set()
    for entry in document.entries:
        subject = f"{document.iri}#{entry.id}"
        known |= {(subject, field.predicate) for field in FORM_OF[type(entry)].fields} | {(subject, _TYPE)}
    return _plain(frozenset(t for t in document.triples if (_text(t.subject), t.predicate.value) not in known))


def _plain(triples: frozenset[ox.Triple]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((_local(t.predicate.value), _text(t.object)) for t in triples))


def _untyped(triples: frozenset[ox.Triple]) -> frozenset[ox.Triple]:
    return frozenset(triple for triple in triples if triple.predicate.value != _TYPE)


def _local(iri: str) -> str:
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


def _text(term: object) -> str:
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else ""
