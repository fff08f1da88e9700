"""Settings of the whole suite.

Property tests draw the same examples at each run, so that a run says something about the change and not about luck.
To look for what they have not met yet: `pytest --hypothesis-profile=explore`, which draws new ones and tells the seed.

Files of tests are in memory where there is room for them (Linux: /dev/shm): thousands of fresh databases wait for the
disk otherwise. PYTEST_DEBUG_TEMPROOT chooses another place.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, deadline=None, print_blob=True, max_examples=2000)
settings.load_profile("steady")

MEMORY, ROOM = Path("/dev/shm"), 6 << 30
"""Where files are in memory, and how many bytes have to be free there."""


def _in_memory() -> None:
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


_in_memory()
