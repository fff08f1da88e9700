"""`publiccode.yml` is what the standard, version 0.4, asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLATFORMS = {"web", "windows", "mac", "linux", "ios", "android"}
STATUSES = {"concept", "development", "beta", "stable", "obsolete"}
TYPES = {"standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
         "standalone/other", "addon", "library", "configurationFiles"}  # fmt: skip
MAINTENANCE = {"internal", "contract", "community", "none"}
CATEGORIES = {"data-collection", "digital-citizenship", "hr", "identity-management", "knowledge-management"}
"""Those of the standard's list that a personal data store for work may be in."""
SCOPES = {"employment", "local-authorities", "education", "society", "welfare"}
"""Those of the standard's list that it may be for."""


def read(lines: list[str]) -> Any:
    """A mapping or a list of plain scalars, mappings and folded texts: as much of YAML as this file uses."""
    lines = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if lines[0].lstrip().startswith("- "):
        items = [line.strip().removeprefix("- ") for line in lines]
        return [read([item]) if re.match(r"\w+: ", item) else scalar(item) for item in items]
    depth = len(lines[0]) - len(lines[0].lstrip())
    found: dict[str, Any] = {}
    for at, line in enumerate(lines):
        if len(line) - len(line.lstrip()) == depth:
            name, _, value = line.strip().partition(":")
            below = []
            for each in lines[at + 1 :]:
                if len(each) - len(each.lstrip()) <= depth:
                    break
                below.append(each)
            value = value.strip()
            found[name] = " ".join(map(str.strip, below)) if value == ">" else scalar(value) if value else read(below)
    return found


def scalar(text: str) -> Any:
    """A word, or true or false."""
    return {"true": True, "false": False}.get(text, text.strip("'\""))


@pytest.fixture(scope="module")
def publiccode() -> Any:
    return read((ROOT / "publiccode.yml").read_text("utf-8").splitlines())


def test_the_mandatory_keys_are_there(publiccode: Any) -> None:
    """Those of the core schema, with values that it takes."""
    assert publiccode["publiccodeYmlVersion"] == "0.4"
    assert publiccode["name"] == "Werkpod"
    assert publiccode["url"].startswith("https://")
    assert publiccode["platforms"]
    assert set(publiccode["platforms"]) <= PLATFORMS
    assert publiccode["developmentStatus"] in STATUSES
    assert publiccode["softwareType"] in TYPES
    assert publiccode["maintenance"]["type"] in MAINTENANCE
    assert all(contact["name"] for contact in publiccode["maintenance"]["contacts"])
    assert publiccode["localisation"]["localisationReady"] is True


def test_categories_and_audience_come_from_the_lists(publiccode: Any) -> None:
    """No category, scope or country of our own making."""
    assert publiccode["categories"]
    assert set(publiccode["categories"]) <= CATEGORIES
    assert set(publiccode["intendedAudience"]["scope"]) <= SCOPES
    assert publiccode["intendedAudience"]["countries"] == ["nl"]


def test_it_is_described_in_each_language_that_it_has(publiccode: Any) -> None:
    """A short text of at most 150 characters, a long one of 150 to 10000, features."""
    assert set(publiccode["description"]) == set(publiccode["localisation"]["availableLanguages"]) == {"nl", "en"}
    for description in publiccode["description"].values():
        assert 0 < len(description["shortDescription"]) <= 150
        assert 150 <= len(description["longDescription"]) <= 10_000
        assert description["features"]


def test_it_agrees_with_the_package(publiccode: Any) -> None:
    """The same name and licence; a version only when one was released."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert publiccode["name"].lower() == project["name"]
    assert publiccode["legal"]["license"] == project["license"]
    released = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert publiccode.get("softwareVersion") == (released[0] if released else None)
