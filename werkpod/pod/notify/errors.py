"""What a subscription can get wrong.

WerkpodError
 |- Unprocessable
 |   `- Unsubscribable  422  what is asked for cannot be done: context, type, topic or feature
 |- UnsupportedMedia
 |   `- UnknownProfile  415  the media type's profile is none that is known
 |- UpgradeNeeded       426  what was asked for over HTTP is a WebSocket
 `- TooManyRequests
     `- TooManyChannels 429  no more channels for this agent, this pod or this server
"""

from __future__ import annotations

from werkpod.web.errors import TooManyRequests, Unprocessable, UnsupportedMedia, WerkpodError


class Unsubscribable(Unprocessable):
    """The instructions cannot be processed (Solid Notifications Protocol, Subscription)."""

    code, title = "unsubscribable", "This cannot be subscribed to"


class UnknownProfile(UnsupportedMedia):
    """The profile parameter of the media type is none that is known (Solid Notifications Protocol, Subscription)."""

    code, title = "unknown_profile", "This profile is not known"


class TooManyChannels(TooManyRequests):
    """There is no room for another channel."""

    code, title = "too_many_channels", "There are too many notification channels"


class UpgradeNeeded(WerkpodError):
    """This is spoken to over a WebSocket (RFC 9110, 15.5.22)."""

    status, code, title = 426, "upgrade_required", "This is a WebSocket"
