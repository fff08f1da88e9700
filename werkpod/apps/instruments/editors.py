"""Who edits the catalogue: people named in the settings, who sign in with their WebID, and programs with a token."""

from __future__ import annotations

import hmac
import re
from pathlib import Path
from urllib.parse import urlsplit

from werkpod.apps.errors import NotEditor

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_TOKEN = re.compile(r"[\x21-\x7e]{32,4096}\Z")
"""A token that nobody guesses: 32 characters and more."""
_API = "api"


class Editors:
    """Those who may edit. `named`: names of accounts here or WebIDs, with commas between them; `token_file`: the file
    with the programs' token, read at each use so that it can be replaced; "" for none."""

    def __init__(self, named: str, *, base_url: str, token_file: str = "") -> None:
        self._webids = frozenset(
            each if "://" in each else f"{base_url}/{each}/profile/card#me" for each in _names(named)
        )
        self._token_file = token_file

    def __contains__(self, webid: str) -> bool:
        return webid in self._webids

    def check(self, authorization: str) -> str:
        """Who a program's `Authorization` header is of. Raises NotEditor, also where no program may edit."""
        scheme, _, given = authorization.partition(" ")
        try:
            token = Path(self._token_file).read_text("utf-8").strip() if self._token_file else ""
        except (OSError, UnicodeDecodeError):
            token = ""
        right = bool(_TOKEN.match(token)) and hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not right:
            raise NotEditor(
                "Send the token of the catalogue's editors: `Authorization: Bearer ...`. Where none is set, decide on "
                "the pages at /apps/gids/redactie.",
                headers={"WWW-Authenticate": 'Bearer realm="instruments"'},
            )
        return _API


def check_editing(named: str, token_file: str) -> None:
    """Raises ValueError that names the setting, the value and what would be right; never the token."""
    for each in _names(named):
        url = urlsplit(each)
        if not _NAME.match(each) and not (url.scheme in ("https", "http") and url.hostname):
            raise ValueError(f"editors: {each!r} is no name of an account and no WebID.")
    if not token_file:
        return
    try:
        token = Path(token_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"editor_token_file = {token_file!r} cannot be read: {error}.") from error
    if not _TOKEN.match(token):
        raise ValueError(f"editor_token_file = {token_file!r}: the token must have 32 characters or more, no spaces.")


def _names(named: str) -> list[str]:
    return [each.strip() for each in named.split(",") if each.strip()]
