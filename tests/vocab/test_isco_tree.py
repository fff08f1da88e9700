"""ISCO-08, whole."""

from __future__ import annotations

import csv
from collections import Counter

import pytest
from support.esco import REAL

from werkpod.vocab.isco import IscoTree
from werkpod.vocab.starter import isco_titles


@pytest.fixture(scope="module")
def tree() -> IscoTree:
    return IscoTree(isco_titles())


def test_the_tree_is_whole(tree: IscoTree) -> None:
    """10 major, 43 sub-major, 130 minor and 436 unit groups, each with a title in both languages and a known parent."""
    groups = [group for code in isco_titles() if (group := tree.group(code))]
    assert Counter(group.level for group in groups) == {1: 10, 2: 43, 3: 130, 4: 436}
    assert all(group.title["nl"] and group.title["en"] for group in groups)
    assert all(group.parent is None or tree.group(group.parent) for group in groups)


def test_a_group_knows_its_place(tree: IscoTree) -> None:
    """The path goes from the major group down, children are one digit longer."""
    assert [group.code for group in tree.path("5321")] == ["5", "53", "532", "5321"]
    assert [group.code for group in tree.children("53")] == ["531", "532"]
    assert len(tree.children()) == 10
    assert tree.group("9999") is None


@pytest.mark.skipif(not REAL.exists(), reason="the ESCO download is not on this machine (../shared/data/esco)")
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_the_codes_are_those_of_the_published_classification(lang: str) -> None:
    """The codes are the same as in the European Commission's file."""
    with (REAL / f"ISCOGroups_{lang}.csv").open(encoding="utf-8", newline="") as file:
        published = {row["code"] for row in csv.DictReader(file)}
    assert set(isco_titles()) == published
