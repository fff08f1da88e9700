"""The starter taxonomy as linked data: SKOS, with `https://w3id.org/werkpod/taxonomy#` for what SKOS does not say.

https://w3id.org/werkpod/competence               concept scheme of the competences
https://w3id.org/werkpod/competence/{id}          a competence
https://w3id.org/werkpod/competence-group/{id}    a collection of competences
http://data.europa.eu/esco/isco/C{code}           a group of ISCO-08, by the IRI that ESCO gives it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from werkpod.vocab import starter, taxonomy
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.starter import COMPETENCE_IRI, GROUP_IRI
from werkpod.vocab.tables import ESSENTIAL, LANGUAGES

BASE = "https://w3id.org/werkpod/"
"""What the IRIs start with that are Werkpod's own; `/vocab/` of a server gives what is there."""
TAXONOMY = BASE + "taxonomy#"
SCHEME, ISCO_SCHEME = BASE + "competence", "http://data.europa.eu/esco/concept-scheme/isco"
LICENCE = "https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12"
SKOS, DCTERMS = "http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/"
PREFIXES = {
    "skos": SKOS, "dcterms": DCTERMS, "wpt": TAXONOMY, "competence": COMPETENCE_IRI, "group": GROUP_IRI,
    "isco": ISCO_IRI, "esco": "http://data.europa.eu/esco/skill/",
}  # fmt: skip

_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_CLASS = {"skill": "Skill", "knowledge": "Knowledge", "attitude": "Attitude"}


def _skos(name: str) -> NamedNode:
    return NamedNode(SKOS + name)


def _own(name: str) -> NamedNode:
    return NamedNode(TAXONOMY + name)


class Graph:
    """The whole starter as triples, by subject."""

    def __init__(self) -> None:
        self._of: defaultdict[str, list[Triple]] = defaultdict(list)
        self._taxonomy = taxonomy.starter()
        self._schemes()
        self._groups()
        self._competences()
        self._isco()

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def everything(self) -> Iterator[Triple]:
        """All triples, subject by subject."""
        return (triple for triples in self._of.values() for triple in triples)

    def of(self, iri: str) -> list[Triple]:
        """What is said of an IRI; of a competence also its group and who asks it. Nothing for an IRI that the starter
        does not have."""
        said = list(self._of.get(iri, ()))
        if (found := self._taxonomy.competence(iri)) is not None:
            if found.group is not None:
                said.append(Triple(NamedNode(found.group.iri), _skos("member"), NamedNode(iri)))
            for occupation in self._taxonomy.occupations_with(found):
                said += [each for each in self._of[occupation.iri] if each.object == NamedNode(iri)]
        return said

    def subjects(self) -> Iterable[str]:
        """Every IRI that something is said of."""
        return self._of.keys()

    def _say(self, subject: str, predicate: NamedNode, *objects: NamedNode | Literal) -> None:
        self._of[subject] += [Triple(NamedNode(subject), predicate, each) for each in objects]

    def _called(self, subject: str, predicate: NamedNode, names: Mapping[str, str]) -> None:
        self._say(subject, predicate, *(Literal(text, language=lang) for lang, text in names.items() if text))

    def _schemes(self) -> None:
        titles = {"nl": "Competenties van Werkpod", "en": "Werkpod competences"}
        for scheme, names in ((SCHEME, titles), (ISCO_SCHEME, {"nl": "ISCO-08", "en": "ISCO-08"})):
            self._say(scheme, _TYPE, _skos("ConceptScheme"))
            self._called(scheme, NamedNode(DCTERMS + "title"), names)
        self._say(SCHEME, NamedNode(DCTERMS + "license"), NamedNode(LICENCE))
        self._say(SCHEME, NamedNode("http://www.w3.org/2002/07/owl#versionInfo"), Literal(starter.VERSION))
        self._say(ISCO_SCHEME, NamedNode(DCTERMS + "creator"), Literal("International Labour Organization"))

    def _groups(self) -> None:
        for name, titles in starter.starter_groups().items():
            self._say(GROUP_IRI + name, _TYPE, _skos("Collection"))
            self._say(GROUP_IRI + name, _skos("inScheme"), NamedNode(SCHEME))
            self._called(GROUP_IRI + name, _skos("prefLabel"), titles)

    def _competences(self) -> None:
        near = starter.starter_close_matches()
        for iri in starter.starter_labels():
            if (each := self._taxonomy.competence(iri)) is not None:
                self._competence(each)
            if iri in near:
                self._say(iri, _skos("closeMatch"), NamedNode(near[iri]))

    def _competence(self, each: taxonomy.Competence) -> None:
        self._say(each.iri, _TYPE, _skos("Concept"), _own(_CLASS[each.kind]))
        self._say(each.iri, _skos("inScheme"), NamedNode(SCHEME))
        self._say(each.iri, _skos("topConceptOf"), NamedNode(SCHEME))
        self._called(each.iri, _skos("prefLabel"), each.labels)
        self._called(each.iri, _own("plainLabel"), {"nl": each.plain})
        if each.group is not None:
            self._say(each.group.iri, _skos("member"), NamedNode(each.iri))

    def _isco(self) -> None:
        titles = starter.isco_titles()
        called = starter.name_groups(titles)
        for code, official in titles.items():
            iri = ISCO_IRI + code
            self._say(iri, _TYPE, _skos("Concept"))
            self._say(iri, _skos("inScheme"), NamedNode(ISCO_SCHEME))
            self._say(iri, _skos("notation"), Literal(code))
            self._called(iri, _skos("prefLabel"), official)
            if len(code) == 1:
                self._say(iri, _skos("topConceptOf"), NamedNode(ISCO_SCHEME))
            else:
                self._say(iri, _skos("broader"), NamedNode(iri[:-1]))
            if code in called:
                self._called(iri, _own("everydayName"), called[code].titles)
                for lang in LANGUAGES:
                    names = dict.fromkeys(called[code].names.get(lang, ()))
                    others = (Literal(name, language=lang) for name in names if name != official[lang])
                    self._say(iri, _skos("altLabel"), *others)
        for occupation in self._taxonomy.occupations():
            for link in self._taxonomy.links(occupation):
                how = "asksEssentially" if link.weight >= ESSENTIAL else "asksUsefully"
                self._say(occupation.iri, _own(how), NamedNode(link.competence.iri))


@cache
def graph() -> Graph:
    """The starter's graph; made at the first call, in some tenths of a second."""
    return Graph()


def written(triples: Iterable[Triple], form: RdfFormat) -> bytes:
    """The triples in a form, with readable prefixes where the form has them."""
    return serialize(triples, format=form, prefixes=PREFIXES) or b""
