"""Languages of the world by name: Dutch, English and their own."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from babel import Locale, UnknownLocaleError

_CODES = (
    "nl en de fr es pt it pl tr ar uk ru ro bg hu cs sk hr sr bs sq el fa ps ku so ti am zh vi th id hi ur bn pa ta "
    "da sv nb fi et lv lt ga cy yo ig ha sw zu af fy li pap ja ko he hy ka az uz kk mn ne si ml te kn gu mr"
)

LANGUAGE_CODES: tuple[str, ...] = tuple(_CODES.split())
"""The languages that are known by name, those heard most in the Netherlands first (BCP 47 tags)."""

_OTHER_NAMES = {"dari": "fa", "farsi": "fa", "mandarin": "zh", "norwegian": "nb", "noors": "nb", "vlaams": "nl"}


@cache
def _by_name() -> dict[str, str]:
    """Tag by name in lower case: Dutch, English, the language's own where Babel knows it, and the tag itself."""
    found: dict[str, str] = dict(_OTHER_NAMES)
    for code in LANGUAGE_CODES:
        names = [code, language_name(code, "nl"), language_name(code, "en")]
        with suppress(UnknownLocaleError):
            names.append(Locale.parse(code).get_language_name() or code)
        for name in names:
            found.setdefault(name.casefold(), code)
    return found


def language_code(name: str) -> str | None:
    """The BCP 47 tag of a language by its name in Dutch, English or itself, or by its tag; None when not known."""
    return _by_name().get(name.strip().casefold())


def language_name(code: str, lang: str) -> str:
    """The name of a language in Dutch or English; the tag itself when Babel does not know it."""
    name: str = Locale.parse(lang).languages.get(code, code)
    return name[:1].upper() + name[1:] if name != code else code
