"""Which competences an instrument develops, as its text suggests: a proposal for the catalogue's editor, with evidence.

Neither guide has competences. Four things in an instrument point to one:

    name         words of the competence's name or everyday name stand in the text
    occupation   the text names an occupation that asks the competence
    like         the search for competences finds it near to what the text is about
    code         a client characteristic (KK) of the instrument is about it

Words count by how rare they are among the names of competences (IDF) and by the field they stand in; a compound counts
by its first or last part ("heftruckcertificaat" says "heftruck"). The form of delivery (UV) says whether people learn
something at all, and with the duration how far they come and how much fits. `bench/instruments.py` measures it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from werkpod.apps.instruments.codes import name_of
from werkpod.apps.instruments.model import Because, Develops, Instrument
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.starter import COMPETENCE_IRI, isco_titles, name_groups
from werkpod.vocab.taxonomy import Competence, Taxonomy
from werkpod.vocab.text import normalise, stem, words

FIELDS: Mapping[str, float] = {"name": 1.0, "aim": 1.0, "summary": 0.9, "method": 0.3}
"""The fields that are read, and what a word in each counts."""
FORM_SHARE: Mapping[str, float] = {
    "UV05": 0.3, "UV06": 0.3, "UV08": 0.5, "UV09": 0.2, "UV10": 0.2, "UV11": 0.2,
}  # fmt: skip
"""What is proposed counts less where the form of delivery teaches little: a questionnaire, research, money, an
interpreter, a reference elsewhere, things."""
UNTAUGHT_SHARE = 0.3
"""The same for what a guide for employers offers, most of which is money and advice."""
TEACHING_SHARE, _TEACHING = 0.5, "/onderwijs-en-kinderen"
"""What a name of the group of teaching counts: every course has a teacher, few teach to teach."""
OCCUPATION_SHARE, CODE_SCORE = 0.75, 0.5
"""What the surest occupation adds, and what a code adds, against 1 for the whole name of a competence."""
LIKE_SHARE, LIKE_WHOLE = 0.8, 0.2
"""What the search adds at most, and the score of it that says all that it can say."""
_FOUND, _LONGEST_TEXT, _FEWEST_WORDS = 15, 200, 3
LOWEST = 0.5
"""What scores less is not proposed."""
MOST_COMMON = 0.15
"""A word that this part of all instruments has says nothing; half as many, half as much."""
_SHORTEST_PART, _LEAST_REST = 4, 3
"""Letters of a part of a compound that is looked for, and of what is left beside it."""
_MOST_REMEMBERED = 5000
_SAYINGS = re.compile(r"\b(?:aan de slag|aan het werk|op de hoogte)\b")
_TRAINING_HOURS, _SURE = 1400.0, 0.6
_MOST = ((8.0, 5), (40.0, 8), (200.0, 12), (math.inf, 18))
"""Hours up to which at most so many competences are proposed."""
_BY_CODE: Mapping[str, tuple[str, ...]] = {
    "KK04": ("samenwerken", "kalm-onder-druk"),
    "KK05": ("werkinstructies-lezen", "korte-berichten-schrijven", "rekenen-op-het-werk", "computer-basis"),
    "KK06": ("op-tijd-komen", "samenwerken", "zelfstandig-werken", "tempo-houden"),
    "KK12": ("doorzetten", "initiatief-nemen"),
    "KK13": ("zelfstandig-werken", "initiatief-nemen", "doorzetten"),
}
"""Client characteristic -> ids of starter competences that it is about."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A competence that an instrument may develop. `score` 0 to 1, to rank by; `level` "1" to "4"."""

    competence: Competence
    score: float
    level: str
    because: tuple[Because, ...]

    def develops(self) -> Develops:
        """As what the instrument develops, not confirmed."""
        said = "; ".join(f"{each.field}: {', '.join(each.words)}" for each in self.because)
        return Develops(
            self.competence.iri, self.competence.labels, self.level, said, confirmed=False, because=self.because
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """Where a concept stands in an instrument: the field that counts most, and the word as it is written there."""

    field: str
    word: str
    weight: float


class _Name:
    """A name as the concepts in it, with what each weighs."""

    def __init__(self, concepts: Iterable[str], idf: Mapping[str, float]) -> None:
        self.weights = {concept: weight for concept in concepts if (weight := idf[concept]) > 0}
        self.total = sum(self.weights.values())

    def found(self, seen: Mapping[str, _Seen]) -> tuple[float, list[_Seen]]:
        """The share of the name that stands in the text (0 to 1), and where."""
        hits = [(weight, seen[concept]) for concept, weight in self.weights.items() if concept in seen]
        if not hits or not self.total:
            return 0.0, []
        return sum(weight * hit.weight for weight, hit in hits) / self.total, [hit for _, hit in hits]


class Proposer:
    """Proposes competences of a taxonomy, which has to be the starter: instruments are linked to its competences."""

    def __init__(self, taxonomy: Taxonomy, background: Iterable[Instrument]) -> None:
        self._taxonomy = taxonomy
        competences = list({link.competence.iri: link.competence for each in taxonomy.occupations() for link in
                            taxonomy.links(each)}.values())  # fmt: skip
        labels = [[_concepts(text) for text in (each.label("nl"), each.plain) if text] for each in competences]
        titles = {code: [_spelled(text) for text in (called.titles["nl"], *called.names["nl"])]
                  for code, called in name_groups(isco_titles()).items()}  # fmt: skip
        self._common = common = _common(background)
        idf = {c: weight * common.get(c, 1.0) for c, weight in _idf([set().union(*n) for n in labels]).items()}
        self._idf, self._led = idf, dict[str, Mapping[str, float]]()
        title_idf = _idf([set().union(*names) for names in titles.values()])
        self._names = [(each, [_Name(name, idf) for name in names]) for each, names in zip(competences, labels,
                                                                                          strict=True)]  # fmt: skip
        self._titles = {code: [_Name(name, title_idf) for name in names] for code, names in titles.items()}
        self._title_words = {code: {concept for name in names for concept in name.weights} for code, names in
                             self._titles.items()}  # fmt: skip
        self._known = frozenset(idf) | frozenset(title_idf)
        self._most_idf = math.log(max(len(titles), 2))

    def propose(self, instrument: Instrument) -> list[Proposal]:
        """What the instrument may develop, best first."""
        seen = self._seen(instrument)
        scores: dict[str, float] = {}
        because: dict[str, list[Because]] = {}
        found: dict[str, Competence] = {}

        def add(competence: Competence, score: float, *why: Because) -> None:
            # independent hints: what neither of them leaves open
            scores[competence.iri] = 1 - (1 - scores.get(competence.iri, 0.0)) * (1 - min(score, 0.99))
            because.setdefault(competence.iri, []).extend(why)
            found[competence.iri] = competence

        for competence, names in self._names:
            share, hits = max((name.found(seen) for name in names), key=lambda each: each[0], default=(0.0, []))
            share *= TEACHING_SHARE if _is_teaching(competence) else 1.0
            if share > 0.2:
                add(competence, share, *_because(hits, "name"))
        for code, share, hits in self._occupations(seen):
            occupation = self._taxonomy.occupation(ISCO_IRI + code)
            for link in self._taxonomy.links(occupation) if occupation else ():
                rare = self._taxonomy.distinctiveness(link.competence) / self._most_idf
                worth = OCCUPATION_SHARE * share * link.weight * (0.4 + 0.6 * rare)
                add(link.competence, worth, *_because(hits, code))
        for hit in self._taxonomy.search_competences(_about(instrument), limit=_FOUND):
            add(hit.competence, LIKE_SHARE * min(1.0, hit.score / LIKE_WHOLE))
        for code in instrument.codes:
            for name in _BY_CODE.get(code, ()):
                if meant := self._taxonomy.competence(COMPETENCE_IRI + name):
                    add(meant, CODE_SCORE, Because("code", (name_of(code),), code))
        share = _share(instrument)
        ranked = sorted(found, key=lambda iri: (-scores[iri], iri))
        return [
            Proposal(
                found[iri],
                round(scores[iri] * share, 3),
                _level(instrument, scores[iri]),
                _fewest(because[iri]) or self._alike(instrument, iri),
            )
            for iri in ranked[: _most(instrument)]
            if scores[iri] * share >= LOWEST
        ]

    def _alike(self, instrument: Instrument, iri: str) -> tuple[Because, ...]:
        """The evidence of what only the search found: the words that lead there by themselves, of the field with the
        best of them; the rarest words of the first field where none does."""
        best = 0.0
        found: tuple[Because, ...] = ()
        for field in ("name", "summary", "aim"):
            said = [word for word in dict.fromkeys(words(_read(getattr(instrument, field)))) if self._says(word) > 0]
            ranked = sorted(said, key=lambda word: -self._leads(word).get(iri, 0.0))
            score = self._leads(ranked[0]).get(iri, 0.0) if ranked else 0.0
            if score > best:
                best = score
                led = tuple(word for word in ranked[:_FEWEST_WORDS] if self._leads(word).get(iri, 0.0) > 0)
                found = (Because(field, led, "like"),)
            elif not found and said:
                rarest = sorted(said, key=lambda word: -self._says(word))[:_FEWEST_WORDS]
                found = (Because(field, tuple(rarest), "like"),)
        return found

    def _says(self, word: str) -> float:
        """How much a word says: 0 for what nearly all instruments have, more for what names seldom have."""
        own = stem(word)
        return self._common.get(own, 1.0) * (1 + self._idf.get(own, 0.0)) if len(word) > 1 else 0.0

    def _leads(self, word: str) -> Mapping[str, float]:
        """The competences that the search finds for one word, and how near they are. Remembered: words come back."""
        if word not in self._led:
            if len(self._led) >= _MOST_REMEMBERED:
                self._led.clear()
            found = self._taxonomy.search_competences(word, limit=_FOUND * 2)
            self._led[word] = {hit.competence.iri: hit.score for hit in found}
        return self._led[word]

    def _occupations(self, seen: Mapping[str, _Seen]) -> list[tuple[str, float, list[_Seen]]]:
        """The occupations that the text names: code, how surely (0 to 1), and the words."""
        every = []
        for code, names in self._titles.items():
            if not self._title_words[code] & seen.keys():
                continue
            share, hits = max((name.found(seen) for name in names), key=lambda each: each[0])
            if share >= 0.75:
                every.append((code, share, hits))
        return every

    def _seen(self, instrument: Instrument) -> dict[str, _Seen]:
        seen: dict[str, _Seen] = {}
        for field, weight in FIELDS.items():
            for word in _read(getattr(instrument, field)).split():
                for concept, share in self._parts(word):
                    if concept not in seen or seen[concept].weight < weight * share:
                        seen[concept] = _Seen(field, word, weight * share)
        return seen

    def _parts(self, word: str) -> list[tuple[str, float]]:
        """The concepts that a word has: its stem, and known words that it begins or ends with."""
        own = stem(word)
        found = [(own, 1.0), *((form, 1.0) for form in _forms(word))]
        for at in range(_SHORTEST_PART, len(own) - _LEAST_REST + 1):
            if own[:at] in self._known:
                found.append((own[:at], 0.8))
            if (end := own[len(own) - at :]) in self._known:
                found.append((end, 0.8))
        return found


def _about(instrument: Instrument) -> str:
    """What the search is asked with."""
    return _read(" ".join((instrument.name, instrument.summary, instrument.aim)))[:_LONGEST_TEXT]


def _read(text: str) -> str:
    """The text, normalised, without sayings that are not about what their words are about."""
    return _SAYINGS.sub(" ", normalise(text))


def _is_teaching(competence: Competence) -> bool:
    return competence.group is not None and competence.group.iri.endswith(_TEACHING)


def _concepts(text: str) -> list[str]:
    return list(dict.fromkeys(stem(word) for word in words(normalise(text)) if len(word) > 1))


def _spelled(text: str) -> list[str]:
    """The words of a title, each as it is written: a stem makes a butcher ("slager") of a beat ("slag")."""
    return list(dict.fromkeys("=" + word for word in words(normalise(text))))


def _forms(word: str) -> list[str]:
    """A word of a text as it may stand in a title: as it is, or without the ending of a plural."""
    return ["=" + word, *("=" + word[: -len(end)] for end in ("s", "en", "n") if word.endswith(end) and len(word) > 4)]


def _common(background: Iterable[Instrument]) -> dict[str, float]:
    """How little a word says because so many instruments have it, 0 to 1: "werk", "leren", "je"."""
    documents = [{stem(word) for field in FIELDS for word in normalise(getattr(each, field)).split()} for each in
                 background]  # fmt: skip
    frequency = Counter(concept for document in documents for concept in document)
    most = max(len(documents), 1) * MOST_COMMON
    return {concept: max(0.0, 1 - count / most) for concept, count in frequency.items()}


def _idf(documents: Sequence[set[str]]) -> dict[str, float]:
    frequency = Counter(concept for document in documents for concept in document)
    return {concept: math.log(1 + len(documents) / count) for concept, count in frequency.items()}


def _because(hits: Sequence[_Seen], via: str) -> list[Because]:
    fields: dict[str, list[str]] = {}
    for hit in hits:
        fields.setdefault(hit.field, []).append(hit.word)
    return [Because(field, tuple(dict.fromkeys(found)), via) for field, found in fields.items()]


def _fewest(because: Sequence[Because]) -> tuple[Because, ...]:
    """Each piece of evidence once, the first five."""
    return tuple(dict.fromkeys(because))[:5]


def _share(instrument: Instrument) -> float:
    form = next((code for code in instrument.codes if code in FORM_SHARE), "")
    if form:
        return FORM_SHARE[form]
    return UNTAUGHT_SHARE if instrument.guide == "dennis" else 1.0


def _most(instrument: Instrument) -> int:
    return next(most for hours, most in _MOST if instrument.hours <= hours)


def _level(instrument: Instrument, score: float) -> str:
    """How far a person comes, on the scale of a CV: 3 in what a vocational training of a year and more is about, 1 by
    working along, 2 by any other course."""
    if "UV02" in instrument.codes and instrument.hours > _TRAINING_HOURS and score >= _SURE:
        return "3"
    return "1" if "UV04" in instrument.codes else "2"
