"""Just enough of YAML and JSON Schema to hold an answer against a schema of a published OpenAPI document.

Neither is a dependency of the project. The reader takes block mappings and sequences of plain scalars, as generated
documents have them; the walk knows the keywords that those schemas use and fails on what is not in `KNOWN`.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any
from urllib.parse import urlsplit

KNOWN = frozenset(
    ["type", "properties", "required", "items", "enum", "allOf", "$ref", "nullable", "format", "minLength", "maxLength",
     "minimum", "maximum", "default", "readOnly", "title", "example", "pattern", "additionalProperties"]
)  # fmt: skip
_KEY = re.compile(r"^(?P<indent> *)(?P<dash>(?:- )*)(?P<key>[^\s:'\"][^:]*|\$ref):(?: (?P<value>.*))?$")


def read_schemas(text: str) -> dict[str, Any]:
    """`components.schemas` of an OpenAPI document; descriptions are left out."""
    lines = text.splitlines()
    start = lines.index("  schemas:") + 1
    end = next(i for i in range(start, len(lines)) if re.match(r"^ {0,2}\S", lines[i]))
    found, _ = _block(_without_descriptions(lines[start:end]), 0, 4)
    assert isinstance(found, dict)
    return found


def _without_descriptions(lines: list[str]) -> list[str]:
    kept, skipping = [], -1
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if skipping >= 0 and (not line.strip() or depth > skipping):
            continue
        skipping = depth if re.match(r"^ *description:", line) else -1
        if skipping < 0 and line.strip():
            kept.append(line)
    return kept


def _block(lines: list[str], at: int, depth: int) -> tuple[Any, int]:
    """The mapping or sequence whose lines are indented by `depth`, from line `at`, and the line after it."""
    if lines[at].startswith(" " * depth + "- "):
        items = []
        while at < len(lines) and lines[at].startswith(" " * depth + "- "):
            rest = lines[at][depth + 2 :]
            if _KEY.match(rest):
                lines[at] = " " * (depth + 2) + rest
                item, at = _block(lines, at, depth + 2)
            else:
                item, at = _scalar(rest), at + 1
            items.append(item)
        return items, at
    mapping: dict[str, Any] = {}
    while at < len(lines) and (match := _KEY.match(lines[at])) and len(match["indent"]) == depth and not match["dash"]:
        if match["value"]:
            mapping[match["key"]], at = _scalar(match["value"]), at + 1
        else:
            at += 1
            inner = len(lines[at]) - len(lines[at].lstrip())
            mapping[match["key"]], at = _block(lines, at, inner)
    return mapping, at


def _scalar(text: str) -> Any:
    text = text.strip().strip("'\"")
    words = {"true": True, "false": False, "null": None, "[]": [], "{}": {}}
    return words[text] if text in words else int(text) if re.fullmatch(r"-?\d+", text) else text


def problems(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str = "$") -> list[str]:
    """Every way in which `value` is not what `schema` says, with its path."""
    unknown = set(schema) - KNOWN
    assert not unknown, f"the schema has keywords that are not checked here: {unknown}"
    if "$ref" in schema:
        return problems(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, where)
    if value is None and schema.get("nullable"):
        return []
    found = [each for part in schema.get("allOf", ()) for each in problems(value, part, schemas, where)]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is not one of {schema['enum']}")
    kind = schema.get("type")
    if kind and not _is(value, kind):
        return [*found, f"{where}: {value!r} is not of type {kind}"]
    if isinstance(value, str):
        found += _text(value, schema, where)
    if isinstance(value, list):
        found += [
            p for n, item in enumerate(value) for p in problems(item, schema.get("items", {}), schemas, f"{where}[{n}]")
        ]
    if isinstance(value, dict):
        members = schema.get("properties", {})
        found += [f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        found += [f"{where}: {name} is not in the schema" for name in value if members and name not in members]
        found += [p for n, v in value.items() if n in members for p in problems(v, members[n], schemas, f"{where}.{n}")]
    return found


def _is(value: Any, kind: str) -> bool:
    types = {"string": str, "boolean": bool, "array": list, "object": dict, "integer": int, "number": (int, float)}
    return isinstance(value, types[kind]) and not (kind in ("integer", "number") and isinstance(value, bool))


def _text(value: str, schema: dict[str, Any], where: str) -> list[str]:
    found = []
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1 << 30):
        found.append(f"{where}: {len(value)} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{where}: {value!r} does not match {schema['pattern']}")
    try:
        match schema.get("format"):
            case "uri":
                if not (urlsplit(value).scheme and urlsplit(value).netloc):
                    found.append(f"{where}: {value!r} is no URI")
            case "uuid":
                uuid.UUID(value)
            case "date":
                dt.date.fromisoformat(value)
            case "date-time":
                if "T" not in value or dt.datetime.fromisoformat(value).tzinfo is None:
                    found.append(f"{where}: {value!r} has no time zone")
    except ValueError as error:
        found.append(f"{where}: {value!r}: {error}")
    return found
