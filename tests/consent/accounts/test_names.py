"""User names from names of all kinds of people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from werkpod.consent.accounts.names import numbered, slug_stem
from werkpod.pod.addresses import RESERVED, is_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Anna de Vries", "anna-de-vries"),
        ("Zoë van 't Hof", "zoe-van-t-hof"),
        ("Łukasz Żółć", "lukasz-zolc"),
        ("Øyvind Straße", "oyvind-strasse"),
        ("İrem Çelik", "irem-celik"),
        ("Юлія Шевченко", "yuliya-shevchenko"),
        ("Παπαδόπουλος", "papadopoylos"),
        ("محمد علي", "mhmd-aly"),
        ("ሰላም", "salaame"),
        ("O'Brien-Jones", "o-brien-jones"),
        ("\U0001d468nna", "anna"),
        ("Пётр Їжак", "pyotr-yizhak"),
    ],
)
def test_a_name_is_written_in_a_to_z(name: str, slug: str) -> None:
    """Accents go, other scripts are written by their sound, words are joined by hyphens."""
    assert slug_stem(name) == slug


@pytest.mark.parametrize("name", ["李小龍", "Jo", "ş", "admin", "Oauth", "K", "..."])
def test_what_cannot_be_a_user_name_gets_a_random_ending(name: str) -> None:
    """Too short, reserved or not to be written: still a user name, another one each time."""
    made = {slug_stem(name) for _ in range(20)}
    assert len(made) > 1
    assert all(is_slug(slug) for slug in made)


@given(st.text(min_size=1, max_size=80))
def test_every_name_gives_a_user_name(name: str) -> None:
    """Whatever the name, the result can be the name of a pod, numbered ones too."""
    stem = slug_stem(name)
    assert is_slug(stem)
    assert stem not in RESERVED
    assert all(is_slug(numbered(stem, attempt)) for attempt in (0, 1, 5, 20, 25))
