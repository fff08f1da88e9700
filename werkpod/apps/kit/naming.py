"""Names for competences of a CV that the taxonomy in use does not have: another taxonomy's, or ones that are gone."""

from __future__ import annotations

import dataclasses

from werkpod.vocab.cv import Competence, Cv
from werkpod.vocab.starter import starter_labels
from werkpod.vocab.taxonomy import Competence as Known
from werkpod.vocab.taxonomy import Taxonomy


def with_names(cv: Cv, taxonomy: Taxonomy, lang: str) -> Cv:
    """The CV with a name for every competence that has none of its own but points at a concept that is known: an app
    may have written the concept alone."""
    if all(competence.label or not competence.concept for competence in cv.competences):
        return cv
    named = tuple(
        competence
        if competence.label or not competence.concept
        else dataclasses.replace(competence, label=name_of(competence.concept, taxonomy, lang))
        for competence in cv.competences
    )
    return dataclasses.replace(cv, competences=named)


def name_of(iri: str, taxonomy: Taxonomy, lang: str) -> str:
    """What a competence is called: in the taxonomy in use, in the one that it is from, or by what it is nearest to;
    empty when nothing knows it."""
    own = taxonomy.competence(iri)
    if own is not None:
        return own.everyday(lang)
    past = taxonomy.elsewhere.past(iri)
    labels = past.labels if past is not None else starter_labels().get(iri, {})
    found = labels.get(lang) or next(iter(labels.values()), "")
    return found or next((each.competence.everyday(lang) for each in taxonomy.equivalents(iri)), "")


def same_here(competence: Competence, taxonomy: Taxonomy, lang: str) -> str:
    """What a competence of another taxonomy is called in the one in use, several with commas; empty for one of its own,
    for own words, and where nothing means the same."""
    if not competence.concept or taxonomy.competence(competence.concept) is not None:
        return ""
    names = (each.competence.everyday(lang) for each in taxonomy.equivalents(competence.concept))
    return ", ".join(name for name in dict.fromkeys(names) if name)


def other_language(competence: Known, lang: str) -> str:
    """The language that the everyday name of a competence is in, where the reader's has none; else empty."""
    name = competence.label_lang(lang)
    return "" if name == lang or competence.everyday(lang) != competence.label(lang) else name
