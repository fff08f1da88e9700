"""What of a pod can be chosen: the sections, with their entries as their owner calls them and their fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from werkpod.consent.dashboard.choosing.model import OWN_TEXTS, FieldKind, FieldOffer, Offer, Piece
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.readable import Say
from werkpod.vocab.cv import Entry, SectionDocument, UnreadableSection, newest_first
from werkpod.vocab.cv.mapping import FORM_OF
from werkpod.vocab.fields import FIELDS, fields_of
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS

_CV = frozenset(section.key for section in CV_SECTIONS)
_WHOLE = frozenset({"identity", "contact", "summary"})
"""Sections that say one thing of one person: fields can be left out, entries cannot."""


async def offers(
    own: OwnPod,
    keys: Sequence[str],
    lang: str,
    say: Say,
    *,
    needed: Collection[str] = (),
    fields: Mapping[str, FieldKind] | None = None,
    reasons: Mapping[str, str] | None = None,
    narrows: bool = True,
) -> tuple[Offer, ...]:
    """The sections `keys`, in the order of the CV. `needed`: what the receiver cannot do without.

    `fields`: what happens to a field, where it is not "open". `reasons`: why, by section or field, in the reader's
    language. `narrows` False: nothing can be left out.
    """
    why, kinds = reasons or {}, fields or {}
    found = []
    for section in SECTIONS.values():
        if section.key not in keys:
            continue
        document = await own.read(section.path)
        body = document.body if document else b""
        entries = _entries(own, section.key, body)
        found.append(
            Offer(
                key=section.key,
                label=section.label(lang),
                pieces=tuple(_piece(section.key, entry, say) for entry in entries if section.key not in _WHOLE),
                fields=tuple(
                    FieldOffer(field.key, field.label(lang), kinds.get(field.key, "open"), why.get(field.key, ""))
                    for field in fields_of(section.key)
                ),
                texts=frozenset(_texts(section.key, entries)),
                empty=not body.strip() or (section.key in _CV and own.show(section, body, lang, say).empty),
                needed=section.key in needed,
                narrows=narrows,
                reason=why.get(section.key, ""),
            )
        )
    return tuple(found)


def _entries(own: OwnPod, key: str, body: bytes) -> tuple[Entry, ...]:
    """The entries of a section; none of what is no CV. Another app may have written something that is no RDF."""
    if key not in _CV:
        return ()
    try:
        return tuple(newest_first(SectionDocument.parse(key, body, own.iri(SECTIONS[key].path)).entries))
    except UnreadableSection:
        return ()


def _piece(key: str, entry: Entry, say: Say) -> Piece:
    _ = say
    named = str(getattr(entry, "title", "") or "").strip()
    where = str(getattr(entry, "employer", None) or getattr(entry, "institution", None) or "").strip()
    label = ", ".join(part for part in dict.fromkeys((named, where)) if part)
    return Piece(f"{key}#{entry.id}", label or _("Zonder naam"))


def _texts(key: str, entries: Sequence[Entry]) -> set[str]:
    """The fields with own text that say something in these entries."""
    texts = [field for field in OWN_TEXTS if FIELDS[field].section == key]
    return {
        field
        for field in texts
        for entry in entries
        for form in FORM_OF[type(entry)].fields
        if form.predicate in FIELDS[field].predicates and getattr(entry, form.name)
    }
