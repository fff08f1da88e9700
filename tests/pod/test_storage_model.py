"""The storage against a model of it: two dicts. Any row of calls gives the same answers and leaves the same tree."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from support.pods import Parts, open_parts

from werkpod.pod.addresses import Kind, address, ancestors, parent
from werkpod.pod.errors import NoSubject, NotEmpty, SlashConflict, VersionConflict
from werkpod.pod.storage import ANY, Stored
from werkpod.pod.usage import ROW
from werkpod.pod.vault import PART_BYTES
from werkpod.web.errors import NotFound, WerkpodError
from werkpod.web.ids import ulid

NAMES = ["a", "b"]
CONTAINERS = ["", *(f"{n}/" for n in NAMES), *(f"{n}/{m}/" for n in NAMES for m in NAMES)]
DOCUMENTS = [f"{container}{name}" for container in CONTAINERS for name in NAMES]
AUXILIARIES = [f"{subject}{ending}" for subject in (*CONTAINERS, *DOCUMENTS[:8]) for ending in (".acl", ".meta")]
PATHS = st.sampled_from([*CONTAINERS, *DOCUMENTS, *AUXILIARIES])
BODIES = st.binary(max_size=40) | st.just(bytes(270_000))


class StorageMachine(RuleBasedStateMachine):
    """Puts and deletes through two storages on the same files, as a server and a command line would."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="werkpod-model-"))
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.pod = ulid()
        self.parts = [self.run(self.stack.enter_async_context(open_parts(self.folder))) for _ in range(2)]
        self.run(self.parts[0].vault.create(self.pod))
        self.bodies: dict[str, tuple[bytes, str]] = {}  # documents and auxiliaries
        self.containers: set[str] = set()
        self.versions: dict[str, int] = {}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def refused(self, work: Coroutine[Any, Any, Any], refusal: type[WerkpodError]) -> None:
        with pytest.raises(refusal) as caught:
            self.run(work)
        assert caught.type is refusal

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        shutil.rmtree(self.folder)

    def exists(self, path: str) -> bool:
        return path in self.bodies or path in self.containers

    def refusal_of_put(self, path: str, wrong_version: bool | None) -> type[WerkpodError] | None:
        where = address(path)
        other = path[:-1] if path.endswith("/") else path + "/"
        if path != "" and self.exists(other):
            return SlashConflict
        if wrong_version:
            return VersionConflict
        if self.exists(path):
            return None
        if where.auxiliary and address(where.subject).kind is Kind.DOCUMENT:
            return None if where.subject in self.bodies else NoSubject
        return SlashConflict if any(above[:-1] in self.bodies for above in ancestors(path)) else None

    def expectation(self, path: str, how: str) -> tuple[Any, bool]:
        """An `expected` for storage, and whether it is wrong."""
        if how == "any":
            return ANY, False
        if how == "nothing":
            return None, self.exists(path)
        if how == "right" and path in self.versions and path in self.bodies:
            return self.versions[path], False
        return 7, True

    expectations = st.sampled_from(["any", "any", "any", "nothing", "right", "wrong"])

    @rule(via=st.integers(0, 1), path=PATHS, body=BODIES, how=expectations)
    def put(self, via: int, path: str, body: bytes, how: str) -> None:
        parts: Parts = self.parts[via]
        where = address(path)
        body = b"" if where.container else body
        media_type = "text/turtle" if where.container or len(body) % 2 else "image/png"
        expected, wrong = self.expectation(path, how)
        refusal = self.refusal_of_put(path, wrong)
        work = parts.storage.put(self.pod, path, body, media_type, expected=expected)
        if refusal is not None:
            self.refused(work, refusal)
            return
        put: Stored = self.run(work)
        self.containers.update(ancestors(path))
        if where.container:
            self.containers.add(path)
        else:
            self.bodies[path] = body, media_type
            assert put.version != self.versions.get(path)
            self.versions[path] = put.version

    @rule(via=st.integers(0, 1), path=PATHS, how=expectations)
    def delete(self, via: int, path: str, how: str) -> None:
        expected, wrong = self.expectation(path, how)
        if wrong or (how == "nothing" and self.exists(path)):
            refusal: type[WerkpodError] | None = VersionConflict
        elif not self.exists(path):
            refusal = NotFound
        elif path == "" or (path in self.containers and self.members(path)):
            refusal = NotEmpty
        else:
            refusal = None
        work = self.parts[via].storage.delete(self.pod, path, expected=expected)
        if refusal is not None:
            self.refused(work, refusal)
            return
        self.run(work)
        self.containers.discard(path)
        self.bodies = {
            other: value
            for other, value in self.bodies.items()
            if other != path and not (address(other).auxiliary and address(other).subject == path)
        }

    def members(self, container: str) -> list[str]:
        everything = [*self.bodies, *self.containers]
        return sorted(path for path in everything if parent(path) == container and not address(path).auxiliary)

    @invariant()
    def the_tree_is_the_model(self) -> None:
        async def look(parts: Parts) -> None:
            for path, (body, media_type) in self.bodies.items():
                found = await parts.storage.get(self.pod, path)
                assert found is not None
                assert (found.body, found.media_type, found.version) == (body, media_type, self.versions[path])
            for container in CONTAINERS:
                assert (await parts.storage.head(self.pod, container) is not None) == (container in self.containers)
                listed = [child.path for child in await parts.storage.children(self.pod, container)]
                assert listed == (self.members(container) if container in self.containers else [])
            rows = await parts.pods.fetch("SELECT COUNT(*) FROM resource WHERE pod = ?1", self.pod)
            rows_of_all = len(self.bodies) + len(self.containers)
            assert rows[0][0] == rows_of_all
            rows = await parts.pods.fetch("SELECT COUNT(*) FROM blob WHERE pod = ?1", self.pod)
            assert rows[0][0] == len(self.bodies)
            used = (await parts.storage.usage.of(self.pod)).bytes
            assert used == sum(len(body) for body, _ in self.bodies.values()) + ROW * rows_of_all
            large = sum(-(-len(body) // PART_BYTES) for body, _ in self.bodies.values() if len(body) > PART_BYTES)
            rows = await parts.pods.fetch("SELECT (SELECT COUNT(*) FROM part), (SELECT COUNT(*) FROM loose)")
            assert tuple(rows[0]) == (large, 0)

        for parts in self.parts:
            self.run(look(parts))


StorageMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class TestStorageAgainstModel(StorageMachine.TestCase):  # type: ignore[misc, name-defined]
    """Storage and model agree after every step."""
