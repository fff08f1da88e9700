"""The commands about taxonomies: `werkpod vocab import|status|remove|links|lint`.

What they need is imported when they run: other commands need not wait for it.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from werkpod.config import SettingError, Settings
from werkpod.vocab.choice import IMPORTED


def add_vocab_commands(
    commands: Any, command: Callable[..., argparse.ArgumentParser], settings: Callable[[argparse.Namespace], Settings]
) -> None:
    """Add `vocab` to the command line. `command` adds one with the settings that all have."""

    def run(what: Callable[[Settings, argparse.Namespace], None]) -> Callable[[argparse.Namespace], None]:
        return lambda options: what(settings(options), options)

    vocab = commands.add_parser("vocab", help="Taxonomies.").add_subparsers(required=True, metavar="ACTION")
    imported = vocab.add_parser("import", help="Import a taxonomy.").add_subparsers(required=True, metavar="TAXONOMY")
    esco = command(imported, "esco", run(_import_esco), "Import ESCO from its CSV download.", base_url=False)
    esco.add_argument("source", type=Path, metavar="DIR", help="The folder with the official CSV files.")
    esco.add_argument(
        "--languages", default="", metavar="CODES", help='As "nl,en"; without it every language in the folder.'
    )
    cnl = command(imported, "competentnl", run(_import_competentnl), _COMPETENTNL, base_url=False)
    cnl.add_argument("files", type=Path, nargs="*", metavar="FILE", help="An export in RDF: .ttl, .nt, .nq or .trig.")
    cnl.add_argument("--api", metavar="URL", help="The address of the SPARQL service, instead of an export.")
    cnl.add_argument("--key-file", type=Path, metavar="FILE", help="A file with the key to the service.")
    cnl.add_argument("--pause", type=float, metavar="SECONDS", help="Between two requests; without it half a second.")
    cnl.add_argument("--page", type=int, metavar="N", help="Occupations asked at once; without it 50.")
    for each in (esco, cnl):
        each.add_argument("--replaced", type=Path, metavar="FILE", help=_REPLACED)
    walk = command(imported, "crosswalk", run(_import_crosswalk), _CROSSWALK, base_url=False)
    walk.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV, as the publisher gives it.")
    walk.add_argument("--no-names", action="store_true", help="Only the codes: do not find anything by their labels.")
    status = command(
        vocab, "status", run(_status), "Say which taxonomies there are, and which is in use.", base_url=False
    )
    status.add_argument("--json", action="store_true", help="Print one JSON object.")
    removed = command(vocab, "remove", run(_remove), "Remove an imported taxonomy.", base_url=False)
    removed.add_argument("which", choices=REMOVED, metavar="TAXONOMY", help=f"One of {', '.join(REMOVED)}.")
    links = vocab.add_parser("links", help=_LINKS, description=_LINKS)
    links.set_defaults(run=_links)
    links.add_argument("--csv", type=Path, required=True, metavar="FILE", help="Where to write; - for standard output.")
    linted = vocab.add_parser("lint", help=_LINT, description=_LINT)
    linted.set_defaults(run=_lint)
    linted.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="The starter's files; those that ship.")


REMOVED = (*IMPORTED, "crosswalk")
"""What can be removed."""
_CROSSWALK = "Import how the codes of UWV (BO&C), CompetentNL or VDAB (Competent) match ESCO, from CSV files."
_REPLACED = (
    "CSV with columns old and new: what came in the place of what an earlier version had, as the publisher says."
)
_LINT = "Say what an editor of the starter taxonomy should look at again."
_COMPETENTNL = (
    "Import CompetentNL, from an export in RDF or from its service. The key to the service comes from --key-file or "
    "the environment (WERKPOD_COMPETENTNL_KEY)."
)
_LINKS = "Write what the starter taxonomy says that occupations ask, as CSV: unitGroup, competence, weight."


def _import_esco(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.vocab.commands import import_from_esco
    from werkpod.vocab.progress import TextProgress

    languages = [code for code in re.split("[, ]+", options.languages) if code]
    progress = TextProgress(sys.stderr)
    told = import_from_esco(
        settings.data, options.source, progress, languages=languages, replaced=options.replaced,
        setting=settings.taxonomy,
    )  # fmt: skip
    print(told)


def _import_competentnl(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.vocab.commands import import_from_competentnl, key_of
    from werkpod.vocab.competentnl.service import PAGE, PAUSE, Service
    from werkpod.vocab.progress import TextProgress

    service = None
    if bool(options.api) == bool(options.files):
        raise SettingError("Give the files of an export, or --api URL; one of the two.")
    if options.api:
        page, pause = PAGE if options.page is None else options.page, PAUSE if options.pause is None else options.pause
        if not 1 <= page <= 1000 or not 0 <= pause <= 3600:
            raise SettingError(f"--page {page} --pause {pause} is not right: give 1 to 1000, and 0 to 3600 seconds.")
        key = key_of(options.key_file, os.environ)
        service = Service(options.api, key, page=page, pause=pause, allow_loopback=settings.allow_loopback)
    progress = TextProgress(sys.stderr)
    told = import_from_competentnl(
        settings.data, options.files, progress, service=service, replaced=options.replaced, setting=settings.taxonomy
    )
    print(told)


def _import_crosswalk(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.vocab.commands import import_from_crosswalks
    from werkpod.vocab.progress import TextProgress

    progress = TextProgress(sys.stderr)
    told = import_from_crosswalks(
        settings.data, options.files, progress, names=not options.no_names, setting=settings.taxonomy
    )
    print(told)


def _status(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.vocab.status import as_text, vocab_status

    overview = vocab_status(settings.data, settings.taxonomy)
    if options.json:  # what is in use lies on top, so that a script that asks only for that finds it there
        answer = {**msgspec.to_builtins(overview.used or {}), **msgspec.to_builtins(overview)}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    else:
        sys.stdout.write(as_text(overview))
    if overview.in_use is None:
        sys.exit(1)


def _remove(settings: Settings, options: argparse.Namespace) -> None:
    from werkpod.vocab.commands import remove

    print(remove(settings.data, options.which, setting=settings.taxonomy))


def _links(options: argparse.Namespace) -> None:
    from werkpod.vocab.exporting import links_csv

    text = links_csv()
    if str(options.csv) == "-":
        sys.stdout.write(text)
        return
    options.csv.write_text(text, encoding="utf-8")
    print(f"Wrote {text.count(chr(10)) - 1} links to {options.csv}.")


def _lint(options: argparse.Namespace) -> None:
    from werkpod.vocab.lint import dutch_frequency, lint

    try:
        frequency = dutch_frequency()
    except ModuleNotFoundError:
        frequency = None
        print("Words are not looked at: wordfreq is not installed (pip install 'werkpod[editors]').", file=sys.stderr)
    found = lint(options.folder, frequency=frequency)
    print("\n".join(map(str, found)) or "Nothing to look at.")
    if found:
        sys.exit(1)
