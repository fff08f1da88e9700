"""From CompetentNL's triples to a pack: all or nothing."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from werkpod.vocab.choice import pack_path
from werkpod.vocab.competentnl.fetching import fetch_all
from werkpod.vocab.competentnl.graph import Gathered
from werkpod.vocab.competentnl.rows import Places, Rows, rows_of
from werkpod.vocab.competentnl.service import Service
from werkpod.vocab.errors import ImportFailed, PackDamaged
from werkpod.vocab.lifting import THREE_KINDS, lifted
from werkpod.vocab.pack import read_pack
from werkpod.vocab.placing import put_in_place
from werkpod.vocab.progress import NoProgress, Progress
from werkpod.vocab.starter import Called, isco_titles, name_groups
from werkpod.vocab.status import Status, status_of
from werkpod.vocab.tables import Meta, build_tables

NOTICE = "This service uses CompetentNL, the Dutch standard of occupations and skills (CC BY 4.0)."
FORMATS = {
    ".ttl": RdfFormat.TURTLE, ".nt": RdfFormat.N_TRIPLES, ".nq": RdfFormat.N_QUADS, ".trig": RdfFormat.TRIG,
}  # fmt: skip
"""What an export may be, by the end of its name."""
_TICK = 10_000


def import_from_files(
    files: Sequence[Path], data_dir: Path, *, progress: Progress | None = None, replaced: Path | None = None
) -> Status:
    """Read an export in RDF, in one file or several, and put the pack in place; `replaced` as in
    `werkpod.vocab.placing`. Raises ImportFailed (file and line); what was in place is then as it was."""
    progress, gathered = progress or NoProgress(), Gathered()
    for file in files:
        _read(Path(file), gathered, progress)
    told = re.search(r"\d+\.\d+(?:\.\d+)*|\d{4}-\d\d-\d\d", files[0].name)
    version = told[0] if told else _today()
    return _finish(gathered, data_dir, files[0], version, files[0].name, progress, replaced)


def import_from_service(
    service: Service, data_dir: Path, *, progress: Progress | None = None, replaced: Path | None = None
) -> Status:
    """Read the SPARQL service and put the pack in place. What came before something broke is kept, and is not asked
    again. Raises SourceFailed, KeyRefused and ImportFailed; what was in place is then as it was."""
    progress, gathered = progress or NoProgress(), Gathered()
    with fetch_all(service, data_dir, gathered, progress) as fetched:
        return _finish(gathered, data_dir, Path(service.host), fetched.day, service.host, progress, replaced)


def _read(file: Path, gathered: Gathered, progress: Progress) -> None:
    kind = FORMATS.get(file.suffix.lower())
    if kind is None:
        raise ImportFailed(file, f"an export must be Turtle or N-Triples, in a file that ends in {', '.join(FORMATS)}")
    try:
        size = file.stat().st_size
        progress.stage(file.name, size)
        with file.open("rb") as stream:
            quads = parse(stream, kind, base_iri=None, rename_blank_nodes=True)
            while batch := list(itertools.islice(quads, _TICK)):
                gathered.add(batch)
                progress.at(stream.tell())
    except OSError as error:
        raise ImportFailed(file, f"the file cannot be read: {error.strerror}") from error
    except SyntaxError as error:
        raise ImportFailed(file, f"this is not {kind.name}: {error.msg}", line=error.lineno) from error
    except MemoryError as error:  # what the parser says of a text of more than 16 MB
        raise ImportFailed(file, f"a text or name in it is too long ({error})") from error


def _finish(
    gathered: Gathered, data_dir: Path, source: Path, version: str, called: str, progress: Progress,
    replaced: Path | None,
) -> Status:  # fmt: skip
    groups = isco_titles()
    units = [code for code in groups if len(code) == 4]
    rows = rows_of(gathered, units, Places(_esco_places(data_dir), _titles(name_groups(groups))), source)
    meta = _meta(rows, gathered.relations, version, called)
    occupations = [*rows.occupations, *lifted(rows.occupations, groups, rows.languages, THREE_KINDS)]
    progress.stage("search index", sum(len(row.titles) + sum(map(len, row.names.values())) for row in occupations))
    tables = build_tables(
        meta, occupations, rows.competences, sorted(groups.items()), competence_groups=rows.groups, tick=progress.at
    )
    target = pack_path(data_dir, "competentnl")
    progress.stage("writing", 1)
    meta = put_in_place(tables, target, replaced=replaced)
    progress.finish()
    return status_of(meta, target)


def _meta(rows: Rows, relations: int, version: str, source: str) -> Meta:
    return Meta(
        id="competentnl",
        title="CompetentNL",
        version=version,
        notice=NOTICE,
        source=source,
        languages=rows.languages,
        occupations=len(rows.occupations),
        competences=len(rows.competences),
        links=relations,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        labelled={lang: sum(lang in row.labels for row in rows.competences) for lang in rows.languages},
        groups=len(rows.groups),
        notes=tuple(rows.notes),
    )


def _esco_places(data_dir: Path) -> dict[str, str]:
    """Occupation of ESCO -> unit group, from the imported ESCO; empty without one that can be read."""
    try:
        tables = read_pack(pack_path(data_dir, "esco"))
    except PackDamaged:
        return {}
    return dict(zip(tables.occupation_iri, tables.occupation_isco, strict=True))


def _titles(groups: Mapping[str, Called]) -> dict[str, str]:
    """Title in small letters -> unit group, of what the starter calls every unit group."""
    found: dict[str, str] = {}
    for code, called in groups.items():
        for lang, title in called.titles.items():
            for name in (title, *called.names.get(lang, ())):
                found.setdefault(name.casefold(), code)
    return found


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()
