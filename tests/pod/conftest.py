"""What the tests of the storage share: the parts on fresh files, and a pod in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.pods import Parts, open_parts

from werkpod.pod.storage import ResourceStorage
from werkpod.web.ids import ulid


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    """Databases, vault, storage and directory on the files of one test."""
    async with open_parts(tmp_path) as opened:
        yield opened


@pytest.fixture
async def pod(parts: Parts) -> str:
    """The id of a pod with keys and nothing in it."""
    identity = ulid()
    await parts.vault.create(identity)
    return identity


@pytest.fixture
def storage(parts: Parts) -> ResourceStorage:
    """The storage of `parts`."""
    return parts.storage
