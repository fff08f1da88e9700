"""What a citizen answers to an app: what can be chosen of what it asks, what the form says, and the grant of it.

What comes back in the form is held against what was asked: more than that is refused, never trimmed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.choosing import (
    NAMES,
    TERM_NAMES,
    Chosen,
    FieldKind,
    Offer,
    Terms,
    Unfinished,
    draft,
    offers,
    read,
    read_terms,
)
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import Form
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import Action, GrantRecord
from werkpod.consent.grants.presets import PRESETS, Preset
from werkpod.consent.grants.terms import PURPOSES
from werkpod.consent.oauth.flow import AuthorizationRequest
from werkpod.vocab.fields import FIELDS, fields_of
from werkpod.vocab.sections import SECTIONS

DAYS = (1, 30, 90, 365)
"""How long a citizen can choose when the app did not say."""
READ, CHANGE = "lezen", "veranderen"
CONTROL = "regelen"
"""The field of the tick that lets an app with everything also say who else may (record 22)."""
PURPOSE = "doel"
ALWAYS = ("verzoek", "antwoord")
_ACTIONS: dict[str, tuple[Action, ...]] = {READ: ("read",), CHANGE: ("read", "append", "write")}
_KNOWN: tuple[Action, ...] = ("read", "append", "write", "control")


@dataclass(frozen=True, slots=True)
class Answer:
    """A yes: what, what the app may do with it, how long, and what for, where the citizen said that."""

    chosen: Chosen
    actions: tuple[Action, ...]
    terms: Terms
    purpose: str = ""

    def on(self, record: GrantRecord) -> GrantRecord:
        """The grant that says so."""
        record = replace(self.terms.on(self.chosen.on(record)), actions=self.actions)
        return replace(record, purpose=self.purpose) if self.purpose else record


def presets_for(asked: AuthorizationRequest) -> tuple[Preset, ...]:
    """The ready choices: only where the citizen picks what the app may have."""
    return (PRESETS["skills"], PRESETS["anonymous"]) if asked.chooses else ()


def actions_of(asked: AuthorizationRequest) -> tuple[Action, ...]:
    """What the app asks to do, in the words of a grant."""
    return tuple(action for action in _KNOWN if action in asked.access.actions)


async def offered_to(own: OwnPod, asked: AuthorizationRequest, lang: str, say: Say) -> tuple[Offer, ...]:
    """What can be chosen: what the app asks, or everything by section where it asks nothing in particular.

    What a merge has already goes along with a yes; it is taken away by stopping, not here.
    """
    access = asked.access
    if asked.chooses:
        return await offers(own, tuple(SECTIONS), lang, say)
    had = asked.has if asked.action == "merge" else None
    needed = {*access.sections, *(key for key in access.optional if had is not None and key in had.sections)}
    kinds = {field.key: _kind(asked, field.key) for key in access.possible for field in fields_of(key)}
    return await offers(
        own, access.possible, lang, say, needed=needed, fields=kinds,
        reasons={key: access.reason(key, lang) for key in (*access.possible, *FIELDS)},
        narrows=actions_of(asked) == ("read",),
    )  # fmt: skip


def begun(asked: AuthorizationRequest, offered: tuple[Offer, ...]) -> Chosen:
    """What the page begins with: what the app needs, and nothing that it does not.

    Of a grant that the app asks about, what its citizen left out stays left out until they say otherwise.
    """
    keys = tuple(offer.key for offer in offered if offer.needed)
    left = asked.has.hidden_fields if asked.has is not None else ()
    hidden = tuple(name for offer in offered if offer.needed for name in offer.hidden(left, ()))
    if asked.has is None:
        return Chosen(keys, hidden_fields=hidden)
    return Chosen(
        keys,
        only_entries=tuple(entry for entry in asked.has.only_entries if entry.partition("#")[0] in keys),
        hidden_entries=tuple(entry for entry in asked.has.hidden_entries if entry.partition("#")[0] in keys),
        hidden_fields=hidden,
    )


def so_far(form: Form, asked: AuthorizationRequest, offered: tuple[Offer, ...]) -> Chosen:
    """What the form says up to now, to show again. Raises FormRefused."""
    if asked.chooses and form.text("alles") == "1":
        return Chosen(everything=True)
    return draft(form, offered, presets_for(asked))


def actions_so_far(form: Form, asked: AuthorizationRequest) -> tuple[Action, ...]:
    """What the app could do by the form up to now; looking alone where nothing was picked."""
    return _ACTIONS.get(form.text("mag"), ("read",)) if asked.chooses else actions_of(asked)


def answered(form: Form, asked: AuthorizationRequest, offered: tuple[Offer, ...], now: float, say: Say) -> Answer:
    """What a yes gives. Raises FormRefused for what the page did not offer, Unfinished for what is missing."""
    only_known(form, asked)
    if not asked.chooses:
        chosen = read(form, offered, (), say)
        ordered = tuple(key for key in asked.access.possible if key in chosen.sections)
        chosen = replace(chosen, sections=ordered)
        return Answer(chosen, actions_of(asked), _terms(form, asked, now, say))
    everything = form.text("alles") == "1"
    chosen, actions = _picked(form, asked, offered, everything, say)
    purpose = form.text(PURPOSE)
    if purpose and purpose not in PURPOSES:
        raise FormRefused(f"{PURPOSE} is one of the purposes on the page, or empty.")
    return Answer(chosen, actions, _terms(form, asked, now, say), purpose)


def only_known(form: Form, asked: AuthorizationRequest) -> None:
    """Make sure that the form has no field that its page did not have. Raises FormRefused."""
    terms: tuple[str, ...] = TERM_NAMES if asked.access.seconds is None else ()
    if asked.access.keep:
        terms = tuple(name for name in terms if name != "bewaren")
    free = ("mag", "alles", "zeker", CONTROL, PURPOSE) if asked.chooses else ()
    form.only(*ALWAYS, *terms, *NAMES, *free)


def _picked(
    form: Form, asked: AuthorizationRequest, offered: tuple[Offer, ...], everything: bool, say: Say
) -> tuple[Chosen, tuple[Action, ...]]:
    """What was picked for an app that asked nothing in particular, and what it may do with that."""
    _ = say
    if form.text("mag") not in ("", *_ACTIONS):
        raise FormRefused(f"mag is {READ} or {CHANGE}.")
    if everything and form.text("zeker") != "ja":
        raise Unfinished(_("Zet een vinkje als je zeker weet dat deze app alles mag."))
    if not everything and not form.all("onderdeel"):
        raise Unfinished(_("Kies eerst wat deze app mag. Of zeg nee."))
    chosen = Chosen(everything=True) if everything else read(form, offered, presets_for(asked), say)
    if not form.text("mag"):
        raise Unfinished(_("Kies of de app alleen mag kijken, of ook mag veranderen."))
    actions = _ACTIONS[form.text("mag")]
    if chosen.narrowed and actions != ("read",):
        raise Unfinished(_("Je laat iets weg. Dan kan de app alleen kijken. Kies dat, of laat niets weg."))
    if form.text(CONTROL) not in ("", "ja") or (form.text(CONTROL) and not everything):
        raise FormRefused(f"{CONTROL} is ja, and goes with alles.")
    if form.text(CONTROL):
        if form.text("mag") != CHANGE:
            raise Unfinished(_("Regelen wie wat mag, kan alleen een app die ook mag veranderen."))
        actions = (*actions, "control")
    return chosen, actions


def _terms(form: Form, asked: AuthorizationRequest, now: float, say: Say) -> Terms:
    access = asked.access
    if access.seconds is not None:
        return Terms(access.seconds, access.once, access.keep)
    terms = read_terms(form, DAYS, now, say, once=True)
    return replace(terms, keep=access.keep) if access.keep else terms


def record_for(account: Account, asked: AuthorizationRequest, lang: str, now: float) -> GrantRecord:
    """The grant of a yes, but for what is chosen: to whom, for what, on which ground."""
    name = asked.client.label(lang)
    return GrantRecord(
        id="", pod=account.id, agent=account.webid, client=asked.client.id, client_name=asked.client.name,
        # What the list of who sees what calls an app; one that only says itself who it is, with where it answers.
        receiver_name=f"{name} ({asked.host})" if asked.client.registered and asked.host else name,
        receiver_kind="app", actions=actions_of(asked), purpose=asked.access.purpose,
        purpose_text=asked.access.text(lang), legal_basis=asked.access.legal_basis, keep=asked.access.keep,
        onward=asked.access.onward, once=asked.access.once, created=now, not_before=now,
        until=now + (asked.access.seconds or 60.0),
    )  # fmt: skip


def _kind(asked: AuthorizationRequest, key: str) -> FieldKind:
    """What happens to a field of a section that is asked."""
    access, section = asked.access, FIELDS[key].section
    if section not in access.fields and section not in access.optional_fields:
        return "open"
    had = asked.has if asked.action == "merge" else None
    if key in access.fields.get(section, ()) or (
        had is not None and section in had.sections and key not in had.hidden_fields
    ):
        return "needed"
    return "optional" if key in access.optional_fields.get(section, ()) else "closed"
