"""The name that an instrument has in the Uniforme Productnamenlijst (UPL, November 2025), and the law behind that name.

What has no name of its own there is `re-integratie`, the name for all that helps a person to work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from werkpod.apps.instruments.model import Instrument

UPL = "http://standaarden.overheid.nl/owms/terms/"


@dataclass(frozen=True, slots=True)
class UniformName:
    """A name of the list. `uri` of the name; `basis`: what the list says the law behind it is, "" where it names none,
    `basis_uri` the same as a URI, `law` the law's number in the national register of laws (BWB)."""

    label: str
    uri: str
    basis: str = ""
    basis_uri: str = ""
    law: str = ""


def _name(label: str, end: str, basis: str = "", basis_end: str = "", law: str = "") -> UniformName:
    return UniformName(label, UPL + end, basis, UPL + basis_end if basis_end else "", law)


_P = "BWBR0015703"
NAMES: tuple[tuple[str, UniformName], ...] = (
    (r"loonkostensubsidie",
     _name("loonkostensubsidie", "loonkostSub", "Artikel 10d Participatiewet", "PW_art_10d", _P)),
    (r"no-?risk", _name("no-riskpolis", "noRiskPolis", "Artikel 29b Ziektewet", "ZW_art_29b", "BWBR0001888")),
    (r"beschut", _name("beschut werk", "beschWerk", "Artikel 10b Participatiewet", "Pw_art_10b", _P)),
    (r"begeleid werken", _name("begeleid werken", "begWerk", "Artikel 10da Participatiewet", "Pw_art_10da", _P)),
    (r"werkplek ?aanpassing",
     _name("werkplekaanpassing", "werkplekaanpassing", "Artikel 3 Arbeidsomstandighedenwet", "Arbo_art_3",
           "BWBR0010346")),
    (r"inburgeringsexamen",
     _name("inburgeringsexamen", "inburgeringsexamen", "Artikel 7 Wet inburgering", "Wib_art_7", "BWBR0020611")),
    (r"job ?coach", _name("werkbegeleiding werkzoekenden", "werkbegeleiding_werkzoekenden")),
    (r"schuldhulp|schuldsanering|hulp bij (geld en )?schulden",
     _name("schuldhulpverlening", "schuldhulpverlening", "Artikel 3 Wet gemeentelijke schuldhulpverlening",
           "Wet_gem_schuldh_art_3", "BWBR0031331")),
    (r"scholings(budget|voucher|vergoeding)|opleidings(budget|voucher|vergoeding)|studiekosten",
     _name("opleidingsvergoeding werklozen", "opleidingsvergoeding_werklozen", "Artikel 10a Participatiewet",
           "Pw_art_10a", _P)),
    (r"starterskrediet|bedrijfskrediet",
     _name("starterskrediet ondernemer", "starterskrediet_ondernemer",
           "Artikel 14 Besluit bijstandverlening zelfstandigen 2004", "Bbz_art_14", "BWBR0015711")),
    (r"bijstand (voor )?zelfstandigen|\bbbz\b",
     _name("bijstand zelfstandigen", "bijstandZst", "Artikel 2 Besluit bijstandverlening zelfstandigen 2004",
           "Bbz_art_2", "BWBR0015711")),
    (r"sociale werkvoorziening|\bwsw\b",
     _name("sociale werkvoorziening", "sociale_werkvoorziening", "Artikel 2 Wet sociale werkvoorziening", "WSW_art_2",
           "BWBR0008903")),
    (r"schoolverlater", _name("begeleiding schoolverlater", "begSchoolverl")),
    (r"\btolk", _name("tolk", "tolk")),
)  # fmt: skip
"""What an instrument is called -> its name in the list; the first that fits counts."""
OTHERWISE = _name("re-integratie", "re-integratie", "Artikel 35 Wet werk en inkomen naar arbeidsvermogen", "WIA_art_35",
                  "BWBR0019057")  # fmt: skip


def uniform_name(instrument: Instrument) -> UniformName:
    """The name that fits what the instrument is called; `OTHERWISE` where none does."""
    called = f"{instrument.name} {instrument.form}".lower()
    return next((name for pattern, name in NAMES if re.search(pattern, called)), OTHERWISE)
