"""Erasing for an operator: by the process that runs, else here and now."""

import asyncio
import sys
import time
from collections.abc import Sequence

from config.settings import Retention
from storage.connecting import Client
from storage.erasing import Eraser
from storage.erasure_requests import ErasureRequests
from storage.profile_store import ProfileStore
from storage.tombstones import Tombstones
from vitrina.datafolder import DataFolder
from vitrina.failures import ANSWER_NO

WAIT_S = 60.0


async def erase_all(folder: DataFolder, client: Client, ids: Sequence[str], *, is_embedded: bool) -> int:
    """Erase these visitors and say so; the exit code."""
    requests = ErasureRequests(folder.erasures)
    at = time.time()
    names = {name: await ProfileStore(client).joined(name) for name in ids}
    if not folder.is_claimed():
        folder.make()
        marks = Tombstones(folder.erased, Retention().profiles_days * 86_400.0)
        marks.look()
        eraser = Eraser(client, folder.spool, marks, is_embedded=is_embedded)
        for name in {other for joined in names.values() for other in joined}:
            await eraser.erase(name, at)
        await eraser.rewrite_files()
        _say(ids)
        return 0
    for name in ids:
        requests.ask(name, at)
    deadline = time.monotonic() + WAIT_S
    while requests.pending():
        if time.monotonic() > deadline:
            print("noted; not done yet: Redis or the work process does not answer", file=sys.stderr)
            return ANSWER_NO
        await asyncio.sleep(0.2)
    _say(ids)
    return 0


def _say(ids: Sequence[str]) -> None:
    for name in ids:
        print(f"{name}: erased")
