"""Addresses: one path, one resource, or a clear refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.addresses import (
    MAX_PATH,
    RESERVED,
    BadAddress,
    Kind,
    address,
    ancestors,
    encode,
    is_slug,
    parent,
    sibling,
    split,
)
from werkpod.web.errors import NotFound


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/anna/", ""),
        (b"/anna/cv/", "cv/"),
        (b"/anna/cv/experience", "cv/experience"),
        (b"/anna/cv/experience.acl", "cv/experience.acl"),
        (b"/anna/%63v/experience", "cv/experience"),
        (b"/anna/caf%C3%A9", "café"),
        (b"/anna/caf%c3%a9", "café"),
        (b"/anna/a%20b", "a b"),
        (b"/anna/100%25", "100%"),
        (b"/anna/a.b..c", "a.b..c"),
        (b"/anna/q%3Fr%23s", "q?r#s"),
    ],
)
def test_a_path_is_decoded_once(raw: bytes, path: str) -> None:
    """Different spellings of one name are the same resource (RFC 3986, 6.2.2)."""
    assert split(raw) == ("anna", path)


@pytest.mark.parametrize(
    "raw",
    [
        b"/anna//cv", b"//anna/cv", b"/anna/cv//", b"/anna/./cv", b"/anna/../piet/", b"/anna/%2e%2e/piet/",
        b"/anna/%2E%2e/", b"/anna/..;/piet/", b"/anna/.;x/", b"/anna/a%2Fb", b"/anna/a%2fb", b"/anna/a%5Cb",
        b"/anna/a\\b", b"/anna/a%00b", b"/anna/a%0Ab", b"/anna/%252e%252e/", b"/anna/a%252Fb", b"/anna/a%255cb",
        b"/anna/%C0%AE%C0%AE/", b"/anna/%FF", b"/anna/%ED%A0%80", b"/anna/a%zz", b"/anna/a%", b"/anna/%E2%80%AEfdp",
        b"/anna/" + b"a" * 300, b"/anna/" + b"abcdefgh/" * 200, b"anna/cv", b"@evil.test", b"",
    ],
)  # fmt: skip
def test_what_could_name_something_else_is_refused(raw: bytes) -> None:
    """Dot segments, empty segments, encoded slashes, control characters, over-long names: 400, never a resource."""
    with pytest.raises(BadAddress):
        split(raw)


@pytest.mark.parametrize("raw", [b"/api/v1", b"/anna", b"/Anna/", b"/an/", b"/-anna/", b"/oauth/token", b"/", b"/k/x"])
def test_what_no_pod_can_have_is_not_found(raw: bytes) -> None:
    """Werkpod's own segments and names that no pod can have lead to no pod."""
    with pytest.raises(NotFound):
        split(raw)


def test_reserved_names_are_no_slugs() -> None:
    """No pod can be named after a page of Werkpod's own."""
    assert not [name for name in RESERVED if is_slug(name)]
    assert is_slug("anna")
    assert is_slug("anna-de-vries-2")
    assert not is_slug("anna-")
    assert not is_slug("a" * 41)


@pytest.mark.parametrize(
    ("path", "kind", "subject"),
    [
        ("", Kind.CONTAINER, ""),
        ("cv/", Kind.CONTAINER, "cv/"),
        ("cv/experience", Kind.DOCUMENT, "cv/experience"),
        ("cv/experience.acl", Kind.ACL, "cv/experience"),
        ("cv/.acl", Kind.ACL, "cv/"),
        (".acl", Kind.ACL, ""),
        (".meta", Kind.META, ""),
        ("cv/experience.meta", Kind.META, "cv/experience"),
        (".well-known/solid", Kind.STORAGE, ""),
        ("acl", Kind.DOCUMENT, "acl"),
    ],
)
def test_the_form_of_an_address_tells_what_it_is(path: str, kind: Kind, subject: str) -> None:
    """An auxiliary is known by its ending, and so is its subject."""
    found = address(path)
    assert (found.kind, found.subject) == (kind, subject)


@pytest.mark.duty(33, 77)
@pytest.mark.parametrize("path", ["x.acl.acl", "x.meta.acl", "x.acl.meta", "x.acl/", "x.meta/y", ".acl/y"])
def test_auxiliaries_have_no_auxiliaries(path: str) -> None:
    """Access rules of access rules, and containers that end as access rules do, cannot exist."""
    with pytest.raises(BadAddress):
        address(path)


def test_hierarchy() -> None:
    """Parents, ancestors and the other form of an address."""
    assert ancestors("cv/a/b") == ["cv/a/", "cv/", ""]
    assert ancestors("cv/") == [""]
    assert ancestors("") == []
    assert parent("cv/experience") == "cv/"
    assert parent("cv/") == ""
    assert (sibling("cv/"), sibling("cv")) == ("cv", "cv/")


_NAMES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Cf", "Zl", "Zp")), min_size=1, max_size=12)


@given(st.lists(_NAMES, min_size=1, max_size=5), st.booleans())
def test_encoding_and_decoding_are_inverse(names: list[str], container: bool) -> None:
    """The URL of a path leads back to that path and to no other, or the path was refused."""
    path = "/".join(names) + ("/" if container else "")
    try:
        slug, found = split(b"/anna/" + encode(path).encode())
    except BadAddress:
        return
    assert (slug, found) == ("anna", path)


@pytest.mark.duty(21)
@given(st.binary(max_size=40))
def test_no_bytes_lead_outside_a_pod(raw: bytes) -> None:
    """Whatever the bytes, the path that comes out has no dot segment, no empty segment and no control character."""
    try:
        _, path = split(b"/anna/" + raw)
    except (BadAddress, NotFound):
        return
    segments = path.rstrip("/").split("/") if path else []
    assert len(path.encode()) <= MAX_PATH
    assert all(segment not in ("", ".", "..") and "\x00" not in segment and "\\" not in segment for segment in segments)
