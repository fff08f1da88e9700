"""What is wrong with a page: accessibility (axe), overflow, keyboard, script errors, what the policy blocked, 404s."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 740}
"""320 CSS pixels wide: what WCAG 2.2, 1.4.10 (Reflow) asks."""
ZOOMED = {"width": 640, "height": 450}
"""The desk at 200 % zoom: WCAG 2.2, 1.4.4 (Resize Text)."""

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""The axe rules of WCAG 2.2 AA, and axe's own good practice (landmarks, heading order)."""

SCREENSHOTS = os.environ.get("WERKPOD_SCREENSHOTS")
"""A folder: when given, every page that is looked at is kept there as a picture."""

_RUN = f"""async () => {{
  const found = await axe.run({{runOnly: {WCAG!r}, resultTypes: ["violations"]}});
  return found.violations.map(v => `${{v.id}}: ${{v.help}} -> ${{v.nodes.map(n => n.html.slice(0, 160)).join(" | ")}}`);
}}"""

_TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > wide + 0.5)
    .slice(0, 5).map(e => e.outerHTML.slice(0, 160));
}"""

_CONTROLS = """() => {
  document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0);
  window.controls = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e =>
    !e.disabled && e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}));
}"""
_FOCUSED = """() => {
  const e = document.activeElement, s = getComputedStyle(e);
  const seen = (s.outlineStyle != "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow != "none";
  return [window.controls.indexOf(e), seen, e.outerHTML.slice(0, 160)];
}"""
_MISSED = """reached => window.controls.filter((e, at) => !reached.includes(at) && !(e.type == "radio" && e.name &&
  window.controls.some((other, there) => other.name == e.name && reached.includes(there)))
).map(e => e.outerHTML.slice(0, 160))"""

_DUTCH_ENGLISH_GLUE = re.compile(r"[a-zé]\.[A-Z][a-z]")


class Watch:
    """Notes what goes wrong in a browser profile, in every window, from the beginning to the end of a test."""

    def __init__(self, context: BrowserContext) -> None:
        self.problems: list[str] = []
        context.on("console", self._said)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # A page that says "this does not exist" has status 404, and Chromium notes that in the console too.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.problems.append(f"{response.status} for {response.url}")
        if response.status >= 500:
            self.problems.append(f"{response.status} for {response.url}")


def wrong(page: Page, name: str = "") -> list[str]:
    """Everything wrong with the page that is open: its width at 1280, 640 and 320 pixels, and axe at 320.

    Axe looks once, where all is in one column and the menu is in its narrow form: what is there is the same at each
    width, and looking took half of the time of all these tests. With pictures wanted it looks at 1280 too.
    """
    problems = [f"glued sentences: {words!r}" for words in _glued(page)]
    for size in (DESK, ZOOMED, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        problems += [f"wider than {size['width']} px: {line}" for line in page.evaluate(_TOO_WIDE)]
        if size is NARROW or (SCREENSHOTS and size is DESK):
            problems += [f"{size['width']} px: {line}" for line in violations(page)]
            keep(page, f"{name}-{size['width']}")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return problems


def keyed(page: Page) -> list[str]:
    """What is wrong with the page that is open for who has only a keyboard; the Tab key goes from start to end.

    WCAG 2.2: every control is come to, in the order in which it stands (2.4.3), is let go of (2.1.2), and shows that it
    is the one (2.4.7). Of radio buttons of one name, one is come to.
    """
    page.evaluate(_CONTROLS)
    reached, problems = list[int](), list[str]()
    for _ in range(300):
        page.keyboard.press("Tab")
        here, seen, words = page.evaluate(_FOCUSED)
        if here < 0:
            break
        if here in reached[-1:] and 'type="date"' in words:  # day, month and year are each a stop
            continue
        if here in reached:
            problems.append(f"the keyboard stays at: {words}")
            break
        reached.append(here)
        if not seen:
            problems.append(f"nothing shows that this has the focus: {words}")
    if reached != sorted(reached):
        problems.append(f"the keyboard goes another way than the page: {reached}")
    return problems + [f"the keyboard does not come to: {words}" for words in page.evaluate(_MISSED, reached)]


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN)
    return found


def keep(page: Page, name: str) -> None:
    """A picture of the whole page, when pictures are wanted."""
    if SCREENSHOTS and name:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def _glued(page: Page) -> list[str]:
    """Sentences without a space between them, in what the page says of itself (not in data: addresses, names)."""
    said: Any = page.evaluate(
        "() => [...document.querySelectorAll('main p, main li, main dd, main h1, main h2, main h3')]"
        ".map(e => e.innerText)"
    )
    return [text for text in said if _DUTCH_ENGLISH_GLUE.search(text)]
