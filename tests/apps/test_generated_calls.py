"""Calls that nobody thought of: schemathesis makes them from the OpenAPI documents and holds the answers to those.

It is used by its Python API, with its plugin for pytest off (`-p no:schemathesis` in pyproject.toml): that would be
loaded by every test run, and makes a test of an operation at collection, before a fixture has made the application.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from starlette.applications import Starlette
from support.jsonapis import SERVICES, every_service

SETTINGS: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": 6, "no-shrink": True},
    # what has the right form and is not in the taxonomy is a 404 in a path and a 422 in a body; a token is no data
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "401", "404", "422"]}},
}
ALWAYS = {
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "negative_data_rejection", "positive_data_acceptance", "unsupported_method",
    "allow_header_conformance",
}  # fmt: skip


@pytest.fixture(scope="module")
def app() -> Starlette:
    """The six services."""
    return Starlette(routes=every_service())


@pytest.mark.parametrize("service", SERVICES)
def test_every_answer_is_as_the_document_says(app: Starlette, service: str) -> None:
    """Right and wrong input of every kind: no failure of ours, no status, header or member that is not documented, what
    is wrong is refused and what is right is taken."""
    config = SchemathesisConfig.from_dict(SETTINGS)
    schema = schemathesis.openapi.from_asgi(f"/api/{service}/v1/openapi.json", app, config=config)
    found: list[str] = []
    ran: Counter[str] = Counter()
    for event in from_schema(schema).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            found.append(str(getattr(event, "info", event)))
        if isinstance(event, events.ScenarioFinished):
            for check in (each for checks in event.recorder.checks.values() for each in checks):
                ran[check.name] += 1
                if check.failure_info is not None:
                    found.append(f"{event.label}: {check.failure_info.failure}\n{check.failure_info.code_sample}")
    assert not found, "\n\n".join(found)
    assert set(ran) >= ALWAYS
    assert min(ran[name] for name in ALWAYS) >= 15
