"""What `werkpod vocab` does, told in the text that it prints."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from werkpod.vocab.choice import AUTO, choose, pack_path
from werkpod.vocab.errors import PackMissing
from werkpod.vocab.esco import import_esco
from werkpod.vocab.progress import Progress
from werkpod.vocab.status import Status


def import_from_esco(
    data_dir: Path, folder: Path, progress: Progress, *, languages: Sequence[str] = (), setting: str = AUTO
) -> str:
    """Import ESCO's official CSV files. Raises ImportFailed."""
    status = import_esco(folder, pack_path(data_dir, "esco"), progress=progress, languages=languages)
    return told(status, data_dir, setting)


def told(status: Status, data_dir: Path, setting: str) -> str:
    """What an import says at its end."""
    choice = choose(data_dir, setting)
    after = "A running server uses it from its next start."
    if choice.id != status.id:
        after = f"It is not the one in use, that is {choice.id} ({choice.why}); set taxonomy to {status.id} to use it."
    counts = f"{status.occupations} occupations, {status.competences} competences, {status.links} links"
    return "\n".join(
        (f"Imported {status.title} {status.version} into {status.path}: {counts}.", *status.notes, status.notice, after)
    )


def remove(data_dir: Path, taxonomy: str, *, setting: str = AUTO) -> str:
    """Remove an imported taxonomy, and what a broken import of it left. Raises PackMissing where nothing is there."""
    pack = pack_path(data_dir, taxonomy)
    partial = pack.with_suffix(".partial")
    if not pack.exists() and not partial.exists():
        raise PackMissing(f"{taxonomy} is not there to remove: there is no {pack}.")
    pack.unlink(missing_ok=True)
    shutil.rmtree(partial, ignore_errors=True)
    try:
        now = choose(data_dir, setting)
    except PackMissing as error:
        return f"Removed {taxonomy}. A server does not start now: {error}"
    return f"Removed {taxonomy}. A running server uses {now.id} from its next start ({now.why})."
