"""What is measured: the same requests for every server, signed beforehand for one person with one app."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.client import Connection, Key, request
from bench.server import Owner

SMALL = (
    b"@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
    b'<#me> a foaf:Person ; foaf:name "Noor Voorbeeld" ; foaf:knows <#bo> .\n<#bo> foaf:name "Bo Voorbeeld" .\n'
)
"""A document of four triples."""
TWO_KB = (
    "@prefix s: <https://schema.org/> .\n"
    + "".join(
        f'<#job{i}> a s:Role ; s:roleName "Medewerker nummer {i}" ; s:startDate "201{i % 10}-03" .\n' for i in range(24)
    )
).encode()
"""A document as large as a section of a CV, 72 triples."""
PATCH = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#> .\n"
    '<> a solid:InsertDeletePatch ; solid:inserts {{ <#me> <https://example.org/n{0}> "naam {0}" . }} .'
)
_ACL = """@prefix acl: <http://www.w3.org/ns/auth/acl#> .
<#owner> a acl:Authorization ; acl:accessTo <{url}> ; acl:agent <{owner}> ; acl:mode acl:Read, acl:Write, acl:Control .
<#all> a acl:Authorization ; acl:accessTo <{url}> ; acl:agentClass <http://xmlns.com/foaf/0.1/Agent> ;
  acl:mode acl:Read ."""


@dataclass(frozen=True, slots=True)
class Form:
    """The documents in one media type."""

    media_type: str
    small: bytes
    two_kb: bytes
    acl: str


_CONTEXT = {"foaf": "http://xmlns.com/foaf/0.1/", "s": "https://schema.org/"}
IN_TURTLE = Form("text/turtle", SMALL, TWO_KB, _ACL)
IN_JSON_LD = Form(
    "application/ld+json",
    json.dumps(
        {
            "@context": _CONTEXT,
            "@graph": [
                {"@id": "#me", "@type": "foaf:Person", "foaf:name": "Noor Voorbeeld", "foaf:knows": {"@id": "#bo"}},
                {"@id": "#bo", "foaf:name": "Bo Voorbeeld"},
            ],
        }
    ).encode(),
    json.dumps(
        {
            "@context": _CONTEXT,
            "@graph": [
                {"@id": f"#job{i}", "@type": "s:Role", "s:roleName": f"Medewerker {i}", "s:startDate": f"201{i % 10}"}
                for i in range(24)
            ],
        }
    ).encode(),
    """{{"@context": {{"acl": "http://www.w3.org/ns/auth/acl#", "foaf": "http://xmlns.com/foaf/0.1/"}}, "@graph": [
    {{"@id": "#owner", "@type": "acl:Authorization", "acl:accessTo": {{"@id": "{url}"}},
      "acl:agent": {{"@id": "{owner}"}},
      "acl:mode": [{{"@id": "acl:Read"}}, {{"@id": "acl:Write"}}, {{"@id": "acl:Control"}}]}},
    {{"@id": "#all", "@type": "acl:Authorization", "acl:accessTo": {{"@id": "{url}"}},
      "acl:agentClass": {{"@id": "foaf:Agent"}}, "acl:mode": {{"@id": "acl:Read"}}}}]}}""",
)
_PATCHED, _OVER = 256, 64
_TRIES = 5
_RENEW = 200.0  # seconds after which a token, which lives five minutes here, is asked for anew


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the table. `make`: the bytes of request number n; `expect`: the statuses that are no error."""

    name: str
    make: Callable[[int], bytes]
    expect: tuple[int, ...]


class Person:
    """Somebody with a pod on one server, and an app that asks in their name.

    `login`: gives a token that is bound to a key. `mend`: repairs what broke, before something is tried once more.
    """

    def __init__(
        self,
        base: str,
        owner: Owner,
        login: Callable[[Key], str],
        *,
        key: Key | None = None,
        mend: Callable[[], None] = lambda: None,
        form: Form = IN_TURTLE,
    ) -> None:
        self.form = form
        self.base, self.owner, self._login, self._mend = base, owner, login, mend
        self._key, self._token, self._since = key or Key(), "", 0.0
        self.renew()
        self._numbers = itertools.count()

    def renew(self) -> None:
        """Get another token where this one is old; outside an event loop."""
        if time.monotonic() - self._since > _RENEW or not self._token:
            self._token, self._since = self._login(self._key), time.monotonic()

    def signed(self, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
        """A request to the pod with token and proof."""
        url = path if path.startswith("http") else self.owner.storage + path
        signed = {"Authorization": f"DPoP {self._token}", "DPoP": self._key.proof(method, url, self._token)}
        return request(method, url, signed | {k.replace("_", "-"): v for k, v in headers.items()}, body)

    async def prepare(self, children: int, documents: int = _PATCHED) -> None:
        """Put in the pod what is read, listed and changed: a container of `children`, and `documents` of each kind."""
        await self._put("bench/doc", self.form.two_kb)
        await self._put("bench/small", self.form.small)
        await self._put("bench/public", self.form.small)
        await self._put("bench/post/seed", self.form.small)
        connection = Connection(self.base)
        url = self.owner.storage + "bench/public"
        acl = self.form.acl.format(url=url, owner=self.owner.webid).encode()
        answer = await connection.send(self.signed("PUT", url + ".acl", acl, Content_Type=self.form.media_type))
        assert answer.status in (200, 201, 204, 205), answer
        await connection.close()
        await self._put_all([f"bench/patch/{i}" for i in range(min(documents, _PATCHED))], self.form.small)
        await self._put_all([f"bench/over/{i}" for i in range(min(documents, _OVER))], self.form.two_kb)
        await self._put_all([f"bench/list/{i}" for i in range(children)], self.form.small)

    async def _put(self, path: str, body: bytes) -> None:
        await self._put_all([path], body)

    async def _put_all(self, paths: Sequence[str], body: bytes) -> None:
        left = iter(paths)

        async def work() -> None:
            connection = Connection(self.base)
            for path in left:
                for _ in range(_TRIES):
                    answer = await connection.send(self.signed("PUT", path, body, Content_Type=self.form.media_type))
                    if answer.status < 500:
                        break
                    self._mend()
                if answer.status not in (200, 201, 204, 205):
                    raise SystemExit(f"PUT {path}: {answer.status} {answer.body[:300]!r}")
            await connection.close()

        await asyncio.gather(*(work() for _ in range(min(8, len(paths)))))

    def operations(self) -> list[Operation]:
        """The lines of the table."""
        typed, accept = {"Content_Type": self.form.media_type}, {"Accept": self.form.media_type}
        public = request("GET", self.owner.storage + "bench/public", accept)

        def get(path: str) -> Callable[[int], bytes]:
            return lambda n: self.signed("GET", path, **accept)

        def put_new(n: int) -> bytes:
            return self.signed("PUT", f"bench/new/{next(self._numbers)}", self.form.two_kb, **typed)

        def put_over(n: int) -> bytes:
            return self.signed("PUT", f"bench/over/{n % _OVER}", self.form.two_kb, **typed)

        def patch(n: int) -> bytes:
            body = PATCH.format(next(self._numbers)).encode()
            return self.signed("PATCH", f"bench/patch/{n % _PATCHED}", body, Content_Type="text/n3")

        def post(n: int) -> bytes:
            return self.signed("POST", "bench/post/", self.form.small, Slug=f"p{next(self._numbers)}", **typed)

        return [
            Operation("GET public", lambda n: public, (200,)),
            Operation("GET private", get("bench/small"), (200,)),
            Operation("GET private, 2 KB", get("bench/doc"), (200,)),
            Operation("PUT 2 KB, new", put_new, (201,)),
            Operation("PUT 2 KB, over", put_over, (200, 204, 205)),
            Operation("PATCH N3 insert", patch, (200, 204, 205)),
            Operation("POST to container", post, (201,)),
            Operation("list of 1,000", get("bench/list/"), (200,)),
        ]


def match(base: str, occupation: str = "http://data.europa.eu/esco/isco/C5321") -> Operation:
    """Matches a second through the JSON service: one job in, ten occupations out. Only Werkpod has it."""
    body = json.dumps({"experience": [{"occupation": occupation, "from": "2015-03", "to": "2020-06"}], "limit": 10})
    raw = request("POST", f"{base}/api/matcher/v1/matches", {"Content-Type": "application/json"}, body.encode())
    return Operation("match, one job", lambda n: raw, (200,))
