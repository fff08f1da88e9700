"""People with a browser of their own, and what must hold for each of them: nothing fails behind the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from support.looking import PHONE, Watch
from support.running import RunningServer
from support.walking import Walker

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
]  # fmt: skip
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

Visitor: TypeAlias = Callable[..., Walker]
"""Makes somebody at a browser of their own; keyword arguments as for playwright's `new_context`."""


def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless. One a module: playwright's event loop must be gone before other tests run theirs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def visitors(browser: Browser, server: RunningServer) -> Iterator[Visitor]:
    """Makes visitors; at the end, no script may have failed and the policy may have blocked nothing."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def visitor(**options: Any) -> Walker:
        context = browser.new_context(**{"viewport": PHONE, "locale": "nl-NL", **options})
        context.set_default_timeout(10_000)
        opened.append((context, Watch(context)))
        return Walker(context.new_page(), server.base)

    yield visitor
    problems = [problem for _, watch in opened for problem in watch.problems]
    for context, _ in opened:
        context.close()
    assert not problems, "\n".join(problems)
