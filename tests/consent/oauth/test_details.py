"""authorization_details: what is understood, and that nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from werkpod.consent.oauth.details import TYPE, AccessRequest, parse_details, seconds_of
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails


def parse(defaults: AccessRequest | None = None, **element: Any) -> AccessRequest:
    """A request with one element."""
    raw = json.dumps([{"type": TYPE, "sections": ["experience"], **element}])
    return parse_details(raw, defaults or AccessRequest())


def test_what_is_left_out_comes_from_the_document() -> None:
    """Purpose, texts, duration and actions default; sections do where the request says nothing at all."""
    defaults = AccessRequest(
        sections=("contact",), actions=("read", "write"), purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text={"nl": "Waarom"}, duration="P7D", seconds=7 * 86400.0,
    )  # fmt: skip
    found = parse(defaults)
    assert found.sections == ("experience",)
    assert found.actions == ("read", "write")
    assert found.text("en") == "Waarom"
    assert found.seconds == 7 * 86400
    assert parse_details(None, defaults).sections == ("contact",)


@pytest.mark.parametrize(
    "element",
    [
        {"type": "https://other.example/"},
        {"sections": ["salary"]},
        {"sections": []},
        {"sections": "experience"},
        {"sections": [1]},
        {"sections": ["experience"] * 21},
        {"optional": ["salary"]},
        {"optional": "contact"},
        {"optional": ["experience"]},
        {"optional": [1]},
        {"optional": ["contact"] * 21},
        {"sections": [], "optional": ["contact"]},
        {"reasons": {"salary": {"nl": "x"}}},
        {"reasons": {"contact": "x"}},
        {"reasons": {"contact": {"fr": "x"}}},
        {"reasons": {"contact": {"nl": "x" * 201}}},
        {"reasons": ["contact"]},
        {"actions": ["delete"]},
        {"actions": "read"},
        {"unknown": 1},
        {"purpose": "marketing"},
        {"purpose": "https://w3id.org/dpv" + "x" * 300},
        {"purpose": 1},
        {"purpose_text": "why"},
        {"purpose_text": {"fr": "pourquoi"}},
        {"purpose_text": {"nl": "x" * 501}},
        {"duration": "for ever"},
        {"duration": "P"},
        {"duration": "P0D"},
        {"duration": "P11Y"},
        {"duration": 90},
        {"locations": ["a", "b"]},
        {"locations": "a"},
    ],
)
def test_an_unknown_field_or_value_is_refused(element: dict[str, Any]) -> None:
    """RFC 9396, 5: nothing is ignored in silence."""
    with pytest.raises(InvalidAuthorizationDetails):
        parse(**element)


@pytest.mark.parametrize(
    "raw", ["", "x", "{}", "[]", "[1]", '[{"type":1}]', "[" * 5000, "[{}, {}]", '"' + "x" * 17_000 + '"']
)
def test_what_is_no_array_with_one_object_is_refused(raw: str) -> None:
    """Other shapes, nesting bombs and more than 16 KB are refused."""
    with pytest.raises(InvalidAuthorizationDetails):
        parse_details(raw, AccessRequest())


@pytest.mark.parametrize(
    ("duration", "days"),
    [("P90D", 90), ("P1Y", 365), ("P6M", 180), ("P2W", 14), ("PT12H", 0.5), ("P1Y2M3W4DT12H", 450.5)],
)
def test_durations_are_iso_8601(duration: str, days: float) -> None:
    """Years, months, weeks, days and hours."""
    assert seconds_of(duration) == days * 86400


def test_what_an_app_could_do_without_is_apart_from_what_it_needs() -> None:
    """`optional` are more sections; reasons come from the document too, and the request's own come first."""
    defaults = AccessRequest(reasons={"contact": {"nl": "Om te bellen."}, "experience": {"nl": "Oud."}})
    found = parse(defaults, optional=["contact", "contact"], reasons={"experience": {"nl": "Nieuw."}})
    assert (found.sections, found.optional, found.possible) == (
        ("experience",), ("contact",), ("experience", "contact"),
    )  # fmt: skip
    assert found.reason("contact", "en") == "Om te bellen."
    assert found.reason("experience", "nl") == "Nieuw."
    assert found.reason("summary", "nl") == ""
