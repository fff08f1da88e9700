"""Pages: Jinja templates with our layout, in Dutch first and English second, with the headers that every page has.

Dutch is the source language: the Dutch sentence is the message id, so a template reads as the page does. English comes
from one gettext catalogue a package (`locale/en/LC_MESSAGES/messages.po`), read on the first English page.
"""

from __future__ import annotations

import datetime as dt
import gettext
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from babel.messages.pofile import read_po
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

LANGUAGES = ("nl", "en")
LANGUAGE_COOKIE = "taal"

CSP = (
    "default-src 'none'; script-src {assets}; style-src {assets}; img-src {assets} data:; font-src {assets}; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
)
"""Scripts and styles from `/static/` alone: pods are on this origin too, and 'self' would be whatever is in them."""

_POSTS = re.compile(r"""<form\b[^>]*\bmethod=["']?post\b[^>]*>""", re.IGNORECASE)
_ZONE = ZoneInfo("Europe/Amsterdam")
_MONTHS = {
    "nl": (
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


class _Compiled(jinja2.BytecodeCache):
    """Templates that were compiled, for every language and every site in this process: the code is the same, and
    compiling takes most of the time of a first page. Jinja checks that the source is what was compiled."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Give the code of a template, if it is here."""
        if (code := self._code.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        """Keep the code of a template."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def page_headers(base_url: str, form_action: str = "'self'") -> dict[str, str]:
    """The security headers of a page; `form_action` widens where its forms may lead (consent redirects to an app)."""
    return {
        "Content-Security-Policy": CSP.format(assets=f"{base_url}/static/", form_action=form_action),
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Vary": "Cookie, Accept-Language",
    }


def language_of(request: Request) -> str:
    """The language of a page: the reader's choice (cookie), else the first of ours in Accept-Language, else Dutch."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return "nl"


class Translations(gettext.NullTranslations):
    """The messages of every package in one language; an untranslated message is shown as it is, in Dutch."""

    def __init__(self, catalogues: Sequence[Path]) -> None:
        super().__init__()
        self._messages: dict[str, str] = {}
        self._plurals: dict[str, tuple[str, str]] = {}
        for path in catalogues:
            with path.open("rb") as file:
                for message in read_po(file):
                    if not message.id or not message.string:
                        continue
                    if isinstance(message.id, (tuple, list)):
                        self._plurals[message.id[0]] = (message.string[0], message.string[1])
                    else:
                        self._messages[message.id] = str(message.string)

    def gettext(self, message: str) -> str:
        """The translation of `message`, or `message`."""
        return self._messages.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The translation that goes with the number `n`."""
        one, many = self._plurals.get(msgid1, (msgid1, msgid2))
        return one if n == 1 else many


def day(value: dt.date | dt.datetime | str | float | None, lang: str = "nl", *, with_time: bool = False) -> str:
    """A date as people say it, Dutch local time: "23 november 2026"; with `with_time` also "om 14.05 uur".

    "" for what is no date or one that no calendar has: dates also come from messages of strangers.
    """
    try:
        return _day(value, lang, with_time=with_time)
    except (ValueError, OverflowError, OSError):
        return ""


def _day(value: dt.date | dt.datetime | str | float | None, lang: str, *, with_time: bool) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, (int, float)):
        value = dt.datetime.fromtimestamp(value, _ZONE)
    if isinstance(value, str):
        if len(value) <= 7:
            return month(value, lang)
        value = dt.datetime.fromisoformat(value) if "T" in value or " " in value else dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime) and value.tzinfo:
        value = value.astimezone(_ZONE)
    text = f"{value.day} {_MONTHS[lang][value.month - 1]} {value.year}"
    if with_time and isinstance(value, dt.datetime):
        text += f" om {value:%H.%M} uur" if lang == "nl" else f" at {value:%H:%M}"
    return text


def month(value: str | None, lang: str = "nl") -> str:
    """A year or a month as people say it: "2015-03" is "maart 2015", "2015" is "2015"."""
    if not value:
        return ""
    year, _, rest = value.partition("-")
    return f"{_MONTHS[lang][int(rest[:2]) - 1]} {year}" if rest[:2].isdigit() and 1 <= int(rest[:2]) <= 12 else year


def _with_fields(html: str, fields: Mapping[str, str]) -> str:
    """The page with hidden fields in each of its forms that post."""
    hidden = Markup("").join(Markup('<input type="hidden" name="{}" value="{}">').format(*f) for f in fields.items())
    return _POSTS.sub(lambda form: form[0] + str(hidden), html)


class Pages:
    """Renders templates from the `templates` folders of `packages`, in order; web's own comes last."""

    def __init__(self, packages: Sequence[str], *, base_url: str, asset_version: str = "") -> None:
        roots = [Path(str(resources.files(name))) for name in (*packages, "werkpod.web")]
        self.base_url = base_url
        self._catalogues = [p for r in roots if (p := r / "locale/en/LC_MESSAGES/messages.po").exists()]
        self._loader = jinja2.FileSystemLoader([str(r / "templates") for r in roots])
        self._asset_suffix = f"?v={asset_version}" if asset_version else ""
        self._translations: dict[str, gettext.NullTranslations] = {"nl": gettext.NullTranslations()}
        self._environments: dict[str, jinja2.Environment] = {}

    def _spoken(self, lang: str) -> gettext.NullTranslations:
        if lang not in self._translations:
            self._translations[lang] = Translations(self._catalogues)
        return self._translations[lang]

    def environment(self, lang: str) -> jinja2.Environment:
        """The templates of a language; made when it is first asked for."""
        if lang not in self._environments:
            env = jinja2.Environment(
                loader=self._loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
                lstrip_blocks=True, extensions=["jinja2.ext.i18n"], bytecode_cache=_COMPILED,
            )  # fmt: skip
            env.install_gettext_translations(self._spoken(lang), newstyle=True)  # type: ignore[attr-defined]
            env.policies["ext.i18n.trimmed"] = True
            env.filters["day"] = lambda v, with_time=False: day(v, lang, with_time=with_time)
            env.filters["month"] = lambda v: month(v, lang)
            env.globals.update(lang=lang, asset=lambda path: f"/static/{path}{self._asset_suffix}")
            self._environments[lang] = env
        return self._environments[lang]

    def text(self, request: Request, message: str, **values: Any) -> str:
        """A sentence from Python code in the reader's language; `values` fill `%(name)s`."""
        return self.gettext(language_of(request))(message, **values)

    def gettext(self, lang: str) -> Callable[..., str]:
        """The function that says a sentence in a language; its keyword arguments fill `%(name)s`."""
        translations = self._spoken(lang)

        def say(message: str, **values: Any) -> str:
            text = translations.gettext(message)
            return text % values if values else text

        return say

    def render(
        self, request: Request, template: str, *, status: int = 200, form_action: str = "'self'", **context: Any
    ) -> HTMLResponse:
        """The page `template` in the reader's language.

        `request.state.viewer` (who is signed in) goes along, `acting` (for whom they have switched to act) and `actor`
        (who acts, on a page that is the citizen's). `request.state.form_fields` go as hidden fields into each form.
        """
        env = self.environment(language_of(request))
        state = {name: getattr(request.state, name, None) for name in ("viewer", "acting", "actor")}
        html = env.get_template(template).render(
            request=request, path=request.url.path, base_url=self.base_url, **state, **context
        )
        if fields := getattr(request.state, "form_fields", None):
            html = _with_fields(html, fields)
        return HTMLResponse(html, status_code=status, headers=page_headers(self.base_url, form_action))
