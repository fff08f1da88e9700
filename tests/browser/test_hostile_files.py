"""What somebody puts in a pod does not script the dashboard, also on one origin, for who is signed in there."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Route
from support.pod_client import OwnPod
from support.running import RunningServer
from support.walking import Walker

ACL = "http://www.w3.org/ns/auth/acl#"
STEAL = "fetch('/regie/cv?stolen',{credentials:'include'}).then(r=>r.text()).then(t=>fetch('/health?stolen='+t.length))"
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
SCRIPT = f"<script>{STEAL}</script>"
HOSTILE = {
    "page.html": (
        "text/html",
        f'{SCRIPT}<img src=x onerror="{STEAL}"><meta http-equiv=refresh content="0;url=/regie/cv?stolen">'
        "<form action=/regie/delen/stop method=post><button>x</button></form>",
    ),
    "page.svg": ("image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg" onload="{STEAL}">{SCRIPT}</svg>'),
    "page.xhtml": ("application/xhtml+xml", f"<html {XHTML}><body>{SCRIPT}</body></html>"),
    "page.xml": ("application/xml", f"<x><script {XHTML}>{STEAL}</script></x>"),
    "page.txt": ("text/plain", f"<!doctype html><html>{SCRIPT}</html>"),
    "page.bin": ("application/octet-stream", f"<!doctype html><html>{SCRIPT}</html>"),
    "page.odd": ("multipart/x-mixed-replace;boundary=x", f"--x\r\nContent-Type: text/html\r\n\r\n{SCRIPT}\r\n--x--"),
}
DOWNLOADED = {name for name in HOSTILE if name != "page.txt"}


@pytest.fixture(scope="module")
def folder(server: RunningServer) -> str:
    """A public folder of Karim's with hostile files, put there by a tool of his. Its address."""

    def write() -> str:  # in a thread: playwright has an event loop of its own in this one
        pod = OwnPod(server, "karim", server.json("credentials", "create", "karim", "--label", "Mijn script"))
        for name, (kind, body) in HOSTILE.items():
            assert pod.send("PUT", f"hostile/{name}", body.encode(), kind).status == 201
        at = f"<{pod.storage}hostile/>"
        rule = f"<#r> a <{ACL}Authorization> ; <{ACL}agentClass> <http://xmlns.com/foaf/0.1/Agent> ;"
        rule += f" <{ACL}accessTo> {at} ; <{ACL}default> {at} ; <{ACL}mode> <{ACL}Read> ."
        assert pod.send("PUT", "hostile/.acl", rule.encode(), "text/turtle").status == 201
        return f"{pod.storage}hostile/"

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(write).result(60)


@pytest.fixture
def sanne(browser: Browser, server: RunningServer) -> Iterator[BrowserContext]:
    """Sanne's browser, in which she is signed in to the dashboard. What is blocked in it is what is tried here."""
    context = browser.new_context(accept_downloads=True, locale="nl-NL")
    context.set_default_timeout(10_000)
    Walker(context.new_page(), server.base).sign_in("sanne")
    yield context
    context.unroute_all(behavior="ignoreErrors")
    context.close()


def stolen(context: BrowserContext) -> list[str]:
    """From now on, the requests that only a hostile script makes."""
    seen: list[str] = []
    context.on("request", lambda request: seen.append(request.url) if "stolen" in request.url else None)
    return seen


def without(*dropped: str) -> object:
    """A handler that gives the server's own answer without some of its headers."""

    def handle(route: Route) -> None:
        # Not route.fetch(): what that gives is gone with the page, which may be under way elsewhere already.
        answer = httpx2.get(route.request.url, headers={"Accept": route.request.headers.get("accept", "*/*")})
        headers = {k: v for k, v in answer.headers.items() if k not in dropped}
        route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    return handle


def test_active_files_are_saved_and_text_is_text(sanne: BrowserContext, folder: str) -> None:
    """Opening one saves it, or shows its text; nothing in it runs."""
    seen = stolen(sanne)
    for name in HOSTILE:
        page = sanne.new_page()
        if name in DOWNLOADED:
            with page.expect_download():
                page.evaluate("where => { location.href = where }", folder + name)
        else:
            page.goto(folder + name)
            assert "<script>" in page.inner_text("body")
        page.close()
    assert seen == []


def test_what_is_shown_all_the_same_is_in_a_sandbox(sanne: BrowserContext, folder: str) -> None:
    """Were a browser to show it instead of saving it, no script, form, image or reload in it would work."""
    seen = stolen(sanne)
    sanne.route("**/hostile/**", without("content-disposition"))
    for name in ("page.html", "page.svg", "page.xhtml"):
        page = sanne.new_page()
        page.goto(folder + name, wait_until="load")
        page.close()
    page = sanne.new_page()
    page.goto(folder.split("/karim/")[0] + "/regie/cv")
    page.evaluate(
        "where => Promise.all(['iframe', 'object', 'embed'].map(tag => { const it = document.createElement(tag);"
        " it[tag === 'object' ? 'data' : 'src'] = where; document.body.append(it) }))",
        folder + "page.html",
    )
    page.goto(folder.split("/karim/")[0] + "/regie/delen")
    assert seen == []


def test_the_files_are_as_hostile_as_they_look(sanne: BrowserContext, folder: str) -> None:
    """Without our headers the same page asks for the dashboard: so the tests above could fail."""
    sanne.route("**/hostile/**", without("content-disposition", "content-security-policy"))
    page = sanne.new_page()
    with page.expect_request(lambda request: "stolen" in request.url):
        page.goto(folder + "page.html", wait_until="commit")
