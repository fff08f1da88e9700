"""ISCO-08: a code -> titles and place in the tree, words -> codes, and the whole tree: `/api/isco/v1`."""

from __future__ import annotations

import functools
from typing import Annotated

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.answers import Prepared
from werkpod.apps.documented import serve
from werkpod.apps.errors import UnknownCode
from werkpod.apps.isco.finding import Why, finder_of
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.wire import LangParameter
from werkpod.vocab.isco import CODE, LEVELS, IscoTree, UnitGroup
from werkpod.web.pages import Pages

MOST_RESULTS = 100
GROUP_CODE = {"code": {"pattern": "^[0-9]{1,4}$"}}


class GroupRef(msgspec.Struct, frozen=True):
    """A group by code and title."""

    code: str
    title: dict[str, str]


class GroupOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group of ISCO-08. `level` 1 major, 2 sub-major, 3 minor, 4 unit group; `parent` a code, null at the top.
    `everyday` is what people call it, for unit groups only."""

    code: str
    level: int
    title: dict[str, str]
    parent: str | None
    iri: str
    children: list[GroupRef]
    everyday: dict[str, str] = {}


class GroupsOut(msgspec.Struct, frozen=True):
    """The major groups."""

    groups: list[GroupRef]


class FoundGroup(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group found. `score` 0 to 1; `matched`: the code or name that the text is like; `why`: it is like the code, the
    title, a job title in the group, or only written much alike (spelling). `parent` is not there for major groups."""

    code: str
    level: int
    title: dict[str, str]
    score: float
    matched: str
    why: Why
    parent: str | None = None


class FoundGroups(msgspec.Struct, frozen=True):
    """Groups, best first."""

    results: list[FoundGroup]


class Branch(msgspec.Struct, frozen=True, omit_defaults=True):
    """A group with all that is under it. `everyday` is there for unit groups only, `children` for the others."""

    code: str
    title: dict[str, str]
    everyday: dict[str, str] = {}
    children: list[Branch] = []


class TreeOut(msgspec.Struct, frozen=True):
    """The whole of ISCO-08: 10 major, 43 sub-major, 130 minor and 436 unit groups."""

    groups: list[Branch]


class SearchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a search."""

    q: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=200, examples=["schoonmaker"],
            description="A code, the beginning of one, or words; typing errors are forgiven.",
        ),
    ]  # fmt: skip
    lang: LangParameter = "nl"
    limit: Annotated[
        int, msgspec.Meta(ge=1, le=MOST_RESULTS, description=f"How many results at most, 1 to {MOST_RESULTS}.")
    ] = 10


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
        everyday = dict(finder_of(self._tree).everyday(code))
        return GroupOut(group.code, group.level, dict(group.title), group.parent, group.iri, children, everyday)

    def search(self, call: Call) -> FoundGroups:
        """Groups by code or words."""
        query: SearchQuery = call.query
        return FoundGroups(
            [
                FoundGroup(group.code, group.level, dict(group.title), hit.score, hit.matched, hit.why, group.parent)
                for hit in finder_of(self._tree).find(query.q, lang=query.lang, limit=query.limit)
                for group in [hit.group]
            ]
        )

    def tree(self, call: Call) -> Prepared:
        """Everything, encoded once."""
        return self._whole

    @functools.cached_property
    def _whole(self) -> Prepared:
        return Prepared.of(TreeOut([self._branch(group) for group in self._tree.children()]))

    def _branch(self, group: UnitGroup) -> Branch:
        children = [self._branch(child) for child in self._tree.children(group.code)]
        return Branch(group.code, dict(group.title), dict(finder_of(self._tree).everyday(group.code)), children)

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
    code = {"code": ("An ISCO-08 code of one to four digits.", "5321")}
    return Api(
        "isco",
        "ISCO-08",
        "The International Standard Classification of Occupations 2008: titles in Dutch and English, the tree, and the "
        "code of what people call their work.",
        [
            Operation("getTree", "GET", "/tree", "All groups, as a tree", service.tree, TreeOut, nl="De hele boom"),
            Operation(
                "listMajorGroups", "GET", "/groups", "The major groups", service.majors, GroupsOut,
                nl="De tien hoofdgroepen",
            ),
            Operation(
                "getGroup", "GET", "/groups/{code}", "One group", service.group, GroupOut, path_params=code,
                path_schemas=GROUP_CODE, errors=(404,), nl="Eén groep",
            ),
            Operation(
                "searchGroups", "GET", "/search", "Groups by code or words", service.search, FoundGroups,
                query=SearchQuery, nl="Groepen zoeken",
            ),
        ],
        nl="De internationale indeling van beroepen (2008): namen in het Nederlands en Engels, de boom, en de code bij "
        "hoe mensen hun werk noemen.",
    )  # fmt: skip


def routes(tree: IscoTree, *, base_url: str, pages: Pages | None = None) -> list[BaseRoute]:
    """The routes of `/api/isco/v1`. `tree` is `Taxonomy.isco`; with `pages` there is a page that explains them."""
    return serve(api(tree), base_url=base_url, pages=pages, app_slug="isco", app_name="ISCO")
