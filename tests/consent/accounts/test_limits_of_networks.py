"""For whom a try at a secret, or a registration, counts where it comes over IPv6."""

from __future__ import annotations

import pytest

from werkpod.consent.accounts.limits import Limiter


@pytest.mark.parametrize("what", ["registration-address", "token-failures"])
async def test_all_addresses_of_an_ipv6_network_count_as_one(what: str) -> None:
    """Who has one address of a /64 has all of them; an IPv4 address counts alone, also in its IPv6 form."""
    limiter = Limiter({what: "2 per 1 minute"})
    assert [await limiter.wait(what, f"2001:db8:1:2::{n:x}") > 0 for n in range(3)] == [False, False, True]
    assert await limiter.full(what, "2001:db8:1:2:ffff:ffff:ffff:ffff")
    assert not await limiter.full(what, "2001:db8:1:3::1")
    await limiter.forgive(what, "2001:db8:1:2::9")
    assert not await limiter.full(what, "2001:db8:1:2::1")
    for address in ("192.0.2.1", "::ffff:192.0.2.1"):
        assert not await limiter.wait(what, address)
    assert await limiter.full(what, "192.0.2.1")
    assert not await limiter.full(what, "192.0.2.2")


async def test_a_name_that_looks_like_an_address_is_a_name() -> None:
    """Only of addresses the network counts."""
    limiter = Limiter({"sign-in-name": "1 per 1 minute"})
    assert not await limiter.wait("sign-in-name", "2001:db8::1")
    assert not await limiter.full("sign-in-name", "2001:db8::2")
