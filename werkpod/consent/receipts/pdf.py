"""A receipt as PDF, for people: tagged, with a title and a language, as PDF/UA-1 (ISO 14289-1) asks.

Made by typst, which is loaded at the first PDF and not before. It reads nothing but the text it is given and its own
fonts: no network, no files, no packages. The same receipt gives the same bytes. It takes some 5 ms, so it belongs in a
thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Literal

import msgspec


class Line(msgspec.Struct, frozen=True):
    """A question and its answer, in lines."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands on the paper, in words. `lang`: "nl" or "en"; `created`: whole Unix seconds."""

    lang: str
    title: str
    sentence: str
    facts: tuple[Line, ...]
    marks: tuple[Line, ...]
    check_title: str
    check: str
    organisation: str
    created: int


def to_pdf(sheet: Sheet) -> bytes:
    """The PDF. Blocks for milliseconds.

    PDF/UA wants a glyph for every character, and the fonts that come along have those of Latin, Greek and Cyrillic and
    some more. Where one is missing the PDF is made all the same, tagged as ever, with an empty place for it.
    """
    import typst

    source = resources.files("werkpod.consent.receipts").joinpath("receipt.typ").read_bytes()
    said = {name: getattr(sheet, name) for name in Sheet.__dataclass_fields__}
    inputs = {"told": msgspec.json.encode(said).decode()}

    def compiled(standards: list[Literal["ua-1"]]) -> bytes:
        return typst.compile(
            source, format="pdf", sys_inputs=inputs, ignore_system_fonts=True, timestamp=sheet.created,
            pdf_standards=[*standards],
        )  # fmt: skip

    try:
        return compiled(["ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        return compiled([])
