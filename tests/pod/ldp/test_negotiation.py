"""Names, media types, conditions and headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.addresses import address, check_segment, encode, split
from werkpod.pod.ldp.conditional import byte_range, check_write, not_modified, variant
from werkpod.pod.ldp.conneg import choose, content_type, offers_for
from werkpod.pod.ldp.errors import MissingContentType, NotAcceptable, NotTaken, RangeNotSatisfiable
from werkpod.pod.ldp.graphs import JSON_LD, N_TRIPLES, TURTLE
from werkpod.pod.ldp.headers import EXPOSED, cors, link_types, preflight
from werkpod.pod.ldp.slugs import fresh_name, safe_name
from werkpod.web.errors import PreconditionFailed

LDP = "http://www.w3.org/ns/ldp#"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, TURTLE), ("", TURTLE), ("*/*", TURTLE), (JSON_LD, JSON_LD),
        ("text/turtle;q=0.5, application/ld+json", JSON_LD),
        ("text/*", TURTLE), ("application/*", JSON_LD), ("*/*;q=0.1, application/n-triples;q=0.2", N_TRIPLES),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted, x";q=0.9, text/html', JSON_LD),
        ("text/turtle;q=0, */*", JSON_LD), (",,;;", TURTLE), ("APPLICATION/LD+JSON", JSON_LD),
        ("text/turtle;q=x", TURTLE),
    ],
)  # fmt: skip
def test_the_client_gets_what_it_likes_best(accept: str | None, chosen: str) -> None:
    """Weights, wildcards and the most specific range (RFC 9110, 12.5.1)."""
    assert choose(accept, offers_for(TURTLE)) == chosen


def test_what_cannot_be_had_is_406() -> None:
    """The error says what can be had."""
    with pytest.raises(NotAcceptable, match="application/ld"):
        choose("image/png", offers_for(TURTLE))


def test_a_document_is_given_back_as_it_was_written() -> None:
    """`*/*` gives the stored form."""
    assert choose("*/*", offers_for(JSON_LD)) == JSON_LD


@pytest.mark.duty(9)
@pytest.mark.parametrize("header", [None, "", "  "])
def test_a_body_says_what_it_is(header: str | None) -> None:
    """A missing Content-Type is a 400."""
    with pytest.raises(MissingContentType):
        content_type(header)


@pytest.mark.parametrize(
    "header", ["nonsense", "text/", "a/b; c", "text/turtle\nx: y", "application/rdf+xml", "a/" + "b" * 300]
)
def test_nonsense_and_rdf_xml_are_not_taken(header: str) -> None:
    """A Content-Type that could not be sent back is refused."""
    with pytest.raises(NotTaken):
        content_type(header)


@pytest.mark.duty(149)
@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("foobar", "foobar"), ("photo 1.jpg", "photo-1.jpg"), ("../../x", "x"), ("a/b", "a-b"), ("%2e%2e%2fx", "x"),
        ("x.acl", "x-acl"), ("x.acl.meta", "x.acl-meta"), ("caf%C3%A9", "café"), ("a\x00b", "a-b"),
        ("trailing.", "trailing"),
        ("%E2%80%AEfdp", "fdp"), ("...", None), ("", None), (None, None), (".hidden", "hidden"), ("%", None),
    ],
)  # fmt: skip
def test_a_slug_is_made_a_name(slug: str | None, name: str | None) -> None:
    """Separators, dots at the ends, invisible characters and auxiliary endings do not survive."""
    assert safe_name(slug) == name


@pytest.mark.duty(149)
@given(st.text(max_size=200))
def test_a_name_is_always_one_safe_segment(slug: str) -> None:
    """Whatever the Slug, the name is one segment of a document's address."""
    for name in (safe_name(slug), fresh_name(safe_name(slug))):
        if name is None:
            continue
        check_segment(name)
        assert "/" not in name
        assert not address("cv/" + name).auxiliary
        assert split(b"/anna/cv/" + encode(name).encode()) == ("anna", "cv/" + name)


def test_a_fresh_name_keeps_its_ending() -> None:
    """The name that was wanted can still be recognised, and no two are the same."""
    assert fresh_name("cv.ttl").startswith("cv-")
    assert fresh_name("cv.ttl").endswith(".ttl")
    assert fresh_name(None) != fresh_name(None)


@pytest.mark.duty(150)
def test_writes_compare_versions() -> None:
    """An ETag that came with JSON-LD is good for a write of the same version; a lens's is not."""
    etag = '"v1"'
    check_write(variant(etag, JSON_LD), None, etag)
    check_write("*", None, etag)
    check_write(None, '"v0"', etag)
    check_write(None, "*", None)
    for if_match, if_none_match, current in (
        ('"v0"', None, etag), ('W/"v1"', None, etag), ("*", None, None), ('"lens-v1"', None, etag),
        ("nonsense", None, etag),
        (None, "*", etag), (None, 'W/"v1"', etag), (None, variant(etag, TURTLE), etag),
    ):  # fmt: skip
        with pytest.raises(PreconditionFailed):
            check_write(if_match, if_none_match, current)


@pytest.mark.duty(150)
def test_reads_compare_representations() -> None:
    """304 for the same form of the same version alone."""
    assert not_modified('"v1"', None, '"v1"', 0.0)
    assert not_modified('W/"v0", W/"v1"', None, '"v1"', 0.0)
    assert not not_modified('"v1.json"', None, '"v1"', 0.0)
    assert not_modified(None, "Thu, 01 Jan 1970 00:00:10 GMT", '"v1"', 10.9)
    assert not not_modified(None, "Thu, 01 Jan 1970 00:00:09 GMT", '"v1"', 10.9)
    assert not not_modified('"v0"', "Thu, 01 Jan 1970 01:00:00 GMT", '"v1"', 10.0)
    assert not not_modified(None, "yesterday", '"v1"', 10.0)


@pytest.mark.duty(151)
@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-4", (0, 4)), ("bytes=5-", (5, 9)), ("bytes=-3", (7, 9)), ("bytes=0-99", (0, 9)),
        ("bytes=-99", (0, 9)), (None, None), ("bytes=0-1,3-4", None), ("lines=1-2", None), ("bytes=-", None),
        ("bytes=4-2", None),
    ],
)  # fmt: skip
def test_ranges(header: str | None, part: tuple[int, int] | None) -> None:
    """One range of bytes (RFC 9110, 14)."""
    assert byte_range(header, 10) == part


@pytest.mark.duty(151)
@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_ranges_outside_the_body(header: str) -> None:
    """416 with the size."""
    with pytest.raises(RangeNotSatisfiable) as caught:
        byte_range(header, 10)
    assert caught.value.headers["Content-Range"] == "bytes */10"


def test_link_types_are_types_alone() -> None:
    """A client cannot name an ACL or a storage by Link."""
    header = f'<{LDP}BasicContainer>; rel="type", <x.acl>; rel="acl", <{LDP}Resource>;rel=type, <y>; title="rel=type"'
    assert link_types(header) == {LDP + "BasicContainer", LDP + "Resource"}
    assert link_types(None) == frozenset()


@pytest.mark.duty(67, 71)
def test_cors_echoes_an_origin_and_nothing_else() -> None:
    """Only what is an origin is echoed, and exposed headers are named one by one."""
    found = dict(cors(b"https://app.example"))
    assert found[b"access-control-allow-origin"] == b"https://app.example"
    assert b"access-control-allow-credentials" not in found
    assert "*" not in EXPOSED
    assert cors(b"https://a.example\r\nx: y") == ()
    assert cors(None) == ()


@pytest.mark.duty(70, 72)
def test_a_preflight_allows_what_is_asked() -> None:
    """Any header may be sent, and Accept is named where it was asked for."""
    found = dict(preflight(b"https://app.example", b"X-CUSTOM, Content-Type, Accept"))
    assert found[b"access-control-allow-headers"] == b"X-CUSTOM, Content-Type, Accept"
    assert b"evil" not in dict(preflight(b"https://app.example", b"evil\nheader: x"))[b"access-control-allow-headers"]
