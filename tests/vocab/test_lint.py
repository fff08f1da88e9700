"""What `werkpod vocab lint` finds in a starter that an editor spoiled."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from werkpod.vocab.lint import Finding, common, lint
from werkpod.vocab.starter import starter_folder

FREQUENT = {"verkeer": 5.0, "bord": 4.5, "stof": 4.8, "zuiger": 3.1, "mensen": 6.0}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The starter's files, to spoil."""
    return Path(shutil.copytree(starter_folder(), tmp_path / "starter"))


def _edited(path: Path, key: str, **cells: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    changed = [row | cells if key in row.values() else row for row in rows]
    assert changed != rows
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(changed)


def _rules(found: list[Finding]) -> set[tuple[str, str]]:
    return {(each.rule, each.where) for each in found}


@pytest.mark.parametrize("word", ["mensen", "verkeersbord", "stofzuiger"])
def test_compounds_of_common_words_are_common(word: str) -> None:
    """A compound counts as its parts, with or without the linking s."""
    assert common(word, lambda each: FREQUENT.get(each, 0.0))


@pytest.mark.parametrize("word", ["implementeren", "verkeersxyz", "xyzbord", "bordx"])
def test_a_rare_word_stays_rare(word: str) -> None:
    """One common part does not make a word common."""
    assert not common(word, lambda each: FREQUENT.get(each, 0.0))


def test_rare_words_and_doubles_are_found(copy: Path) -> None:
    """A plain label with a rare word, and one that says what another says."""
    _edited(copy / "competences" / "vervoer-en-magazijn.csv", "heftruck-rijden", plain_nl="Manoeuvreren")
    _edited(copy / "competences" / "zorg.csv", "zorgplan-opstellen", nl="Heftruck rijden")
    found = lint(copy, frequency=lambda word: 0.0 if word in "manoeuvreren" else 5.0)
    assert ("rare-word", "heftruck-rijden") in _rules(found)
    doubles = [each for each in found if each.rule == "near-double"]
    assert [("heftruck-rijden" in str(each), "zorgplan-opstellen" in str(each)) for each in doubles] == [(True, True)]


def test_what_tells_nothing_apart_is_found(copy: Path) -> None:
    """A group that asks what another asks, and competences that nobody asks any more."""
    with (copy / "links" / "83.csv").open(encoding="utf-8", newline="") as file:
        lorry = next(row for row in csv.DictReader(file) if row["unit_group"] == "8332")
    _edited(copy / "links" / "83.csv", "8331", essential=lorry["essential"], useful=lorry["useful"])
    found = _rules(lint(copy))
    assert ("alike", "8331") in found
