"""What a change does, in words: each step where it is one, which of them give more, and how a grant is put in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.difference import compare, wider
from werkpod.consent.grants import GrantRecord

NOW, DAY = 1_795_000_000.0, 86400.0
COACH = GrantRecord(
    id="g", pod="p", agent="https://carla.example/#me", client=None, receiver_name="Carla", receiver_kind="coach",
    created=NOW, not_before=NOW, until=NOW + 30 * DAY, sections=("identity", "experience"),
)  # fmt: skip
TITLES = {"experience#kok": "Kok", "experience#ober": "Ober"}


def say(text: str, **values: object) -> str:
    """Dutch, as it is written."""
    return text % values if values else text


def told(before: GrantRecord, **changes: object) -> list[str]:
    """The steps of a change; those that give more with a plus, those that only last longer with a tilde."""
    steps = compare(before, replace(before, **changes), TITLES, "nl", say)  # type: ignore[arg-type]
    return [("~" if step.longer else "+" if step.more else "-") + step.text for step in steps]


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({}, []),
        ({"preset": "x", "version": 2}, []),
        ({"sections": ("identity",)}, ["-Carla ziet straks niet meer: Je werk."]),
        ({"sections": ("identity", "experience", "wishes")}, ["+Carla ziet straks ook: Wat je wilt."]),
        ({"sections": ("wishes",)}, ["-Carla ziet straks niet meer: Je naam, Je werk.",
                                     "+Carla ziet straks ook: Wat je wilt."]),
        ({"hidden_fields": ("identity.birth_date",)}, ["-Carla ziet straks niet meer: Je naam: je geboortedatum."]),
        ({"hidden_entries": ("experience#kok",)}, ["-Carla ziet straks niet meer: Kok."]),
        ({"hidden_entries": ("experience#weg",)}, ["-Carla ziet straks niet meer: Je werk."]),
        ({"only_entries": ("experience#kok",)}, ["-Zet je later iets bij Je werk, dan ziet Carla dat niet."]),
        ({"only_entries": ("experience#kok",), "hidden_entries": ("experience#ober",)},
         ["-Carla ziet straks niet meer: Ober.", "-Zet je later iets bij Je werk, dan ziet Carla dat niet."]),
        ({"sections": ("identity",), "hidden_fields": ("experience.period",)},
         ["-Carla ziet straks niet meer: Je werk."]),
        ({"until": NOW + 60 * DAY}, ["~Carla mag 30 dagen langer kijken: tot 17 januari 2027."]),
        ({"until": NOW + 29 * DAY}, ["-Carla mag 1 dag korter kijken: tot 17 december 2026."]),
        ({"until": NOW + 30 * DAY + 60}, ["~Carla mag een paar uur langer kijken: tot 18 december 2026."]),
        ({"until": None}, ["~Carla mag kijken tot je zelf stopt."]),
        ({"actions": ("read", "append")}, ["+Carla mag straks dit: zien en iets toevoegen."]),
        ({"everything": True, "sections": ()}, ["+Carla ziet straks ook: alles in je pod, behalve Je naam, Je werk."]),
    ],
)  # fmt: skip
def test_a_change_is_told_step_by_step(changes: dict[str, object], steps: list[str]) -> None:
    """What goes, what comes, what is left out of it, how long."""
    assert told(COACH, **changes) == steps


def test_taking_back_what_was_left_out_is_more() -> None:
    """The other way round every step gives more, and an app may have none of them."""
    narrow = replace(
        COACH, sections=("experience",), hidden_fields=("experience.employer",), hidden_entries=("experience#kok",),
        until=None, actions=("read",),
    )  # fmt: skip
    assert told(narrow, hidden_fields=(), hidden_entries=(), until=NOW + DAY) == [
        "+Carla ziet straks ook: Kok, Je werk: bij wie je werkte.",
        "-Carla mag kijken tot 19 november 2026. Nu is er geen einde.",
    ]
    only = replace(COACH, only_entries=("experience#kok",))
    assert told(only, only_entries=("experience#kok", "experience#ober")) == ["+Carla ziet straks ook: Ober."]
    assert told(only, only_entries=()) == ["+Zet je later iets bij Je werk, dan ziet Carla dat ook."]
    assert not wider(compare(COACH, replace(COACH, until=NOW + 99 * DAY), {}, "nl", say))
    assert wider(compare(only, COACH, {}, "nl", say))


def test_less_than_everything_names_what_stays() -> None:
    """From all of the pod to two sections: what goes is all but those."""
    app = replace(COACH, everything=True, sections=(), actions=("read", "append", "write", "control"))
    assert told(app, everything=False, sections=("experience",), actions=("read",)) == [
        "-Carla ziet straks niet meer: alles in je pod, behalve Je werk.",
        "-Carla mag straks alleen dit: alleen zien.",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [("P30D", "30 dagen"), ("P1D", "1 dag"), ("P2W", "14 dagen"), ("P1Y6M", "1 jaar en 6 maanden"), ("P1M", "1 maand"),
     ("PT5H", "PT5H"), ("later", "later")],
)  # fmt: skip
def test_durations_are_said_in_words(value: str, words: str) -> None:
    """Years, months, weeks and days of ISO 8601; anything else stays as it is."""
    assert wording.duration(value, say) == words


def test_many_sections_are_a_short_line() -> None:
    """Four by name, of more the first three and how many; a whole CV by that name."""
    many = ("identity", "contact", "summary", "experience", "education")
    assert wording.what_shortly(COACH, "nl", say) == "Je naam, Je werk"
    assert wording.what_shortly(replace(COACH, sections=many), "nl", say).endswith("Over jou en nog 2")
    whole = (*many, "competences", "languages", "certificates", "wishes")
    assert wording.what_shortly(replace(COACH, sections=whole), "nl", say) == "je hele cv"


def test_legal_basis_and_keeping_are_said_plainly() -> None:
    """Consent, a public task and what may be kept; what we have no words for is shown as it is."""
    assert wording.basis(COACH, say).startswith("Jij hebt ja gezegd.")
    task = "https://w3id.org/dpv#OfficialAuthorityOfController"
    assert "taak van de overheid" in wording.basis(replace(COACH, legal_basis=task), say)
    assert wording.basis(replace(COACH, legal_basis="https://x.example/"), say) == "https://x.example/"
    assert wording.keep("P30D", say) == "Alles, tot 30 dagen nadat het delen stopt."
    assert wording.keep("nothing", say) == "Niets."
