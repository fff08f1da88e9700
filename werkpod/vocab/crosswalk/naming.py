"""What other classifications call a concept, as more names to find it by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from werkpod.vocab.crosswalk.model import TITLES, Crosswalk
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.names import ExtraName
from werkpod.vocab.tables import Tables, with_names

_NAMING = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch")
"""Also a name of something broader, that finds each of its kinds: such names count little beside the own names of an
occupation, and then help to choose among those that are alike (`python -m bench --titles`)."""


def named_by(crosswalks: Iterable[Crosswalk], tables: Tables, *, anew: bool = False) -> Tables:
    """The tables with the names that crosswalks have for their concepts, those of each crosswalk under its scheme.
    `anew`: the tables may have names of crosswalks from before; those go."""
    names = [name for each in crosswalks if each.about.names for name in names_of(each, tables)]
    return with_names(tables, names, sources=TITLES) if names or anew else tables


def names_of(crosswalk: Crosswalk, tables: Tables) -> Iterator[ExtraName]:
    """The names in a crosswalk for the concepts of a taxonomy. Where its occupations are unit groups, the names of all
    that is in a group find it."""
    occupations = crosswalk.about.of == "occupation"
    there = set(tables.occupation_iri if occupations else tables.competence_iri)
    groups = occupations and tables.meta.occupations == len(set(tables.occupation_isco))
    places = dict(zip(crosswalk.place_iri, crosswalk.place_code, strict=True)) if groups else {}
    for row in range(len(crosswalk.codes)):
        iris = {match.iri for match in crosswalk.matches[row] if groups or match.relation in _NAMING}
        found = {iri if iri in there else ISCO_IRI + places.get(iri, "") for iri in iris} & there
        for lang, labels in crosswalk.labels.items():
            if lang in tables.meta.languages and labels[row]:
                yield from (ExtraName(iri, lang, labels[row], crosswalk.about.scheme) for iri in sorted(found))
