"""Somebody who acts for a citizen, on the whole site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.helping import Helping, helping
from support.site import whole_site


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Helping]:
    """Sanne and Karin."""
    async with whole_site(tmp_path) as site:
        yield await helping(site)
