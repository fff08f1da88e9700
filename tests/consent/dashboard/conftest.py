"""The site that these tests visit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.site import Site, whole_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with whole_site(tmp_path) as made:
        yield made
