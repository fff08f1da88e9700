"""Access rules in words: who may do what with which part of the pod, for the list of who can see what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.rules import EVERYONE, SIGNED_IN, Opening
from werkpod.consent.ledger.index import Facts
from werkpod.pod.access.conditions import AccessCondition
from werkpod.pod.access.model import Mode
from werkpod.pod.profile.places import CARD, PUBLIC_INDEX
from werkpod.vocab.sections import CV_SECTIONS, INBOX, SECTIONS

_BY_PATH = {section.path: section for section in SECTIONS.values()}
_CV = CV_SECTIONS[0].path.partition("/")[0] + "/"


@dataclass(frozen=True, slots=True)
class Door:
    """One line of the list. `title` and `who` in words, the WebID itself where it is one person; `last_read`: Unix
    seconds, None when nobody did, or when that is not known (`anonymous`: who does not sign in is in no log; nor is
    there a group in it). `limits`: the conditions in words, "" for none."""

    opening: Opening
    title: str
    who: str
    what: str
    may: str
    last_read: float | None = None
    limits: str = ""

    @property
    def anonymous(self) -> bool:
        """Whether also people who say no name get in."""
        return self.opening.who == EVERYONE


def door(
    opening: Opening, names: Mapping[str, str], reads: Sequence[tuple[float, Facts]], owner: str, lang: str, say: Say
) -> Door:
    """An access rule as the list shows it. `names`: what WebIDs are called here; `reads`: who read
    what lately without a grant, newest first."""
    title, who = receiver(opening.who, names, say, group=opening.group)
    read = next((at for at, facts in reads if _is_read(facts, opening, owner)), None)
    return Door(opening, title, who, what(opening, lang, say), may(opening.modes, say), read, limits(opening, say))


def receiver(who: str, names: Mapping[str, str], say: Say, *, group: bool = False) -> tuple[str, str]:
    """A name for a receiver, and who that is."""
    _ = say
    if who == EVERYONE:
        return _("Iedereen"), _("iedereen op internet, ook wie niet inlogt")
    if who == SIGNED_IN:
        return _("Iedereen die inlogt"), _("iedereen die ergens inlogt met een adres zoals dat van jou")
    if group:
        return _("Een groep mensen"), _("iedereen in de lijst %(list)s", list=who)
    return names.get(who) or _("Iemand anders"), who


def limits(opening: Opening, say: Say) -> str:
    """What has to be so besides, for who comes in by this rule; of several rules, one of them is enough."""
    _ = say
    either = [_(" en ").join(_limit(condition, say) for condition in rule) for rule in opening.limits]
    return _("; of ").join(dict.fromkeys(either))


def _limit(condition: AccessCondition, say: Say) -> str:
    _, names = say, ", ".join(sorted(condition.named | condition.groups))
    if condition.about == "client":
        return _("alleen met de app %(names)s", names=names)
    return _("alleen wie inlogt bij %(names)s", names=names)


def what(opening: Opening, lang: str, say: Say) -> str:
    """The part of the pod that a rule is about."""
    _, path = say, opening.path
    if path == CARD:
        return _("je openbare profiel")
    if path == PUBLIC_INDEX:
        return _("de lijst van wat iedereen van je mag zien")
    if path in _BY_PATH and (path != INBOX.path or Mode.READ not in opening.modes or opening.reach != "it"):
        return _BY_PATH[path].label(lang)
    if path and not path.endswith("/"):
        return _("het bestand %(path)s", path=path)
    if opening.reach == "it":
        if not path:
            return _("de lijst van wat er in je pod staat")
        listed = Mode.READ in opening.modes
        return _("de lijst van wat in de map %(path)s staat", path=path) if listed else _("de map %(path)s", path=path)
    if path == _CV:
        return _("je hele cv")
    return _("alles in de map %(path)s", path=path) if path else _("alles in je pod")


def may(modes: Mode, say: Say) -> str:
    """What modes let somebody do."""
    _ = say
    words = [_("zien")] if Mode.READ in modes else []
    if Mode.WRITE in modes:
        words.append(_("veranderen en weghalen"))
    elif Mode.APPEND in modes:
        words.append(_("iets toevoegen"))
    if Mode.CONTROL in modes:
        words.append(_("bepalen wie er nog meer bij mag"))
    return ", ".join(words)


def _is_read(entry: Facts, opening: Opening, owner: str) -> bool:
    who = entry.agent == opening.who if opening.who != SIGNED_IN else entry.agent not in (None, owner)
    below = opening.reach != "it" and (not opening.path or opening.path.endswith("/"))
    where = entry.path == opening.path or (below and entry.path.startswith(opening.path))
    return who and where
