"""What a grant means at the pod: each section a scope, and what is left out of it a lens.

A section is its document alone, so a grant for sections lists no containers. Beside the sections, a grant opens the way
to them for Solid apps, and the document in which the server wrote down what was given.
"""

from __future__ import annotations

from collections.abc import Sequence

from werkpod.consent.grants.record import MODES, GrantRecord
from werkpod.consent.grants.writing_down import FOR_THE_OWNER, path_of
from werkpod.pod.access.model import ALL, Grant, Lens, Mode, Scope
from werkpod.pod.profile import places
from werkpod.pod.profile.seed import entries_of
from werkpod.vocab.cv.mapping import forms_of
from werkpod.vocab.fields import passing
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS

_CV = frozenset(section.key for section in CV_SECTIONS)
_SOURCES = frozenset({"experience", "education"})
"""The sections that competences come from."""


def modes_of(record: GrantRecord) -> Mode:
    """The modes of a grant. The citizen's own tool with everything may also say who else may (CONTROL); an app where
    the citizen chose that apart, since an access rule that it writes outlives the stop of the app (record 22)."""
    if record.everything and record.receiver_kind == "tool" and "write" in record.actions:
        return ALL
    modes = Mode.NONE
    for action in record.actions:
        modes |= MODES[action]
    return modes


def to_access(record: GrantRecord) -> Grant:
    """The grant as the access decision sees it."""
    modes = modes_of(record)
    if record.everything:
        scopes: tuple[Scope, ...] = (Scope("", modes, Lens(hidden_predicates=frozenset(record.hidden_predicates))),)
    else:
        scopes = tuple(Scope(SECTIONS[key].path, modes, _lens(key, record)) for key in record.sections)
        scopes += _findable(record)
    return Grant(
        id=record.id,
        agent=record.agent,
        client=record.client,
        scopes=scopes + _itself(record),
        not_before=record.not_before,
        until=record.until,
        revoked=record.revoked_at is not None,
        purpose=record.purpose,
        version=record.version,
    )


def opens(record: GrantRecord) -> Sequence[tuple[str, Lens]]:
    """The documents that a grant lets its receiver read, and what of them: path in the pod and lens, sections first.

    A path that is "" or ends in "/" stands for all below it. The document about the grant itself is left out: it says
    nothing that is not on the page where this is asked for.
    """
    own = path_of(record.id)
    return [(s.path, s.lens) for s in to_access(record).scopes if Mode.READ in s.modes and s.path != own]


def _lens(key: str, record: GrantRecord) -> Lens:
    """What of a section passes."""
    hidden = [field for field in record.hidden_fields if field.partition(".")[0] == key]
    lens = Lens(
        hidden_entries=_of(key, record.hidden_entries),
        hidden_predicates=frozenset(record.hidden_predicates),
        only_entries=_of(key, record.only_entries),
        only_predicates=passing(key, hidden) if hidden else frozenset(),
        only_types=frozenset(form.rdf_type for form in forms_of(key)) if hidden else frozenset(),
    )
    return _with_links(lens, key, record)


def _with_links(lens: Lens, key: str, record: GrantRecord) -> Lens:
    """And where what passes may point: not at what is not shared, since an entry's name can say what it is.

    Who may write the section gets it whole, so that saving it loses nothing.
    """
    if key not in _CV or set(record.actions) != {"read"}:
        return lens
    others = frozenset(_CV & set(record.sections) - {key})
    return Lens(
        lens.hidden_entries | _elsewhere(others, record.hidden_entries),
        lens.hidden_predicates,
        _SOURCES - set(record.sections) if key == "competences" else frozenset(),
        lens.only_entries,
        lens.only_predicates,
        lens.only_types,
        only_links=_elsewhere(others, record.only_entries),
        quiet_documents=frozenset(field.partition(".")[0] for field in record.hidden_fields) & others,
    )


def _findable(record: GrantRecord) -> tuple[Scope, ...]:
    """The way to what an app was given, as Solid apps look for it: from the preferences to the private type index, and
    in that one its own sections. Of both documents nothing else passes (record 17).
    """
    entries = {name for key in record.sections for name, _ in entries_of(key)}
    if not entries or "read" not in record.actions or record.receiver_kind not in ("app", "tool"):
        return ()
    link = Lens(only_predicates=frozenset({places.PRIVATE_TYPE_INDEX}))
    own = Lens(
        only_entries=frozenset(entries),
        only_predicates=frozenset({places.TYPE, places.FOR_CLASS, places.INSTANCE}),
    )
    return Scope(places.PREFERENCES, Mode.READ, link), Scope(places.PRIVATE_INDEX, Mode.READ, own)


def _itself(record: GrantRecord) -> tuple[Scope, ...]:
    """The document about the grant, for its receiver, but for what the owner alone may see of it.

    Not for a link, whose receiver is nobody in particular.
    """
    if not record.id or record.receiver_kind == "link":
        return ()
    return (Scope(path_of(record.id), Mode.READ, Lens(hidden_predicates=FOR_THE_OWNER)),)


def _of(section: str, entries: Sequence[str]) -> frozenset[str]:
    """The fragments of the entries of one section."""
    prefix = f"{section}#"
    return frozenset(entry.removeprefix(prefix) for entry in entries if entry.startswith(prefix))


def _elsewhere(sections: frozenset[str], entries: Sequence[str]) -> frozenset[str]:
    """The entries of other sections, as their documents are called beside one another."""
    return frozenset(entry for entry in entries if entry.partition("#")[0] in sections)
