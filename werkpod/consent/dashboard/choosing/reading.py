"""The form of the chooser, read. Every tick in an opened section leaves something out: none is all of the section.

onderdeel  a section, once for each           weg    "section#fragment" or a field ("section.name") to leave out
later      a section: what comes later too    stond  the entries that were on the page, with spaces between them
keuze      the ready choice it began with     preset, eigen, laat  buttons: they change what is shown, give nothing
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from werkpod.consent.dashboard.choosing.model import Chosen, Offer, Unfinished
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.parts import Form
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants.presets import Preset
from werkpod.web.forms import FORM_LIMIT

NAMES = ("onderdeel", "weg", "later", "ook", "stond", "keuze", "preset", "eigen", "laat")
"""The fields of the chooser, for `Form.only`."""
_FRAGMENT = re.compile(r"[^\s\"<>\\^`{|}#]{1,300}")
_MOST = 400
"""Things that one form may leave out."""


def pressed(form: Form, offered: Sequence[Offer], presets: Iterable[Preset]) -> Chosen | None:
    """The choice to show again, where a button of the chooser was pressed; None where the form is an answer.

    Raises FormRefused for what the page did not offer.
    """
    if wanted := form.text("preset"):
        found = next((preset for preset in presets if preset.key == wanted), None)
        if found is None:
            raise FormRefused(f"There is no ready choice {wanted[:40]!r}.")
        return filled(found, offered)
    chosen = draft(form, offered, presets)
    if form.text("eigen"):
        return replace(chosen, hidden_fields=_in_order({*chosen.hidden_fields, *chosen.telling(offered)}, offered))
    return chosen if form.text("laat") else None


def filled(preset: Preset, offered: Sequence[Offer]) -> Chosen:
    """A ready choice, as far as it is offered."""
    sections = tuple(offer.key for offer in offered if offer.needed or offer.key in preset.sections)
    gone = [o.hidden(preset.hidden_fields if o.narrows else (), ()) for o in offered if o.key in sections]
    return Chosen(sections, hidden_fields=tuple(key for keys in gone for key in keys), preset=preset.key)


def draft(form: Form, offered: Sequence[Offer], presets: Iterable[Preset] = ()) -> Chosen:
    """What the form says so far. Raises FormRefused for what the page did not offer."""
    by_key = {offer.key: offer for offer in offered}
    for key in form.all("onderdeel"):
        if key not in by_key or by_key[key].needed:
            raise FormRefused(f"The page did not ask whether {key[:40]!r} may go along.")
    for key in form.all("later"):
        if key not in by_key or not by_key[key].narrows or not by_key[key].pieces:
            raise FormRefused(f"The page did not ask what comes later in {key[:40]!r}.")
    sections = tuple(offer.key for offer in offered if offer.needed or offer.key in form.all("onderdeel"))
    entries, fields = _left_out(form, by_key)
    gone = tuple(entry for entry in entries if entry.partition("#")[0] in sections)
    stood = frozenset(form.text("stond", FORM_LIMIT).split())
    only = tuple(
        piece.key
        for key in sections
        if key in form.all("later")
        for piece in by_key[key].pieces
        if piece.key in stood and piece.key not in gone
    )
    ticked = _ticked(form, by_key)
    hidden = tuple(name for key in sections for name in by_key[key].hidden(fields, ticked))
    chosen = Chosen(sections, only_entries=only, hidden_entries=gone, hidden_fields=hidden)
    began = next((preset for preset in presets if preset.key == form.text("keuze")), None)
    if began and filled(began, offered) == replace(chosen, preset=began.key):
        return replace(chosen, preset=began.key)
    return chosen


def read(form: Form, offered: Sequence[Offer], presets: Iterable[Preset], say: Say) -> Chosen:
    """What was chosen. Raises Unfinished when nothing was, or nothing is left of it; FormRefused as `draft` does."""
    _ = say
    chosen = draft(form, offered, presets)
    if not chosen.sections:
        raise Unfinished(_("Kies eerst wat je wilt delen."))
    for offer in offered:
        # Without a single entry left, "only these" would say nothing of the section, and so give it whole.
        if offer.key in chosen.sections and offer.key in form.all("later") and not chosen.fixed(offer.key):
            raise Unfinished(
                _(
                    "Bij %(section)s blijft niets over. Haal het vinkje daar weg, of laat minder weg.",
                    section=offer.label,
                )
            )
    return chosen


def _left_out(form: Form, offered: dict[str, Offer]) -> tuple[list[str], list[str]]:
    """The entries and the fields that are ticked to leave out. Raises FormRefused."""
    entries, fields = [], []
    ticked = form.all("weg")
    if len(ticked) > _MOST:
        raise FormRefused(f"A form leaves out at most {_MOST} things; this one has {len(ticked)}.")
    for name in ticked:
        section, mark, fragment = name.partition("#")
        offer = offered.get(section if mark else name.partition(".")[0])
        if offer is None or not offer.narrows:
            raise FormRefused(f"The page did not ask whether {name[:40]!r} is left out.")
        if mark:
            # An entry that was taken away meanwhile may be named: leaving it out gives nothing more.
            if not offer.pieces or not _FRAGMENT.fullmatch(fragment):
                raise FormRefused(f"There is no entry {name[:40]!r} to leave out.")
            entries.append(name)
        elif any(field.key == name and field.kind == "open" for field in offer.fields):
            fields.append(name)
        else:
            raise FormRefused(f"The field {name[:40]!r} cannot be left out.")
    return entries, fields


def _ticked(form: Form, offered: dict[str, Offer]) -> tuple[str, ...]:
    """The optional fields that are ticked. Raises FormRefused."""
    for name in form.all("ook"):
        offer = offered.get(name.partition(".")[0])
        if offer is None or all(field.key != name or field.kind != "optional" for field in offer.fields):
            raise FormRefused(f"The page did not ask whether {name[:40]!r} may go along.")
    return form.all("ook")


def _in_order(keys: Collection[str], offered: Iterable[Offer]) -> tuple[str, ...]:
    return tuple(field.key for offer in offered for field in offer.fields if field.key in keys)
