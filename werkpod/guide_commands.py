"""The commands about guides of instruments: `werkpod instruments refresh|status|serve-guide`.

What they need is imported when they run: other commands need not wait for it.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import secrets
import socket
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from werkpod.config import SettingError, Settings

if TYPE_CHECKING:
    from werkpod.apps.instruments.keeper import Guide
    from werkpod.apps.instruments.kept import Status


def add_commands(
    commands: Any, command: Callable[..., argparse.ArgumentParser], settings: Callable[[argparse.Namespace], Settings]
) -> None:
    """Add `instruments` to the command line. `command` adds one with the settings that all have."""

    def run(what: Callable[[Settings, argparse.Namespace], None]) -> Callable[[argparse.Namespace], None]:
        return lambda options: what(settings(options), options)

    group = commands.add_parser("instruments", help="Guides of instruments.").add_subparsers(
        required=True, metavar="ACTION"
    )
    text = "Read the guides now; a running server has the result within half a minute. Exit code 1: one did not answer."
    refresh = command(group, "refresh", run(_refresh), text, base_url=False)
    refresh.add_argument("--guide", metavar="NAME", help="This guide alone.")
    refresh.add_argument("--json", action="store_true", help="Print one JSON object.")
    status = command(group, "status", run(_status), "Say how reading each guide went.", base_url=False)
    status.add_argument("--json", action="store_true", help="Print one JSON object.")
    serve = group.add_parser("serve-guide", help=_SERVE, description=_SERVE)
    serve.set_defaults(run=_serve_guide)
    serve.add_argument("--kind", choices=("eva", "dennis"), default="eva", help="For jobseekers or for employers.")
    serve.add_argument("--port", type=int, default=8090, metavar="PORT", help="Port on this machine to listen on.")
    serve.add_argument("--token-file", type=Path, metavar="FILE", help="File with the token that must be sent; without "
                       "it one is made and printed.")  # fmt: skip
    serve.add_argument("--page-size", type=int, default=0, metavar="N", help="Instruments on a page; 0: all at once.")
    serve.add_argument("--as-new", action="store_true", help="As a guide that nobody here knows: what its instruments "
                       "develop is then proposed.")  # fmt: skip
    serve.add_argument("--names", choices=("older", "sgr"), default="older", help="What members are called.")


_SERVE = "Serve the starter catalogue as a guide does, on this machine alone: for tests and demonstrations."


def _refresh(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.guides import keeper_of

    keeper = keeper_of(settings)
    names = [each.name for each in keeper.sources]
    if options.guide and options.guide not in names:
        known = f"the settings have: {', '.join(names)}" if names else "the settings have none"
        raise SettingError(f"There is no guide {options.guide!r}; {known}.")

    async def run() -> list[Status]:
        return [await keeper.refresh(each) for each in keeper.sources if options.guide in (None, each.name)]

    done = asyncio.run(run())
    _tell([each for each in keeper.guides() if options.guide in (None, each.source.name)], options.json)
    if any(each.problem for each in done):
        sys.exit(1)


def _status(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.guides import keeper_of

    _tell(keeper_of(settings).guides(), options.json)


def _tell(guides: list[Guide], as_json: bool) -> None:
    told = [
        {
            "name": each.source.name, "kind": each.source.kind, "url": each.source.url,
            "instruments": each.instruments, "read": _moment(each.status.good), "asked": _moment(each.status.checked),
            "problem": each.status.problem, "left_out": list(each.status.left_out),
            "not_before": _moment(each.status.not_before),
        }
        for each in guides
    ]  # fmt: skip
    if as_json:
        sys.stdout.write(msgspec.json.encode({"guides": told}).decode() + "\n")
        return
    blocks = ["".join(f"{name}: {_words(value)}\n" for name, value in each.items() if value != "") for each in told]
    print("\n".join(blocks) or "No guide is set; the starter catalogue is shown.")


def _words(value: object) -> object:
    return "; ".join(value) or "none" if isinstance(value, list) else value


def _moment(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.UTC).isoformat("T", "seconds") if at else ""


def _serve_guide(options: argparse.Namespace) -> None:
    import uvicorn

    from werkpod.apps.instruments.guide_server import GuideServer, starter_items

    try:
        token = options.token_file.read_text("utf-8").strip() if options.token_file else secrets.token_urlsafe(24)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"--token-file {str(options.token_file)!r} cannot be read: {error}.") from error
    items = starter_items(options.kind)
    if options.as_new:
        items = [{**item, "uuid": str(uuid.uuid4())} for item in items]
    guide = GuideServer(items, token=token, page_size=max(0, options.page_size), names=options.names)
    try:
        listening = socket.create_server(("127.0.0.1", options.port))
    except (OSError, OverflowError) as error:
        raise SettingError(f"--port {options.port} cannot be listened on: {error}.") from error
    print(f"A guide with {len(items)} instruments listens on http://127.0.0.1:{options.port}", flush=True)
    if not options.token_file:
        print(f"Its token: {token}", flush=True)
    uvicorn.Server(uvicorn.Config(guide.app(), log_level="warning", lifespan="off")).run(sockets=[listening])
