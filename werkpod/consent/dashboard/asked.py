"""A request for access in words: who asks and how that is known, what, why, how long; and the grant of a yes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from werkpod.consent import naming
from werkpod.consent.accounts.model import Account
from werkpod.consent.asking.model import Ask, Content
from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.choosing import Chosen
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import Action, GrantRecord, ReceiverKind
from werkpod.vocab.sections import SECTIONS

_ACTIONS: tuple[Action, ...] = ("read", "append")
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says of a request. `known`: how it is known who asks; `strange`: nobody looked into that.

    `ground`: on what it rests where that is not the citizen's yes alone, else "".
    """

    name: str
    known: str
    strange: bool
    through: str
    what: tuple[str, ...]
    optional: tuple[str, ...]
    adds: bool
    why: str
    reasons: tuple[tuple[str, str], ...]
    how_long: str
    keep: str
    onward: bool
    ground: str


def called(content: Content, say: Say) -> str:
    """What the asker is called: by the account here; of who is from elsewhere, where from."""
    return naming.asker(content.name, content.host, say)


def said(ask: Ask, lang: str, say: Say, *, base_url: str, organisation: str) -> Said:
    """A request in words."""
    _, content, access = say, ask.content, ask.content.access
    record = answer_record(ask, None, lang, say, now=0.0)
    return Said(
        name=called(content, say),
        known=_known(content, organisation, say),
        strange=content.kind == "elsewhere",
        through=_through(content, base_url, say),
        what=tuple(SECTIONS[key].label(lang) for key in access.sections),
        optional=tuple(SECTIONS[key].label(lang) for key in access.optional),
        adds="append" in access.actions,
        why=access.text(lang),
        reasons=tuple(
            (SECTIONS[key].label(lang), access.reason(key, lang)) for key in access.possible if access.reason(key, lang)
        ),
        how_long=_how_long(ask, say),
        keep=wording.keep(record.keep, say),
        onward=access.onward,
        ground="" if access.legal_basis.endswith("Consent") else wording.basis(record, say),
    )


def answer_record(ask: Ask, citizen: Account | None, lang: str, say: Say, *, now: float) -> GrantRecord:
    """The grant of a yes to exactly what was asked; without its citizen, only to be put in words."""
    content, access = ask.content, ask.content.access
    kind: ReceiverKind = "app" if content.kind == "elsewhere" else content.kind
    return GrantRecord(
        id="", pod=citizen.id if citizen else "", agent=content.asker,
        client=content.client if content.only_client else None, client_name=content.client_name,
        receiver_name=called(content, say), receiver_kind=kind, sections=access.sections,
        actions=tuple(action for action in _ACTIONS if action in access.actions),
        hidden_fields=access.must_hide(access.sections), purpose=access.purpose, purpose_text=access.text(lang),
        legal_basis=access.legal_basis, created=now, not_before=now, until=now + (access.seconds or 0.0),
        once=access.once, keep=access.keep, onward=access.onward, request=ask.id,
    )  # fmt: skip


def chosen_as_asked(ask: Ask) -> Chosen:
    """The choice of who says yes to what was asked, and to nothing beyond that."""
    access = ask.content.access
    return Chosen(access.sections, hidden_fields=access.must_hide(access.sections))


def _known(content: Content, organisation: str, say: Say) -> str:
    _ = say
    if content.kind == "coach":
        return _("Een coach van %(organisation)s. De organisatie heeft dit account gemaakt.", organisation=organisation)
    if content.kind == "employer":
        return _("Een werkgever. %(organisation)s heeft dit account gemaakt.", organisation=organisation)
    return _("Iemand met een adres bij %(host)s. Wij hebben niet gecontroleerd wie dat is.", host=content.host)


def _through(content: Content, base_url: str, say: Say) -> str:
    """With which app it was asked; and whether the access is for that app alone."""
    _ = say
    app = content.client_name or content.client
    if not app:
        return ""
    if content.only_client:
        return _("Gevraagd met %(app)s. Alleen daarmee kan het bekeken worden.", app=app)
    if content.kind == "elsewhere" or content.client.startswith(f"{base_url}/apps/"):
        return ""  # of who is from elsewhere it is only what they say themselves
    return _("Gevraagd met %(app)s.", app=app)


def _how_long(ask: Ask, say: Say) -> str:
    _, access = say, ask.content.access
    if access.once:
        return _("Eén keer: een kwartier vanaf nu.")
    seconds = access.seconds or 0.0
    if seconds < _DAY:
        return _("Minder dan een dag.")
    return _("%(days)s vanaf nu.", days=wording.in_days(round(seconds / _DAY), say))
