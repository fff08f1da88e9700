"""rdflib.js, which SolidOS and many apps read and write with."""

from __future__ import annotations

import pytest
from support.foreign_software import Report, Script
from support.running import RunningServer

SCRIPT = Script("rdflib.mjs")


@pytest.fixture(scope="module")
def report(werkpod: RunningServer) -> Report:
    """What the script told."""
    return SCRIPT.run(werkpod.base)


@pytest.mark.duty(13, 27, 36, 45, 47, 49, 50, 65, 88, 148, 152)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_rdflib(report: Report, check: str) -> None:
    """Load, put, patch (SPARQL Update and N3), list and delete, as its fetcher and update manager do it."""
    report.shows(check)
