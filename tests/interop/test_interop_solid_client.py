"""Inrupt's client libraries, as most Solid apps use them: `@inrupt/solid-client` and `-authn-node`."""

from __future__ import annotations

import pytest
from support.foreign_software import Report, Script
from support.running import RunningServer

SCRIPT = Script("solid_client.mjs")


@pytest.fixture(scope="module")
def report(werkpod: RunningServer) -> Report:
    """What the script told."""
    return SCRIPT.run(werkpod.base)


@pytest.mark.duty(36, 39, 41, 45, 47, 48, 76, 78, 87, 88, 90, 103, 148, 149, 152)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_solid_client(report: Report, check: str) -> None:
    """Sign in by client credentials; datasets, files, containers and access rules from their making to their end."""
    report.shows(check)
