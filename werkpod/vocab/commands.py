"""What `werkpod vocab` does, told in the text that it prints."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from werkpod.vocab.choice import AUTO, choose, pack_path
from werkpod.vocab.competentnl import import_from_files, import_from_service
from werkpod.vocab.competentnl.service import Service
from werkpod.vocab.crosswalk.importing import as_text, import_crosswalks, led, remove_crosswalks
from werkpod.vocab.errors import ImportFailed, KeyRefused, PackMissing
from werkpod.vocab.esco import import_esco
from werkpod.vocab.progress import Progress
from werkpod.vocab.status import Status

CROSSWALK = "crosswalk"
"""What crosswalks are called on the command line."""
KEY_VARIABLE = "WERKPOD_COMPETENTNL_KEY"
"""The environment variable that may hold the key to CompetentNL's service."""


def import_from_esco(
    data_dir: Path,
    folder: Path,
    progress: Progress,
    *,
    languages: Sequence[str] = (),
    replaced: Path | None = None,
    setting: str = AUTO,
) -> str:
    """Import ESCO's official CSV files. Raises ImportFailed."""
    target = pack_path(data_dir, "esco")
    with _written(data_dir):
        status = import_esco(folder, target, progress=progress, languages=languages, replaced=replaced)
    return told(status, data_dir, setting)


def import_from_competentnl(
    data_dir: Path,
    files: Sequence[Path],
    progress: Progress,
    *,
    service: Service | None = None,
    replaced: Path | None = None,
    setting: str = AUTO,
) -> str:
    """Import CompetentNL from an export or from its service. Raises ImportFailed, SourceFailed, KeyRefused."""
    with _written(data_dir):
        if service is not None:
            status = import_from_service(service, data_dir, progress=progress, replaced=replaced)
        else:
            status = import_from_files(files, data_dir, progress=progress, replaced=replaced)
    return told(status, data_dir, setting)


def import_from_crosswalks(
    data_dir: Path, files: Sequence[Path], progress: Progress, *, names: bool = True, setting: str = AUTO
) -> str:
    """Import crosswalks. Raises ImportFailed."""
    from werkpod.vocab.taxonomy import active

    with _written(data_dir):
        found = {each.kind for each in import_crosswalks(data_dir, files, progress, names=names)}
    lines = as_text(each for each in led(active(data_dir, setting)) if each.about.kind in found)
    return "\n".join(("Imported:", *lines, "A running server uses them from its next start."))


def key_of(file: Path | None, environ: Mapping[str, str]) -> str:
    """The key to CompetentNL's service: the first line of a file, else what the environment has. Raises KeyRefused."""
    if file is not None:
        try:
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyRefused(f"--key-file {str(file)!r} cannot be read: {error}.") from None
    if KEY_VARIABLE not in environ:
        raise KeyRefused(f"The service needs a key: name a file with it (--key-file), or put it in {KEY_VARIABLE}.")
    return environ[KEY_VARIABLE].strip()


@contextlib.contextmanager
def _written(data_dir: Path) -> Iterator[None]:
    """Say where it was when the disk did not have it."""
    try:
        yield
    except OSError as error:
        where = Path(str(error.filename)) if error.filename else data_dir
        raise ImportFailed(where, f"this cannot be written: {error.strerror}") from error


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
    """Remove an imported taxonomy, and what a broken import of it left; its history stays, for the CVs that point at
    its concepts. Or remove the crosswalks. Raises PackMissing where nothing is there."""
    if taxonomy == CROSSWALK:
        remove_crosswalks(data_dir)
        return "Removed the crosswalks. A running server does without them from its next start."
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
