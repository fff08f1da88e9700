"""Who gets a citizen's name, and who is called by the address of the pod."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.regie import regie
from support.site import Site

from werkpod.consent import naming
from werkpod.consent.dashboard import notes
from werkpod.consent.dashboard.own import OwnPod
from werkpod.vocab.fields import FIELDS

ONE_OF_ITS_PREDICATES = sorted(FIELDS["identity.name"].predicates)[0]


@pytest.mark.parametrize(
    ("changes", "opens"),
    [
        ({"sections": ("identity",)}, True),
        ({"sections": (), "everything": True}, True),
        ({"sections": ("identity",), "hidden_fields": ("identity.birth_date",)}, True),
        ({"sections": ("experience", "contact")}, False),
        ({"sections": ("identity",), "hidden_fields": ("identity.name",)}, False),
        ({"sections": ("identity",), "hidden_entries": ("identity#me",)}, False),
        ({"sections": ("identity",), "only_entries": ("identity#photo",)}, False),
        ({"sections": ("identity",), "hidden_predicates": (ONE_OF_ITS_PREDICATES,)}, False),
        ({"sections": ("identity",), "actions": ("append",)}, False),
    ],
)
async def test_a_grant_opens_the_name_or_does_not(tmp_path: Path, changes: dict[str, object], opens: bool) -> None:
    """As soon as anything of the name is left out, by field, entry or predicate, or nothing may be read, it is not."""
    async with regie(tmp_path) as parts:
        assert naming.opens_name(parts.record(**changes)) is opens


async def test_a_message_names_the_citizen_only_where_the_name_is_shared(site: Site) -> None:
    """The coach reads the name of the pod until the name is shared, in the inbox and on the page of messages."""
    anna, karin = await site.person("Anna de Vries"), await site.person("Karin Coach", "coach")
    form = {"coach": karin.account.webid, "dagen": "90"}
    await anna.post("/regie/delen/coach", {**form, "onderdeel": ["summary"]})
    nameless = f"Iemand ({anna.account.slug})"
    page = await karin.page("/regie/berichten")
    assert f"{nameless} deelt een cv met je." in page
    assert f"Van {nameless}" in page
    assert "Anna de Vries" not in page
    await anna.post("/regie/delen/coach", {**form, "onderdeel": ["identity"]})
    own = await OwnPod.of(site.house, karin.account)
    titles = {note.title for note in await notes.read_notes(own)}
    assert titles == {f"{nameless} deelt een cv met je.", "Anna de Vries deelt een cv met je."}
    assert "Van Anna de Vries" in await karin.page("/regie/berichten")
