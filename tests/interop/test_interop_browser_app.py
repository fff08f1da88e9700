"""A static Solid app of somebody else, in Chromium: it reads the one section that its user ticked, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from support.foreign_software import FOLDER
from support.looking import PHONE, Watch, wrong
from support.running import RunningServer
from support.settled import with_work
from support.visiting import CHROMIUM, chromium
from support.walking import Walker

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

CHANGE = """@prefix solid: <http://www.w3.org/ns/solid/terms#> . @prefix wp: <https://w3id.org/werkpod/cv#> .
@prefix schema: <http://schema.org/> .
<> a solid:InsertDeletePatch ; solid:inserts { <#new> a wp:Experience ; schema:roleName "Nachtportier" . } ."""
WRITING = ("PUT", "PATCH", "DELETE")
REFUSED = ("cv/education", "cv/competences", "cv/", "", "inbox/", ".acl", "cv/experience.acl", "cv/not-there")


class StaticApp:
    """The files of an app on an origin of its own; with a client id document where it has one."""

    def __init__(self, script: bytes, *, document: bool) -> None:
        page = (FOLDER / "app/index.html").read_text("utf-8")
        self.files: dict[str, tuple[str, bytes]] = {"/app.js": ("text/javascript", script)}
        files = self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                media_type, body = files.get(self.path.partition("?")[0], ("", b""))
                self.send_response(200 if media_type else 404)
                self.send_header("Content-Type", media_type or "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://localhost:{self._server.server_port}"
        client = f"{self.base}/app.jsonld" if document else ""
        files["/"] = ("text/html", page.replace('data-client=""', f'data-client="{client}"').encode())
        files["/app.jsonld"] = ("application/ld+json", json.dumps(self._document(client)).encode())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def _document(self, client: str) -> dict[str, object]:
        return {
            "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
            "client_id": client,
            "client_name": "Any Solid app",
            "redirect_uris": [f"{self.base}/"],
            "scope": "openid offline_access webid",
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        }

    def __enter__(self) -> StaticApp:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The app with the library in it, as a browser takes it."""
    target: Path = tmp_path_factory.mktemp("app") / "app.js"
    command = ["node_modules/.bin/esbuild", "app/app.mjs", "--bundle", "--format=esm", f"--outfile={target}"]
    subprocess.run(command, cwd=FOLDER, check=True, capture_output=True, timeout=60)
    return target.read_bytes()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    yield from chromium()


@pytest.fixture
def person(browser: Browser, werkpod: RunningServer) -> Iterator[Walker]:
    """Somebody on a phone. The app is refused a lot, which is what this is about; nothing else may go wrong."""
    context = browser.new_context(viewport=PHONE, locale="nl-NL")  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    watch = Watch(context)
    yield Walker(context.new_page(), werkpod.base)
    context.close()
    assert [problem for problem in watch.problems if not problem.startswith(("401 for ", "403 for "))] == []


def asked(person: Walker, address: str, method: str = "GET", content: str = "") -> str:
    """What the app is answered with at an address."""
    page = person.page
    page.get_by_label("Method").select_option(method)
    page.get_by_label("Address").fill(address)
    page.get_by_label("Content").fill(content)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#status")).to_have_text(re.compile(r"\d+"))
    return page.locator("#status").inner_text()


def signed_in(person: Walker, app: StaticApp, issuer: str, may: str) -> str:
    """Sign in from the app, tick "Je werk" and nothing else; the storage of who the app then knows."""
    person.go(app.base + "/")
    person.page.get_by_label("Where do you keep your data?").fill(issuer)
    person.page.get_by_role("button", name="Sign in").click()
    person.heading("Any Solid app vraagt iets").reads("Jij kiest wat Any Solid app mag zien")
    person.tick("Je werk", may).choose("Hoe lang mag dat?", "30 dagen")
    assert wrong(person.page, f"toestemming-vreemde-app-{may}") == []
    person.press("Ja, dat mag")
    who = person.page.locator("#who")
    expect(who).to_contain_text("/profile/card#me")
    return who.inner_text().removesuffix("profile/card#me")


@pytest.mark.duty(66, 67, 69, 70, 94, 95, 98, 99, 108)
def test_an_app_reads_one_section_and_nothing_else(person: Walker, werkpod: RunningServer, script: bytes) -> None:
    """Its user owns the pod and ticks "Je werk" only: not the other sections, the listings or the rules."""
    with_work(person, "Lotte Link")
    with StaticApp(script, document=True) as app:
        pod = signed_in(person, app, werkpod.base, "Alleen zien")
        assert asked(person, f"{pod}cv/experience") == "200"
        expect(person.page.locator("#body")).to_contain_text("Pakhuis Fictie")
        assert {path: asked(person, pod + path) for path in REFUSED} == dict.fromkeys(REFUSED, "403")
        assert {method: asked(person, f"{pod}cv/experience", method, CHANGE) for method in WRITING} == dict.fromkeys(
            WRITING, "403"
        )
        person.page.reload()  # the app asks who is there, and nothing is asked of the person (prompt=none)
        expect(person.page.locator("#who")).to_have_text(f"{pod}profile/card#me")
        assert asked(person, f"{pod}cv/experience") == "200"
        person.page.get_by_role("button", name="Sign out").click()
        expect(person.page.locator("#who")).to_have_text("nobody")
        assert asked(person, f"{pod}cv/experience") == "401"


@pytest.mark.duty(66, 70, 97)
def test_an_app_that_registers_itself_changes_one_section(
    person: Walker, werkpod: RunningServer, script: bytes
) -> None:
    """With "Zien en veranderen" on "Je werk" it patches that, from another origin, and writes nowhere else."""
    with_work(person, "Lars Link")
    with StaticApp(script, document=False) as app:
        pod = signed_in(person, app, werkpod.base, "Zien en veranderen")
        assert asked(person, f"{pod}cv/experience", "PATCH", CHANGE) == "204"
        assert asked(person, f"{pod}cv/experience") == "200"
        expect(person.page.locator("#body")).to_contain_text("Nachtportier")
        assert asked(person, f"{pod}cv/education", "PATCH", CHANGE) == "403"
        assert asked(person, f"{pod}cv/new", "PUT", "<#a> <#b> <#c> .") == "403"
        person.go("/regie/cv").reads("Nachtportier")
