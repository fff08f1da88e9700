"""The packages of others: pinned with checksums, without a place to get them from, and named in the documents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("interop", "interop_servers")
OURS = {"@ldo/connected", "@ldo/ldo", "@stoplight/spectral-cli", "esbuild"}
"""What the packages that are shown need beside them, and what checks documents of ours: no Solid software."""


def read(folder: str, name: str) -> Any:
    """A JSON file of a folder."""
    return json.loads((ROOT / "tests" / folder / name).read_text("utf-8"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_is_pinned_and_none_says_where_from(folder: str) -> None:
    """Exact versions in package.json; in the lock a checksum for each package, and no address."""
    wanted = read(folder, "package.json")["dependencies"]
    assert [
        name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+(-[a-z]+\.\d+)?", version)
    ] == []
    lock = read(folder, "package-lock.json")
    assert lock["packages"][""]["dependencies"] == wanted
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha")] == []
    assert "://" not in json.dumps(lock)
    assert "omit-lockfile-registry-resolved=true" in (ROOT / "tests" / folder / ".npmrc").read_text("utf-8")


def test_the_document_names_what_is_tested() -> None:
    """docs/solid.md has each package with the version that is installed, and no other."""
    rows = re.findall(r"^\| `([^`]+)` \| (\S+) \|", (ROOT / "docs/solid.md").read_text("utf-8"), re.MULTILINE)
    installed = {
        name: version for folder in FOLDERS for name, version in read(folder, "package.json")["dependencies"].items()
    }
    assert dict(rows) == {name: version for name, version in installed.items() if name not in OURS}
    assert len(rows) == len(dict(rows))
