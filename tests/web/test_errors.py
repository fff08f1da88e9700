"""The wire form of errors."""

from __future__ import annotations

import json

from werkpod.web.errors import PROBLEM_JSON, Conflict, Unauthorized, WerkpodError, problem_response


def test_a_problem_has_the_members_of_rfc_9457() -> None:
    """An error goes over the wire as problem details with its status, code, detail and own members."""
    response = problem_response(Conflict("cv/experience was changed at 10:00; read it again.", path="cv/experience"))
    body = json.loads(bytes(response.body))
    assert response.status_code == body["status"] == 409
    assert response.headers["content-type"].startswith(PROBLEM_JSON)
    assert body["type"] == "urn:werkpod:problem:conflict"
    assert body["code"] == "conflict"
    assert body["detail"].startswith("cv/experience was changed")
    assert body["path"] == "cv/experience"


def test_headers_of_an_error_reach_the_answer_and_nothing_is_cached() -> None:
    """An error's own headers are sent and no cache keeps it."""
    response = problem_response(Unauthorized("Sign in.", headers={"WWW-Authenticate": "DPoP"}))
    assert response.headers["www-authenticate"] == "DPoP"
    assert response.headers["cache-control"] == "no-store"


def test_an_error_without_words_says_its_title() -> None:
    """A bare error still has a sentence."""
    assert str(WerkpodError()) == WerkpodError.title
