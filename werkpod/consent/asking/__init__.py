"""Asking for access: coaches, employers and services ask, citizens answer.

`api.py`: the addresses of askers; `asking.py`: all that can happen to a request; `store.py`, `sent.py`: the citizen's
row and the asker's copy; `reading.py`: what can be asked; `who.py`: who asks; `delivery.py`: messages about it.
"""

from werkpod.consent.asking.api import AskingApi
from werkpod.consent.asking.asking import Asking
from werkpod.consent.asking.delivery import REQUESTS, Delivery
from werkpod.consent.asking.errors import AskChanged, AskClosed, AskedTooOften, AskGone, BadAsk, MayNotAsk
from werkpod.consent.asking.model import Ask, Asker, Blocked, Content, Exchange, Sent, Talk

__all__ = [
    "REQUESTS",
    "Ask",
    "AskChanged",
    "AskClosed",
    "AskGone",
    "AskedTooOften",
    "Asker",
    "Asking",
    "AskingApi",
    "BadAsk",
    "Blocked",
    "Content",
    "Delivery",
    "Exchange",
    "MayNotAsk",
    "Sent",
    "Talk",
]
