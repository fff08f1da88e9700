"""A site with a citizen, a coach with a tool, and an employer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.asking import Speaker, tool_of
from support.site import Site, Visitor, whole_site

from werkpod.vocab.cv import Competence, Experience


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own."""
    async with whole_site(tmp_path) as made:
        yield made


@pytest.fixture
async def noor(site: Site) -> Visitor:
    """A citizen with work and something that she can."""
    noor = await site.person("Noor")
    await noor.write("experience", Experience("kok", label="Kok", employer="Eethuis De Verzonnen Pan"))
    await noor.write("competences", Competence("koken", label="Koken voor veel mensen", level=4))
    return noor


@pytest.fixture
async def karin(site: Site) -> Visitor:
    """A coach."""
    return await site.person("Karin Coach", "coach")


@pytest.fixture
async def tool(site: Site, karin: Visitor) -> Speaker:
    """The coach's tool: what a service of the organisation asks with."""
    return await tool_of(site, karin)
