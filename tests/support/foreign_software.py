"""Scripts in `tests/interop` that use the software of others: what they check, and what came of it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "interop"
_CHECK = re.compile(r'^check\("([^"\n]+)"', re.MULTILINE)
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check: `wrong` is empty where it held."""

    check: str
    wrong: str
    ms: int


class Script:
    """A Node script beside the packages that it uses."""

    def __init__(self, name: str) -> None:
        self.path = FOLDER / name

    @property
    def checks(self) -> list[str]:
        """The names of its checks, in order, as they stand in its text: known without running it."""
        names = _CHECK.findall(self.path.read_text("utf-8"))
        assert len(names) == len(set(names)) > 0, f"{self.path.name}: no check, or two of one name"
        return names

    def run(self, *words: str, environ: Mapping[str, str] | None = None) -> Report:
        """Run it to its end, or until it takes longer than it may."""
        command = ["node", self.path.name, *words]
        try:
            ended = subprocess.run(
                command, cwd=FOLDER, capture_output=True, text=True, timeout=SECONDS, env=environ and dict(environ)
            )
        except subprocess.TimeoutExpired as late:
            return Report({}, f"{self.path.name} did not end in {SECONDS} seconds:\n{late.stdout!r}\n{late.stderr!r}")
        found = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith('{"check":')]
        outcomes = {each["check"]: Outcome(**each) for each in found}
        return Report(outcomes, f"{self.path.name} ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")


@dataclass(frozen=True, slots=True)
class Report:
    """What a run told: an outcome for each check that was made, and everything that it printed."""

    outcomes: Mapping[str, Outcome]
    output: str

    def shows(self, check: str) -> None:
        """Fail where a check did not hold, or was not made."""
        outcome = self.outcomes.get(check)
        assert outcome is not None, f"this check was not made: {check}\n{self.output}"
        assert not outcome.wrong, outcome.wrong
