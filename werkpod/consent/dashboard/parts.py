"""What the citizen's pages need, and what every page does first: who is here, where to go, what to say."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.accounts.model import Account
from werkpod.consent.accounts.outside import OutsideDoor
from werkpod.consent.accounts.sessions import Sessions
from werkpod.consent.asking.asking import Asking
from werkpod.consent.dashboard.errors import ActedForAnother, FormRefused, NotYourRoom
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.with_coach import CoachSharing
from werkpod.consent.grants import Grants
from werkpod.consent.ledger import Ledger, SignedHeads
from werkpod.consent.links import ShareLinks
from werkpod.consent.mandates import Act, Acting, BeyondMandate, Mandates
from werkpod.consent.oauth.credentials import Credentials
from werkpod.consent.oauth.flow import Authorization
from werkpod.consent.receipts.receipts import Receipts
from werkpod.consent.reminding import Reminders
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.directory import PodDirectory
from werkpod.pod.service import PodService
from werkpod.pod.store.protocol import ExpectationFailed
from werkpod.web.forms import read_form
from werkpod.web.pages import Pages, language_of

SIGN_IN = "/inloggen"
ACTING_HOME = "/regie/vertegenwoordiging/voor"
"""Where somebody who acts for a citizen sees what they may do."""
IN_NAME_OF = "namens"
"""The hidden field that says under which mandate a form was shown: a person acts for somebody in one window and for
themselves in the next, and a form does only what it said on its page."""
_OWN_PATH = re.compile(r"/(?!/)[\x21-\x5b\x5d-\x7e]*")
"""A path: one slash, then printable ASCII without spaces and backslashes, which browsers take for slashes."""
Handler: TypeAlias = Callable[[Request, Account], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardParts:
    """The parts that the pages are made of. `base_url`: origin without slash; `organisation`: who runs this server."""

    pages: Pages
    base_url: str
    organisation: str
    accounts: Accounts
    sessions: Sessions
    credentials: Credentials
    authorization: Authorization
    authenticator: Authenticator
    grants: Grants
    ledger: Ledger
    heads: SignedHeads
    links: ShareLinks
    mandates: Mandates
    receipts: Receipts
    pods: PodDirectory
    service: PodService
    sharing: CoachSharing
    asking: Asking
    outside: OutsideDoor
    reminders: Reminders
    clock: Callable[[], float] = time.time

    def say(self, request: Request) -> Say:
        """gettext in the reader's language."""
        return functools.partial(self.pages.text, request)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form that our own page sent."""

    fields: dict[str, list[str]]

    def text(self, name: str, limit: int = 200) -> str:
        """One field, trimmed; "" when it is not there. Raises FormRefused when it is longer than `limit`."""
        value = (self.fields.get(name) or [""])[0].strip()
        if len(value) > limit:
            raise FormRefused(f"The field {name} has {len(value)} characters; {limit} is the most.")
        return value

    def secret(self, name: str) -> str:
        """One field as it was typed, spaces and all."""
        return (self.fields.get(name) or [""])[0][:1024]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in order, each once."""
        return tuple(dict.fromkeys(self.fields.get(name, ())))

    def number(self, name: str, choices: Collection[int]) -> int | None:
        """A number that the page offered, None when nothing was chosen. Raises FormRefused for any other."""
        value = self.text(name)
        if not value:
            return None
        if not value.isascii() or not value.isdigit() or int(value[:9]) not in choices:
            raise FormRefused(f"{name} is one of {', '.join(map(str, choices))}, not {value[:20]!r}.")
        return int(value)

    def only(self, *names: str) -> None:
        """Make sure that there are no other fields. Raises FormRefused that names one."""
        for name in self.fields:
            if name not in names:
                raise FormRefused(f"The form has a field {name[:40]!r} that this page does not have.")


async def form_of(parts: DashboardParts, request: Request) -> Form:
    """The form of a POST from our own page. Raises Forbidden (another origin), TooLarge, FormRefused (a file)."""
    fields: dict[str, list[str]] = {}
    for name, value in (await read_form(request, parts.base_url)).multi_items():
        if not isinstance(value, str):
            raise FormRefused(f"The field {name[:40]!r} holds a file; this page takes none.")
        fields.setdefault(name, []).append(value)
    said = fields.pop(IN_NAME_OF, [""])[0]
    if getattr(request.state, "in_name_of", said) != said:
        raise ActedForAnother("This form was shown in the name of somebody else; open the page again.")
    return Form(fields)


def viewer_of(request: Request) -> Account | None:
    """Who is signed in, or None."""
    viewer = getattr(request.state, "viewer", None)
    return viewer if isinstance(viewer, Account) else None


def own_path(target: str, fallback: str = "/") -> str:
    """`target` when it is a path on this server, else `fallback`: a form never leads a browser elsewhere."""
    return target if len(target) <= 1000 and _OWN_PATH.fullmatch(target) else fallback


def see_other(path: str) -> Response:
    """After a form: go and look (303), so that a reload sends nothing again."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


def to_sign_in(request: Request, *, again: bool = False) -> Response:
    """To the sign-in page, and back here afterwards; a form that was sent is not sent again.

    `again`: also for who is signed in.
    """
    query = f"?{request.url.query}" if request.url.query else ""
    here = request.url.path + query if request.method == "GET" else "/"
    return see_other(f"{SIGN_IN}?verder={quote(here, safe='')}{'&opnieuw=1' if again else ''}")


def acting_of(request: Request) -> Acting | None:
    """For whom the person who is signed in has switched to act, and under which mandate; None: for themselves."""
    acting = getattr(request.state, "acting", None)
    return acting if isinstance(acting, Acting) else None


def actor_of(request: Request) -> Account | None:
    """The representative, on a page where one acts for the citizen; None where citizens themselves are at work.

    What they give is a grant with `given_by=actor.webid`; without it nothing is given.
    """
    actor = getattr(request.state, "actor", None)
    return actor if isinstance(actor, Account) else None


def within(request: Request, sections: Collection[str]) -> tuple[str, ...]:
    """Of these sections those that whoever is at work here may see the inside of: for citizens themselves all of them.

    A representative sees the sections that they may share, so that they can choose, and no other.
    """
    acting = acting_of(request) if actor_of(request) else None
    return tuple(key for key in sections if acting is None or key in acting.mandate.sections)


def page(
    path: str,
    handler: Handler,
    *,
    methods: Collection[str] = ("GET",),
    citizens: bool = False,
    mandate: Act | Collection[Act] | None = None,
    own: bool = False,
) -> Route:
    """A route for somebody who is signed in; others go to the sign-in page first. `citizens`: not for other roles.

    `mandate`: what a representative must be allowed (one of these) to use the page for a citizen: then the handler gets
    the citizen's account, and `actor_of` says who is at work. None: not for representatives. `own`: the page is about
    whoever is signed in, also while they act for somebody.
    """
    acts: tuple[Act, ...] = () if mandate is None else (mandate,) if isinstance(mandate, str) else tuple(mandate)

    async def endpoint(request: Request) -> Response:
        account = viewer_of(request)
        if account is None:
            return to_sign_in(request)
        if not own:
            acting = acting_of(request)
            request.state.in_name_of = acting.mandate.id if acting else ""
            if acting is not None:
                return await _for_citizen(request, acting, acts, handler)
            if getattr(request.state, "acting_over", False):
                return _over(request)
        if citizens and account.role != "citizen":
            raise NotYourRoom(f"This page is for citizens; yours is a {account.role} account.")
        return await handler(request, account)

    return Route(path, endpoint, methods=list(methods))


async def _for_citizen(request: Request, acting: Acting, acts: Collection[Act], handler: Handler) -> Response:
    """A page, used by a representative. The mandate was read from the store for this very request (`ViewerMiddleware`).

    Whatever they may not leads to the page that says what they may, and was not done.
    """
    looks = request.method in ("GET", "HEAD")
    if not any(act in acting.mandate.may for act in acts):
        return see_other(f"{ACTING_HOME}?{'niet' if looks else 'meer'}=1")
    state = request.state
    state.viewer, state.actor, state.form_fields = acting.citizen, acting.actor, {IN_NAME_OF: acting.mandate.id}
    with acting.at_work():
        try:
            return await handler(request, acting.citizen)
        except (BeyondMandate, ExpectationFailed):
            return see_other(f"{ACTING_HOME}?meer=1")


def _over(request: Request) -> Response:
    """Where the mandate of the session is over: nothing meant for the citizen is done to the representative."""
    if request.method in ("GET", "HEAD"):
        return see_other(f"{ACTING_HOME}?over=1")
    raise BeyondMandate("The mandate is over.")


def lang_of(request: Request) -> str:
    """The reader's language."""
    return language_of(request)
