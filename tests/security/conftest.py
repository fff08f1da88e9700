"""The whole site, as `werkpod serve` builds it, on fresh files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.site import Site, whole_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own. As on a real server, nothing on this machine is fetched for strangers."""
    async with whole_site(tmp_path, allow_loopback=False) as started:
        yield started
