"""The one error of an import as a whole; whatever is wrong with a single value is a `Reason` in the outcome instead."""

from __future__ import annotations

from werkpod.web.errors import Unprocessable


class NotAResume(Unprocessable):
    """The file is no JSON Resume: no JSON, no object, or far too much; `kind` names which."""

    code, title = "not_a_resume", "This is not a JSON Resume file"

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail, kind=kind)
        self.kind = kind
