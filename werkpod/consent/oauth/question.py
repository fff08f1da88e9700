"""A request that waits for the citizen's answer: what the consent page shows, and what an answer is held against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from werkpod.consent.accounts.model import Account
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.detail_members import kept_seconds
from werkpod.consent.oauth.details import AccessRequest
from werkpod.consent.oauth.grant_management import Gains, gains_of, merged
from werkpod.consent.oauth.redirects import is_local
from werkpod.web.errors import Forbidden

_SLACK = 3600.0
"""Seconds between reading the page and pressing the button, for a grant's end."""


class GrantTooWide(Forbidden):
    """A grant that gives more than was asked, or gives it to another: a form that was tampered with."""

    code, title = "grant_too_wide", "This is not what the app asked for"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request that waits for an answer. `access.sections` empty: the citizen chooses, nothing is ticked.

    Show `client.label(lang)` and `host`; `redirect_origin` is what the page's form-action must let through.
    Who signed in before `since` has to do so again first (prompt, max_age).

    `action`: what the app wants with the grant `has` ("merge": beside what it gives; "replace": instead of it),
    "create" for one of its own, "" where it did not say. `changed`: what the app changed of itself since the citizen's
    last yes to it (names of `consented.WATCHED`), where the page was asked for somebody.
    """

    id: str
    client: Client
    redirect_uri: str
    scope: tuple[str, ...]
    access: AccessRequest
    started: float
    since: float = 0.0
    action: str = ""
    has: GrantRecord | None = None
    changed: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """Who asks, as far as anybody can check: the host of the client id; of an app that registered itself the host
        that the answer goes to, "" for a program on the person's own device."""
        if not self.client.registered:
            return self.client.host
        return "" if is_local(self.redirect_uri) else urlsplit(self.redirect_uri).netloc

    @property
    def redirect_origin(self) -> str:
        """Scheme and host of the redirect_uri."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def chooses(self) -> bool:
        """Whether the citizen picks the sections, because the app asked for nothing in particular."""
        return not self.access.sections

    @property
    def gains(self) -> Gains:
        """What a merge would add to what the app has."""
        return gains_of(self.has, self.access) if self.has is not None and self.action == "merge" else Gains()

    def placed(self, record: GrantRecord) -> GrantRecord:
        """The grant to write for a choice: of its own (no id), or the next version of the grant that the app named."""
        if self.has is None:
            return record
        return merged(self.has, record) if self.action == "merge" else replace(record, id=self.has.id)

    def check(self, account: Account, grant: GrantRecord, now: float) -> None:
        """Make sure that a grant (`placed`) answers this request. Raises GrantTooWide that says in what it does not.

        Less than was asked is an answer too. Call it before the grant is created; `approve` does so again.
        """
        access = self.access
        if grant.pod != account.id or grant.agent != account.webid or grant.client != self.client.id:
            raise GrantTooWide("The grant is of another pod, or for another app, than the request.")
        if access.locations and set(access.locations) != {account.storage}:
            raise GrantTooWide("The app asks for another pod than yours.")
        if access.assignee not in ("", account.webid, self.client.id):
            raise GrantTooWide("The app asks for somebody else.")
        if self.has is not None and (self.has.pod != account.id or grant.id != self.has.id):
            raise GrantTooWide("The app asks about another grant.")
        had = self.has if self.action == "merge" else None
        if not self.chooses:
            self._check_extent(grant, had)
        self._check_terms(grant, had, now)

    def _check_extent(self, grant: GrantRecord, had: GrantRecord | None) -> None:
        """Sections, fields and actions: those that were asked, and those that were there."""
        access, everything = self.access, had is not None and had.everything
        if everything:
            return
        if grant.everything or not set(grant.sections) <= {*access.possible, *(had.sections if had else ())}:
            raise GrantTooWide("The grant has sections that the app did not ask for.")
        if not set(grant.actions) <= set(access.actions):
            raise GrantTooWide("The grant allows what the app did not ask for.")
        must = set(access.must_hide(grant.sections, [k for keys in access.optional_fields.values() for k in keys]))
        if had is not None:
            must = {key for key in must if key.partition(".")[0] not in had.sections or key in had.hidden_fields}
        if not must <= set(grant.hidden_fields):
            raise GrantTooWide("The grant has fields that the app did not ask for.")

    def _check_terms(self, grant: GrantRecord, had: GrantRecord | None, now: float) -> None:
        """Purpose, basis, end, and what the app does afterwards."""
        access = self.access
        if access.purpose and grant.purpose != access.purpose:
            raise GrantTooWide("The grant is for another purpose than the app gave.")
        if grant.legal_basis != access.legal_basis:
            raise GrantTooWide("The grant has another legal basis than the app gave.")
        if access.seconds is not None:
            most = now + access.seconds + _SLACK
            if had is not None:
                most = float("inf") if had.until is None else max(most, had.until)
            if (grant.until or float("inf")) > most:
                raise GrantTooWide("The grant lasts longer than the app asked for.")
        if kept_seconds(grant.keep) > kept_seconds(access.keep) or (grant.keep, access.keep) == (
            "until_end",
            "nothing",
        ):
            raise GrantTooWide("The app may keep more than it asked for.")
        if grant.onward and not access.onward:
            raise GrantTooWide("The app may pass on what it did not ask to.")
