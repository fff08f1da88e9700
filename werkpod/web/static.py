"""Static files: read when first asked for, kept compressed in memory, cached by browsers as long as their version."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from werkpod.web.errors import MethodNotAllowed, NotFound, problem_response

_COMPRESSED = {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json"}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


class StaticFiles:
    """ASGI app over a folder of a package. `version` names the state of all files, for `?v=` in pages."""

    def __init__(self, package: str = "werkpod", folder: str = "static") -> None:
        self._root = Path(str(resources.files(package))) / folder
        self._known = {p.relative_to(self._root).as_posix(): p for p in sorted(self._root.rglob("*")) if p.is_file()}
        self._files: dict[str, _File] = {}
        stamp = "".join(f"{name}:{p.stat().st_size}:{p.stat().st_mtime_ns};" for name, p in self._known.items())
        self.version = hashlib.sha256(stamp.encode()).hexdigest()[:10]

    def _load(self, name: str) -> _File:
        if name not in self._known:
            raise NotFound(f"There is no file {name!r} here.")
        if name not in self._files:
            body = self._known[name].read_bytes()
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            packed = gzip.compress(body, 6, mtime=0) if media_type in _COMPRESSED and len(body) > 1000 else None
            self._files[name] = _File(body, packed, media_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
        return self._files[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: routed with a parameter `path`, like `Route("/static/{path:path}", StaticFiles())`."""
        await self.answer(Request(scope))(scope, receive, send)

    def answer(self, request: Request) -> Response:
        """The file that the rest of the path names; 304 where the browser has it; gzip where the browser takes it."""
        if request.method not in ("GET", "HEAD"):
            return problem_response(MethodNotAllowed("Files here can be read only.", headers={"Allow": "GET, HEAD"}))
        try:
            file = self._load(request.path_params["path"])
        except NotFound as error:
            return problem_response(error)
        fresh = request.query_params.get("v") == self.version
        headers = {
            "ETag": file.etag,
            "Cache-Control": "public, max-age=31536000, immutable" if fresh else "public, max-age=300",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        body = file.body
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = file.packed, "gzip"
        return Response(body, headers=headers, media_type=file.media_type)
