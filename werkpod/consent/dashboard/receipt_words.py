"""A receipt in plain words: the same for the page, the PDF, the check page and the command. Pure.

Whoever reads it need not be the citizen, so nothing is said of "you" but in the names of sections and fields.
"""

from __future__ import annotations

from dataclasses import dataclass

from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.receipts.document import is_consent
from werkpod.consent.receipts.model import Change, Receipt, seconds
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import SECTIONS
from werkpod.web.pages import day

_DPV = "https://w3id.org/dpv#"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a receipt says: a question and its answer, in one or more lines."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt in words. `title`: what happened, shortly; `sentence`: when, and with whom; `marks`: how to find and
    check it again, for who wants to know exactly."""

    title: str
    sentence: str
    facts: tuple[Fact, ...]
    marks: tuple[Fact, ...]


def told(receipt: Receipt, lang: str, say: Say) -> Told:
    """The receipt in the language that `say` speaks."""
    return Told(
        title=title(receipt, say),
        sentence=sentence(receipt, lang, say),
        facts=tuple(fact for fact in _facts(receipt, lang, say) if fact.lines),
        marks=_marks(receipt, lang, say),
    )


def title(receipt: Receipt, say: Say) -> str:
    """What happened, in a few words."""
    _ = say
    return {
        "given": _("Begonnen met delen"), "changed": _("Delen veranderd"), "renewed": _("Delen verlengd"),
        "stopped": _("Gestopt met delen"), "expired": _("Delen afgelopen"),
    }[receipt.kind]  # fmt: skip


def sentence(receipt: Receipt, lang: str, say: Say) -> str:
    """What happened, when, with whom."""
    _ = say
    values = {"date": day(receipt.at, lang, with_time=True), "name": called(receipt, say)}
    return {
        "given": _("Op %(date)s begon het delen met %(name)s.", **values),
        "changed": _("Op %(date)s is het delen met %(name)s veranderd.", **values),
        "renewed": _("Op %(date)s is het delen met %(name)s verlengd.", **values),
        "stopped": _("Op %(date)s is het delen met %(name)s gestopt.", **values),
        "expired": _("Op %(date)s liep het delen met %(name)s af.", **values),
    }[receipt.kind]


def called(receipt: Receipt, say: Say) -> str:
    """What the receiver is called; never empty."""
    _ = say
    if receipt.receiver.name:
        return receipt.receiver.name
    return _("iedereen met de link") if receipt.receiver.kind == "link" else receipt.receiver.host or _("iemand")


def _facts(receipt: Receipt, lang: str, say: Say) -> tuple[Fact, ...]:
    _ = say
    return (
        Fact(_("Wat is er veranderd?"), tuple(_changed(change, lang, say) for change in receipt.changes)),
        Fact(_("Wie krijgt het?"), _receiver(receipt, say)),
        Fact(_("Wat wordt gedeeld?"), _what(receipt, lang, say)),
        Fact(_("Wat mag de ontvanger?"), (_may(receipt.actions, say), _onward(receipt.onward, say))),
        Fact(_("Waarvoor?"), (receipt.purpose_text,) if receipt.purpose_text else ()),
        Fact(_("Waarom mag dit?"), (_basis(receipt, say),)),
        Fact(_("Hoe lang?"), _how_long(receipt, lang, say)),
        Fact(_("Wat mag de ontvanger bewaren?"), (wording.keep(receipt.keep, say),)),
        Fact(_("Van wie is het?"), (receipt.subject,)),
        Fact(_("Wie deed dit?"), (_who(receipt, say),)),
    )


def _marks(receipt: Receipt, lang: str, say: Say) -> tuple[Fact, ...]:
    _ = say
    place = receipt.place
    before = () if place.before is None else (_("Bewijs %(id)s", id=place.before[0]), place.before[1])
    found = (
        Fact(_("Nummer van dit bewijs"), (receipt.id,)),
        Fact(_("Gemaakt op"), (day(receipt.created, lang, with_time=True),)),
        Fact(_("Gegeven door"), (receipt.organisation, receipt.base)),
        Fact(
            _("Waar het over gaat"), (_("Delen %(id)s, versie %(version)s", id=receipt.grant, version=receipt.version),)
        ),
        Fact(_("Bewijs ervoor"), before),
        Fact(_("Stand van het logboek"), (_("%(num)s regels", num=place.ledger_lines), place.ledger_hash)),
    )
    return tuple(fact for fact in found if fact.lines)


def _receiver(receipt: Receipt, say: Say) -> tuple[str, ...]:
    _ = say
    party = receipt.receiver
    kinds = {
        "coach": _("een coach"), "employer": _("een werkgever"), "link": _("iedereen met de link"),
        "tool": _("een eigen hulpmiddel"), "app": _("een app"),
    }  # fmt: skip
    known = {
        "own_app": _("Een app van deze website."),
        "client_document": _("De app staat op %(host)s.", host=party.host),
        "self_registered": _("De app zei zelf wie zij is. Dat is niet nagekeken."),
        "own_tool": _("Het hulpmiddel is zelf gemaakt door wie dit deelt."),
        "account_here": _("Heeft een account op deze website."),
        "webid_elsewhere": _("Heeft een account op een andere website."),
        "link": _("Wie de link had, kon het lezen."),
    }
    name = called(receipt, say)
    kind = kinds.get(party.kind, party.kind)
    head = name if name == kind else f"{name} ({kind})"
    addresses = tuple(address for address in (party.webid, party.client) if address)
    return (head, *(known[how] for how in party.known), *addresses)


def _what(receipt: Receipt, lang: str, say: Say) -> tuple[str, ...]:
    _ = say
    if receipt.everything:
        return (_("Alles in de pod"), *_other(receipt.hidden_predicates, say))
    lines = []
    for part in receipt.parts:
        label = section_label(part.section, lang)
        left_out = _fields(part.left_out, lang)
        lines.append(_("%(part)s, zonder: %(fields)s", part=label, fields=left_out) if left_out else label)
    return (*lines, *_other(receipt.hidden_predicates, say))


def _other(predicates: tuple[str, ...], say: Say) -> tuple[str, ...]:
    _ = say
    return (_("Overal zonder: %(list)s", list=", ".join(predicates)),) if predicates else ()


def section_label(key: str, lang: str) -> str:
    """The name of a section; its key where it is known no more."""
    section = SECTIONS.get(key)
    return section.label(lang) if section else key


def _fields(keys: tuple[str, ...], lang: str) -> str:
    labels = (FIELDS[key].label(lang) if key in FIELDS else key for key in keys)
    return ", ".join(label[:1].lower() + label[1:] for label in labels)


def _may(actions: tuple[str, ...], say: Say) -> str:
    _ = say
    if "control" in actions:
        return _("Zien, veranderen en regelen wie er nog meer bij mag.")
    if "write" in actions:
        return _("Zien en veranderen.") if "read" in actions else _("Veranderen, niet zien.")
    if "append" in actions:
        return _("Zien en iets toevoegen.") if "read" in actions else _("Iets toevoegen, niet zien.")
    return _("Alleen zien.")


def _onward(onward: bool, say: Say) -> str:
    _ = say
    return _("Doorgeven aan anderen mag.") if onward else _("Doorgeven aan anderen mag niet.")


def _basis(receipt: Receipt, say: Say) -> str:
    _ = say
    if is_consent(receipt.legal_basis):
        return _("Met toestemming. Stoppen mag altijd.")
    return _named_basis(receipt.legal_basis, say)


def _named_basis(iri: str, say: Say) -> str:
    _ = say
    words = {
        "Contract": _("Het hoort bij een afspraak."),
        "LegalObligation": _("De wet zegt dat dit moet."),
        "VitalInterest": _("Het gaat om iemands leven of gezondheid."),
        "PublicInterest": _("Het hoort bij een taak van de overheid."),
        "OfficialAuthorityOfController": _("Het hoort bij een taak van de overheid."),
        "LegitimateInterest": _("De ontvanger zegt dat er een goede reden voor is."),
    }
    return words.get(iri.removeprefix(_DPV), iri)


def _how_long(receipt: Receipt, lang: str, say: Say) -> tuple[str, ...]:
    _ = say
    begins = _("Vanaf %(date)s.", date=day(receipt.begins, lang, with_time=True))
    if receipt.kind in ("stopped", "expired"):
        ends = _("Het is voorbij sinds %(date)s.", date=day(receipt.at, lang, with_time=True))
    elif receipt.until is None:
        ends = _("Tot het gestopt wordt.")
    else:
        ends = _("Tot %(date)s.", date=day(receipt.until, lang, with_time=True))
    return (begins, ends, *((_("Voor één keer."),) if receipt.once else ()))


def _who(receipt: Receipt, say: Say) -> str:
    _ = say
    if receipt.kind == "expired":
        return _("Niemand. De tijd was om.")
    if receipt.by is not None and receipt.by == receipt.receiver.client:
        return _("De app zelf.")
    if receipt.by_app:
        return _("Een eigen hulpmiddel: %(client)s", client=receipt.by)
    if receipt.by is not None:
        return _("Een vertegenwoordiger: %(webid)s", webid=receipt.by)
    return _("Degene van wie het is.")


def _changed(change: Change, lang: str, say: Say) -> str:
    _ = say
    names = {
        "sections": _("Wat wordt gedeeld"), "fields": _("Wat wordt weggelaten"),
        "predicates": _("Wat overal wordt weggelaten"), "actions": _("Wat de ontvanger mag"),
        "purpose": _("Waarvoor het is"), "basis": _("Waarom het mag"), "begin": _("Wanneer het begint"),
        "end": _("Wanneer het stopt"), "once": _("Voor één keer"), "keep": _("Wat bewaard mag worden"),
        "onward": _("Doorgeven aan anderen"),
    }  # fmt: skip
    before, after = (_value(change.of, value, lang, say) for value in (change.before, change.after))
    return _("%(what)s. Eerst: %(before)s. Nu: %(after)s.", what=names[change.of], before=before, after=after)


def _value(of: str, value: str, lang: str, say: Say) -> str:
    _ = say
    match of:
        case "sections":
            names = ", ".join(section_label(key, lang).lower() for key in value.split())
            return _("alles in de pod") if value == "everything" else names
        case "fields":
            return _fields(tuple(value.split()), lang) or _("niets")
        case "actions":
            return _may(tuple(value.split()), say).rstrip(".").lower()
        case "basis":
            basis = _("toestemming") if is_consent(value) else _named_basis(value, say)
            return basis.rstrip(".")
        case "begin" | "end":
            return day(seconds(value), lang, with_time=True) if value else _("als het gestopt wordt")
        case "once" | "onward":
            return _("ja") if value == "yes" else _("nee")
        case "keep":
            return wording.keep(value, say).rstrip(".").lower()
        case _:
            return value.removeprefix(_DPV)
