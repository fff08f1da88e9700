"""The three calls of the pilot's CompetentNL service, so that front ends made for it keep working:

    GET /api/competentnl/compat/competenties/                   [{code, title}, ...]: every occupation
    GET /api/competentnl/compat/competenties/OP-8344            {title, essentialCompetences: [{code, description}],
                                                                 alternativeNames: [{code, title}]}
    GET /api/competentnl/compat/competenties/search/CP/CP-...   [{code, title}, ...]: who asks that competence

The pilot numbered its own list (OP for occupations, CP for competences). Here the numbers come from what is numbered,
so that they are the same on each server and after each update: an ISCO-08 unit group has its own four digits, anything
else twelve digits of a hash of its IRI. Names have numbers too (AN), of the occupation and the name together.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.answers import Prepared
from werkpod.apps.errors import UnknownCode
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.wire import examples, find_occupation
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy

ROOT = "/api/competentnl/compat"
DIGITS = 12
"""Of a number: with 14,000 competences the odds that two want the same one are under 1 in 10,000; the later then takes
the next."""
_LANG = "nl"
_Thing = TypeVar("_Thing")


class CodeTitle(msgspec.Struct, frozen=True):
    """An occupation, or another name of it."""

    code: str
    title: str


class CodeDescription(msgspec.Struct, frozen=True):
    """A competence."""

    code: str
    description: str


class PilotOccupation(msgspec.Struct, frozen=True, rename="camel"):
    """An occupation as the pilot told it."""

    title: str
    essential_competences: list[CodeDescription]
    alternative_names: list[CodeTitle]


def number(text: str, digits: int = DIGITS) -> int:
    """The number of a text: the last digits of the first 64 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % int(10**digits)


def numbered(things: Iterable[tuple[str, _Thing]], prefix: str, digits: int = DIGITS) -> dict[str, _Thing]:
    """Code -> thing for (IRI, thing), each with a code of its own; the same whatever order they come in. There have to
    be fewer things than numbers of so many digits."""
    found: dict[str, _Thing] = {}
    for iri, thing in sorted(things, key=lambda each: each[0]):
        code = iri.removeprefix(ISCO_IRI)
        if code == iri:
            at = number(iri, digits)
            while (code := f"{at:0{digits}d}") in found:
                at = (at + 1) % 10**digits
        found[code] = thing
    return {f"{prefix}-{code}": thing for code, thing in found.items()}


class Pilot:
    """The calls, over a taxonomy. The codes are made at the first call: tens of milliseconds with ESCO."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def every(self, call: Call) -> Prepared:
        """All occupations, by title."""
        return self._every

    def one(self, call: Call) -> PilotOccupation:
        """An occupation by OP code, or by any other code that is known. Raises UnknownCode."""
        code = call.path["code"]
        found = self._occupations.get(code.upper()) or find_occupation(self._taxonomy, code)
        if found is None:
            like = next(iter(self._occupations), "OP-8344")
            raise UnknownCode(
                f"There is no occupation {code[:120]!r}. One is {like}; {ROOT}/competenties/ lists them. "
                f"{examples(self._taxonomy)}",
                value=code[:300],
            )
        essential = [link.competence for link in self._taxonomy.links(found) if link.kind == "essential"]
        names = self._taxonomy.other_names(found, _LANG)
        return PilotOccupation(
            found.title(_LANG),
            [CodeDescription(self._competence_code[each.iri], each.everyday(_LANG)) for each in essential],
            [CodeTitle(f"AN-{number(f'{found.iri} {name}'):0{DIGITS}d}", name) for name in names],
        )

    def asking(self, call: Call) -> list[CodeTitle]:
        """The occupations that ask a competence, by CP code (with or without CP-) or IRI. Raises UnknownCode."""
        code = call.path["code"]
        found = self._competences.get(f"CP-{code.upper().removeprefix('CP-')}") or self._taxonomy.competence(code)
        if found is None:
            like = next(iter(self._competences), "CP-000000000000")
            raise UnknownCode(
                f"There is no competence {code[:120]!r}. A code is one such as {like}, as the answer for an occupation "
                "names them.",
                value=code[:300],
            )
        asking = self._taxonomy.asking(found)
        return [self._titled(occupation) for occupation, link in asking if link.kind == "essential"]

    def _titled(self, occupation: Occupation) -> CodeTitle:
        return CodeTitle(self._occupation_code[occupation.iri], occupation.title(_LANG))

    @functools.cached_property
    def _every(self) -> Prepared:
        titled = [self._titled(each) for each in self._taxonomy.occupations()]
        return Prepared.of(sorted(titled, key=lambda each: (each.title.casefold(), each.code)))

    @functools.cached_property
    def _occupations(self) -> Mapping[str, Occupation]:
        return numbered(((each.iri, each) for each in self._taxonomy.occupations()), "OP")

    @functools.cached_property
    def _occupation_code(self) -> Mapping[str, str]:
        return {each.iri: code for code, each in self._occupations.items()}

    @functools.cached_property
    def _competences(self) -> Mapping[str, Competence]:
        return numbered(((each.iri, each) for each in self._taxonomy.competences()), "CP")

    @functools.cached_property
    def _competence_code(self) -> Mapping[str, str]:
        return {each.iri: code for code, each in self._competences.items()}


def routes(taxonomy: Taxonomy) -> list[BaseRoute]:
    """The routes of the three calls; the list ends in a slash, as the pilot's did, and works without it too."""
    pilot = Pilot(taxonomy)
    occupation, competence = {"code": ("An OP code.", "OP-8344")}, {"code": ("A CP code.", "CP-000000000000")}
    declared = Api(
        "competentnl-pilot", "CompetentNL of the pilot", "The calls of the pilot.",
        [
            Operation("pilotList", "GET", "/competenties/", "All occupations", pilot.every, list[CodeTitle]),
            Operation("pilotListBare", "GET", "/competenties", "All occupations", pilot.every, list[CodeTitle]),
            Operation(
                "pilotSearch", "GET", "/competenties/search/CP/{code}", "Occupations with a competence", pilot.asking,
                list[CodeTitle], path_params=competence, errors=(404,),
            ),
            Operation(
                "pilotOccupation", "GET", "/competenties/{code}", "One occupation", pilot.one, PilotOccupation,
                path_params=occupation, errors=(404,),
            ),
        ],
        mount=ROOT,
    )  # fmt: skip
    return declared.endpoints()
