"""The WebID profile: the documents that say who a person is and where things are, and what in them is kept.

`places` names them, `seed` is what they begin with, `guard` what a write may not do to them, `upkeep` makes what is
missing and keeps the type indexes, `card` the few things that a person says of themselves, `inbox` what strangers may
leave.
"""
