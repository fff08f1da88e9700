"""Texts of a guide as plain text: editors of the guides write them in HTML or plain, and paste from elsewhere."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

LONGEST = 20_000
"""Characters of a text that are kept; the longest in use have some 13,000."""
_BLOCKS = frozenset(["p", "br", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table"])
_SILENT = frozenset(["script", "style"])
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,12});")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def plain(text: str | None) -> str:
    """The text without markup: paragraphs are lines, list items start with "- ", what scripts and styles say is gone.

    A text without markup stays as it is, but for control characters and space at its ends.
    """
    if not text:
        return ""
    text = _CONTROL.sub("", text[: LONGEST * 2])
    if _MARKUP.search(text):
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = reader.text()
    return text.strip()[:LONGEST]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self._parts.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS and tag != "br":
            self._parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(re.sub(r"\s+", " ", data))

    def text(self) -> str:
        lines = (line.strip() for line in html.unescape("".join(self._parts)).split("\n"))
        return "\n".join(line for line in lines if line and line != "-")
