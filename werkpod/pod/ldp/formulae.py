"""Formulae: triple patterns between braces, the part that N3 Patch and SPARQL Update have in common.

A text is cut at its outermost braces. Variables become IRIs of a scheme of our own, and what is then left is Turtle,
which pyoxigraph reads in microseconds; no N3 parser and no SPARQL engine ever sees what a stranger sends, so that
there is no SERVICE, no LOAD, no FROM and no FILTER to guard against. More than flat triple patterns is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.pod.ldp.errors import InvalidPatch, InvalidRdf
from werkpod.pod.ldp.graphs import check_depth

VARIABLE = "urn:werkpod:variable:"
FORMULA = "urn:werkpod:formula:"
PATCH_LIMIT = 256 << 10
"""Bytes that a patch may have; reading that much takes some 0.3 s, in a thread."""

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Pattern = ox.Triple
"""A triple pattern: a triple in which IRIs of the scheme VARIABLE, and blank nodes, stand for variables."""

_TOKEN = re.compile(
    r"""(?P<skip>\#[^\n]*)
    |(?P<text>\"{3}(?:[^"\\]|\\.|""?(?!"))*\"{3}|'{3}(?:[^'\\]|\\.|''?(?!'))*'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<iri><[^<>"{}\s]*>)
    |(?P<variable>[?$]\w+)
    |(?P<open>\{)|(?P<close>\})
    |(?P<other>\\.|[^\s{}<>"'\#?$\\]+|\s+|.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A text cut at its braces: `outer` has an IRI of the scheme FORMULA where formula number n of `inner` was."""

    outer: str
    inner: tuple[str, ...]


def cut(body: bytes) -> Cut:
    """Cut a patch. Raises InvalidRdf (not UTF-8, unbalanced) and InvalidPatch (nested braces, too large)."""
    if len(body) > PATCH_LIMIT:
        raise InvalidPatch(f"A patch has at most {PATCH_LIMIT} bytes; {len(body)} were sent.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidRdf(f"A patch is UTF-8; byte {error.start} is not.") from None
    outer: list[str] = []
    inner: list[str] = []
    current = outer
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "open":
            if current is not outer:
                raise InvalidPatch(f"Formulae are flat: there is a brace inside braces at character {token.start()}.")
            current = []
        elif token.lastgroup == "close":
            if current is outer:
                raise InvalidRdf(f"A closing brace without an opening one at character {token.start()}.")
            outer.append(f" <{FORMULA}{len(inner)}> ")
            inner.append("".join(current))
            current = outer
        elif token.lastgroup == "variable":
            current.append(f"<{VARIABLE}{token[0][1:]}>")
        elif token.lastgroup != "skip" and not (token[0] == "." and current is not outer and _ended(current)):
            current.append(token[0])
    if current is not outer:
        raise InvalidRdf("An opening brace is never closed.")
    return Cut("".join(outer), tuple(inner))


def _ended(written: list[str]) -> bool:
    """Whether a triple was just ended, so that one more dot ends nothing: clients send `{ <a> <b> <c> . . }`."""
    last = next((piece for piece in reversed(written) if not piece.isspace()), ".")
    return last.endswith(".") and last[0] not in "\"'<"


def patterns(text: str, prologue: str, base: str) -> tuple[Pattern, ...]:
    """The triple patterns of a formula. Raises InvalidRdf where it is more, or less, than flat triples."""
    text = text.strip()
    if not text:
        return ()
    return tuple(quad.triple for quad in turtle(prologue + text + ("" if text.endswith(".") else " ."), base)[0])


def whole(pieces: Cut, base: str) -> list[ox.Quad]:
    """Read what was cut at once, as TriG: each formula is the graph with the name that stands in its place.

    Raises InvalidRdf where a formula is more, or less, than flat triples.
    """
    graphs = [f"\n<{FORMULA}{number}> {{{inner}\n}}" for number, inner in enumerate(pieces.inner)]
    return turtle("".join((pieces.outer, *graphs)), base, ox.RdfFormat.TRIG)[0]


def turtle(text: str, base: str, form: ox.RdfFormat = ox.RdfFormat.TURTLE) -> tuple[list[ox.Quad], dict[str, str], str]:
    """Read Turtle: its triples, its prefixes and its base. Raises InvalidRdf."""
    body = text.encode()
    check_depth(body, "text/turtle")
    parser = ox.parse(body, form, base_iri=base)
    try:
        quads = list(parser)
    except (SyntaxError, ValueError) as error:
        raise InvalidRdf(f"The patch cannot be read: {error.args[0] if error.args else error}.") from None
    if any(isinstance(quad.object, ox.Triple) for quad in quads):
        raise InvalidRdf("Triple terms (RDF 1.2) are not taken.")
    return quads, parser.prefixes, parser.base_iri or base


def variables(patterns_: tuple[Pattern, ...]) -> set[str]:
    """The names of the variables in patterns."""
    return {name for pattern in patterns_ for term in terms(pattern) if (name := variable(term)) is not None}


def variable(term: Node) -> str | None:
    """The name of the variable that a term stands for, or None."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(VARIABLE):
        return term.value[len(VARIABLE) :]
    return None


def terms(pattern: Pattern) -> tuple[Node, Node, Node]:
    """Subject, predicate and object."""
    return pattern.subject, pattern.predicate, pattern.object


def has_blank_nodes(patterns_: tuple[Pattern, ...]) -> bool:
    """Whether a blank node is among the terms."""
    return any(isinstance(term, ox.BlankNode) for pattern in patterns_ for term in terms(pattern))
