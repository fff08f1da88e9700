"""The security checklist is shown by tests: docstrings that cite its numbers are read, and none is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
WANTED = {*range(1, 61), *range(79, 90), 98, 99, 100, *range(125, 151)}
"""Authorization, tokens and proofs (1-60); grants at the pod; consent pages, sessions and dashboard (125-150)."""
_NUMBERS = re.compile(r"Checklist ((?:\d+(?:-\d+)?(?:, | and )?)+)")


def cited() -> dict[int, list[str]]:
    """The tests that cite a number, by number."""
    found: dict[int, list[str]] = {}
    for path in sorted({*HERE.glob("test_*.py")} - {Path(__file__)}):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_"):
                for said in _NUMBERS.findall(ast.get_docstring(node) or ""):
                    for number in _numbers(said):
                        found.setdefault(number, []).append(f"{path.name}::{node.name}")
    return found


def _numbers(said: str) -> list[int]:
    numbers = []
    for part in re.split(r", | and ", said.strip(", ")):
        first, _, last = part.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def test_every_check_on_consent_is_shown() -> None:
    """Each number that is wanted is cited by a test in this folder, as "Checklist 25, 40-42: ..."."""
    assert sorted(WANTED - cited().keys()) == []


def test_citations_are_read_as_they_are_meant() -> None:
    """Single numbers, ranges and lists."""
    assert _numbers("5, 6, 20-22 and 40") == [5, 6, 20, 21, 22, 40]
