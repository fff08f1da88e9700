"""The command line: what operators and test harnesses use. Every command works beside a running server.

`werkpod serve`, `werkpod account create`, `werkpod credentials create`, `werkpod keys rotate-signing|rotate-proof`,
`werkpod receipt verify`, `werkpod pod quota`, `werkpod verify`, `werkpod vocab import|status|remove|links|lint`. Bad
input gives one sentence on standard error and exit code 2; with `--json` the answer is one JSON object on standard
output.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from werkpod import __version__
from werkpod.config import HELP, SettingError, Settings, load
from werkpod.guide_commands import add_commands
from werkpod.vocab_commands import add_vocab_commands
from werkpod.web.errors import WerkpodError

if TYPE_CHECKING:
    from werkpod.compose import House


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command that `words` (else the process's own arguments) name, and exit."""
    options = _parser().parse_args(words)
    try:
        options.run(options)
    except (SettingError, WerkpodError) as error:
        print(f"werkpod: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="werkpod", description="Werkpod: a personal data store for work.")
    parser.add_argument("--version", action="version", version=f"werkpod {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = _command(commands, "serve", _serve, "Run the server.")
    _setting(serve, "host")
    _setting(serve, "port", type=int)
    serve.add_argument("--demo", action="store_true", default=None, help=HELP["demo"])

    account = commands.add_parser("account", help="Accounts.").add_subparsers(required=True, metavar="ACTION")
    create = _command(account, "create", _account_create, "Make an account with a pod.")
    create.add_argument("name", metavar="NAME", help="The name of the person; the pod's name is made from it.")
    create.add_argument("--password", required=True, metavar="PW", help="The passphrase.")
    create.add_argument("--role", choices=("citizen", "coach", "employer"), default="citizen")
    create.add_argument("--json", action="store_true", help="Print one JSON object.")

    credentials = commands.add_parser("credentials", help="Client credentials.").add_subparsers(
        required=True, metavar="ACTION"
    )
    create = _command(credentials, "create", _credentials_create, "Make client credentials for a citizen's own tool.")
    create.add_argument("name", metavar="NAME", help="Whose pod: the name that the account was made with.")
    create.add_argument("--label", required=True, metavar="L", help="What the tool is called in the dashboard.")
    create.add_argument("--json", action="store_true", help="Print one JSON object.")

    keys = commands.add_parser("keys", help="Keys.").add_subparsers(required=True, metavar="ACTION")
    rotate = _command(keys, "rotate-signing", _keys_rotate_signing, "Make a new key to sign tokens with.")
    rotate.add_argument(
        "--now", action="store_true",
        help="The old keys were stolen: sign with the new one at once, and let every token of the old ones fail.",
    )  # fmt: skip
    rotate.add_argument("--json", action="store_true", help="Print one JSON object.")
    rotate = _command(keys, "rotate-proof", _keys_rotate_proof, "Make a new key to sign receipts and log heads with.")
    rotate.add_argument(
        "--stolen", action="store_true",
        help="The old key was stolen: sign with the new one at once, and let nothing that the old one signed pass.",
    )  # fmt: skip
    rotate.add_argument("--json", action="store_true", help="Print one JSON object.")

    receipt = commands.add_parser("receipt", help="Receipts.").add_subparsers(required=True, metavar="ACTION")
    check = receipt.add_parser("verify", help="Check a receipt.", description="Check a receipt; exit code 1: not real.")
    check.set_defaults(run=_receipt_verify)
    check.add_argument("file", type=Path, metavar="FILE", help="The .jsonld or .jws file of the receipt.")
    check.add_argument(
        "--keys", metavar="FILE_OR_URL",
        help="The published keys (/.well-known/werkpod-proof-keys), as a file or an address. Without it they are asked "
        "of the server that the receipt says it is from.",
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="Print one JSON object.")

    pod = commands.add_parser("pod", help="Pods.").add_subparsers(required=True, metavar="ACTION")
    quota = _command(pod, "quota", _pod_quota, "Say what a pod uses and may use, or set what it may use.")
    quota.add_argument("name", metavar="NAME", help="Whose pod: the name that the account was made with.")
    quota.add_argument(
        "allowed", metavar="MB", nargs="?", help='What it may use, in MB, or "default"; without it nothing is set.'
    )
    quota.add_argument("--json", action="store_true", help="Print one JSON object.")

    verify = _command(
        commands, "verify", _verify,
        "Walk every access log and say where one was changed; count again what each pod uses, and mend that.",
    )  # fmt: skip
    verify.add_argument("--pod", metavar="NAME", help="The access log of this pod alone.")
    verify.add_argument(
        "--heads", type=Path, metavar="FILE", help="With --pod: signed heads that were kept elsewhere, one a line."
    )
    verify.add_argument("--json", action="store_true", help="Print one JSON object.")

    reports = _command(commands, "reports", _reports, "Say whom citizens reported for what they ask.")
    reports.add_argument("--json", action="store_true", help="Print one JSON object.")

    add_commands(commands, _command, _settings)
    add_vocab_commands(commands, _command, _settings)
    return parser


def _command(group: Any, name: str, run: Any, text: str, *, base_url: bool = True) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = group.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    _setting(command, "data")
    if base_url:
        _setting(command, "base_url")
    return command


def _setting(command: argparse.ArgumentParser, name: str, **kind: Any) -> None:
    command.add_argument(f"--{name.replace('_', '-')}", default=None, metavar=name.upper(), help=HELP[name], **kind)


def _settings(options: argparse.Namespace) -> Settings:
    return load({name: getattr(options, name) for name in HELP if hasattr(options, name)})


def _show(options: argparse.Namespace, answer: dict[str, Any]) -> None:
    if options.json:
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    else:
        sys.stdout.write("".join(f"{name}: {value}\n" for name, value in answer.items()))


def _serve(options: argparse.Namespace) -> None:
    from werkpod.serve import serve

    serve(_settings(options))


def _account_create(options: argparse.Namespace) -> None:
    from werkpod.compose import opened
    from werkpod.consent.accounts.passphrases import is_strong
    from werkpod.pod.addresses import is_slug

    async def run() -> dict[str, Any]:
        async with opened(_settings(options)) as house:
            slug = options.name if is_slug(options.name) else None
            account, recovery = await house.accounts.sign_up(
                options.name, options.password, role=options.role, slug=slug, by_operator=True
            )
            if not is_strong(options.password):
                print("werkpod: this passphrase is quickly guessed; use it for tests only.", file=sys.stderr)
            return {
                "webid": account.webid,
                "storage": account.storage,
                "issuer": house.settings.base_url,
                "name": account.slug,
                "recovery_code": recovery,
            }

    _show(options, asyncio.run(run()))


def _credentials_create(options: argparse.Namespace) -> None:
    from werkpod.compose import opened

    async def run() -> dict[str, Any]:
        async with opened(_settings(options)) as house:
            account = await house.account_named(options.name)
            client_id, client_secret = await house.credentials.create(account, options.label)
            return {
                "client_id": client_id,
                "client_secret": client_secret,
                "issuer": house.settings.base_url,
                "webid": account.webid,
            }

    _show(options, asyncio.run(run()))


def _keys_rotate_signing(options: argparse.Namespace) -> None:
    from werkpod.compose import opened

    async def run() -> dict[str, Any]:
        async with opened(_settings(options)) as house:
            made = await house.authorization.parts.keys.rotate(now=options.now)
            return {"kid": made.kid, "signs_from": datetime.fromtimestamp(made.signs, UTC).isoformat("T", "seconds")}

    _show(options, asyncio.run(run()))


def _keys_rotate_proof(options: argparse.Namespace) -> None:
    from werkpod.compose import opened

    async def run() -> dict[str, Any]:
        async with opened(_settings(options)) as house:
            made = await house.proof.rotate(stolen=options.stolen)
            return {"kid": made.kid, "signs_from": datetime.fromtimestamp(made.signs, UTC).isoformat("T", "seconds")}

    _show(options, asyncio.run(run()))


def _receipt_verify(options: argparse.Namespace) -> None:
    from werkpod.consent.proof import ProofRefused
    from werkpod.consent.receipts.command import said, verify_file

    try:
        found = said(verify_file(options.file, options.keys))
    except ProofRefused as refused:
        if options.json:
            _show(options, {"valid": False, "failed": refused.failed, "detail": refused.detail})
        else:
            print(f"werkpod: this receipt is not real ({refused.failed}): {refused.detail}", file=sys.stderr)
        sys.exit(1)
    _show(options, {"valid": True, **found})


def _pod_quota(options: argparse.Namespace) -> None:
    from werkpod.compose import opened

    given = options.allowed
    if given not in (None, "default") and not (given.isascii() and given.isdigit() and int(given[:12]) > 0):
        raise SettingError(f'MB = {given!r} is not right: give a whole number of MB, 1 or more, or "default".')

    async def run() -> dict[str, Any]:
        async with opened(_settings(options)) as house:
            account = await house.account_named(options.name)
            usage = house.storage.usage
            if given is not None:
                await usage.allow(account.id, None if given == "default" else int(given[:12]) << 20)
            used = await usage.of(account.id)
            return {"name": account.slug, "used": used.bytes, "allowed": used.allowed}

    _show(options, asyncio.run(run()))


def _verify(options: argparse.Namespace) -> None:
    from werkpod.compose import opened

    async def run() -> dict[str, Any]:
        async with opened(_settings(options)) as house:
            wrong = [] if options.pod else await house.storage.usage.miscounts()
            for one in wrong:
                await house.storage.usage.recount(one.pod)
            return {"counters_mended": len(wrong)} | await _verify_logs(house, options)

    answer = asyncio.run(run())
    _show(options, answer)
    if answer["broken"]:
        sys.exit(1)


async def _verify_logs(house: House, options: argparse.Namespace) -> dict[str, Any]:
    """Walk the access logs; what is wrong with which."""
    from werkpod.consent.ledger import Audit
    from werkpod.consent.ledger.audit import Finding
    from werkpod.vocab.progress import TextProgress

    audit = Audit(house.ledger, house.heads, house.pods, house.receipts.heads)
    found: list[Finding]
    if options.pod:
        account = await house.account_named(options.pod)
        try:
            kept = options.heads.read_text("ascii").split() if options.heads else []
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"--heads {str(options.heads)!r} cannot be read: {error}.") from error
        also = [house.heads.check(line, account.webid) for line in kept]
        found = [await audit.one(account.id, also=also)]
    elif options.heads:
        raise SettingError("--heads is about one log: name it with --pod.")
    else:
        found = [finding async for finding in audit.all(TextProgress(sys.stderr))]
    return {
        "logs": len(found),
        "lines": sum(finding.verdict.lines for finding in found),
        "broken": [
            {"name": f.name, "line": f.verdict.broken_at, "wrong": f.verdict.wrong, "heads_that_do_not_hold": f.heads}
            for f in found
            if not f.whole
        ],
    }


def _reports(options: argparse.Namespace) -> None:
    from werkpod.compose import opened

    def date(at: float) -> str:
        return datetime.fromtimestamp(at, UTC).date().isoformat()

    async def run() -> list[dict[str, Any]]:
        async with opened(_settings(options)) as house:
            return [
                {
                    **msgspec.to_builtins(one),
                    "first": date(one.first),
                    "last": date(one.last),
                    "asked_in_30_days": asked,
                }
                for one, asked in await house.asking.reported()
            ]

    found = asyncio.run(run())
    if options.json:
        return _show(options, {"reports": found})
    print("\n".join("".join(f"{k}: {v}\n" for k, v in one.items()) for one in found) or "Nobody was reported.")
