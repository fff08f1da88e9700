"""The packing of context and associated data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.vault.primitives import pack

parts = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=4)


@given(parts, parts)
def test_two_lists_pack_to_the_same_only_when_they_are_the_same(one: list[str], other: list[str]) -> None:
    """No list of parts can be shifted into another one, whatever its letters are."""
    assert (pack(*one) == pack(*other)) == (one == other)


def test_parts_that_run_together_are_kept_apart() -> None:
    """The classic confusions of a plain concatenation all differ."""
    lists = [("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""), ("", "abc"), ("a", "b", "c"), ()]
    assert len({pack(*entry) for entry in lists}) == len(lists)
