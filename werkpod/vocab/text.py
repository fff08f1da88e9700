"""Text as people type it, brought to a form in which two spellings of one job title look alike.

Rules for Dutch, with English words passing through unharmed: accents and case go, "(m/v)" goes, endings that mark
gender or number go ("schoonmaakster" and "schoonmakers" both become "schonmak"), as do doubled letters.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_GENDER_MARK = re.compile(r"\(?\b[mvfhdx](?:\s*/\s*[mvfwhdx])+\b\)?", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^a-z0-9+#]+")
_DOUBLED = re.compile(r"([a-z])\1+")
_ENDINGS = (
    ("sters", ""), ("ster", ""), ("eurs", "eur"), ("euses", "eur"), ("euse", "eur"), ("trices", "tor"),
    ("trice", "tor"), ("ices", "or"), ("ieres", "ier"), ("iere", "ier"), ("essen", ""), ("esse", ""), ("innen", ""),
    ("ers", ""), ("er", ""), ("en", ""), ("es", ""), ("e", ""), ("s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3

_STOP_WORDS = """
    de het een en of in van voor met op aan bij te tot uit door als der den des the a an and or of for with at to
    niet overige algemeen medior junior senior
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing of the occupation."""

_TALK = """
    ik je jij we wij me mij mijn zelf ben bent is zijn was waren geweest heb hebt heeft hebben had kan kun kunt kunnen
    kon wil wilt willen wou weet weten doe doet doen deed gedaan vind vindt vinden hou houd houdt houden mag moet ga
    goed beter best graag leuk fijn erg heel heen echt altijd vaak veel wel ook nog al jaar jaren lang beetje er om dat
    die dit wat hoe zo omgaan omgegaan ervaring ervaren gewerkt werkte werken werk
    i m am my me be been have has had can could do did does like love know well good very much really years experience
"""
TALK = frozenset(_TALK.split())
"""Words in which people tell of themselves, that say nothing of what they can do."""
_PHRASES = (
    (r"\b(heel |erg )?oud(e|ere) (mensen|mannen|vrouwen)\b", "ouderen"),
    (r"\b(heel )?(kleine|jonge) kinderen\b", "peuters kinderen"),
    (r"\bziek(e)? mensen\b", "patienten zieken"),
    (r"\bmensen met (een )?(beperking|handicap)\b", "gehandicapten beperking"),
    (r"\b(computers?|pc s?|laptops?) (maken|fixen|repareren)\b", "computer repareren"),
    (r"\b(autos?|auto s|fietsen|fiets|machines?) (maken|fixen)\b", r"\1 repareren"),
    (r"\bleiding (te )?geven\b", "leidinggeven leiding geven"),
    (r"\bmensen aansturen\b", "leidinggeven"),
    (r"\bold(er)? people\b", "elderly older people"),
)
_SAID = tuple((re.compile(pattern), instead) for pattern, instead in _PHRASES)


def normalise(text: str) -> str:
    """Lower case, no accents, no gender mark, words separated by one space."""
    plain = _GENDER_MARK.sub(" ", text).lower() if "/" in text else text.lower()
    if not plain.isascii():
        plain = "".join(ch for ch in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(ch))
    return _NOT_WORD.sub(" ", plain).strip()


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The stem of a normalised word: without a gender or number ending, without doubled letters, v and z unvoiced."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: len(word) - len(ending)] + instead
            break
    word = _DOUBLED.sub(r"\1", word)
    if word.endswith(("v", "z")):
        word = word[:-1] + ("f" if word[-1] == "v" else "s")
    return word


def what_is_said(text: str) -> str:
    """What a sentence in which people tell what they can do is about, normalised: "Ik kan goed met oude mensen omgaan"
    is about "ouderen". The whole sentence when nothing would be left."""
    said = normalise(text)
    for pattern, instead in _SAID:
        said = pattern.sub(instead, said)
    left = [word for word in said.split() if word not in TALK]
    return " ".join(left) if any(word not in STOP_WORDS for word in left) else said


def words(normalised: str) -> list[str]:
    """The words of a normalised text that say something; all of them when every word is a stop word."""
    every = normalised.split()
    return [word for word in every if word not in STOP_WORDS] or every
