"""The terms of CompetentNL that are read (its ontology, version 1, and that of UWV, 1.0.0).

Its terms live in two namespaces, `cnlo:` and UWV's, and have lived in others before; their local names stayed. So they
are known by their local names in any namespace of CompetentNL or UWV.
"""

from __future__ import annotations

import functools
import re

from werkpod.vocab.matches import RELATIONS, Relation
from werkpod.vocab.tables import ESSENTIAL, IMPORTANT, OPTIONAL

CNLO = "https://linkeddata.competentnl.nl/def/competentnl#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOSXL = "http://www.w3.org/2008/05/skos-xl#"
_TERM = re.compile(r"https://linkeddata\.(?:competentnl|uwv)\.nl/[^#]+#([A-Za-z_]+)")
ESCO_CONCEPT = re.compile(r"http://data\.europa\.eu/esco/(?:occupation|skill)/[0-9a-f-]{36}")
ISCO_GROUP = re.compile(r"http://data\.europa\.eu/esco/isco/[Cc]?([0-9]{4})")

OCCUPATION = "Occupation"
KINDS = {"HumanCapability": "skill", "KnowledgeArea": "knowledge", "OccupationTask": "skill"}
"""Classes whose members are competences here, and the kind of each. A task is what somebody can do, so it is a skill:
the 112 capabilities that occupations share hardly set one apart from another, their tasks do."""
GROUPS = {
    "HumanCapability": {"nl": "Vaardigheden", "en": "Skills"},
    "KnowledgeArea": {"nl": "Kennisgebieden", "en": "Areas of knowledge"},
    "OccupationTask": {"nl": "Taken", "en": "Tasks"},
}
"""What competences of a class are in that are in no narrower group."""
ASKS: dict[str, float] = {
    "requiresHATEssential": ESSENTIAL,
    "requiresHATImportant": IMPORTANT,
    "requiresHATSomewhat": OPTIONAL,
    **{
        f"requiresCNL{of}_{level}": weight
        for of in ("HumanCapability", "KnowledgeArea")
        for level, weight in (("Essential", ESSENTIAL), ("Important", IMPORTANT), ("SomewhatRelevant", OPTIONAL))
    },
    "isCharacterizedByOccupationTask_Essential": ESSENTIAL,
    "isCharacterizedByOccupationTask_Optional": OPTIONAL,
}
"""Properties from an occupation to what it asks, and the weight of the link."""
MATCHES: dict[str, Relation] = {
    **{f"{relation}ESCO": relation for relation in RELATIONS},
    **{f"{relation}TaxonomyItemESCOBeroep": relation for relation in RELATIONS},
}
"""Properties to a concept of ESCO, or to an item that stands for one."""
CORE = "broadMatchTaxonomyItemKernberoep"
"""From an occupation to its core occupation, from which `ISCO` leads to a unit group."""
ISCO = "broadMatchTaxonomyItemISCOUnitGroup"
SPECIALIZATION = "specialization"
"""From an occupation to the label of a narrower one that has no entry of its own; it is found by that name."""


@functools.lru_cache(maxsize=1024)
def local(iri: str) -> str:
    """The local name of a term of CompetentNL or UWV; empty for any other IRI."""
    found = _TERM.fullmatch(iri)
    return found[1] if found else ""
