"""The order of competences as arrays: lists, groups, what is broader, collections, matches; and unit groups lifted."""

from __future__ import annotations

import pytest

from werkpod.vocab.hierarchy import CompetenceGroup, GroupRow, build_hierarchy, find_cycle
from werkpod.vocab.lifting import THREE_KINDS, lifted
from werkpod.vocab.lists import Lists
from werkpod.vocab.matches import ConceptMatch, Matches
from werkpod.vocab.tables import ESSENTIAL, IMPORTANT, OPTIONAL, OccupationRow, link_kind


def test_lists_come_back_as_they_went_in() -> None:
    """Empty ones too."""
    given = [[3, 1], [], [7], []]
    lists = Lists.of(given)
    assert [lists[place] for place in range(len(lists))] == given
    assert len(Lists.of([])) == 0


def test_the_nearest_group_is_the_fewest_steps_up() -> None:
    """By way of other competences where it must be; of several on one step the first; none where nothing is above."""
    groups = [GroupRow("g:far", {"nl": "Ver"}), GroupRow("g:near", {"en": "Near"}, ["g:far"])]
    broader = [["c:1", "g:far"], ["g:near", "g:far"], ["c:1"], []]
    found = build_hierarchy(["c:0", "c:1", "c:2", "c:3"], broader, [[], ["green"], [], ["digital", "language"]], groups)
    assert found.nearest.tolist() == [0, 1, 1, -1]
    assert [found.broader[node] for node in (0, 5)] == [[1, 4], [4]]
    assert [found.collections_of(row) for row in range(4)] == [(), ("green",), (), ("digital", "language")]
    assert found.group(1) == CompetenceGroup("g:near", {"en": "Near"})
    assert (found.group(1).label("nl"), found.group(1).label_lang("nl")) == ("Near", "en")
    with pytest.raises(KeyError):
        build_hierarchy(["c:0"], [["g:none"]], [[]], groups)


@pytest.mark.parametrize(
    ("above", "looped"),
    [({"a": ["b"], "b": ["c"]}, None), ({"a": ["b"], "b": ["a"]}, True), ({"a": ["a"]}, True), ({}, None),
     ({"a": ["b", "c"], "b": ["d"], "c": ["d"]}, None)],
)  # fmt: skip
def test_a_circle_is_found_and_two_ways_to_one_are_none(above: dict[str, list[str]], looped: bool | None) -> None:
    """What is broader than itself is no hierarchy."""
    assert (find_cycle(above) is not None) == bool(looped)


def test_matches_are_kept_by_closeness_and_found_from_the_other_side() -> None:
    """Each once; the closest first, in both directions."""
    rows = [
        [ConceptMatch("broadMatch", "e:1"), ConceptMatch("exactMatch", "e:2"), ConceptMatch("broadMatch", "e:1")],
        [],
        [ConceptMatch("closeMatch", "e:1")],
    ]
    matches = Matches.of(rows)
    assert [match.iri for match in matches[0]] == ["e:2", "e:1"]
    assert matches[1] == ()
    assert matches.inverse() == {"e:2": [0], "e:1": [2, 0]}


@pytest.mark.parametrize(("weight", "kind"), [(1.0, "essential"), (0.75, "important"), (0.5, "optional")])
def test_a_weight_is_a_kind_of_link(weight: float, kind: str) -> None:
    """As arrays keep it: in 32 bits."""
    assert link_kind(weight) == kind


def test_what_a_unit_group_asks_is_the_kind_nearest_to_the_mean() -> None:
    """The ten heaviest are essential; below them a mean of 1, .75 and .5 is the kind of that weight, and little is
    nothing."""
    often = dict.fromkeys(range(10), ESSENTIAL)
    rows = [
        OccupationRow("a", "a", "5120", {}, links=often | {10: ESSENTIAL, 11: IMPORTANT, 12: ESSENTIAL, 13: OPTIONAL}),
        OccupationRow("b", "b", "5120", {}, links=often | {10: ESSENTIAL, 11: IMPORTANT, 12: OPTIONAL}),
        OccupationRow("c", "c", "", {}, links={14: ESSENTIAL}),
    ]
    group, *others = lifted(rows, {"5120": {"nl": "Koks", "en": "Cooks"}}, ("nl",), THREE_KINDS)
    assert others == []
    assert (group.code, group.titles) == ("5120", {"nl": "Kok"})
    assert {place: weight for place, weight in group.links.items() if place > 9} == {
        10: ESSENTIAL, 11: IMPORTANT, 12: IMPORTANT, 13: OPTIONAL,
    }  # fmt: skip
