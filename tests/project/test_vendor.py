"""Third-party assets are what their manifest says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "werkpod/static/vendor"


def test_every_vendored_file_is_in_the_manifest_with_its_checksum() -> None:
    """Package, version, licence and SHA-256 of each file; no file beside them, none changed."""
    listed = {}
    for package in json.loads((VENDOR / "manifest.json").read_text()):
        assert package["package"]
        assert package["version"]
        assert package["licence"] in {"EUPL-1.2", "0BSD", "MIT"}
        listed.update({file["path"]: file["sha256"] for file in package["files"]})
    present = {
        p.relative_to(VENDOR).as_posix(): p for p in VENDOR.rglob("*") if p.is_file() and p.name != "manifest.json"
    }
    assert sorted(listed) == sorted(present)
    assert listed == {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in present.items()}
