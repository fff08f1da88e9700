"""Every duty of a Solid server is shown by a test, or a decision record says why it is not met."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.conformance import DOCUMENT, LEVELS, UnreadableMark, document, duties, shown


def test_every_duty_has_a_test_or_a_decision() -> None:
    """A must or a should that no test carries the number of, and no record speaks of, fails the run."""
    tests = shown()
    missing = [d.number for d in duties().all() if d.level != "m" and not d.decision and d.number not in tests]
    assert missing == [], f"no test carries @pytest.mark.duty of these numbers: {missing}"


def test_no_test_shows_a_duty_that_there_is_not() -> None:
    """The numbers on tests are those of the list."""
    known = {duty.number for duty in duties().all()}
    assert {n: names for n, names in shown().items() if n not in known} == {}


def test_the_list_is_whole() -> None:
    """152 duties, numbered without a gap, each of a level and a specification that are known."""
    known = duties()
    assert [duty.number for duty in known.all()] == list(range(1, 153))
    for duty in known.all():
        assert duty.level in LEVELS
        assert known.where(duty.spec)
        assert not duty.proxy or duty.decision


def test_the_document_is_up_to_date() -> None:
    """docs/conformance.md is what `make conformance` makes."""
    assert DOCUMENT.read_text("utf-8") == document(duties(), shown()), "run: make conformance"


MARKED = """
import pytest
pytestmark = [pytest.mark.slow, pytest.mark.duty(1)]

@pytest.mark.duty(2, 3)
async def test_one(): ...

class TestMore:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.duty(4)), 2])
    def test_two(self, x): ...

@pytest.mark.duty(5)
def helper(): ...
"""


def test_marks_are_found_wherever_pytest_finds_them(tmp_path: Path) -> None:
    """On a function, on a case of it, and on the module; not on what is no test."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_marked.py").write_text(MARKED, "utf-8")
    one, two = "tests/test_marked.py::test_one", "tests/test_marked.py::TestMore::test_two"
    assert shown(folder) == {1: [two, one], 2: [one], 3: [one], 4: [two]}


def test_a_mark_whose_number_is_computed_is_an_error(tmp_path: Path) -> None:
    """What is shown can be told without running anything."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_marked.py").write_text(MARKED.replace("duty(2, 3)", "duty(N)"), "utf-8")
    with pytest.raises(UnreadableMark):
        shown(folder)
