"""What a change of a grant does, in words, before it counts: "Je coach ziet straks niet meer: ..." Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import GrantRecord
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import SECTIONS
from werkpod.web.pages import day

DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that changes. `more`: the receiver gets more by it, or longer; else less."""

    text: str
    more: bool
    longer: bool = False


def compare(
    before: GrantRecord, after: GrantRecord, titles: Mapping[str, str], lang: str, say: Say
) -> tuple[Step, ...]:
    """The steps from one version of a grant to the next; none where nothing changes. `titles`: entries by key."""
    _, name = say, wording.called(before, say)
    steps = []
    if gone := _seen(before, after, titles, lang, say):
        steps.append(Step(_("%(name)s ziet straks niet meer: %(what)s.", name=name, what=", ".join(gone)), False))
    if come := _seen(after, before, titles, lang, say):
        steps.append(Step(_("%(name)s ziet straks ook: %(what)s.", name=name, what=", ".join(come)), True))
    for section in _both(before, after):
        label = SECTIONS[section].label(lang)
        was, will = _fixed(before, section), _fixed(after, section)
        if will and not was:
            text = _("Zet je later iets bij %(section)s, dan ziet %(name)s dat niet.", section=label, name=name)
            steps.append(Step(text, False))
        if was and not will:
            text = _("Zet je later iets bij %(section)s, dan ziet %(name)s dat ook.", section=label, name=name)
            steps.append(Step(text, True))
    steps += _may(before, after, name, say)
    steps += _time(before, after, name, lang, say)
    return tuple(steps)


def wider(steps: Iterable[Step]) -> bool:
    """Whether the receiver gets to see or do more (for longer is something else)."""
    return any(step.more and not step.longer for step in steps)


def _seen(one: GrantRecord, other: GrantRecord, titles: Mapping[str, str], lang: str, say: Say) -> list[str]:
    """What `one` gives and `other` does not: sections, then entries and fields of sections that both give."""
    _ = say
    if one.everything and not other.everything:
        kept = ", ".join(wording.sections(other, lang))
        return [_("alles in je pod, behalve %(what)s", what=kept)]
    found = [] if other.everything else [
        SECTIONS[key].label(lang) for key in SECTIONS if key in one.sections and key not in other.sections
    ]  # fmt: skip
    both = _both(one, other)
    entries = [
        key
        for key in dict.fromkeys((*other.hidden_entries, *one.only_entries))
        if key.partition("#")[0] in both and _passes(one, key) and not _passes(other, key)
    ]
    fields = [
        key
        for key in FIELDS
        if key.partition(".")[0] in both and key in other.hidden_fields and key not in one.hidden_fields
    ]
    return [*found, *wording.entries(entries, titles, lang), *wording.fields(one, lang, fields)]


def _both(before: GrantRecord, after: GrantRecord) -> list[str]:
    def gives(record: GrantRecord, key: str) -> bool:
        return record.everything or key in record.sections

    return [key for key in SECTIONS if gives(before, key) and gives(after, key)]


def _fixed(record: GrantRecord, section: str) -> bool:
    """Whether only entries that are named are shared, so that what comes later is not."""
    return any(entry.startswith(f"{section}#") for entry in record.only_entries)


def _passes(record: GrantRecord, entry: str) -> bool:
    section = entry.partition("#")[0]
    if entry in record.hidden_entries:
        return False
    return not _fixed(record, section) or entry in record.only_entries


def _may(before: GrantRecord, after: GrantRecord, name: str, say: Say) -> list[Step]:
    _ = say
    was, will = set(before.actions), set(after.actions)
    steps = []
    if was - will:
        text = _("%(name)s mag straks alleen dit: %(may)s.", name=name, may=wording.may_shortly(after, say))
        steps.append(Step(text, False))
    if will - was:
        text = _("%(name)s mag straks dit: %(may)s.", name=name, may=wording.may_shortly(after, say))
        steps.append(Step(text, True))
    return steps


def _time(before: GrantRecord, after: GrantRecord, name: str, lang: str, say: Say) -> list[Step]:
    _ = say
    if before.until == after.until:
        return []
    if after.until is None:
        return [Step(_("%(name)s mag kijken tot je zelf stopt.", name=name), True, longer=True)]
    end = day(after.until, lang)
    if before.until is None:
        return [Step(_("%(name)s mag kijken tot %(end)s. Nu is er geen einde.", name=name, end=end), False)]
    days = round(abs(after.until - before.until) / DAY)
    if after.until > before.until:
        text = _("%(name)s mag %(days)s langer kijken: tot %(end)s.", name=name, days=_days(days, say), end=end)
        return [Step(text, True, longer=True)]
    text = _("%(name)s mag %(days)s korter kijken: tot %(end)s.", name=name, days=_days(days, say), end=end)
    return [Step(text, False)]


def _days(number: int, say: Say) -> str:
    _ = say
    return wording.in_days(number, say) if number else _("een paar uur")
