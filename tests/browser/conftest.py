"""A demo server and Chromium for the browser tests; without Chromium they skip and say how to get it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from support.running import RunningServer
from support.visiting import CHROMIUM, Visitor, chromium, visitors
from support.walking import Walker

HERE = Path(__file__).parent
SKIPPED = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test here; skip them all where there is no Chromium."""
    mine = [item for item in items if item.path.is_relative_to(HERE)]
    for item in mine:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium here"))
    if CHROMIUM is None:
        config.stash[SKIPPED] = len(mine)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in one line, whatever the options, that the browser tests did not run."""
    if skipped := config.stash.get(SKIPPED, 0):
        terminalreporter.write_line(
            f"{skipped} browser tests did not run: there is no Chromium here (Debian: apt-get install chromium)",
            yellow=True,
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless, one a module."""
    yield from chromium()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A fresh server with the demo people, one a test module."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with RunningServer(folder / "data", demo=True, environ={"WERKPOD_ALLOW_LOOPBACK": "1"}) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, server: RunningServer) -> Iterator[Visitor]:
    """People, each with a fresh browser profile on a phone-sized screen, in Dutch."""
    yield from visitors(browser, server)


@pytest.fixture
def person(visitor: Visitor) -> Walker:
    """One person on a phone."""
    return visitor()
