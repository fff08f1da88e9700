"""A grant in words: who, what, what they may do, until when, on what ground, what they may keep. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import GrantRecord
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS
from werkpod.web.pages import day

_FEW = 4
"""Sections that a line names; of more than that it says how many."""
_DPV = "https://w3id.org/dpv#"
_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?")


def called(grant: GrantRecord, say: Say) -> str:
    """What a receiver is called; never empty."""
    _ = say
    if grant.receiver_name:
        return grant.receiver_name
    return _("Een link zonder naam") if grant.link else host(grant) or _("Iemand zonder naam")


def who(grant: GrantRecord, say: Say) -> str:
    """In whose place the receiver is: the coach, an app."""
    _ = say
    words = {
        "coach": _("je coach"), "employer": _("een werkgever"), "link": _("iedereen met de link"),
        "tool": _("je eigen hulpmiddel"), "app": _("een app"),
    }  # fmt: skip
    return words[grant.receiver_kind]


def host(grant: GrantRecord) -> str:
    """The host of an app, "" for others."""
    return urlsplit(grant.client).netloc if grant.client and grant.receiver_kind == "app" else ""


def what(grant: GrantRecord, lang: str, say: Say) -> str:
    """The sections of a grant, in the order in which a person reads them; all of the pod where it gives that."""
    _ = say
    return _("alles in je pod") if grant.everything else ", ".join(sections(grant, lang))


def what_shortly(grant: GrantRecord, lang: str, say: Say) -> str:
    """The same for a line: of many sections the first ones, and how many more."""
    _, names = say, sections(grant, lang)
    if grant.everything or len(names) <= _FEW:
        return what(grant, lang, say)
    if {section.key for section in CV_SECTIONS} == set(grant.sections):
        return _("je hele cv")
    return _("%(names)s en nog %(num)s", names=", ".join(names[: _FEW - 1]), num=len(names) - _FEW + 1)


def sections(grant: GrantRecord, lang: str) -> tuple[str, ...]:
    """The names of the sections of a grant."""
    return tuple(SECTIONS[key].label(lang) for key in SECTIONS if key in grant.sections)


def fields(grant: GrantRecord, lang: str, only: Sequence[str] | None = None) -> tuple[str, ...]:
    """The names of the fields that are left out, by section, where that is shared. `only`: of these."""
    hidden = grant.hidden_fields if only is None else only
    found: dict[str, list[str]] = {}
    for field in FIELDS.values():
        if field.key in hidden and (grant.everything or field.section in grant.sections):
            found.setdefault(field.section, []).append(_low(field.label(lang)))
    return tuple(f"{SECTIONS[section].label(lang)}: {', '.join(names)}" for section, names in found.items())


def partly(grant: GrantRecord) -> bool:
    """Whether something of what is named is left out."""
    return bool(grant.hidden_entries or grant.hidden_fields or grant.hidden_predicates or grant.only_entries)


def entries(keys: Sequence[str], titles: Mapping[str, str], lang: str) -> tuple[str, ...]:
    """Entries ("section#entry") by their titles in the CV; one that is not there (any more) by its section."""
    found = []
    for key in keys:
        section = SECTIONS.get(key.partition("#")[0])
        found.append(titles.get(key) or (section.label(lang) if section else key))
    return tuple(dict.fromkeys(found))


def may(grant: GrantRecord, say: Say) -> str:
    """What the receiver may do with it."""
    _ = say
    if "control" in grant.actions:
        return _(
            "zien, veranderen en regelen wie nog meer mag. Wat de app zo regelt, blijft ook als je de app stopt. "
            "Je ziet het in deze lijst."
        )
    return may_shortly(grant, say)


def may_shortly(grant: GrantRecord, say: Say) -> str:
    """The same in two or three words."""
    _ = say
    if "control" in grant.actions:
        return _("zien, veranderen en regelen wie nog meer mag")
    if "write" in grant.actions:
        return _("zien en veranderen") if "read" in grant.actions else _("veranderen")
    if "append" in grant.actions:
        return _("zien en iets toevoegen") if "read" in grant.actions else _("iets toevoegen")
    return _("alleen zien")


def until(grant: GrantRecord, lang: str, say: Say) -> str:
    """When it ends."""
    _ = say
    return day(grant.until, lang) if grant.until is not None else _("je zelf stopt")


def basis(grant: GrantRecord, say: Say) -> str:
    """The legal basis in plain words (DPV 2, legal bases of the GDPR, article 6.1 a to f); its IRI where unknown."""
    _ = say
    words = {
        "Consent": _("Jij hebt ja gezegd. Je mag altijd stoppen."),
        "ExplicitConsent": _("Jij hebt ja gezegd. Je mag altijd stoppen."),
        "Contract": _("Het hoort bij een afspraak tussen jullie."),
        "LegalObligation": _("De wet zegt dat dit moet."),
        "VitalInterest": _("Het gaat om iemands leven of gezondheid."),
        "PublicInterest": _("Het hoort bij een taak van de overheid."),
        "OfficialAuthorityOfController": _("Het hoort bij een taak van de overheid."),
        "LegitimateInterest": _("Zij zeggen dat ze een goede reden hebben."),
    }
    known = words.get(grant.legal_basis.removeprefix(_DPV)) if grant.legal_basis.startswith(_DPV) else None
    return known or grant.legal_basis


def keep(kept: str, say: Say) -> str:
    """What the receiver may keep when it is over (`GrantRecord.keep`)."""
    _ = say
    if not kept:
        return _("Daar is niets over afgesproken.")
    if kept == "nothing":
        return _("Niets.")
    if kept == "until_end":
        return _("Alles, tot het delen stopt. Daarna niets meer.")
    return _("Alles, tot %(time)s nadat het delen stopt.", time=duration(kept, say))


def duration(value: str, say: Say) -> str:
    """An ISO 8601 duration of years, months, weeks and days in words; itself where it is another."""
    _ = say
    found = _DURATION.fullmatch(value)
    if found is None:
        return value
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    parts = [_("%(num)s jaar", num=years)] if years else []
    if months:
        parts.append(_("1 maand") if months == 1 else _("%(num)s maanden", num=months))
    if weeks or days:
        parts.append(in_days(weeks * 7 + days, say))
    return _(" en ").join(parts) or in_days(0, say)


def in_days(number: int, say: Say) -> str:
    """A number of days in words."""
    _ = say
    return _("1 dag") if number == 1 else _("%(num)s dagen", num=number)


def _low(label: str) -> str:
    return label[:1].lower() + label[1:]
