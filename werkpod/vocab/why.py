"""Why a name was found by a text, in a small closed vocabulary that a page can say in a sentence."""

from __future__ import annotations

from typing import Literal

from werkpod.vocab.wordclasses import Analysis

Why = Literal["title", "other-name", "mapped-name", "code", "form", "part", "word", "spelling", "about"]
"""title        the very title
other-name   the very words of another name
mapped-name  the very words of a name in another classification
code         the code or IRI
form         the same words in another form or order: plural, a woman's form, "installateur liften" and "liftmonteur"
part         all words of the text are in the name
word         some words, or parts of a compound, are in the name
spelling     written much alike
about        nothing in the name: what the concept is about"""

WRITTEN_ALIKE = 0.2
"""From this score on a name without a word in common is taken for a typing error of the text."""


def why(query: str, name: str, like: float, analysis: Analysis, exact: Why) -> Why:
    """Why a normalised name, `like` a normalised query by this score, was found; `exact` where they are the same."""
    if query == name:
        return exact
    asked, said = set(analysis.concepts(query)), set(analysis.concepts(name))
    if asked == said:
        return "form"
    if asked < said:
        return "part"
    if asked & said:
        return "word"
    return "spelling" if like >= WRITTEN_ALIKE else "about"
