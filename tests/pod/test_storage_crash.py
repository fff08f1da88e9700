"""A crash in the middle of writing: what was acknowledged is there, opens, and hangs in the tree."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from support.pods import open_parts

WRITER = textwrap.dedent(
    """
    import asyncio, itertools, os, sys
    from pathlib import Path
    from support.pods import open_parts

    async def main(folder):
        async with open_parts(folder) as parts:
            numbers = itertools.count()

            async def writer(size):
                while True:
                    number = next(numbers)
                    slug = f"pod-{number % 7}"
                    pod = await parts.directory.find(slug)
                    if pod is None:
                        continue
                    path = f"a{number % 5}/b{number}/c"
                    await parts.storage.put(pod.id, path, b"%08d" % number * size, "text/plain")
                    os.write(1, f"{slug} {path} {number} {size}\\n".encode())

            for n in range(7):
                await parts.directory.create(f"pod-{n}", pod_id=f"{n:026}".replace("0", "A"))
            await asyncio.gather(*(writer(1 if n % 4 else 50_000) for n in range(16)))

    asyncio.run(main(Path(sys.argv[1])))
    """
)


async def test_every_acknowledged_resource_survives_kill_9(tmp_path: Path) -> None:
    """After kill -9 each resource whose put returned opens with its own body and is listed in its container."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    process = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
        [sys.executable, "-c", WRITER, str(tmp_path)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(300)]
    process.send_signal(signal.SIGKILL)
    lines += [line for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    async with open_parts(tmp_path) as parts:
        for line in lines:
            slug, path, number, size = line.split()
            pod = await parts.directory.find(slug)
            assert pod is not None
            found = await parts.storage.get(pod.id, path)
            assert found is not None
            assert found.body == b"%08d" % int(number) * int(size)
            container = path.rpartition("/")[0] + "/"
            assert [child.path for child in await parts.storage.children(pod.id, container)] == [path]
            above = container[:-1].rpartition("/")[0] + "/"
            assert container in [child.path for child in await parts.storage.children(pod.id, above)]
        for database in (parts.pods, parts.keys):
            assert list(await database.fetch("PRAGMA integrity_check")) == [("ok",)]
