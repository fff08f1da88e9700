"""A crosswalk: the codes of another classification, what they are called, and which concepts they match."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import msgspec

from werkpod.vocab.matches import Matches
from werkpod.vocab.strings import Strings

Scheme = Literal["uwv-boc", "competentnl", "vdab"]
"""A classification whose codes are known by crosswalks: UWV's Beroepen, Opleidingen & Competenties (VUM's
`codeBeroepsnaam`), CompetentNL's occupations, VDAB's Competent."""
TITLES: Mapping[str, str] = {"uwv-boc": "UWV BO&C", "competentnl": "CompetentNL", "vdab": "VDAB Competent"}
"""What a scheme is called."""
Of = Literal["occupation", "competence"]
CNL_OCCUPATION = re.compile(r"https://linkeddata\.competentnl\.nl/(uwv/)?id/occupation/([^/\s]+)")
"""The IRI of an occupation of CompetentNL; its code is the last part."""


class About(msgspec.Struct, frozen=True):
    """What a crosswalk says of itself. `kind`: the form of file it is from; the same kind again replaces it. `names`:
    whether its labels are names to find concepts by."""

    kind: str
    scheme: Scheme
    of: Of
    version: str
    file: str
    codes: int
    links: int
    created: str
    names: bool = True


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Row i: a code, other ways to write it ("" where there are none), its label by language, and what it matches: IRIs
    of ESCO or CompetentNL, each with how. `place_iri` and `place_code`: the ISCO-08 unit groups of those, where the
    file tells them."""

    about: About
    codes: Strings
    aliases: Strings
    labels: Mapping[str, Strings]
    matches: Matches
    place_iri: Strings
    place_code: Strings

    def node(self, row: int) -> str:
        """How a code is named among concepts: by its own IRI, or as "uwv-boc:1000409808"."""
        alias = self.aliases[row]
        return alias if "://" in alias else f"{self.about.scheme}:{self.codes[row]}"

    def label(self, row: int, lang: str = "nl") -> str:
        """What a code is called, in a language or else in another."""
        every = (self.labels[each][row] for each in (lang, *self.labels) if each in self.labels)
        return next((str(label) for label in every if label), "")
