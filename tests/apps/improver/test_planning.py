"""Plans: what can be covered is, and no set of instruments does it for less."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from werkpod.apps.improver.planning import make_plan, weight
from werkpod.apps.improver.reach import Reached
from werkpod.apps.instruments.model import Catalogue, Develops, Duration, Guide, Instrument


def instrument(
    number: int, covers: str, *, months: int = 1, cost: int | None = None, guide: Guide = "eva"
) -> Instrument:
    """An instrument that develops competences a, b, c ..."""
    developed = tuple(Develops(name, {"nl": name}, "", "", True) for name in covers)
    return Instrument(
        f"{guide}-{number}", guide, "", f"instrument {number}", "", duration=Duration(months, "03"), cost=cost,
        develops=developed,
    )  # fmt: skip


def lightest(missing: set[str], catalogue: Catalogue) -> float:
    """The least weight of any set that covers what can be covered, by trying them all."""
    useful = [i for i in catalogue.instruments if i.guide == "eva"]
    covers = {i.id: {d.competence for d in i.develops} & missing for i in useful}
    wanted = set().union(*covers.values()) if covers else set()
    return min(
        sum(map(weight, chosen))
        for size in range(len(useful) + 1)
        for chosen in itertools.combinations(useful, size)
        if set().union(*(covers[i.id] for i in chosen)) >= wanted
    )


def test_one_instrument_for_all_beats_three_for_each() -> None:
    """Fewer instruments first."""
    catalogue = Catalogue([instrument(1, "a"), instrument(2, "b"), instrument(3, "c"), instrument(4, "abc")])
    plan = make_plan("abc", catalogue)
    assert [(step.instrument.id, step.covers) for step in plan.steps] == [("eva-4", ("a", "b", "c"))]
    assert (plan.uncovered, plan.optimal) == ((), True)


def test_of_two_that_do_the_same_the_shorter_and_cheaper_is_taken() -> None:
    """Time and money decide between equals."""
    catalogue = Catalogue(
        [instrument(1, "a", months=6), instrument(2, "a", months=2), instrument(3, "a", months=2, cost=900)]
    )
    assert [step.instrument.id for step in make_plan("a", catalogue).steps] == ["eva-2"]


def test_greed_is_not_enough() -> None:
    """The instrument that covers most is left out when two others cover all."""
    catalogue = Catalogue([instrument(1, "bcde"), instrument(2, "abc"), instrument(3, "def")])
    assert {step.instrument.id for step in make_plan("abcdef", catalogue).steps} == {"eva-2", "eva-3"}


def test_what_nothing_develops_is_said() -> None:
    """Uncovered competences are named in the order asked; an employer's instrument is not for the citizen."""
    catalogue = Catalogue([instrument(1, "a"), instrument(2, "z", guide="dennis")])
    plan = make_plan(["z", "a", "q", "z"], catalogue)
    assert plan.uncovered == ("z", "q")
    assert [step.covers for step in plan.steps] == [("a",)]
    assert make_plan([], catalogue).steps == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text("abcdefgh", min_size=1, max_size=5), st.integers(1, 24)), max_size=8),
    st.sets(st.sampled_from("abcdefghi")),
)
def test_plans_of_small_sets_are_the_lightest_there_are(made: list[tuple[str, int]], missing: set[str]) -> None:
    """Checked against trying every set of instruments."""
    catalogue = Catalogue(instrument(n, covers, months=months) for n, (covers, months) in enumerate(made))
    plan = make_plan(sorted(missing), catalogue)
    assert plan.optimal
    assert plan.weight == pytest.approx(lightest(missing, catalogue), abs=1e-3)
    covered = {iri for step in plan.steps for iri in step.covers}
    assert covered | set(plan.uncovered) == missing
    assert not covered & set(plan.uncovered)


def test_a_plan_of_a_large_set_is_whole_even_when_the_search_stops() -> None:
    """With too many ways to try them all everything is still covered, and the plan says that it may not be the best."""
    rng = random.Random(3)
    names = [chr(0x4E00 + n) for n in range(60)]
    catalogue = Catalogue(instrument(n, "".join(rng.sample(names, 5)), months=rng.randint(1, 12)) for n in range(80))
    plan = make_plan(names, catalogue, most_steps=50)
    assert not plan.optimal
    assert {iri for step in plan.steps for iri in step.covers} | set(plan.uncovered) == set(names)


def test_what_is_only_like_it_counts_where_nothing_else_does() -> None:
    """What means the same goes before what is like it, however light; the plan says what is developed instead."""
    catalogue = Catalogue([instrument(1, "a", months=9), instrument(2, "b"), instrument(3, "c")])
    same = make_plan("x", catalogue, reach=lambda iri: (Reached("a"), Reached("b", 0.6)))
    assert [(step.covers, step.like) for step in same.steps] == [(("x",), {})]
    like = make_plan("x", catalogue, reach=lambda iri: (Reached("q", 0.9), Reached("b", 0.6), Reached("c", 0.5)))
    assert [(step.covers, step.like) for step in like.steps] == [(("x",), {"x": "b"})]
    assert make_plan("x", catalogue, reach=lambda iri: ()).uncovered == ("x",)
