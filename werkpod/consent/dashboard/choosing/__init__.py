"""Choosing what somebody gets: sections, and on request the entries and fields that are left out, or a ready choice.

The same pieces serve the consent page, sharing with a coach, links, an answer to a request and narrowing a grant:

    offered = await offers(own, keys, lang, say)      what can be chosen
    chosen = read(form, offered, presets, say)        what was chosen; raises Unfinished, FormRefused
    chosen.on(record)                                 the grant of it
    await preview(parts, account, record, lang, say)  the very responses that the grant opens; `seen` for the page

The form is the macro `chooser` of `choosing/chooser.html`. Its buttons come back as `pressed(form, ...)`: a choice to
show again, which gives nothing yet. So it all works without JavaScript.
"""

from werkpod.consent.dashboard.choosing.model import Chosen, FieldKind, FieldOffer, Offer, Piece, Unfinished
from werkpod.consent.dashboard.choosing.offers import offers
from werkpod.consent.dashboard.choosing.previewing import Seen, preview, seen
from werkpod.consent.dashboard.choosing.reading import NAMES, draft, pressed, read
from werkpod.consent.dashboard.choosing.terms import TERM_NAMES, Terms, read_terms

__all__ = [
    "NAMES",
    "TERM_NAMES",
    "Chosen",
    "FieldKind",
    "FieldOffer",
    "Offer",
    "Piece",
    "Seen",
    "Terms",
    "Unfinished",
    "draft",
    "offers",
    "pressed",
    "preview",
    "read",
    "read_terms",
    "seen",
]
