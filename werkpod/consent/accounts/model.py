"""The account: who has a pod here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["citizen", "coach", "employer"]
ROLES: tuple[Role, ...] = ("citizen", "coach", "employer")


@dataclass(frozen=True, slots=True)
class Account:
    """An account. `id`: the pod's id (ULID); `slug`: the user name; `name`: as the person wrote it."""

    id: str
    name: str
    slug: str
    role: Role
    webid: str
    storage: str
    lang: str = "nl"
