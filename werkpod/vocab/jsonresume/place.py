"""From a JSON Resume (schema 1.x, and the names of the older 0.0) to entries of a CV."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from werkpod.vocab.cv.documents import SectionDocument
from werkpod.vocab.cv.languages import language_code
from werkpod.vocab.cv.model import (
    Certificate,
    CertificateKind,
    Competence,
    Contact,
    Education,
    Entry,
    Experience,
    ExperienceKind,
    Identity,
    Language,
    OnlineProfile,
    Summary,
)
from werkpod.vocab.jsonresume.draft import LONGEST_TEXT, Account, Draft
from werkpod.vocab.jsonresume.outcome import Outcome, Placed, Reason, Unplaced
from werkpod.vocab.jsonresume.source import Node, leaves, read
from werkpod.vocab.jsonresume.words import language_level, skill_level

_NO_HOME = {
    "interests": Reason.INTERESTS,
    "references": Reason.REFERENCES,
    "publications": Reason.PUBLICATIONS,
    "meta": Reason.ABOUT_FILE,
    "$schema": Reason.ABOUT_FILE,
}


def import_resume(body: bytes, storage: str, documents: Mapping[str, SectionDocument] | None = None) -> Outcome:
    """Place a JSON Resume beside what is in `documents` (section documents by key; absent ones count as empty).

    Every leaf of the file is in `placed` or in `unplaced`, once. What the CV has already stays. Raises NotAResume.
    """
    root = read(body)
    account = Account(documents or {})
    _basics(account, root.get("basics"))
    for node in root.items("work"):
        _experience(account, node, "work")
    for node in root.items("volunteer"):
        _experience(account, node, "volunteer")
    for node in root.items("education"):
        _education(account, node)
    for node in root.items("projects"):
        _project(account, node, storage)
    for node in root.items("skills"):
        _skill(account, node)
    for node in root.items("languages"):
        _language(account, node)
    for node in root.items("certificates"):
        _certificate(account, node, "name", "issuer", "certificate")
    for node in root.items("awards"):
        _certificate(account, node, "title", "awarder", "award")
    return _settled(account, root)


def _settled(account: Account, root: Node) -> Outcome:
    """The outcome, with a reason for every leaf that nothing asked for."""
    placed: list[Placed] = []
    unplaced: list[Unplaced] = []
    for path, value in leaves(root):
        if path in account.placed:
            placed.append(account.placed[path])
        elif value is None or (isinstance(value, str) and not value.strip()):
            unplaced.append(Unplaced(path, value, Reason.EMPTY))
        else:
            reason = _NO_HOME.get(path.split("/")[1], Reason.NO_PLACE)
            unplaced.append(account.unplaced.get(path) or Unplaced(path, value, reason))
    return Outcome({key: tuple(made) for key, made in account.entries.items()}, tuple(placed), tuple(unplaced))


def _basics(account: Account, basics: Node) -> None:
    location = basics.get("location")
    _single(account, "identity", Identity(), {"name": (basics.get("name"),)})
    _single(
        account,
        "contact",
        Contact(),
        {
            "email": (basics.get("email"),),
            "phone": (basics.get("phone"),),
            "street": (location.get("address"),),
            "postal_code": (location.get("postalCode"),),
            "city": (location.get("city"),),
            "region": (location.get("region"),),
            "country": (location.get("countryCode"),),
            "website": (basics.get("url"), basics.get("website")),
        },
    )
    _single(account, "summary", Summary(), {"headline": (basics.get("label"),), "text": (basics.get("summary"),)})
    if basics.get("image").value:
        account.refuse(basics.get("image"), Reason.PHOTO)
    for node in basics.items("profiles"):
        _profile(account, node)


def _single(account: Account, section: str, blank: Entry, fields: Mapping[str, tuple[Node, ...]]) -> None:
    """Fill up the entry that a section has once: only fields that are still empty."""
    old: Any = next((e for e in account.existing(section) if type(e) is type(blank)), None)
    draft = Draft(account)
    for name, candidates in fields.items():
        attempt = Draft(account)
        value = attempt.text(name, *candidates, longest=LONGEST_TEXT if name == "text" else 300)
        has = getattr(old, name, None)
        if value is None:
            continue
        if name == "email" and ("@" not in value.strip("@") or len(value) > 254 or len(value.split()) > 1):
            attempt.give_up(Reason.NOT_AN_EMAIL)
        elif has:
            attempt.give_up(Reason.ALREADY if has == value else Reason.DIFFERENT)
        else:
            draft.values.update(attempt.values)
            draft.taken += attempt.taken
    if draft.values:
        draft.keep(section, dataclasses.replace(old or blank, **draft.values))


def _keep_new(draft: Draft, section: str, entry: Entry) -> None:
    """Keep the draft as `entry` unless the CV has an entry that says the same."""
    same = (dataclasses.replace(other, id=entry.id) == entry for other in draft.account.existing(section))
    if any(same):
        draft.give_up(Reason.ALREADY)
    else:
        draft.keep(section, entry)


def _profile(account: Account, node: Node) -> None:
    draft = Draft(account)
    draft.text("network", node.get("network"))
    draft.text("username", node.get("username"))
    draft.text("url", node.get("url"), longest=2000)
    if not draft.values:
        return
    fragment = account.fragment("contact")
    _keep_new(draft, "contact", OnlineProfile(fragment, **draft.values))


def _experience(account: Account, node: Node, kind: ExperienceKind) -> None:
    draft = Draft(account)
    draft.text("label", node.get("position"))
    draft.text("employer", node.get("name"), node.get("organization"), node.get("company"))
    draft.text("place", node.get("location"))
    draft.text("employer_about", node.get("description"), longest=LONGEST_TEXT)
    draft.text("website", node.get("url"), node.get("website"), longest=2000)
    draft.date("start", node.get("startDate"))
    draft.date("end", node.get("endDate"))
    draft.text("description", node.get("summary"), longest=LONGEST_TEXT)
    draft.lines("description", node.items("highlights"), "- {}")
    _keep_experience(draft, kind)


def _keep_experience(draft: Draft, kind: ExperienceKind) -> str | None:
    """Keep the draft as work, with its fragment, unless it says neither what nor where."""
    values = draft.values
    if not values.get("label") and not values.get("employer"):
        draft.give_up(Reason.NO_NAME)
        return None
    fragment = draft.account.fragment("experience")
    _keep_new(draft, "experience", Experience(fragment, kind=kind, **values))
    return fragment


def _project(account: Account, node: Node, storage: str) -> None:
    """A project is work of the kind "other"; its keywords are competences that were gained in it."""
    draft = Draft(account)
    draft.text("label", node.get("name"))
    draft.text("employer", node.get("entity"))
    draft.text("website", node.get("url"), longest=2000)
    draft.date("start", node.get("startDate"))
    draft.date("end", node.get("endDate"))
    draft.text("description", node.get("description"), longest=LONGEST_TEXT)
    draft.lines("description", node.items("roles"), "Rol: {}")
    draft.lines("description", node.items("highlights"), "- {}")
    fragment = _keep_experience(draft, "other")
    is_new = any(entry.id == fragment for entry in account.entries.get("experience", ()))
    source = (f"{storage}cv/experience#{fragment}",) if is_new else ()
    for keyword in node.items("keywords"):
        _competence(account, keyword, gained_in=source)


def _education(account: Account, node: Node) -> None:
    draft = Draft(account)
    draft.text("label", node.get("area"))
    draft.text("level", node.get("studyType"))
    draft.text("institution", node.get("institution"))
    draft.text("website", node.get("url"), node.get("website"), longest=2000)
    draft.text("score", node.get("score"), longest=1000)
    draft.date("start", node.get("startDate"))
    draft.date("end", node.get("endDate"))
    courses: list[str] = []
    for course in node.items("courses"):
        if (name := draft.text("courses", course)) is not None:
            courses.append(name)
    draft.values["courses"] = tuple(courses)
    values = draft.values
    if not (values.get("label") or values.get("level") or values.get("institution")):
        return draft.give_up(Reason.NO_NAME)
    fragment = account.fragment("education")
    return _keep_new(draft, "education", Education(fragment, **values))


def _skill(account: Account, node: Node) -> None:
    """A skill is a competence with a level, and each of its keywords one without: a keyword's level is not said."""
    if isinstance(node.value, str):
        _competence(account, node)
        return
    level = node.get("level")
    _competence(account, node.get("name"), level=level)
    for keyword in node.items("keywords"):
        _competence(account, keyword)


def _competence(account: Account, name: Node, *, level: Node | None = None, gained_in: tuple[str, ...] = ()) -> None:
    draft = Draft(account)
    label = draft.text("label", name)
    said = draft.usable(level, 300) if level is not None else None
    number = skill_level(said) if said is not None else None
    if level is not None and said is not None:
        if number is None:
            account.refuse(level, Reason.UNKNOWN_LEVEL)
        else:
            draft.taken.append((level, "level"))
    if label is None:
        return draft.give_up(Reason.NO_NAME)
    word = label.casefold()
    if any(isinstance(e, Competence) and e.label.casefold() == word for e in account.existing("competences")):
        return draft.give_up(Reason.ALREADY)
    fragment = account.fragment("competences")
    return draft.keep("competences", Competence(fragment, label, level=number, gained_in=gained_in))


def _language(account: Account, node: Node) -> None:
    draft = Draft(account)
    label = draft.text("label", node if isinstance(node.value, str) else node.get("language"))
    note = draft.text("note", node.get("fluency"))
    if label is None:
        return draft.give_up(Reason.NO_NAME)
    code = language_code(label)
    for other in account.existing("languages"):
        if isinstance(other, Language) and (
            other.title.casefold() == label.casefold() or (code and other.code == code)
        ):
            return draft.give_up(Reason.ALREADY)
    fragment = account.fragment("languages")
    level = language_level(note) if note else None
    return draft.keep("languages", Language(fragment, code, label, level, note))


def _certificate(account: Account, node: Node, name: str, issuer: str, kind: CertificateKind) -> None:
    draft = Draft(account)
    label = draft.text("label", node.get(name))
    draft.text("issuer", node.get(issuer))
    draft.date("issued", node.get("date"))
    draft.text("website", node.get("url"), longest=2000)
    draft.text("description", node.get("summary"), longest=LONGEST_TEXT)
    if label is None:
        return draft.give_up(Reason.NO_NAME)
    fragment = account.fragment("certificates")
    return _keep_new(draft, "certificates", Certificate(fragment, kind=kind, **draft.values))
