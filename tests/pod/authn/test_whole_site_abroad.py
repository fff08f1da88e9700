"""The server as it is composed: people and lists of other servers, with and without `allow_loopback`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.abroad import Abroad, IssuerAbroad
from support.site import whole_site
from support.tokens import Device

RULES = """
@prefix acl: <http://www.w3.org/ns/auth/acl#> .
<#bob> a acl:Authorization ; acl:agent <{bob}> ; acl:accessTo <{url}> ; acl:mode acl:Read .
<#team> a acl:Authorization ; acl:agentGroup <{team}> ; acl:accessTo <{url}> ; acl:mode acl:Append .
"""


@pytest.mark.duty(90, 110)
@pytest.mark.parametrize(("allow_loopback", "status"), [(True, 200), (False, 401)])
async def test_somebody_from_another_server_reads_what_is_shared_with_them(
    tmp_path: Path, allow_loopback: bool, status: int
) -> None:
    """Their WebID is in a rule and on a list elsewhere; as in production, nothing on this machine is asked."""
    with Abroad() as place:
        issuer, device = IssuerAbroad(place), Device()
        bob = issuer.webid()
        member = f"<#team> <http://www.w3.org/2006/vcard/ns#hasMember> <{bob}> ."
        team = place.publish("/team", member) + "#team"
        async with whole_site(tmp_path, allow_loopback=allow_loopback) as site:
            anna = await site.person("Anna")
            url = f"{anna.account.storage}cv/summary"
            await anna.put("cv/summary", b"<#x> <#y> <#z> .")
            await anna.put("cv/summary.acl", RULES.format(bob=bob, team=team, url=url).encode())
            signed = device.headers("GET", url, issuer.token(device, bob))
            answer = await site.http.get(url, headers={**signed, "Accept": "text/turtle"})
            assert answer.status_code == status
            if allow_loopback:
                assert answer.headers["WAC-Allow"] == 'user="read append",public=""'
            else:
                assert not place.asked
