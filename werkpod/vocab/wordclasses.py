"""Words that people use for one another in job titles, and the word that a compound ends in.

A "liftmonteur" is an "installateur liften": the last part of a Dutch compound says what somebody is, the first part of
what. Each line holds words that stand for the same role, roughly; the first names the class. Written for Werkpod.
"""

from __future__ import annotations

import functools

from werkpod.vocab.compounds import Parts, Splitter
from werkpod.vocab.text import stem, words

CACHED_WORDS = 32_768
"""Words whose analysis is kept: about as many as a taxonomy has."""

_CLASSES = """
bestuurder bestuurster chauffeur chauffeuse rijder voerder
monteur monteuse technicus technica technieker installateur hersteller reparateur mecanicien mechanicien
manager verantwoordelijke hoofd leider leidster leidinggevende chef teamleider directeur directrice beheerder baas
  voorman ploegbaas ploegleider coordinator opzichter supervisor bedrijfsleider
medewerker bediende assistent hulp werker arbeider kracht beambte employe helper
adviseur consulent consultant raadgever deskundige expert specialist
leraar lerares docent leerkracht onderwijzer onderwijsgevende lector teacher
begeleider coach trainer instructeur instructrice opvoeder
verkoper verkoopster sales vertegenwoordiger winkelbediende
ontwikkelaar developer programmeur engineer ontwerper designer
schoonmaker poetser reiniger poetsvrouw poetshulp werkster
operator bediener machinist operateur
controleur inspecteur inspectrice keurder
wetenschapper onderzoeker geleerde
maker bouwer vervaardiger
arts dokter geneesheer
verzorger verzorgende oppasser
ambtenaar functionaris
analist analyst
bezorger besteller koerier
verkoop commercie commercieel
onderhoud herstelling reparatie
winkel zaak boetiek
"""
_ALIKE = """
ouderen oudere bejaarde bejaarden senioren seniore
kinderen kind kids kindje
auto wagen personenauto car
vrachtwagen vrachtauto truck camion
computer pc laptop
schoonmaken poetsen reinigen schoonmaak reiniging poets kuisen
repareren herstellen fiksen fixen
haar haren kapsel
patienten patient zieke zieken
geld centen kas
manager leidinggeven aansturen
verzorger verzorgd
bejegenen bejegening
binnenvaart binnenscheepvaart
schrijnwerk timmerwerk
onthaal receptie
tuin tuinen groen groenvoorziening
jongeren jeugd jongere
vertalen vertaling tolken
rekenen uitrekenen berekenen
"""
"""Other words that people use for one another, Dutch and Flemish; none is what a compound ends in."""
_SHORTEST_PART = 3
_SHORTEST_HEAD = 4
_INFLECTIONS = ("", "s", "ster", "en", "e", "in")


def _classes(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.replace("\n  ", " ").strip().splitlines():
        members = line.split()
        found.update((member, members[0]) for member in members)
    return found


_CLASS_OF_WORD = _classes(_CLASSES)
_CLASS_OF_STEM = {stem(word): name for word, name in {**_classes(_ALIKE), **_CLASS_OF_WORD}.items()}
_HEADS = {
    word + inflection: name
    for word, name in _CLASS_OF_WORD.items()
    if len(word) >= _SHORTEST_HEAD
    for inflection in _INFLECTIONS
}
_HEAD_LENGTHS = sorted({len(head) for head in _HEADS}, reverse=True)


class Analysis:
    """What words say, with compounds broken by what was learned from a set of names."""

    def __init__(self, parts: Parts | None = None) -> None:
        self._splitter = Splitter(parts)
        self.of = functools.lru_cache(maxsize=CACHED_WORDS)(self._of)

    def concepts(self, normalised: str) -> list[str]:
        """What a normalised text says, word by word."""
        return [concept for word in words(normalised) for concept in self.of(word)]

    def _of(self, word: str) -> tuple[str, ...]:
        own = stem(word)
        if own in _CLASS_OF_STEM:
            return ("#" + _CLASS_OF_STEM[own],)
        parts = self._splitter.split(word)
        if len(parts) > 1:
            return tuple(map(_part, parts))
        return concepts_of(word)


def concepts_of(word: str) -> tuple[str, ...]:
    """What a normalised word says: its stem, a role by its class ("#monteur"), a compound that ends in a role by its
    parts. "liftmonteur" gives "lift" and "#monteur", as "installateur" and "lift" do."""
    own = stem(word)
    if own in _CLASS_OF_STEM:
        return ("#" + _CLASS_OF_STEM[own],)
    for length in _HEAD_LENGTHS:
        if length + _SHORTEST_PART <= len(word) and (name := _HEADS.get(word[-length:])):
            return (_first_part(word[:-length]), "#" + name)
    return (own,)


def concepts(normalised: str) -> list[str]:
    """What a normalised title says, word by word, with nothing learned."""
    return [concept for word in words(normalised) for concept in concepts_of(word)]


def _part(word: str) -> str:
    own = stem(word)
    return "#" + _CLASS_OF_STEM[own] if own in _CLASS_OF_STEM else own


def _first_part(part: str) -> str:
    # the linking s of a compound is no part of the word: "verkoop-s-medewerker"
    own = stem(part)
    own = own[:-1] if own.endswith("s") and len(own) > _SHORTEST_PART + 1 else own
    return "#" + _CLASS_OF_STEM[own] if own in _CLASS_OF_STEM else own
