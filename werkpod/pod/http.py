"""The pod over HTTP: pure ASGI, from the raw bytes of a request to those of an answer (Solid Protocol 0.11, LDP 1.0).

Cookies mean nothing here: who asks is told by an access token and nothing else. URLs are made of the configured base
URL and the raw path, never of a Host header. Whatever goes wrong is answered as problem details (RFC 9457), with CORS
headers, so that an app in a browser can read why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

import structlog
from starlette.types import Receive, Scope, Send

from werkpod.pod.access.model import Requester
from werkpod.pod.access.wac import wac_allow
from werkpod.pod.addresses import Address, Kind, address, encode, is_slug, split
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.errors import NoCredentials
from werkpod.pod.bodies import Outgoing, content_length, incoming
from werkpod.pod.directory import Pod
from werkpod.pod.errors import OtherSlash, OverQuota, Replaced
from werkpod.pod.ldp.conditional import Condition, byte_range, check_read, http_date, not_modified
from werkpod.pod.ldp.graphs import RDF_LIMIT, TURTLE, essence, is_rdf
from werkpod.pod.ldp.headers import METHODS, VARY, Header, allow, communication, cors, downloaded, link_types, links
from werkpod.pod.ldp.headers import preflight as preflight_headers
from werkpod.pod.representations import Representation
from werkpod.pod.sent import CONTAINER_TYPES
from werkpod.pod.service import PodService
from werkpod.pod.vault import PART_BYTES
from werkpod.pod.written import WriteResult
from werkpod.web.errors import (
    PROBLEM_JSON,
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Unauthorized,
    Unavailable,
    UnsupportedMedia,
    WerkpodError,
    problem_body,
)

BODY_LIMIT = 4 << 30
"""Bytes that a body may have where nothing else is said; RDF and patches have a limit of their own (`RDF_LIMIT`)."""
_SMALL = 64 << 10
_TRIES = 3

_USER_CONTENT: tuple[Header, ...] = (
    (b"content-security-policy", b"sandbox; default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
)
_Answer = tuple[int, list[Header], "bytes | Outgoing | None"]
"""Status, headers and body of an answer; None: no body, and nothing is said of its length."""
_PRIVATE: Header = (b"cache-control", b"no-store")
_PUBLIC: Header = (b"cache-control", b"no-cache")
_PUBLIC_TO_ONE: Header = (b"cache-control", b"private, no-cache")

log = structlog.get_logger("werkpod.pod")


class _Headers:
    """The request's headers, gone through once; a header that came twice is joined with a comma (RFC 9110, 5.3)."""

    __slots__ = ("_values", "raw")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self.raw = list(raw)
        self._values: dict[bytes, bytes] = {}
        for name, value in self.raw:
            known = self._values.get(name)
            self._values[name] = value if known is None else known + b", " + value

    def raw_value(self, name: bytes) -> bytes | None:
        return self._values.get(name)

    def get(self, name: bytes) -> str | None:
        value = self._values.get(name)
        return None if value is None else value.decode("latin-1")


class _Request:
    """One request for one resource of one pod."""

    __slots__ = ("headers", "method", "path", "pod", "requester", "where")

    def __init__(self, method: str, headers: _Headers, pod: Pod, where: Address, requester: Requester) -> None:
        self.method, self.headers, self.pod, self.where, self.requester = method, headers, pod, where, requester
        self.path = where.path


class PodApp:
    """The ASGI application of all pods. Mount it last: it answers for every path that nothing else has.

    `body_limit`: bytes that a body may have.
    """

    def __init__(self, service: PodService, authenticator: Authenticator, *, body_limit: int = BODY_LIMIT) -> None:
        self._service, self._authenticator, self._body_limit = service, authenticator, body_limit
        self._base = service.base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = _Headers(scope["headers"])
        cross = cors(headers.raw_value(b"origin"))
        try:
            status, answer, body = await self._answer(scope, headers, receive)
        except WerkpodError as error:
            status, answer, body = self._problem(error, scope["method"])
        except Exception:
            log.exception("a request of the pod failed")
            status, answer, body = self._problem(WerkpodError(), scope["method"])
        if not any(name == b"access-control-allow-origin" for name, _ in answer):
            answer += cross
        answer.append(VARY)
        if status not in (204, 304) and body is not None:
            size = body.size if isinstance(body, Outgoing) else len(body)
            answer.append((b"content-length", str(size).encode()))
        await send({"type": "http.response.start", "status": status, "headers": answer})
        if isinstance(body, Outgoing):
            await body.send(receive, send)
        else:
            await send({"type": "http.response.body", "body": body if body and scope["method"] != "HEAD" else b""})

    async def _answer(self, scope: Scope, headers: _Headers, receive: Receive) -> _Answer:
        method: str = scope["method"]
        if method == "OPTIONS" and (found := _preflight(headers)):
            return 204, found, b""
        raw_path = _raw_path(scope)
        if method in ("GET", "HEAD") and raw_path.count(b"/") == 1 and is_slug(raw_path[1:].decode("latin-1")):
            await self._to_root(raw_path.decode("latin-1"), headers, method)
        slug, path = split(raw_path)
        where = address(path)
        pod = await self._pod(slug)
        if method == "OPTIONS":
            answer = [*communication(where, True), links(where, pod.storage, pod.webid)]
            if cors(headers.raw_value(b"origin")):  # no preflight (that names a method), but asked from a page
                answer.append((b"access-control-allow-methods", METHODS.encode()))
            return 204, answer, b""
        requester = await self._authenticator(headers.raw, method, self._base + raw_path.decode("latin-1"))
        request = _Request(method, headers, pod, where, requester)
        if method in ("GET", "HEAD"):
            return await self._get(request)
        if method in ("PUT", "POST", "PATCH"):
            _check_target(scope, headers)
            return await self._write(request, receive)
        if method == "DELETE":
            _check_target(scope, headers)
            await self._service.delete(
                requester, pod, path,
                if_match=headers.get(b"if-match"), if_none_match=headers.get(b"if-none-match"),
                if_unmodified_since=headers.get(b"if-unmodified-since"),
            )  # fmt: skip
            return 204, [*communication(where, True), links(where, pod.storage, pod.webid)], b""
        raise MethodNotAllowed(f"{method[:20]} is not done here.", headers={"Allow": allow(where)})

    async def _pod(self, slug: str) -> Pod:
        pod = await self._service.pods.find(slug)
        if pod is None:
            raise NotFound(f"There is no pod at {self._base}/{slug}/.")
        return pod

    async def _to_root(self, path: str, headers: _Headers, method: str) -> None:
        """Lead who may read the root container from its address without a slash to it. Raises whatever is answered."""
        pod = await self._pod(path[1:])
        requester = await self._authenticator(headers.raw, method, self._base + path)
        if await self._service.still_reads(requester, pod, ""):
            raise OtherSlash(f"This is at {pod.storage}.", to=pod.storage)
        raise NoCredentials() if requester.anonymous else Forbidden()

    # Reading

    async def _get(self, request: _Request) -> _Answer:
        for _ in range(_TRIES):
            with contextlib.suppress(Replaced):  # between looking and reading, by another process
                return await self._got(request)
        raise Unavailable("This was replaced each time that it was read; try again.")

    async def _got(self, request: _Request) -> _Answer:
        headers, where, only_head = request.headers, request.where, request.method == "HEAD"
        tags, since = headers.get(b"if-none-match"), headers.get(b"if-modified-since")

        def enough(etag: str, modified: float | None) -> bool:
            return only_head or not_modified(tags, since, etag, modified)

        found = await self._service.read(
            request.requester, request.pod, request.path, accept=headers.get(b"accept"),
            enough=enough if only_head or tags is not None or since is not None else None,
        )  # fmt: skip
        answer = _resource_headers(request, found)
        check_read(headers.get(b"if-match"), headers.get(b"if-unmodified-since"), found.etag, found.modified)
        if not_modified(tags, since, found.etag, found.modified):
            return 304, answer, None
        answer.append((b"content-type", found.media_type.encode("latin-1")))
        if only_head and found.size is not None:
            answer.append((b"content-length", str(found.size).encode()))
        if found.rdf:
            return 200, answer, None if only_head else found.body
        kind = essence(found.media_type)
        answer.append((b"accept-ranges", b"bytes"))
        if downloaded(kind):
            answer.append((b"content-disposition", b"attachment"))
        if only_head:
            return 200, answer, None
        size = len(found.body) if found.size is None else found.size
        wanted = headers.get(b"range") if _range_applies(headers, found) else None
        part = byte_range(wanted, size) if where.kind is Kind.DOCUMENT else None
        status, (first, last) = (200, (0, size - 1)) if part is None else (206, part)
        if part is not None:
            answer.append((b"content-range", f"bytes {first}-{last}/{size}".encode()))
        if found.content is None:
            return status, answer, found.body[first : last + 1]
        reader, pod, path = request.requester, request.pod, request.path
        body = Outgoing(found.content, first, last, lambda: self._service.still_reads(reader, pod, path, whole=True))
        await body.begin()
        return status, answer, body

    # Writing

    async def _write(self, request: _Request, receive: Receive) -> _Answer:
        """Carry out a write. What a pod uses and may use is said to its owner alone, at an app that may read it all."""
        try:
            return await self._written(request, receive)
        except OverQuota as error:
            if await self._service.reads_all(request.requester, request.pod):
                raise
            raise OverQuota from error

    async def _written(self, request: _Request, receive: Receive) -> _Answer:
        headers, pod, path, requester = request.headers, request.pod, request.path, request.requester
        if headers.get(b"content-encoding") not in (None, "", "identity"):
            raise UnsupportedMedia("Bodies are taken as they are, without Content-Encoding.")
        length, media_type = content_length(headers.get(b"content-length")), headers.get(b"content-type")
        if length is None or length > _SMALL:
            await self._service.admit_write(requester, pod, path)
        streamed = _is_streamed(request, length, media_type)
        coming = incoming(receive, length, self._body_limit if streamed else min(self._body_limit, RDF_LIMIT))
        body = coming if streamed else await coming.whole()
        if_match, if_none_match = headers.get(b"if-match"), headers.get(b"if-none-match")
        unmodified_since = headers.get(b"if-unmodified-since")
        if request.method == "POST":
            result = await self._service.post(
                requester, pod, path, body, media_type,
                slug=headers.get(b"slug"), link_types=link_types(headers.get(b"link")),
                condition=Condition(if_match, if_none_match, unmodified_since),
            )  # fmt: skip
        elif request.method == "PUT":
            result = await self._service.put(
                requester, pod, path, body, media_type,
                if_match=if_match, if_none_match=if_none_match, if_unmodified_since=unmodified_since,
                link_types=link_types(headers.get(b"link")),
            )  # fmt: skip
        else:
            patch = body if isinstance(body, bytes) else await body.whole()
            result = await self._service.patch(
                requester, pod, path, patch, media_type,
                if_match=if_match, if_none_match=if_none_match, if_unmodified_since=unmodified_since,
            )  # fmt: skip
        return _written(pod, result, rdf=request.method == "PATCH" or is_rdf(media_type or TURTLE))

    def _problem(self, error: WerkpodError, method: str) -> _Answer:
        if isinstance(error, Unauthorized):
            error.headers.setdefault("WWW-Authenticate", self._authenticator.challenge(error))
        answer = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in error.headers.items()]
        answer += [_PRIVATE, (b"content-type", PROBLEM_JSON.encode()), *_USER_CONTENT]
        return error.status, answer, problem_body(error)


def _raw_path(scope: MutableMapping[str, Any]) -> bytes:
    raw = scope.get("raw_path")
    return raw if isinstance(raw, bytes) and raw else quote(scope["path"], safe="/%:@!$&'()*+,;=-._~").encode()


def _resource_headers(request: _Request, found: Representation) -> list[Header]:
    pod, where, access = request.pod, request.where, found.access
    answer = [
        *communication(where, found.rdf),
        links(where, pod.storage, pod.webid),
        (b"wac-allow", wac_allow(access.modes, access.public).encode()),
        (b"etag", found.etag.encode()),
        _cache_control(request, public=bool(access.public & access.public.READ)),
        *_USER_CONTENT,
    ]
    if found.modified is not None:
        answer.append((b"last-modified", http_date(found.modified).encode()))
    return answer


def _written(pod: Pod, result: WriteResult, *, rdf: bool) -> _Answer:
    where = address(result.path)
    answer = [*communication(where, rdf), links(where, pod.storage, pod.webid)]
    if result.etag is not None:
        answer.append((b"etag", result.etag.encode()))
    if not result.created:
        return 204, answer, b""
    answer.append((b"location", (pod.storage + encode(result.path)).encode()))
    return 201, answer, b""


def _cache_control(request: _Request, *, public: bool) -> Header:
    """Who may keep the answer (RFC 9111, 5.2.2): of what anybody may read any cache, which asks each time whether it
    changed; where somebody said who they are theirs alone, as WAC-Allow is about them; else nobody."""
    if not public:
        return _PRIVATE
    return _PUBLIC if request.headers.raw_value(b"authorization") is None else _PUBLIC_TO_ONE


def _preflight(headers: _Headers) -> list[Header] | None:
    """The answer to a preflight, the same for every address: nobody signs in for it, and it says nothing of any.

    None where the request is none, or comes from no origin.
    """
    if headers.raw_value(b"access-control-request-method") is None:
        return None
    private = headers.raw_value(b"access-control-request-private-network") == b"true"
    found = preflight_headers(
        headers.raw_value(b"origin"), headers.raw_value(b"access-control-request-headers"), private=private
    )
    return [*found, (b"allow", METHODS.encode())] if found else None


def _check_target(scope: Scope, headers: _Headers) -> None:
    """Raise BadRequest where what a write is about is not the whole resource at the address of the path."""
    if scope.get("query_string"):
        raise BadRequest("Resources here have no query in their address; leave out the '?' and what follows it.")
    if headers.raw_value(b"content-range") is not None:
        raise BadRequest("A part of a resource is not written; send all of it, without Content-Range (RFC 9110, 14.5).")


def _range_applies(headers: _Headers, found: Representation) -> bool:
    """Whether If-Range, where it came, names this very representation (RFC 9110, 13.1.5)."""
    condition = headers.get(b"if-range")
    return condition is None or condition.strip() == found.etag


def _is_streamed(request: _Request, length: int | None, media_type: str | None) -> bool:
    """Whether the body goes to the disk as it comes in: it may be large, and nobody has to read what it says."""
    if request.method not in ("PUT", "POST") or (length is not None and length <= PART_BYTES):
        return False
    if media_type is None or is_rdf(media_type) or CONTAINER_TYPES & link_types(request.headers.get(b"link")):
        return False
    return request.where.kind is (Kind.DOCUMENT if request.method == "PUT" else Kind.CONTAINER)
