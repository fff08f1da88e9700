"""ISCO-08 code -> title in Dutch and English, and its place in the tree: `/api/isco/v1`."""

from __future__ import annotations

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.errors import UnknownCode
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.openapi import document
from werkpod.vocab.isco import CODE, LEVELS, IscoTree, UnitGroup


class GroupRef(msgspec.Struct, frozen=True):
    """A group by code and title."""

    code: str
    title: dict[str, str]


class GroupOut(msgspec.Struct, frozen=True):
    """A group of ISCO-08. `level` 1 major, 2 sub-major, 3 minor, 4 unit group; `parent` a code, null at the top."""

    code: str
    level: int
    title: dict[str, str]
    parent: str | None
    iri: str
    children: list[GroupRef]


class GroupsOut(msgspec.Struct, frozen=True):
    """The major groups."""

    groups: list[GroupRef]


def _ref(group: UnitGroup) -> GroupRef:
    return GroupRef(group.code, dict(group.title))


class IscoApi:
    """The operations, over a tree."""

    def __init__(self, tree: IscoTree) -> None:
        self._tree = tree

    def majors(self, call: Call) -> GroupsOut:
        """The ten major groups."""
        return GroupsOut([_ref(group) for group in self._tree.children()])

    def group(self, call: Call) -> GroupOut:
        """One group. Raises UnknownCode, that says what a valid code looks like."""
        code = call.path["code"]
        group = self._tree.group(code)
        if group is None:
            raise UnknownCode(self._explain(code), value=code[:300])
        children = [_ref(child) for child in self._tree.children(code)]
        return GroupOut(group.code, group.level, dict(group.title), group.parent, group.iri, children)

    def _explain(self, code: str) -> str:
        right = "A code has one to four digits, one more for each level: 5, 53, 532, 5321."
        if not CODE.fullmatch(code):
            return f"{code[:60]!r} is not an ISCO-08 code. {right}"
        above = self._tree.path(code)
        if not above:
            return f"ISCO-08 has no group {code}. {right} The major groups are 0 to 9."
        last = above[-1]
        under = ", ".join(child.code for child in self._tree.children(last.code))
        return f"ISCO-08 has no {LEVELS[len(code)]} group {code}. {right} Under {last.code} it has: {under}."


def api(tree: IscoTree) -> Api:
    """The declared API."""
    service = IscoApi(tree)
    parameter = {"code": ("An ISCO-08 code of one to four digits.", "5321")}
    return Api(
        "isco",
        "ISCO-08",
        "Titles of the International Standard Classification of Occupations 2008, in Dutch and English, with its tree.",
        [
            Operation("listMajorGroups", "GET", "/groups", "The major groups", service.majors, GroupsOut),
            Operation(
                "getGroup",
                "GET",
                "/groups/{code}",
                "One group",
                service.group,
                GroupOut,
                path_params=parameter,
                errors=(404,),
            ),
        ],
    )


def routes(tree: IscoTree, *, base_url: str) -> list[BaseRoute]:
    """The routes of `/api/isco/v1`. `tree` is `Taxonomy.isco`."""
    declared = api(tree)
    return declared.routes(lambda: document(declared, base_url))
