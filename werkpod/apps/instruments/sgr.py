"""The names that the Gegevensregister SUWI gave to the members of an instrument, brought to the older names.

A guide answers with the older English names, with the later Dutch ones, or with both side by side; the older one counts
where both are there. What belongs to any instrument may stand in a member `Instrument` of its own. Spellings differ
between the register, its drafts and what guides send, so there is more than one for some.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS = {
    "NaamInstrument": "name",
    "UuidInstrument": "uuid",
    "DatBPublicatieInstrument": "publish_from", "DatBPublicatie": "publish_from",
    "DatEPublicatieInstrument": "publish_to", "DatEPublicatie": "publish_to",
    "DatGewijzigd": "updated_at", "DatVerwijderd": "deleted_at",
    "OmsDoelInstrument": "aim", "OmsInstrument": "aim",
    "SamenvattingInstrument": "summary", "OmsKortInstrument": "summary",
    "ToelWerkwijzeInstrument": "method", "OmwWerkwijzeInstrument": "method", "OmsWerkwijzeInstrument": "method",
    "OmsOnderscheidendeAanpak": "distinctive_approach",
    "ToelDoelgroep": "target_group_description",
    "OmsVoorwaardenDeelname": "participation_conditions", "OmsVoorwaarden": "participation_conditions",
    "OmsAanvullendeInfo": "additional_information",
    "OmsAanmeldinstructies": "application_instructions", "OmsAanmeldInstructies": "application_instructions",
    "OmsAanvraag": "application_instructions",
    "AantUrenIntensiteitPerWeek": "intensity_hours_per_week",
    "AantalUrenIntensiteitPerWeek": "intensity_hours_per_week",
    "DuurTraject": "total_duration_value", "CdEenheidDuurTraject": "total_duration_unit_key",
    "ToelKosten": "costs_description",
    "Aanbieder": "provider", "InstrumentBeherendeOrganisatie": "organisation", "Uitvoeringsvorm": "implementation",
    "Doelgroep": "target_groups", "Klantkenmerk": "client_characteristics",
    "WerklandschapTegel": "tiles", "Werklandschaptegel": "tiles", "Groepsvorm": "group_forms",
    "Sector": "sectors", "SectorInstrument": "sectors", "Link": "links",
    "BeschikbareGebieden": "available_areas", "IndLandelijk": "is_national",
}  # fmt: skip
_NAMED = {
    "NaamAanbieder": "name", "NaamInstrumentBeherendeOrganisatie": "name", "NaamOrganisatie": "name",
    "CdUitvoeringsvorm": "code", "OmsUitvoeringsvorm": "name", "NaamUitvoeringsvorm": "name",
    "CdDoelgroep": "code", "NaamDoelgroep": "name", "OmsDoelgroep": "name",
    "CdKlantkenmerk": "code", "NaamKlantkenmerk": "name", "OmsKlantkenmerk": "name",
    "CdWerklandschapTegel": "code", "CdWerklandschaptegel": "code", "NaamWerklandschaptegel": "name", "key": "code",
    "CdGroepsvorm": "code", "NaamGroepsvorm": "name", "OmsGroepsvorm": "name",
    "NaamGebied": "name", "NaamGemeente": "name", "NaamArbeidsmarktregio": "name", "NaamSector": "name",
    "OmsSbi": "name", "NaamSectorInstrument": "name", "NaamLink": "label", "UrlLink": "url",
}  # fmt: skip
_PUBLISHED = ("IndPublicatieInstrument", "IndPublicatie")
_AMOUNTS = ("BedrTotaalKosten", "BedragTotaalKosten")
_WITHDRAWN = ("2", 2, False, "N", "n", "nee", "Nee")
"""What an indication says for no (StdIndJN: 1 yes, 2 no; also as a boolean)."""


def older(item: Mapping[str, Any]) -> dict[str, Any]:
    """The instrument with the older names added; what it had under those stays."""
    found = dict(item)
    general = item.get("Instrument")
    for part in (item, general if isinstance(general, Mapping) else {}):
        for name, old in _TEXTS.items():
            if _empty(found.get(old)) and not _empty(part.get(name)):
                found[old] = part[name]
        for name in _PUBLISHED:
            if part.get(name) is not None and found.get("publish") is None:
                found["publish"] = part[name] not in _WITHDRAWN
        for name in _AMOUNTS:
            amount = part.get(name)
            if isinstance(amount, Mapping) and _empty(found.get("total_costs")):
                found["total_costs"] = amount.get("WaardeBedr", amount.get("WaardeBedrag"))
    for name in set(_TEXTS.values()):
        found[name] = _named(found[name]) if name in found else None
    if isinstance(found.get("implementation"), list):  # one of them in Eva, a list in the register
        found["implementation"] = next(iter(found["implementation"]), None)
    return found


def _named(value: Any) -> Any:
    if isinstance(value, list):
        return [_named(each) if isinstance(each, Mapping) else each for each in value]
    if not isinstance(value, Mapping):
        return value
    renamed = dict(value)
    for name, old in _NAMED.items():
        if _empty(renamed.get(old)) and not _empty(value.get(name)):
            renamed[old] = value[name]
    return renamed


def _empty(value: Any) -> bool:
    return value is None or value in ("", [], {})
