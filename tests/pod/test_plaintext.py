"""The database alone is worthless: nothing that a person wrote, and no name, is in any file beside the root key."""

from __future__ import annotations

from pathlib import Path

from support.pods import BASE, open_parts

from werkpod.pod.store import Statement
from werkpod.pod.vault import SERVER
from werkpod.web.ids import ulid

SLUGS = ("wilhelmina-proefpersoon", "ferdinand-voorbeeld")
DOCUMENTS = {
    "profile/card": "<#me> <http://xmlns.com/foaf/0.1/name> 'Wilhelmina Proefpersoon' .",
    "cv/experience": "<#2019-verpleegkundige> <https://schema.org/description> 'nachtdienst op de hartbewaking' .",
    "cv/experience.acl": "<#owner> <http://www.w3.org/ns/auth/acl#agent> <https://voorbeeld.invalid/card#me> .",
    "cv/.acl": "<#public> <http://www.w3.org/ns/auth/acl#agentClass> <http://xmlns.com/foaf/0.1/Agent> .",
    "inbox/uitnodiging-van-bakkerij": "Kom je donderdag kennismaken bij bakkerij Roggemeel?",
    "documenten/sollicitatiebrief.txt": "Geachte mevrouw Roggemeel, " + "ik kan goed bakken. " * 20_000,
}
CATEGORIES = ("experience", "control", "profile", "inbox", "other")


def words(folder: Path) -> list[tuple[str, bytes]]:
    """The bytes of every file that a thief of the databases has."""
    files = [path for path in sorted(folder.iterdir()) if path.name != "root.key"]
    assert {path.name for path in files} >= {"keys.db", "keys.db-wal", "pods.db", "pods.db-wal"}
    return [(path.name, path.read_bytes()) for path in files]


def markers() -> dict[str, bytes]:
    """Every literal, path, part of a path, name, WebID and category, as text and as UTF-16."""
    texts = {*DOCUMENTS.values(), *DOCUMENTS, *SLUGS, *CATEGORIES, "text/turtle", "text/plain", "verpleegkundige"}
    texts |= {f"{BASE}/{slug}/profile/card#me" for slug in SLUGS} | {"profile/card", "localhost"}
    texts |= {word for text in texts for word in text.replace("/", " ").split() if len(word) > 5}
    return {text: text.encode() for text in texts} | {f"{text} (UTF-16)": text.encode("utf-16-le") for text in texts}


async def test_no_file_holds_a_word_of_what_was_stored(tmp_path: Path) -> None:
    """A raw search of keys.db, pods.db and their WALs, beside a running server, finds none of it."""
    async with open_parts(tmp_path) as parts:
        for slug in SLUGS:
            pod = await parts.directory.create(slug, pod_id=ulid())
            for path, text in DOCUMENTS.items():
                media_type = "text/plain" if path.endswith(".txt") else "text/turtle"
                await parts.storage.put(pod.id, path, text.encode(), media_type)
                await parts.storage.put(pod.id, path, text.encode(), media_type)
            await parts.storage.delete(pod.id, "inbox/uitnodiging-van-bakkerij")
        server = await parts.vault.open(SERVER)
        assert len(server.seal_record("client", "1", b"x")) == 30
        contents = words(tmp_path)
        schema = {name for (name,) in await parts.pods.fetch("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
        schema |= {name for (name,) in await parts.keys.fetch("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    own_words = " ".join(map(str, schema)).encode()
    assert not any(text.encode() in own_words for text in (*DOCUMENTS, *DOCUMENTS.values(), *SLUGS))
    found = [
        (file, marker)
        for file, content in contents
        for marker, raw in markers().items()
        if raw in content and raw not in own_words
    ]
    assert found == []


async def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """The same search finds a name that is put in a database readable, so that an empty result means something."""
    async with open_parts(tmp_path) as parts:
        await parts.pods.write(
            Statement("INSERT INTO directory (pod, name, id, created) VALUES ('x', ?1, 'y', 0)", (SLUGS[0].encode(),))
        )
        assert any(SLUGS[0].encode() in content for _, content in words(tmp_path))
