"""A demo server and Chromium for the browser tests; without Chromium they skip and say how to get it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from support.running import RunningServer

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
]  # fmt: skip
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A fresh server with the demo people, one a test module."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with RunningServer(folder / "data", demo=True) as running:
        yield running


@pytest.fixture(params=[PHONE], ids=["phone"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh browser profile on a phone-sized screen, in Dutch."""
    with browser.new_context(viewport=request.param, locale="nl-NL") as made:
        made.set_default_timeout(10_000)
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that fails the test when a script on it fails or the policy blocks something."""
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(f"script error on {opened.url}: {error}"))
    return opened
