"""Solid Notifications: who wants to know of changes is told of them, as long as they may read what changed.

`words` (the vocabulary and its JSON-LD), `subscriptions` (what a client asks for), `channels` (what it gets), `hub`
and `telling` (who is told what), `streams` (connections that a client keeps open), `webhooks` (what we send), `kept`
(what outlives a restart), `http` (the addresses).
"""
