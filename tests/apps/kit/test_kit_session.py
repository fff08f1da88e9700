"""The sealed cookie."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from werkpod.apps.kit.dpop import ProofKey
from werkpod.apps.kit.keys import AppKeys
from werkpod.apps.kit.session import COOKIE_LIMIT, CookieTooLarge, SealedCookie, Session, Transaction

SESSION = Session(
    started=1000.0, proof=ProofKey.generate().text, access_token="a" * 900, expires=1300.0, refresh_token="r" * 60,
    webid="https://pod.example/anna/profile/card#me", storage="https://pod.example/anna/",
    sections=("experience", "competences"), actions=("read",),
)  # fmt: skip


def cookie(*, slug: str = "beroep", kind: str = "session", secure: bool = True, now: float = 1000.0) -> SealedCookie:
    """A sealed cookie of an app whose secret is 32 times "s"."""
    return SealedCookie(
        f"wp-{slug}-session", AppKeys(b"s" * 32, slug).cookie, f"/apps/{slug}", secure=secure, kind=kind,
        lifetime=3600, clock=lambda: now,
    )  # fmt: skip


def set_cookie(sealer: SealedCookie, value: Session | Transaction) -> str:
    """The Set-Cookie header for a value."""
    response = Response()
    sealer.write(response, value)
    return response.headers["set-cookie"]


def back(header: str) -> Request:
    """A request that brings the cookie of a Set-Cookie header back."""
    return Request({"type": "http", "headers": [(b"cookie", header.split(";")[0].encode())]})


def test_a_session_comes_back_as_it_went() -> None:
    """What was sealed is opened, value for value."""
    assert cookie().read(back(set_cookie(cookie(), SESSION)), Session) == SESSION


def test_the_cookie_is_for_the_app_alone() -> None:
    """Browsers send it only over https, only to the app's own path, never to scripts, not with foreign posts."""
    header = set_cookie(cookie(), SESSION)
    assert header.startswith("__Secure-wp-beroep-session=")
    for part in ("Path=/apps/beroep", "HttpOnly", "Secure", "SameSite=lax"):
        assert part in header
    assert "Secure" not in set_cookie(cookie(secure=False), SESSION)


def test_nothing_in_the_cookie_can_be_read() -> None:
    """Neither the token nor the WebID shows in the cookie."""
    header = set_cookie(cookie(), SESSION)
    assert "aaaa" not in header
    assert "anna" not in header


def test_a_session_with_a_long_token_fits() -> None:
    """A realistic session stays under what a browser keeps of one cookie."""
    assert len(set_cookie(cookie(), SESSION).split(";")[0]) < COOKIE_LIMIT * 0.6


def test_a_cookie_that_would_not_fit_is_an_error() -> None:
    """A session over 4 KB is refused rather than dropped by the browser without a word."""
    large = Session(
        started=1000.0, proof="p", access_token="a" * 4000, expires=0, refresh_token="", webid="", storage=""
    )
    with pytest.raises(CookieTooLarge, match="4096 fit"):
        cookie().write(Response(), large)


@pytest.mark.parametrize("position", [30, 60, 200, -3])
def test_a_changed_cookie_is_no_session(position: int) -> None:
    """One other character anywhere in the cookie and there is no session."""
    header = set_cookie(cookie(), SESSION).split(";")[0]
    changed = list(header)
    changed[position] = "A" if changed[position] != "A" else "B"
    assert cookie().read(back("".join(changed)), Session) is None


def test_another_apps_cookie_is_no_session() -> None:
    """A cookie sealed by another app does not open."""
    foreign = set_cookie(cookie(slug="wens"), SESSION).replace("wp-wens", "wp-beroep")
    assert cookie().read(back(foreign), Session) is None


def test_a_transaction_is_no_session() -> None:
    """A cookie of another kind does not open, though the key is the same."""
    transaction = Transaction(started=1000.0, state="s", verifier="v", proof="p", onward=b"/apps/beroep/")
    header = set_cookie(cookie(kind="vraag"), transaction)
    assert cookie().read(back(header), Session) is None
    assert cookie(kind="vraag").read(back(header), Transaction) == transaction


def test_an_old_session_is_over() -> None:
    """After its lifetime a session does not open any more, whatever the browser still sends."""
    header = set_cookie(cookie(), SESSION)
    assert cookie(now=4600.0).read(back(header), Session) == SESSION
    assert cookie(now=4601.0).read(back(header), Session) is None


@pytest.mark.parametrize("junk", ["", "x", "a.b.c.d.e", "....", "ü" * 20, "eyJhbGciOiJub25lIn0...."])
def test_junk_is_no_session(junk: str) -> None:
    """Anything that is no sealed cookie is met with no session, not with an error."""
    request = Request({"type": "http", "headers": [(b"cookie", f"__Secure-wp-beroep-session={junk}".encode())]})
    assert cookie().read(request, Session) is None
