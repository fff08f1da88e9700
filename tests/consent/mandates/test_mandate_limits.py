"""The limits of a mandate: one function, every one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from werkpod.consent.grants import GrantRecord
from werkpod.consent.mandates import ACTS, Mandate

NOW = 1_800_000_000.0
DAY = 86400.0
ACTOR = "https://pods.example/karin/profile/card#me"
COACH = "https://pods.example/omar/profile/card#me"
MANDATE = Mandate(
    "m", "sanne", ACTOR, "Karin", "mentor", ("share", "answer"), ("summary", "experience"), 30, NOW - DAY, NOW + DAY,
    "accepted", NOW - DAY,
)  # fmt: skip
WITHIN = GrantRecord(
    id="g", pod="sanne", agent=COACH, client=None, receiver_name="Omar", receiver_kind="coach", created=NOW,
    not_before=NOW, until=NOW + 30 * DAY, sections=("summary",), given_by=ACTOR,
)  # fmt: skip


def test_what_is_within_the_limits_is_allowed() -> None:
    """To a coach or an employer, of the named sections, for as long as was said."""
    assert MANDATE.allows("share", WITHIN, now=NOW)
    assert MANDATE.allows("answer", replace(WITHIN, receiver_kind="employer", request="r"), now=NOW)
    assert MANDATE.allows("share", replace(WITHIN, hidden_fields=("experience.employer",)), now=NOW)


@pytest.mark.parametrize(
    "beyond",
    [
        {"pod": "other"},
        {"given_by": None},
        {"given_by": COACH},
        {"agent": ACTOR},
        {"agent": None, "client": "https://app.example/id"},
        {"agent": None, "client": "https://app.example/id", "receiver_kind": "link", "link": "l"},
        {"receiver_kind": "link"},
        {"receiver_kind": "app"},
        {"receiver_kind": "tool"},
        {"link": "l"},
        {"everything": True, "sections": ()},
        {"sections": ()},
        {"sections": ("summary", "identity")},
        {"actions": ("read", "append")},
        {"actions": ("write",)},
        {"onward": True},
        {"until": None},
        {"until": NOW + 31 * DAY},
    ],
    ids=lambda beyond: "-".join(f"{key}" for key in beyond),
)
def test_each_limit_holds(beyond: dict[str, Any]) -> None:
    """One step outside in any direction is not allowed: other pods, oneself, everything, longer, onward, links."""
    assert not MANDATE.allows("share", replace(WITHIN, **beyond), now=NOW)


@pytest.mark.parametrize(
    "changes",
    [{"state": "asked"}, {"state": "declined"}, {"state": "stopped"}, {"until": NOW}, {"may": ("see", "stop")}],
    ids=["asked", "declined", "stopped", "past", "something-else"],
)
def test_a_mandate_that_does_not_hold_allows_nothing(changes: dict[str, Any]) -> None:
    """Waiting, refused, stopped, past, or for something else."""
    mandate = replace(MANDATE, **changes)
    assert not mandate.allows("share", now=NOW)
    assert not mandate.allows("share", WITHIN, now=NOW)


def test_each_act_is_apart() -> None:
    """Who may do one thing may not do another."""
    for act in ACTS:
        only = replace(MANDATE, may=(act,))
        assert [other for other in ACTS if only.allows(other, now=NOW)] == [act]


def test_a_record_goes_with_giving_alone() -> None:
    """Seeing and stopping give nothing, so a grant under them is not allowed."""
    mandate = replace(MANDATE, may=("see", "stop"))
    assert not mandate.allows("see", WITHIN, now=NOW)
    assert not mandate.allows("stop", WITHIN, now=NOW)
