"""Linked Data Objects (`@ldo`): typed objects over RDF, of a profile and of the CV."""

from __future__ import annotations

import pytest
from support.foreign_software import Report, Script
from support.running import RunningServer

SCRIPT = Script("ldo.mjs")


@pytest.fixture(scope="module")
def report(werkpod: RunningServer) -> Report:
    """What the script told."""
    return SCRIPT.run(werkpod.base)


@pytest.mark.duty(22, 32, 45, 47, 118, 133, 146)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_ldo(report: Report, check: str) -> None:
    """Objects of an app's own shape are read, changed and made; containers, access rules, and news of changes."""
    report.shows(check)
