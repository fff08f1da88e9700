"""The duties of a Solid server, the tests that show each, and the document that is made of both.

The tests are read as text (`ast`), not collected: what is said is the same whichever tests run, in whichever process.
`python -m support.conformance` in `tests/`, or `make conformance`, writes `docs/conformance.md`.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DUTIES = ROOT / "tests" / "conformance" / "duties.toml"
DOCUMENT = ROOT / "docs" / "conformance.md"
LEVELS = {"M": "must", "S": "should", "m": "may"}


class UnreadableMark(ValueError):
    """A duty mark whose numbers are not written out."""


@dataclass(frozen=True)
class Duty:
    """One duty. `proxy`: the web server in front meets it; `decision`: the record that says why it is not met as is."""

    number: int
    level: str
    spec: str
    says: str
    proxy: bool = False
    decision: str = ""

    def state(self, shown: bool) -> str:
        """Whether, and by whom, it is met."""
        if self.proxy:
            return f"by the web server in front ([operations](operations.md)), {_record(self.decision)}"
        if self.decision:
            return ("met, " if shown else "not met, ") + _record(self.decision)
        return "met" if shown else "not shown"


@dataclass(frozen=True)
class Chapter:
    """Duties that belong together."""

    title: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True)
class Duties:
    """All of them, and how the specifications are called and where they are."""

    chapters: tuple[Chapter, ...]
    names: Mapping[str, str]
    places: Mapping[str, str]

    def all(self) -> Iterator[Duty]:
        """Every duty, in order."""
        for chapter in self.chapters:
            yield from chapter.duties

    def where(self, spec: str) -> str:
        """A specification and the place in it, as a link where it has an address."""
        short = min((mark for mark in ("#", " ", ",") if mark in spec), key=spec.index, default="")
        key, _, place = spec.partition(short) if short else (spec, "", "")
        text = f"{self.names[key]}{' ' if place else ''}{place}"
        address = self.places[key]
        return f"[{text}]({address}{'#' + place if short == '#' else ''})" if address else text


def _record(number: str) -> str:
    found = sorted((ROOT / "docs" / "decisions").glob(f"{number}-*.md"))
    if not found:
        raise FileNotFoundError(f"duties.toml names decision record {number}, and there is none")
    return f"[decision {int(number)}](decisions/{found[0].name})"


def duties() -> Duties:
    """The duties as duties.toml has them."""
    read = tomllib.loads(DUTIES.read_text("utf-8"))
    chapters = tuple(
        Chapter(chapter["title"], tuple(
            Duty(d["n"], d["level"], d["spec"], d["says"], d.get("proxy", False), d.get("decision", ""))
            for d in chapter["duties"]
        ))
        for chapter in read["chapter"]
    )  # fmt: skip
    return Duties(chapters, read["names"], read["specs"])


def shown(tests: Path = ROOT / "tests") -> dict[int, list[str]]:
    """The tests (file::name, sorted) that show each duty by number."""
    found: dict[int, set[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.duty" not in text:
            continue
        place = path.relative_to(tests.parent).as_posix()
        for name, numbers in _tests(ast.parse(text), place):
            for number in numbers:
                found.setdefault(number, set()).add(f"{place}::{name}")
    return {number: sorted(names) for number, names in sorted(found.items())}


def _tests(module: ast.Module, place: str) -> Iterator[tuple[str, set[int]]]:
    """Each test function with the numbers of its marks, of its class's and of its module's."""
    everywhere = _module_marks(module, place)
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            inherited = everywhere | _numbers(node.decorator_list, place)
            yield from ((f"{node.name}::{name}", marks) for name, marks in _functions(node.body, inherited, place))
    yield from _functions(module.body, everywhere, place)


def _functions(body: list[ast.stmt], inherited: set[int], place: str) -> Iterator[tuple[str, set[int]]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, inherited | _numbers(node.decorator_list, place)


def _module_marks(module: ast.Module, place: str) -> set[int]:
    found: set[int] = set()
    for node in module.body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets):
            found |= _numbers([node.value], place)
    return found


def _numbers(expressions: list[ast.expr], place: str) -> set[int]:
    """The numbers of every `….mark.duty(…)` in some expressions."""
    found: set[int] = set()
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.duty"):
                for argument in node.args:
                    if not (isinstance(argument, ast.Constant) and isinstance(argument.value, int)):
                        raise UnreadableMark(f"{place}:{node.lineno}: a duty mark has its numbers written out")
                    found.add(argument.value)
    return found


def document(known: Duties, tests: Mapping[int, list[str]]) -> str:
    """The text of docs/conformance.md."""
    everything = list(known.all())
    met = sum(duty.number in tests for duty in everything)
    lines = [
        "# Conformance",
        "",
        "What a Solid server has to do, whether Werkpod does it, and the tests that show it. `make conformance` makes",
        "this of `tests/conformance/duties.toml` and the tests; one of those fails when it is out of date, or when a",
        "duty is not shown.",
        "",
        f"{len(everything)} duties; {met} shown by tests.",
    ]
    for chapter in known.chapters:
        lines += ["", f"## {chapter.title}"]
        for duty in chapter.duties:
            names = tests.get(duty.number, [])
            lines += [
                "",
                f"### {duty.number}. {duty.says}",
                f"{LEVELS[duty.level]} · {known.where(duty.spec)} · {duty.state(bool(names))}",
            ]
            lines += ["", *(f"- `{name.removeprefix('tests/')}`" for name in names)] if names else []
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(duties(), shown()), "utf-8")
