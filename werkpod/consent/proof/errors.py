"""What is wrong with something that was signed. One error; `failed` names the check."""

from __future__ import annotations

from typing import Literal

from werkpod.web.errors import Unprocessable

Check = Literal["form", "kind", "key", "period", "withdrawn", "signature", "content"]
"""`form`: not a JWS as we write them; `kind`: signed for something else; `key`: by a key that is not in the list;
`period`: outside the time in which the key signed; `withdrawn`: by a key that is not to be trusted any more;
`signature`: it does not fit what was signed; `content`: signed by us, and still not what it should be."""


class ProofRefused(Unprocessable):
    """A proof that does not hold; `failed` is the check that it did not pass."""

    code, title = "proof_refused", "This proof does not hold"

    def __init__(self, failed: Check, detail: str) -> None:
        super().__init__(detail, failed=failed)
        self.failed = failed
