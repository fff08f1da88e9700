"""Settings: one frozen struct, one table of (name, default, help), read once.

A setting comes from, strongest first: the command line, the environment (`WERKPOD_` and the name in capitals), the TOML
file that `WERKPOD_CONFIG` names (else `werkpod.toml` in the data folder), the default. Every error names key and value.
`docs/operations.md` lists the table; a test fails when one is missing there.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from werkpod.apps.instruments.editors import check_editing
from werkpod.apps.instruments.sources import GuideSource, check_sources
from werkpod.consent.accounts.outside import OutsideProvider, check_providers
from werkpod.vocab.choice import AUTO, SETTING


class SettingError(ValueError):
    """A setting that cannot be used; the message names the key, the value and what would be right."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an operator can set. See `HELP` for what each one means."""

    data: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str = "http://localhost:8080"
    demo: bool = False
    organisation: str = "Gemeente Voorbeeldstad"
    allow_loopback: bool = False
    ledger_sync: str = "normal"
    body_limit_mb: int = 2048
    quota_mb: int = 4096
    trusted_proxies: str = ""
    signing_key_days: int = 90
    require_par: bool = False
    notify_channels: int = 5000
    taxonomy: str = AUTO
    sign_in_with: tuple[OutsideProvider, ...] = ()
    guides: tuple[GuideSource, ...] = ()
    editors: str = ""
    editor_token_file: str = ""


HELP: dict[str, str] = {
    "data": "Folder with the databases and the root key; made when absent.",
    "host": "Address to listen on.",
    "port": "Port to listen on.",
    "base_url": "The public address, scheme and host, without a path or a slash at the end; also the issuer of tokens.",
    "demo": "Make the demo people at the first start and print how to sign in as them. Never on a real server.",
    "organisation": "Name of the organisation that runs this server, shown on pages.",
    "allow_loopback": "Let the guarded client fetch documents from this machine. For tests only.",
    "ledger_sync": 'How the access log is written: "normal" survives a crash of the process at once and of the machine '
    'within a second; "full" waits for the disk at each access.',
    "body_limit_mb": "Largest file that a pod takes, in MB (of 1,048,576 bytes). RDF and patches have a limit of 2 MB.",
    "quota_mb": "What one pod may use, in MB, where nothing else was set for it (`werkpod pod quota NAME`).",
    "trusted_proxies": "Addresses, with commas between them, whose X-Forwarded-For and X-Forwarded-Proto are believed; "
    "empty: none.",
    "signing_key_days": "After how many days the key that signs tokens gets a successor by itself; 0: never.",
    "require_par": "Take requests to sign in to an app only where the app pushed them first (RFC 9126). Solid apps of "
    "others do not: they stop working.",
    "notify_channels": "How many notification channels this server has at once, connections and webhooks together.",
    "taxonomy": "Which taxonomy is used: auto (of those imported the one with the most competences, else the starter), "
    "starter, esco or competentnl.",
    "guides": "Dennis and Eva guides that instruments are read from; a [[guides]] table each. Without any the starter "
    "catalogue is shown.",
    "editors": "Who confirms which competences instruments develop: names of accounts here, or WebIDs, with commas "
    "between them.",
    "editor_token_file": "File with the token by which a program may confirm them; empty: none may.",
    "sign_in_with": "Outside OpenID providers that people may sign in with; a [[sign_in_with]] table each.",
}

_TABLES = ("sign_in_with", "guides")
"""Settings that are tables in TOML, and JSON in the environment."""

DEFAULTS: dict[str, Any] = {field.name: field.default for field in msgspec.structs.fields(Settings)}


def load(overrides: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings from every source. Raises SettingError."""
    environ = os.environ if environ is None else environ
    given: dict[str, Any] = {k: v for k, v in (overrides or {}).items() if v is not None}
    from_environ = {name: environ[f"WERKPOD_{name.upper()}"] for name in HELP if f"WERKPOD_{name.upper()}" in environ}
    data = Path(given.get("data") or from_environ.get("data") or DEFAULTS["data"])
    values = {**_file(environ.get("WERKPOD_CONFIG"), data), **from_environ, **given}
    for name in values:
        if name not in HELP:
            raise SettingError(f"There is no setting {name!r}; there are: {', '.join(sorted(HELP))}.")
    converted = {name: _convert(name, value) for name, value in values.items()}
    if "base_url" not in converted and "port" in converted:
        converted["base_url"] = f"http://localhost:{converted['port']}"
    settings = Settings(**converted)
    _check(settings)
    return settings


def _file(named: str | None, data: Path) -> dict[str, Any]:
    path = Path(named) if named else data / "werkpod.toml"
    if not path.exists():
        if named:
            raise SettingError(f"WERKPOD_CONFIG names {named!r}, and there is no such file.")
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingError(f"{path} cannot be read as TOML: {error}") from error


def _convert(name: str, value: Any) -> Any:
    field = next(f for f in msgspec.structs.fields(Settings) if f.name == name)
    if name == "base_url" and isinstance(value, str):
        value = value.rstrip("/")
    if field.type is Path:
        return Path(value)
    if field.type is bool and isinstance(value, str):
        value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            value.lower(), value
        )
    try:
        if name in _TABLES and isinstance(value, str):
            return msgspec.json.decode(value, type=field.type)
        return msgspec.convert(value, field.type, strict=False)
    except msgspec.DecodeError as error:
        shown = "" if name in _TABLES else f" = {value!r}"  # it has secrets in it
        raise SettingError(f"{name}{shown} is not right: {error}.") from error


def _check(settings: Settings) -> None:
    url = urlsplit(settings.base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.path or url.query or url.fragment or url.username:
        raise SettingError(
            f"base_url = {settings.base_url!r} is not right: give scheme and host only, like https://werkpod.example."
        )
    if url.scheme == "http" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise SettingError(f"base_url = {settings.base_url!r}: only https is safe outside this machine.")
    if not 0 <= settings.port <= 65535:
        raise SettingError(f"port = {settings.port} is not right: give a number from 0 to 65535.")
    if settings.notify_channels < 0:
        raise SettingError(f"notify_channels = {settings.notify_channels} is not right: give 0 (none) or more.")
    if settings.ledger_sync not in ("normal", "full"):
        raise SettingError(f'ledger_sync = {settings.ledger_sync!r} is not right: give "normal" or "full".')
    if settings.taxonomy not in SETTING:
        raise SettingError(f"taxonomy = {settings.taxonomy!r} is not right: give {', '.join(SETTING)}.")
    try:
        check_providers(settings.sign_in_with)
        check_sources(settings.guides)
        check_editing(settings.editors, settings.editor_token_file)
    except ValueError as error:
        raise SettingError(str(error)) from error
    if not 0 <= settings.signing_key_days <= 3650:
        raise SettingError(f"signing_key_days = {settings.signing_key_days} is not right: give 0 to 3650.")
    for name in ("body_limit_mb", "quota_mb"):
        if getattr(settings, name) < 1:
            raise SettingError(f"{name} = {getattr(settings, name)} is not right: give 1 or more.")
