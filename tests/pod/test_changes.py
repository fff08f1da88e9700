"""What each write tells to who listens in the process: once it is stored, and nothing where nothing was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.podapp import Person, Server, pod_server

from werkpod.pod.changes import Change

BODY = "<#a> <#b> 1 ."
PATCH = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#> .\n"
    "_:p a solid:InsertDeletePatch ; solid:inserts { <#c> <#d> 1 . } ."
)


class Listener:
    """Keeps what was told since it was last asked."""

    def __init__(self, server: Server) -> None:
        self._told: list[Change] = []
        self.leave = server.service.changes.subscribe(self._told.append)

    def told(self) -> list[tuple[str, str, str | None]]:
        """Kind, path and member of each."""
        found = [(change.kind, change.path, change.member) for change in self._told]
        self._told.clear()
        return found


async def send(
    person: Person, method: str, path: str, body: str = "", media_type: str = "text/turtle", **more: str
) -> int:
    """The status of a request."""
    headers = ({"Content-Type": media_type} if body else {}) | {k.replace("_", "-"): v for k, v in more.items()}
    return (await person.request(method, person.url(path), content=body, headers=headers)).status_code


async def test_every_kind_of_write_is_told_with_what_follows_from_it(tmp_path: Path) -> None:
    """The resource, the containers made for it, the one it came into or left; a container's description too."""
    async with pod_server(tmp_path) as server:
        anna = await server.person("anna")
        listener = Listener(server)
        assert await send(anna, "PUT", "a/b/c", BODY) == 201
        assert listener.told() == [
            ("create", "a/b/c", None), ("create", "a/b/", None), ("create", "a/", None), ("add", "", "a/"),
        ]  # fmt: skip
        assert await send(anna, "PUT", "a/b/c", BODY) == 204
        assert await send(anna, "PATCH", "a/b/c", PATCH, "text/n3") == 204
        assert listener.told() == [("update", "a/b/c", None)] * 2
        assert await send(anna, "POST", "a/b/", BODY, Slug="d") == 201
        assert listener.told() == [("create", "a/b/d", None), ("add", "a/b/", "a/b/d")]
        assert (await anna.put(anna.url("a/e/"), "")).status_code == 201
        assert listener.told() == [("create", "a/e/", None), ("add", "a/", "a/e/")]
        assert await send(anna, "PUT", "a/e/.meta", '<.> <http://purl.org/dc/terms/title> "E" .') == 201
        assert listener.told() == [("create", "a/e/.meta", None), ("update", "a/e/", None)]
        assert await send(anna, "PATCH", "a/e/.meta", PATCH, "text/n3") == 204
        assert listener.told() == [("update", "a/e/.meta", None), ("update", "a/e/", None)]
        assert await send(anna, "PUT", "a/b/c.meta", BODY) == 201
        assert listener.told() == [("create", "a/b/c.meta", None)]
        assert await send(anna, "DELETE", "a/e/") == 204
        assert listener.told() == [("delete", "a/e/", None), ("remove", "a/", "a/e/")]
        assert await send(anna, "DELETE", "a/b/c.meta") == 204
        assert listener.told() == [("delete", "a/b/c.meta", None)]


async def test_what_was_not_written_is_not_told(tmp_path: Path) -> None:
    """A refusal, a failed condition and a body that is not taken tell nothing; nor does a read."""
    async with pod_server(tmp_path) as server:
        anna = await server.person("anna")
        app = server.app_of(anna, "https://app.example/id")
        await send(anna, "PUT", "a", BODY)
        listener = Listener(server)
        for person, method, path, body, more, status in (
            (app, "PUT", "a", BODY, {}, 403),
            (anna, "PUT", "a", BODY, {"If_None_Match": "*"}, 412),
            (anna, "PUT", "a", "<#a", {}, 400),
            (anna, "DELETE", "nothing", "", {}, 404),
            (anna, "DELETE", "cv/", "", {}, 409),
            (anna, "GET", "a", "", {}, 200),
        ):
            assert await send(person, method, path, body, **more) == status
        assert listener.told() == []


async def test_who_leaves_hears_nothing_more(tmp_path: Path) -> None:
    """Leaving twice changes nothing; others go on hearing."""
    async with pod_server(tmp_path) as server:
        anna = await server.person("anna")
        first, second = Listener(server), Listener(server)
        first.leave()
        first.leave()
        await send(anna, "PUT", "cv/experience", BODY)
        assert (first.told(), second.told()) == ([], [("update", "cv/experience", None)])


@pytest.mark.parametrize("path", ["one", "box/two"])
async def test_a_listener_reads_what_it_was_told_of(tmp_path: Path, path: str) -> None:
    """A change is told when it is stored: its tag is that of the stored version."""
    async with pod_server(tmp_path) as server:
        anna = await server.person("anna")
        told: list[Change] = []
        server.service.changes.subscribe(told.append)
        answer = await anna.put(anna.url(path), BODY)
        assert told[0].etag == answer.headers["etag"]
        assert told[0].pod == anna.pod
