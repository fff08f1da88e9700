"""Apps that a citizen signs in to, with `@inrupt/solid-client-authn-node`: they get what the citizen ticked."""

from __future__ import annotations

import pytest
from support.foreign_software import Report, Script
from support.running import RunningServer

SCRIPT = Script("sign_in.mjs")


@pytest.fixture(scope="module")
def report(werkpod: RunningServer) -> Report:
    """What the script told."""
    return SCRIPT.run(werkpod.base)


@pytest.mark.duty(94, 95, 96, 97, 98, 99, 100, 108)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_signing_in_to_an_app(report: Report, check: str) -> None:
    """By authorization code, with a client id document or registered: one section, everything, nothing, and out."""
    report.shows(check)
