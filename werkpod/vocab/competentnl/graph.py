"""What triples in CompetentNL's vocabulary say, gathered from a stream in whatever order they come."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from werkpod.vocab.competentnl import terms
from werkpod.vocab.matches import RELATIONS, Relation

_LANGUAGES = {None: "nl", "nl": "nl", "en": "en"}
_CODE = re.compile(r"[Cc]?([0-9]{4})")
_SKOS_MATCHES = {terms.SKOS + relation: relation for relation in RELATIONS}
Node = NamedNode | BlankNode


@dataclass(slots=True)
class Named:
    """What a concept is called and what is said of it, by language."""

    preferred: dict[str, list[str]] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """The parts that matter here. Keys are IRIs (labels of SKOS-XL may be blank nodes, known by their textual form)."""

    kinds: dict[str, str] = field(default_factory=dict)
    named: dict[str, Named] = field(default_factory=dict)
    asks: dict[str, dict[str, float]] = field(default_factory=dict)
    relations: int = 0
    matches: dict[str, list[tuple[Relation, str]]] = field(default_factory=dict)
    broader: dict[str, list[str]] = field(default_factory=dict)
    cores: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    """From a core occupation (or an occupation) to an item that stands for a unit group of ISCO-08, or to its IRI."""
    esco: dict[str, str] = field(default_factory=dict)
    """From an item to the concept of ESCO that it stands for."""
    codes: dict[str, str] = field(default_factory=dict)
    """From an item to the code of four digits in its notation, its label or its IRI."""
    forms: dict[str, list[Literal]] = field(default_factory=dict)
    labels: list[tuple[str, str, bool]] = field(default_factory=list)

    def add(self, quads: Iterable[Quad]) -> None:
        """Take in triples. An IRI that a concept is linked to may be described before or after, or not at all."""
        for quad in quads:
            if isinstance(quad.subject, (NamedNode, BlankNode)):
                self._add(sys.intern(quad.subject.value), quad.predicate.value, quad.object)

    def _add(self, subject: str, predicate: str, value: object) -> None:
        if isinstance(value, Literal):
            self._literal(subject, predicate, value)
        elif isinstance(value, (NamedNode, BlankNode)):
            self._link(subject, predicate, sys.intern(value.value))  # the same ones come by the thousand

    def _literal(self, subject: str, predicate: str, value: Literal) -> None:
        if predicate in (terms.SKOS + "prefLabel", terms.SKOS + "altLabel", terms.SKOS + "hiddenLabel"):
            self._name(subject, value, preferred=predicate.endswith("prefLabel"))
        elif predicate == terms.SKOS + "definition":
            self._define(subject, value)
        elif predicate == terms.SKOSXL + "literalForm":
            self.forms.setdefault(subject, []).append(value)
        if found := terms.ESCO_CONCEPT.search(value.value):
            self.esco.setdefault(subject, found[0])
        if predicate == terms.SKOS + "notation" and (code := _CODE.fullmatch(value.value.strip())):
            self.codes[subject] = code[1]

    def _link(self, subject: str, predicate: str, value: str) -> None:
        name = terms.local(predicate)
        if predicate == terms.RDF_TYPE:
            kind = terms.local(value)
            if kind == terms.OCCUPATION or kind in terms.KINDS:
                self.kinds[subject] = kind
        elif name in terms.ASKS:
            asked = self.asks.setdefault(subject, {})
            asked[value] = max(asked.get(value, 0.0), terms.ASKS[name])
            self.relations += 1
        elif name in terms.MATCHES:
            self.matches.setdefault(subject, []).append((terms.MATCHES[name], value))
        elif predicate == terms.SKOS + "broader":
            self.broader.setdefault(subject, []).append(value)
        elif predicate in (terms.SKOSXL + "prefLabel", terms.SKOSXL + "altLabel") or name == terms.SPECIALIZATION:
            self.labels.append((subject, value, predicate == terms.SKOSXL + "prefLabel"))
        elif name == terms.CORE:
            self.cores[subject] = value
        elif name == terms.ISCO:
            self.groups[subject] = value
        elif terms.ESCO_CONCEPT.fullmatch(value):
            self.esco.setdefault(subject, value)
            if predicate in _SKOS_MATCHES:
                self.matches.setdefault(subject, []).append((_SKOS_MATCHES[predicate], value))
        elif terms.ISCO_GROUP.fullmatch(value):
            self.groups.setdefault(subject, value)

    def _define(self, subject: str, value: Literal) -> None:
        if lang := _LANGUAGES.get((value.language or "").partition("-")[0] or None):
            self.named.setdefault(subject, Named()).texts[lang] = value.value

    def _name(self, subject: str, value: Literal, *, preferred: bool) -> None:
        lang = _LANGUAGES.get((value.language or "").partition("-")[0] or None)
        text = " ".join(value.value.split())
        if lang and text:
            named = self.named.setdefault(subject, Named())
            every = (named.preferred if preferred else named.others).setdefault(lang, [])
            if text not in every:
                every.append(text)

    def join_labels(self) -> None:
        """Give concepts the literal forms of their SKOS-XL labels; for when a whole source was read."""
        for subject, label, preferred in self.labels:
            for form in self.forms.get(label, ()):
                self._name(subject, form, preferred=preferred)
        self.labels.clear()
        self.forms.clear()

    def referred(self) -> set[str]:
        """The IRIs that what was gathered so far leads to, and that are no concepts of ESCO or ISCO themselves."""
        found = {iri for asked in self.asks.values() for iri in asked}
        found.update(iri for every in self.matches.values() for _, iri in every)
        found.update(iri for every in self.broader.values() for iri in every)
        found.update(self.cores.values(), self.groups.values())
        return {iri for iri in found if not iri.startswith("http://data.europa.eu/") and ":" in iri}

    def unit_group(self, occupation: str) -> str | None:
        """The code of the ISCO-08 unit group that the source itself gives an occupation, or None."""
        for subject in (occupation, self.cores.get(occupation)):
            item = self.groups.get(subject or "")
            if item is None:
                continue
            if found := terms.ISCO_GROUP.fullmatch(item):
                return found[1]
            first_words = (title.split()[0] for title in self._titles(item))
            for text in (self.codes.get(item, ""), *first_words, re.split("[/#]", item)[-1]):
                if code := _CODE.fullmatch(text):
                    return code[1]
        return None

    def esco_of(self, iri: str) -> str | None:
        """The concept of ESCO that an IRI is, or that the item with that IRI stands for."""
        return iri if terms.ESCO_CONCEPT.fullmatch(iri) else self.esco.get(iri)

    def _titles(self, iri: str) -> list[str]:
        named = self.named.get(iri, Named())
        return [text for every in named.preferred.values() for text in every]
