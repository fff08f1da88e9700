"""The citizen's pages: what I have, who may see it, who looked, and the consent page; and the JSON beside them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from werkpod.consent.asking.api import AskingApi
from werkpod.consent.dashboard.accesses import Accesses
from werkpod.consent.dashboard.acting import ActingPages
from werkpod.consent.dashboard.again import Again
from werkpod.consent.dashboard.altering import Altering
from werkpod.consent.dashboard.api import Api
from werkpod.consent.dashboard.coach import ShareWithCoach
from werkpod.consent.dashboard.consent import Consent
from werkpod.consent.dashboard.cv import MyCv
from werkpod.consent.dashboard.entry import Entry
from werkpod.consent.dashboard.exports import Exports
from werkpod.consent.dashboard.hinting import Hints
from werkpod.consent.dashboard.home import Home
from werkpod.consent.dashboard.link import Link
from werkpod.consent.dashboard.log import Log
from werkpod.consent.dashboard.manage import Manage
from werkpod.consent.dashboard.mandates import MandatePages
from werkpod.consent.dashboard.messages import Messages
from werkpod.consent.dashboard.openapi import OpenApi
from werkpod.consent.dashboard.opened import FirstOpened
from werkpod.consent.dashboard.outside import OutsidePages
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.dashboard.profile import Profile
from werkpod.consent.dashboard.receipt_api import ReceiptApi
from werkpod.consent.dashboard.receipt_check import ReceiptCheck
from werkpod.consent.dashboard.receipts import ReceiptPages
from werkpod.consent.dashboard.removal import Removal
from werkpod.consent.dashboard.requests import Requests
from werkpod.consent.dashboard.rule_page import RulePage
from werkpod.consent.dashboard.settings import SettingsPages
from werkpod.consent.dashboard.sharing import Sharing
from werkpod.consent.dashboard.signing_out import SigningOut
from werkpod.consent.dashboard.stop_all import StopAll
from werkpod.consent.dashboard.unfit import error_page
from werkpod.consent.dashboard.with_coach import CoachSharing
from werkpod.consent.dashboard.work import About, Work

_GROUPS = (
    ReceiptPages, ReceiptCheck, ReceiptApi,
    Home, Entry, OutsidePages, MyCv, Sharing, StopAll, Hints, RulePage, Again, Altering, Log, Exports, Removal, Link,
    ShareWithCoach, Messages, Work, About, SettingsPages, Profile, Consent, SigningOut,
    MandatePages, ActingPages, OpenApi, Api, Accesses, Requests, AskingApi,
)  # fmt: skip

_LAST = (Manage,)
"""Its address, `/regie/delen/{grant}`, would take those of other pages."""


def routes(parts: DashboardParts) -> list[BaseRoute]:
    """Every page of the dashboard. `request.state.viewer` must be set (`ViewerMiddleware`)."""
    return [route for group in (*_GROUPS, *_LAST) for route in group(parts).routes()]


__all__ = ["CoachSharing", "DashboardParts", "FirstOpened", "error_page", "routes"]
