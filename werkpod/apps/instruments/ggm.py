"""Instruments as linked data, in the terms of the model Diensten of the Gemeentelijk Gegevensmodel (which GBI,
Gemeentelijke Basisprocessen Inkomen, standardises on): an instrument is a Diensttype, what somebody has to meet a
Voorwaardetype, the law a Regeling, how it is given a Verstrekkingsvorm.

The model has no addresses of its own; `werkpod/vocab/ontology/instruments.ttl` gives its classes one and keeps their
numbers. A competence is a Leveringscomponenttype with its status: confirmed and proposed are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from werkpod.apps.instruments.codes import TARGETS, name_of
from werkpod.apps.instruments.model import Develops, Instrument
from werkpod.apps.instruments.pdc import UNKNOWN_DATE, Publisher, moment_of
from werkpod.apps.instruments.upl import uniform_name

GIDS = "https://w3id.org/werkpod/instruments#"
_RDF, _RDFS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"
_DCT, _SKOS, _XSD = (
    "http://purl.org/dc/terms/",
    "http://www.w3.org/2004/02/skos/core#",
    "http://www.w3.org/2001/XMLSchema#",
)
PREFIXES = {"gids": GIDS, "rdfs": _RDFS, "dcterms": _DCT, "skos": _SKOS, "xsd": _XSD}
_PROVIDED = {"UV08": "geld", "UV11": "materiaal"}
"""Form of delivery -> form of provision; all others are help."""
_PAID = frozenset(
    ["loonkostensubsidie", "no-riskpolis", "opleidingsvergoeding werklozen", "starterskrediet ondernemer"]
)
"""Names of the uniform list of what is paid out, whatever the guide says of its form."""


@dataclass(frozen=True, slots=True)
class Law:
    """A law that instruments or target groups fall under. `number` in the national register of laws (BWB)."""

    name: str
    number: str


LAWS = {
    "pw": Law("Participatiewet", "BWBR0015703"),
    "ioaw": Law("Wet inkomensvoorziening oudere en gedeeltelijk arbeidsongeschikte werkloze werknemers", "BWBR0004044"),
    "ioaz": Law(
        "Wet inkomensvoorziening oudere en gedeeltelijk arbeidsongeschikte gewezen zelfstandigen", "BWBR0004163"
    ),
    "wajong": Law("Wet arbeidsongeschiktheidsvoorziening jonggehandicapten", "BWBR0008657"),
    "wao": Law("Wet op de arbeidsongeschiktheidsverzekering", "BWBR0002524"),
    "wia": Law("Wet werk en inkomen naar arbeidsvermogen", "BWBR0019057"),
    "ww": Law("Werkloosheidswet", "BWBR0004045"),
}
_OF_TARGET = {"DD02": ("pw", "ioaw", "ioaz"), "DD03": ("wajong",), "DD04": ("wao", "wia"), "DD05": ("ww",),
              "ED12": ("pw",)}  # fmt: skip
"""Target group -> the laws that its people fall under."""


class Graph:
    """Writes instruments as triples. `api_url`: the address of the list of instruments; each has its own under it."""

    def __init__(self, *, api_url: str, page_url: str, publisher: Publisher) -> None:
        self._api_url, self._page_url, self._publisher = api_url, page_url, publisher

    def written(self, instruments: Iterable[Instrument], form: RdfFormat) -> bytes:
        """The instruments in a format of RDF, the same each time."""
        by_subject: dict[object, dict[Triple, None]] = {}
        for each in instruments:
            for triple in self.of(each):
                by_subject.setdefault(triple.subject, {})[triple] = None
        triples = (triple for found in by_subject.values() for triple in found)
        return serialize(triples, format=form, prefixes=PREFIXES) or b""

    def of(self, each: Instrument) -> Iterator[Triple]:
        """What is said of one instrument."""
        own = f"{self._api_url}/{each.id}"
        subject, name = NamedNode(own), uniform_name(each)
        yield Triple(subject, _TYPE, NamedNode(GIDS + "Diensttype"))
        yield Triple(subject, _dct("identifier"), Literal(each.id))
        yield Triple(subject, _dct("title"), _nl(each.name))
        if each.summary:
            yield Triple(subject, _dct("description"), _nl(each.summary))
        yield Triple(subject, NamedNode(_RDFS + "seeAlso"), NamedNode(f"{self._page_url}/{each.id}"))
        yield Triple(subject, _dct("publisher"), NamedNode(self._publisher.identifier))
        yield Triple(subject, _dct("subject"), NamedNode(name.uri))
        yield Triple(NamedNode(name.uri), _label(), _nl(name.label))
        if (changed := moment_of(each.updated)) != UNKNOWN_DATE:
            said = changed.isoformat().replace("+00:00", "Z")
            yield Triple(subject, _dct("modified"), Literal(said, datatype=NamedNode(_XSD + "dateTime")))
        yield from self._given(subject, each)
        yield from self._conditions(subject, own, each)
        yield from self._laws(subject, each)
        for developed in each.develops:
            yield from _developed(subject, own, developed)

    def _given(self, subject: NamedNode, each: Instrument) -> Iterator[Triple]:
        form = next((code for code in each.codes if code.startswith("UV")), "")
        paid = uniform_name(each).label in _PAID
        provided = NamedNode(GIDS + ("geld" if paid else _PROVIDED.get(form, "help")))
        yield Triple(subject, _gids("verstrekkingsvorm"), provided)
        yield Triple(provided, _TYPE, NamedNode(GIDS + "Verstrekkingsvorm"))
        if form:
            node = self._code(form)
            yield Triple(subject, _gids("form"), node)
            yield Triple(node, _label(), _nl(name_of(form)))
        if each.apply:
            applying = NamedNode(f"{subject.value}#aanvraag")
            yield Triple(subject, _gids("aanvraagtype"), applying)
            yield Triple(applying, _TYPE, NamedNode(GIDS + "Aanvraagtype"))
            yield Triple(applying, _dct("description"), _nl(each.apply))

    def _conditions(self, subject: NamedNode, own: str, each: Instrument) -> Iterator[Triple]:
        for end, text in (("doelgroep", each.target), ("voorwaarden", each.conditions)):
            if text:
                node = NamedNode(f"{own}#{end}")
                yield Triple(subject, _gids("voorwaardetype"), node)
                yield Triple(node, _TYPE, NamedNode(GIDS + "Voorwaardetype"))
                yield Triple(node, _dct("description"), _nl(text))
        for code in each.codes:
            if code in TARGETS:
                node = self._code(code)
                yield Triple(subject, _gids("voorwaardetype"), node)
                yield Triple(node, _TYPE, NamedNode(GIDS + "Voorwaardetype"))
                yield Triple(node, NamedNode(_SKOS + "notation"), Literal(code))
                yield Triple(node, _label(), _nl(name_of(code)))

    def _laws(self, subject: NamedNode, each: Instrument) -> Iterator[Triple]:
        name = uniform_name(each)
        laws = [law for code in each.codes for law in _OF_TARGET.get(code, ())]
        for key in dict.fromkeys(laws):
            node = NamedNode(f"{self._api_url}#regeling-{key}")
            yield Triple(subject, _gids("regeling"), node)
            yield Triple(node, _TYPE, NamedNode(GIDS + "Regeling"))
            yield Triple(node, NamedNode(_RDFS + "label"), _nl(LAWS[key].name))
            yield Triple(node, _dct("identifier"), Literal(LAWS[key].number))
        if name.basis_uri and name.label != "re-integratie":
            node = NamedNode(name.basis_uri)
            yield Triple(subject, _gids("regeling"), node)
            yield Triple(node, _TYPE, NamedNode(GIDS + "Regeling"))
            yield Triple(node, NamedNode(_RDFS + "label"), _nl(name.basis))
            yield Triple(node, _dct("source"), Literal(name.law))

    def _code(self, code: str) -> NamedNode:
        return NamedNode(f"{self._api_url}#{code}")


def _developed(subject: NamedNode, own: str, each: Develops) -> Iterator[Triple]:
    node = NamedNode(f"{own}#{each.competence.rpartition('/')[2]}")
    competence = NamedNode(each.competence)
    yield Triple(subject, _gids("develops"), node)
    yield Triple(node, _TYPE, NamedNode(GIDS + "Leveringscomponenttype"))
    yield Triple(node, _gids("competence"), competence)
    for lang, label in each.labels.items():
        yield Triple(competence, _label(), Literal(label, language=lang))
    if each.level.isdigit():
        yield Triple(node, _gids("level"), Literal(int(each.level)))
    yield Triple(node, _gids("status"), NamedNode(GIDS + ("Confirmed" if each.confirmed else "Proposed")))
    if each.stale:
        yield Triple(node, _gids("stale"), Literal(True))
    if not each.confirmed and each.evidence:
        yield Triple(node, _gids("evidence"), _nl(each.evidence))


_TYPE = NamedNode(_RDF + "type")


def _label() -> NamedNode:
    return NamedNode(_SKOS + "prefLabel")


def _dct(end: str) -> NamedNode:
    return NamedNode(_DCT + end)


def _gids(end: str) -> NamedNode:
    return NamedNode(GIDS + end)


def _nl(text: str) -> Literal:
    return Literal(text, language="nl")
