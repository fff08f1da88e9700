"""The directory of pods: found at once, gone at once, never somebody else's."""

from __future__ import annotations

import asyncio

import pytest
from support.pods import BASE, Parts, open_parts

from werkpod.pod.errors import PodUnavailable, SlugRefused, SlugTaken
from werkpod.web.ids import ulid


@pytest.mark.duty(25)
async def test_a_pod_is_found_by_name_id_and_webid(parts: Parts) -> None:
    """All look-ups give the same pod, with addresses made of the configured base URL; it has keys."""
    identity = ulid()
    pod = await parts.directory.create("anna", pod_id=identity)
    assert (pod.id, pod.slug) == (identity, "anna")
    assert (pod.webid, pod.storage) == (f"{BASE}/anna/profile/card#me", f"{BASE}/anna/")
    for found in (
        await parts.directory.find("anna"),
        await parts.directory.by_id(identity),
        await parts.directory.by_webid(pod.webid),
        *await parts.directory.all(),
    ):
        assert found == pod
    await parts.storage.put(identity, "a", b"1", "text/plain")


@pytest.mark.parametrize(
    "webid",
    [
        f"{BASE}/anna/profile/card",
        f"{BASE}/anna/profile/card#you",
        f"{BASE}/anna//profile/card#me",
        f"{BASE}/Anna/profile/card#me",
        f"{BASE}0/anna/profile/card#me",
        "https://localhost:8080/anna/profile/card#me",
        f"{BASE}/bram/profile/card#me",
        f"{BASE}/",
        "",
    ],
)
async def test_only_the_very_webid_is_a_pods(parts: Parts, webid: str) -> None:
    """A WebID is compared byte for byte."""
    await parts.directory.create("anna", pod_id=ulid())
    assert await parts.directory.by_webid(webid) is None


@pytest.mark.parametrize(
    "slug", ["", "ab", "Anna", "an na", "anna/", "-anna", "anna-", "a" * 41, "api", "regie", "ánna"]
)
async def test_a_name_that_cannot_be_is_refused(parts: Parts, slug: str) -> None:
    """Names outside the rules, and Werkpod's own, are refused with the rule; looking for one finds nothing."""
    with pytest.raises(SlugRefused, match="3 to 40"):
        await parts.directory.create(slug, pod_id=ulid())
    assert await parts.directory.find(slug) is None
    assert await parts.directory.all() == []


@pytest.mark.duty(21)
async def test_a_name_is_given_out_once(parts: Parts) -> None:
    """Of many who want a name at once, on two servers, one gets it; the others leave no keys behind."""
    async with open_parts(parts.folder) as others:
        directories = [parts.directory, others.directory]
        outcomes = await asyncio.gather(
            *(directories[n % 2].create("anna", pod_id=ulid()) for n in range(10)), return_exceptions=True
        )
    pods = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(pods) == 1
    assert sum(isinstance(outcome, SlugTaken) for outcome in outcomes) == 9
    assert await parts.directory.find("anna") == pods[0]
    assert list(await parts.keys.fetch("SELECT COUNT(*) FROM slot")) == [(2,)]  # the server's and Anna's


async def test_a_pod_that_another_process_made_is_seen(parts: Parts) -> None:
    """A name that was looked for in vain is found as soon as another process made it."""
    assert await parts.directory.find("anna") is None
    async with open_parts(parts.folder) as others:
        made = await others.directory.create("anna", pod_id=ulid())
        assert await parts.directory.find("anna") == made
    assert await parts.directory.by_id(made.id) == made


async def test_an_erased_pod_is_gone_everywhere_and_its_name_stays_taken(parts: Parts) -> None:
    """Once its keys are erased a pod is found by nobody, also where it was remembered; its WebID is never reused."""
    pod = await parts.directory.create("anna", pod_id=ulid())
    other = await parts.directory.create("bram", pod_id=ulid())
    async with open_parts(parts.folder) as others:
        assert await others.directory.find("anna") == pod
        await parts.vault.erase(pod.id)
        for place in (parts, others):
            assert await place.directory.find("anna") is None
            assert await place.directory.by_id(pod.id) is None
            assert await place.directory.by_webid(pod.webid) is None
            assert await place.directory.all() == [other]
        await parts.directory.remove(pod.id)
        await parts.directory.remove(pod.id)
        for place in (parts, others):
            assert await place.directory.find("anna") is None
            with pytest.raises(SlugTaken):
                await place.directory.create("anna", pod_id=ulid())
            with pytest.raises(PodUnavailable):
                await place.directory.create("carla", pod_id=pod.id)
    assert await parts.directory.find("bram") == other


async def test_a_pod_has_one_name(parts: Parts) -> None:
    """A second name for the same pod is refused, and the pod keeps its keys."""
    pod = await parts.directory.create("anna", pod_id=ulid())
    with pytest.raises(SlugTaken):
        await parts.directory.create("bram", pod_id=pod.id)
    assert await parts.directory.find("anna") == pod
    assert await parts.directory.find("bram") is None


async def test_a_pod_with_keys_already_is_given_its_name(parts: Parts) -> None:
    """Keys that were made before are kept: what was sealed with them still opens."""
    identity = ulid()
    record = (await parts.vault.create(identity)).seal_record("account", identity, b"Anna")
    await parts.directory.create("anna", pod_id=identity)
    assert (await parts.vault.open(identity)).open_record("account", identity, record) == b"Anna"


async def test_all_pods_are_listed_in_the_order_in_which_they_were_made(parts: Parts) -> None:
    """A few hundred pods come back oldest first."""
    made = [await parts.directory.create(f"pod-{n:03}", pod_id=ulid(at=1000.0 + n)) for n in range(250)]
    assert await parts.directory.all() == made
