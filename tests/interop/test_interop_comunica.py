"""Comunica (`@comunica/query-sparql-solid`): SPARQL over the documents of two citizens."""

from __future__ import annotations

import pytest
from support.foreign_software import Report, Script
from support.running import RunningServer

SCRIPT = Script("comunica.mjs")


@pytest.fixture(scope="module")
def report(werkpod: RunningServer) -> Report:
    """What the script told."""
    return SCRIPT.run(werkpod.base)


@pytest.mark.duty(41, 83, 85, 90)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_comunica(report: Report, check: str) -> None:
    """Queries and updates with the session of one citizen: what was shared is found, what was not is refused."""
    report.shows(check)
