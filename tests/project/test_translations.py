"""Every sentence that a page shows has an English form."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2] / "werkpod"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "text": (2,), "N_": None}


def catalogue(package: str) -> dict[str, str]:
    """Message to English, of one package."""
    path = ROOT / package / "locale/en/LC_MESSAGES/messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {
            (m.id[0] if isinstance(m.id, (tuple, list)) else m.id): str(m.string)
            for m in read_po(file)
            if m.id and m.string
        }


def messages(package: str) -> set[str]:
    """The Dutch sentences in the templates and modules of one package."""
    found = extract_from_dir(
        str(ROOT / package), METHODS, {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}, KEYWORDS
    )
    return {m if isinstance(m, str) else m[0] for _, _, m, _, _ in found}


@pytest.mark.parametrize("package", ["web", "consent", "apps"])
def test_every_dutch_sentence_has_an_english_one(package: str) -> None:
    """No page falls back to Dutch for a reader of English."""
    known = catalogue(package) | catalogue("web")
    assert sorted(message for message in messages(package) if message and message not in known) == []


@pytest.mark.parametrize("package", ["web", "consent", "apps"])
def test_translations_have_the_placeholders_of_their_sentence(package: str) -> None:
    """A name that Dutch fills in is filled in in English too."""

    def names(text: str) -> set[str]:
        return {part.split(")")[0] for part in text.split("%(")[1:]}

    for dutch, english in catalogue(package).items():
        if not english.startswith("("):
            assert names(dutch) == names(english), (dutch, english)
