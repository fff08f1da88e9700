"""A strict OAuth client, `oauth4webapi`, and what other Solid servers check our tokens with."""

from __future__ import annotations

import pytest
from support.foreign_software import Report, Script
from support.running import RunningServer

SCRIPT = Script("oauth.mjs")


@pytest.fixture(scope="module")
def report(werkpod: RunningServer) -> Report:
    """What the script told."""
    return SCRIPT.run(werkpod.base)


@pytest.mark.duty(95, 96, 97, 98, 99, 100, 101, 102, 103, 104, 105, 108, 109, 113, 115)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_oauth(report: Report, check: str) -> None:
    """Discovery, registration, code with PKCE and DPoP, refresh, revocation, introspection, userinfo, signing out;
    pushed requests with authorization_details, and managing a grant."""
    report.shows(check)
