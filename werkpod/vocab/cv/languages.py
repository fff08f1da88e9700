"""Languages of the world by name: Dutch, English and their own."""

from __future__ import annotations

from babel import Locale

LANGUAGE_CODES: tuple[str, ...] = tuple(
    [
        "nl",
        "en",
        "de",
        "fr",
        "es",
        "pt",
        "it",
        "pl",
        "tr",
        "ar",
        "uk",
        "ru",
        "ro",
        "bg",
        "hu",
        "cs",
        "sk",
        "hr",
        "sr",
        "bs",
        "sq",
        "el",
        "fa",
        "ps",
        "ku",
        "so",
        "ti",
        "am",
        "zh",
        "vi",
        "th",
        "id",
        "hi",
        "ur",
        "bn",
        "pa",
        "ta",
        "da",
        "sv",
        "nb",
        "fi",
        "et",
        "lv",
        "lt",
        "ga",
        "cy",
        "yo",
        "ig",
        "ha",
        "sw",
        "zu",
        "af",
        "fy",
        "li",
        "pap",
        "ja",
        "ko",
        "he",
        "hy",
        "ka",
        "az",
        "uz",
        "kk",
        "mn",
        "ne",
        "si",
        "ml",
        "te",
        "kn",
        "gu",
        "mr",
    ]
)
"""The languages that are known by name, those heard most in the Netherlands first (BCP 47 tags)."""

_OTHER_NAMES = {"dari": "fa", "farsi": "fa", "mandarin": "zh", "norwegian": "nb", "noors": "nb", "vlaams": "nl"}


def language_code(name: str) -> str | None:
    """The BCP 47 tag of a language by its name in Dutch, English or itself, or by its tag; None when not known."""
    word = name.strip().casefold()
    if word in _OTHER_NAMES:
        return _OTHER_NAMES[word]
    for code in LANGUAGE_CODES:
        locale = Locale.parse(code)
        names = (locale.get_language_name("nl"), locale.get_language_name("en"), locale.get_language_name(), code)
        if word in {(n or "").casefold() for n in names} - {""}:
            return code
    return None


def language_name(code: str, lang: str) -> str:
    """The name of a language in Dutch or English; the tag itself when Babel does not know it."""
    try:
        name = Locale.parse(code, sep="-").get_language_name(lang)
    except (ValueError, LookupError):
        return code
    return (name[:1].upper() + name[1:]) if name else code
