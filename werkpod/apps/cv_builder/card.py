"""What the CV-bouwer says of itself and asks for."""

from __future__ import annotations

from werkpod.apps.kit import AccessRequest, AppCard, Text
from werkpod.vocab.sections import CV_SECTIONS

_OPTIONAL = ("contact", "wishes")
"""What a CV can do without. The rest is what this app is for; to ask for it part by part would be a hurdle."""

CARD = AppCard(
    slug="cv",
    name=Text("CV-bouwer", "CV-bouwer"),
    what=Text(
        "Maak je cv stap voor stap. Je kiest je werk en zegt wat je kunt.",
        "Make your CV step by step. You pick your work and say what you can do.",
    ),
    access=AccessRequest(
        sections=tuple(section.key for section in CV_SECTIONS if section.key not in _OPTIONAL),
        optional=_OPTIONAL,
        actions=("read", "write"),
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text=Text("Je cv maken en bijwerken.", "To make your CV and keep it up to date."),
        duration="P365D",
    ),
    reasons={
        "identity": Text("Je naam staat boven je cv.", "Your name is at the top of your CV."),
        "contact": Text("Zo kan een werkgever je bereiken.", "So that an employer can reach you."),
        "summary": Text("Een paar zinnen over jezelf.", "A few sentences about yourself."),
        "experience": Text("Het werk dat je hebt gedaan.", "The work that you have done."),
        "education": Text("De scholen en cursussen die je deed.", "The schools and courses that you did."),
        "competences": Text("Wat je kunt, en waar je dat leerde.", "What you can do, and where you learnt it."),
        "languages": Text("De talen die je spreekt.", "The languages that you speak."),
        "certificates": Text("Je diploma's, certificaten en rijbewijs.", "Your certificates and driving licence."),
        "wishes": Text("Het werk dat je graag wilt.", "The work that you would like."),
    },
)
"""Who the CV-bouwer is."""
