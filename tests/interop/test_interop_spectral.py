"""The Dutch API Design Rules, by their own rules for Spectral, over the OpenAPI documents as they are served."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from support.jsonapis import SERVICES, client_of, every_service

from werkpod.consent.dashboard.openapi import document

HERE = Path(__file__).parent
RULES = HERE.parents[2] / "shared" / "specs" / "adr" / "linter.yaml"
BASE_URL = "https://werkpod.example"
OF_OTHERS = {
    "PdcOrganisation.properties.owmsEndDate",
    "OpenProductType.properties.aanmaak_datum",
    "OpenProductType.properties.update_datum",
    "OpenTheme.properties.aanmaak_datum",
    "OpenTheme.properties.update_datum",
}
"""What the PDC in the SDG form and Open Product call a date, and is a moment: their names and forms, which we keep."""


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of the six services and of `/api/consent/v1`, each in a file."""
    folder = tmp_path_factory.mktemp("openapi")

    async def write() -> None:
        client = client_of(every_service(base_url=BASE_URL))
        for name in SERVICES:
            (folder / f"{name}.json").write_bytes((await client.get(f"/api/{name}/v1/openapi.json")).content)

    asyncio.run(write())
    (folder / "consent.json").write_bytes(document(BASE_URL))
    return folder


def test_every_document_keeps_to_the_design_rules(documents: Path) -> None:
    """No error and no warning, but for the names of other standards."""
    if not RULES.is_file():
        pytest.skip(f"the rules are not at {RULES}: ask Logius for linter.yaml of the API Design Rules")
    files = sorted(map(str, documents.glob("*.json")))
    assert len(files) == len(SERVICES) + 1
    words = [HERE / "node_modules/.bin/spectral", "lint", "--ruleset", RULES, "--format", "json", "--quiet", *files]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("["), done.stderr
    found = json.loads(done.stdout)
    assert len(found) >= len(OF_OTHERS), "the rules did not run: what is another standard's is always found"
    places = {(Path(each["source"]).stem, ".".join(map(str, each["path"])), each["message"]) for each in found}
    ours = {
        (name, path, message)
        for name, path, message in places
        if not any(path.startswith(f"components.schemas.{each}") for each in OF_OTHERS)
    }
    assert ours == set()
