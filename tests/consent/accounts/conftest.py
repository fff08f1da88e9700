"""One server with accounts for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.oauth import OAuthServer, oauth_server


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OAuthServer]:
    """A server on fresh files."""
    async with oauth_server(tmp_path) as found:
        yield found
