"""Every Dutch sentence of the apps' pages has an English one."""

from importlib import resources
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(str(resources.files("werkpod.apps")))
MINE = ("kit", "matcher", "wish", "improver", "coach", "employer")
TEMPLATES = sorted(path for folder in MINE for path in (ROOT / "templates" / folder).glob("*.html"))


@pytest.fixture(scope="module")
def english() -> set[str]:
    """The Dutch messages that the catalogue has English for."""
    with (ROOT / "locale/en/LC_MESSAGES/messages.po").open("rb") as file:
        return {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in read_po(file) if m.string}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_sentence_of_a_template_is_in_the_catalogue(template: Path, english: set[str]) -> None:
    """A sentence that was added or changed in Dutch only would leave an English page half Dutch."""
    with template.open("rb") as file:
        found = list(babel_extract(file, ("_", "gettext", "ngettext"), (), {"trimmed": "true", "silent": "false"}))
    sentences = {message[0] if isinstance(message, tuple) else message for _, _, message, _ in found}
    assert sentences - english == set()


def test_the_sentences_that_python_says_are_in_the_catalogue(english: set[str]) -> None:
    """Titles of messages are made in code; they too have English."""
    assert {"Mijn plan", "Mijn plan: %(job)s", "Een tip van je coach"} <= english
