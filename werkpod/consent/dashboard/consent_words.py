"""What the consent page says of a request, in words: who asks, why, on which ground, how long, what happens after."""

from __future__ import annotations

from dataclasses import dataclass

from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants.terms import CONSENT, LEGAL_BASES, PURPOSES, keep_label, legal_basis_label, purpose_label
from werkpod.consent.oauth.flow import AuthorizationRequest
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import SECTIONS


@dataclass(frozen=True, slots=True)
class Words:
    """The words for one request, in the reader's language. `ours`: it is one of our own services."""

    asked: AuthorizationRequest
    ours: bool
    organisation: str
    lang: str
    say: Say

    @property
    def name(self) -> str:
        """What the app calls itself."""
        return self.asked.client.label(self.lang)

    @property
    def host(self) -> str:
        """Where it answers from, as far as anybody can check; "" for a program on this device."""
        return self.asked.host

    @property
    def reads(self) -> bool:
        """Whether it gets to see something."""
        return "read" in self.asked.access.actions

    @property
    def adds(self) -> bool:
        """Whether it may put something there."""
        return bool({"append", "write"} & set(self.asked.access.actions))

    @property
    def changes(self) -> bool:
        """Whether it may change what is there."""
        return "write" in self.asked.access.actions

    @property
    def needed(self) -> str:
        """The sections that it cannot do without."""
        return self._sections(self.asked.access.sections)

    @property
    def optional(self) -> str:
        """The sections that it may have besides."""
        return self._sections(self.asked.access.optional)

    @property
    def purpose(self) -> str:
        """What it is for, in our words; "" where the app did not say or where we have none."""
        return purpose_label(self.asked.access.purpose, self.lang)

    @property
    def purposes(self) -> list[list[str]]:
        """Those that the citizen can name where the app did not: [IRI, words]."""
        return [[iri, term.label(self.lang)] for iri, term in PURPOSES.items()]

    @property
    def why(self) -> str:
        """The same in the app's own words."""
        return self.asked.access.text(self.lang)

    @property
    def free(self) -> bool:
        """Whether it rests on a yes that can be refused without consequences."""
        return self.asked.access.legal_basis == CONSENT

    @property
    def basis(self) -> str:
        """The ground that it names where that is not consent, with what that means."""
        iri = self.asked.access.legal_basis
        label = legal_basis_label(iri, self.lang)
        return f"{label}. {LEGAL_BASES[iri].why(self.lang)}" if iri in LEGAL_BASES else f"{label}."

    @property
    def days(self) -> int:
        """How many days, rounded; 0 where it did not say or asks for less than one."""
        return round((self.asked.access.seconds or 0) / 86400)

    @property
    def hours(self) -> int:
        """How many hours, where it asks for less than a day."""
        return max(1, round((self.asked.access.seconds or 0) / 3600)) if self.asked.access.seconds else 0

    @property
    def keep(self) -> str:
        """What it keeps when it is over; "" where it did not say."""
        return keep_label(self.asked.access.keep, self.lang)

    @property
    def changed(self) -> str:
        """What the app changed of itself since the last yes; "" for nothing."""
        _ = self.say
        words = {
            "name": _("hoe de app heet"), "address": _("het adres van de app"),
            "redirect_uris": _("waar je antwoord heen gaat"), "keys": _("de sleutels van de app"),
            "authentication": _("hoe de app laat zien wie die is"), "logo": _("het plaatje van de app"),
            "contacts": _("wie je kunt vragen"), "scope": _("wat de app vraagt"), "access": _("wat de app vraagt"),
            "terms": _("de voorwaarden van de app"),
        }  # fmt: skip
        return ", ".join(dict.fromkeys(words.get(name, _("iets van de app")) for name in self.asked.changed))

    @property
    def has(self) -> str:
        """The sections that it has already, where it asks about what it has."""
        found = self.asked.has
        if found is None:
            return ""
        _ = self.say
        return _("alles in je pod") if found.everything else self._sections(found.sections)

    @property
    def gains(self) -> str:
        """What would be new to it, where it asks for more beside what it has."""
        gains = self.asked.gains
        fields = [
            f"{FIELDS[key].label(self.lang)} ({SECTIONS[FIELDS[key].section].label(self.lang)})" for key in gains.fields
        ]
        return ", ".join(filter(None, (self._sections(gains.sections), *fields)))

    def _sections(self, keys: tuple[str, ...]) -> str:
        return ", ".join(SECTIONS[key].label(self.lang) for key in SECTIONS if key in keys)
