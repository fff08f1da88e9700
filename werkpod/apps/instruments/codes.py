"""The code lists of instruments in the Gegevensregister SUWI, as Eva and Dennis use them: code <-> name.

    KK  client characteristics     what an instrument works on
    UV  forms of delivery
    EW  tiles of the landscape for jobseekers, DW for employers
    DD, ED  target groups
    GV  alone or in a group

Older answers of a guide give the name alone, later ones the code alone; here each gives the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from werkpod.vocab.text import normalise

CHARACTERISTICS = {
    "KK01": "Psychosociale aandachtspunten",
    "KK02": "Lichamelijke aandachtspunten",
    "KK03": "Praktische aandachtspunten",
    "KK04": "Sociale- en culturele vaardigheden",
    "KK05": "Basisvaardigheden",
    "KK06": "Basis werknemersvaardigheden",
    "KK07": "Toekomstige werknemersvaardigheden",
    "KK08": "Sollicitatievaardigheden",
    "KK09": "Diplomeren, certificeren, en praktijkverklaring",
    "KK10": "Werkervaring",
    "KK11": "Beroepskeuze, beroepsvoorkeur, en beroepsorientatie",
    "KK12": "Willen en geloven in eigen kunnen",
    "KK13": "Zelfregie / zelfsturing",
    "KK14": "Sociale steun en netwerk",
}
FORMS = {
    "UV01": "(Bij)scholing",
    "UV02": "Opleiding",
    "UV03": "Leerwerktraject",
    "UV04": "(Vrijwilligers)werk",
    "UV05": "Vragenlijst",
    "UV06": "Onderzoek",
    "UV07": "Coaching",
    "UV08": "Subsidie/Voucher",
    "UV09": "Tolken/Vertalen",
    "UV10": "Verwijzing",
    "UV11": "Materiele ondersteuning",
}
TILES = {
    "DW01": "Voorzorg",
    "DW02": "Werkgever contact",
    "DW03": "Orientatie",
    "DW04": "Opleiden",
    "DW05": "Kandidaat fit",
    "DW06": "Opstellen werkprofiel",
    "DW07": "Werving en selectie",
    "DW08": "Bemiddeling",
    "DW09": "Plaatsing",
    "DW10": "Nazorg",
    "EW01": "Melding",
    "EW02": "Diagnostiek",
    "EW03": "Maatschappelijk fit",
    "EW04": "Werk fit",
    "EW05": "Orientatie",
    "EW06": "Opleiden",
    "EW07": "Bemiddeling",
    "EW08": "Plaatsing",
    "EW09": "Nazorg",
}
TARGETS = {
    "DD01": "Geen uitkering",
    "DD02": "Participatiewet (Bijstand, IOAW, IOAZ)",
    "DD03": "Wajong",
    "DD04": "WAO, WIA, WAZ",
    "DD05": "WW, IOW",
    "DD06": "Ondernemer met personeel",
    "DD07": "Zelfstandige ondernemer (ZZP)",
    "DD08": "Met werkloosheid bedreigd",
    "ED01": "Jongeren tot 27 jaar",
    "ED02": "50-plussers",
    "ED03": "(Vermoedelijk) Verstandelijke beperking (IQ 50-85)",
    "ED04": "(Vermoedelijk) Arbeidsbeperkten",
    "ED05": "Statushouders",
    "ED06": "Migranten",
    "ED07": "(Ex) Ondernemers",
    "ED08": "Dak- en thuislozen",
    "ED09": "Laaggeletterden en analfabeten",
    "ED10": "ZZP-er",
    "ED11": "Met werkloosheid bedreigd",
    "ED12": "Banenafspraak (doelgroepregister)",
    "ED13": "NUG-ers",
    "ED14": "Medewerkers",
}
GROUP_FORMS = {"GV01": "Individueel", "GV02": "Groep"}
UNITS = {"01": "Dag(en)", "02": "We(e)k(en)", "03": "Maand(en)", "04": "Uur"}
"""Units of duration (TrajectDuurEenheden)."""

NAMES = CHARACTERISTICS | FORMS | TILES | TARGETS | GROUP_FORMS
"""Every code of the lists above (units apart) -> its name."""
_CODES: dict[str, list[str]] = {}
for _code, _name in NAMES.items():
    _CODES.setdefault(normalise(_name), []).append(_code)


def code_of(code: str | None, name: str | None, prefixes: Iterable[str]) -> str:
    """The code of an entry with this code, else with this name, in the lists with these prefixes; "" where neither is
    in them: guides may add entries of their own."""
    wanted = tuple(prefixes)
    if code and code.strip().upper() in NAMES and code.strip().upper().startswith(wanted):
        return code.strip().upper()
    return next((each for each in _CODES.get(normalise(name or ""), ()) if each.startswith(wanted)), "")


def name_of(code: str) -> str:
    """The name of a code; "" for one that is in no list."""
    return NAMES.get(code, "")
