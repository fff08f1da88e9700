"""How much room somebody has: said under Instellingen, and in plain words when it is full."""

from __future__ import annotations

import pytest
from support.site import Site

from werkpod.consent.dashboard.settings import amount
from werkpod.pod.usage import ROW

MB = 1 << 20


@pytest.mark.parametrize(
    ("size", "dutch", "english"),
    [
        (0, "0 bytes", "0 bytes"), (1023, "1023 bytes", "1023 bytes"), (1024, "1 KB", "1 KB"),
        (3 * MB, "3 MB", "3 MB"), (3 * MB // 2, "1,5 MB", "1.5 MB"), (300 * MB + 1, "300 MB", "300 MB"),
        (4096 * MB, "4 GB", "4 GB"), (4700 * MB, "4,6 GB", "4.6 GB"),
    ],
)  # fmt: skip
def test_an_amount_is_said_as_people_say_it(size: int, dutch: str, english: str) -> None:
    """One decimal where it tells something, with a comma in Dutch."""
    assert (amount(size, "nl"), amount(size, "en")) == (dutch, english)


async def test_the_settings_say_what_is_used_and_allowed(site: Site) -> None:
    """In both languages."""
    for lang, words in (("nl", "Je gebruikt 3 MB van 4 GB."), ("en", "You use 3 MB of 4 GB.")):
        anna = await site.person("Anna", lang=lang)
        used = (await site.house.storage.usage.of(anna.account.id)).bytes
        await site.house.storage.put(anna.account.id, "film", bytes(3 * MB - used - ROW), "video/mp4")
        assert words in await anna.page("/regie/instellingen")


async def test_a_full_pod_says_so_in_plain_words(site: Site) -> None:
    """What one writes on our own pages counts too; where it does not fit, the page says what to do."""
    anna = await site.person("Anna")
    used = (await site.house.storage.usage.of(anna.account.id)).bytes
    await site.house.storage.usage.allow(anna.account.id, used)
    answer = await anna.post("/regie/profiel", {"naam": "Anna de Vries"})
    assert answer.status_code == 507
    assert "Je ruimte is vol" in answer.text
