"""Settings of the whole suite.

Property tests draw the same examples at each run, so that a run says something about the change and not about luck.
To look for what they have not met yet: `pytest --hypothesis-profile=explore`, which draws new ones and tells the seed.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("steady")
