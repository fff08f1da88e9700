"""The file as it came: parsed with limits, and every leaf by its JSON Pointer (RFC 6901)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from werkpod.vocab.jsonresume.errors import NotAResume
from werkpod.vocab.jsonresume.outcome import Scalar

LARGEST_FILE = 512 * 1024
"""Bytes of a file. The largest real ones are some tens of KB."""
MOST_LEAVES = 4000
"""Values in a file, so that the preview stays a page."""
DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Node:
    """A value in the file, with its pointer."""

    path: str
    value: Any

    def get(self, key: str) -> Node:
        """The member `key` of an object; a node without value for anything else."""
        has = isinstance(self.value, dict) and key in self.value
        return Node(f"{self.path}/{_escaped(key)}", self.value[key] if has else None)

    def items(self, key: str) -> tuple[Node, ...]:
        """The items of the array that is the member `key`; none when it is no array."""
        member = self.get(key)
        if not isinstance(member.value, list):
            return ()
        return tuple(Node(f"{member.path}/{index}", item) for index, item in enumerate(member.value))


def read(body: bytes) -> Node:
    """The root of a JSON Resume file. Raises NotAResume.

    A key that stands twice in one object keeps its second value under a name with a number ("name (2)"): JSON parsers
    drop one of the two in silence (RFC 8259, section 4), and nothing may be dropped here.
    """
    if len(body) > LARGEST_FILE:
        raise NotAResume("too_large", f"The file has {len(body)} bytes; a resume has at most {LARGEST_FILE}.")
    try:
        value = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_members, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise NotAResume("not_json", f"The file is not UTF-8 text: byte {error.start} is wrong.") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotAResume("not_json", f"The file is not JSON: {error.msg} at {where}.") from error
    except RecursionError as error:
        raise NotAResume("too_large", "The file is nested too deeply.") from error
    except ValueError as error:
        raise NotAResume("not_json", f"The file is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise NotAResume(
            "not_an_object", "The file is JSON but no object: a JSON Resume starts with { and ends with }."
        )
    root = Node("", value)
    for count, _ in enumerate(leaves(root), 1):
        if count > MOST_LEAVES:
            raise NotAResume("too_large", f"The file has more than {MOST_LEAVES} values.")
    return root


def leaves(root: Node) -> Iterator[tuple[str, Scalar]]:
    """Every leaf: pointer and value, in the order of the file. Empty objects and arrays hold nothing: no leaves."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if depth > DEEPEST:
            raise NotAResume("too_large", f"The file is nested more than {DEEPEST} deep.")
        if isinstance(node.value, dict):
            stack += [(node.get(key), depth + 1) for key in reversed(node.value)]
        elif isinstance(node.value, list):
            inner = [Node(f"{node.path}/{index}", item) for index, item in enumerate(node.value)]
            stack += [(item, depth + 1) for item in reversed(inner)]
        else:
            yield node.path, node.value


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if any("\ud800" <= character <= "\udfff" for character in key):
            raise NotAResume("not_json", f"The file has a name that is no text: {key!r}.")
        name, number = key, 2
        while name in members:
            name, number = f"{key} ({number})", number + 1
        members[name] = value
    return members


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")
