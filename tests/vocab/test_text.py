"""Text as people type it, normalised and stemmed."""

from __future__ import annotations

import pytest

from werkpod.vocab.text import normalise, stem, words
from werkpod.vocab.wordclasses import concepts


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Caissière", "caissiere"),
        ("  Kok (m/v) ", "kok"),
        ("Medewerker m/v/x thuiszorg", "medewerker thuiszorg"),
        ("C++-programmeur", "c++ programmeur"),
        ("op- en overslag", "op en overslag"),
        ("", ""),
        ("!?", ""),
    ],
)
def test_case_accents_marks_and_gender_notes_go(typed: str, normal: str) -> None:
    """Two spellings of one title become one text."""
    assert normalise(typed) == normal


@pytest.mark.parametrize(
    "forms",
    [
        ("schoonmaker", "schoonmaakster", "schoonmakers", "schoonmaaksters"),
        ("verpleger", "verpleegster", "verplegers"),
        ("kapper", "kapster", "kappers"),
        ("monteur", "monteuse", "monteurs"),
        ("directeur", "directeurs"),
        ("lerares", "leraren"),
    ],
)
def test_gender_and_number_leave_the_stem_alone(forms: tuple[str, ...]) -> None:
    """A woman's, a man's and many people's form of a title have one stem."""
    assert len({stem(form) for form in forms}) == 1


def test_short_words_are_not_stemmed_away() -> None:
    """A stem keeps at least three letters."""
    assert stem("kok") == "kok"
    assert stem("les") == "les"


def test_words_that_say_nothing_are_left_out_unless_they_are_all_there_is() -> None:
    """A title of stop words only can still be looked for."""
    assert words("medewerker van de zorg") == ["medewerker", "zorg"]
    assert words("de van het") == ["de", "van", "het"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("liftmonteur", "installateur lift"),
        ("buschauffeur", "bestuurder bus"),
        ("verkoopsmedewerker", "assistent verkoop"),
        ("taxichauffeuse", "bestuurder taxi"),
    ],
)
def test_a_compound_says_what_its_parts_say(one: str, other: str) -> None:
    """The last part of a compound is a role, and roles have a class."""
    assert sorted(concepts(one)) == sorted(concepts(other))
