"""What a backup says of visitors who were erased after it was taken: it does not come back.

Invariant: nothing of an erased visitor is written to Redis at all, so no file of the server ever holds it.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from storage import keys
from storage.blanking import Refuses, blanked_records
from storage.connecting import Client
from storage.snapshot import Item
from storage.tombstones import Tombstones
from visitors.wire import decode_profile


def without_erased(items: Iterable[Item], refuses: Refuses) -> Iterator[Item]:
    """The items of a backup without erased visitors' profiles; their clicks in the stream come blank."""
    for item in items:
        if item.key.startswith(keys.PROFILE_PREFIX):
            if not _is_erased(item, refuses):
                yield item
        elif item.kind == "stream":
            yield replace(item, value=tuple(_blank(piece, refuses) for piece in item.value))
        else:
            yield item


async def remember(client: Client, marks: Tombstones) -> None:
    """Tell this Redis who was erased, for the other machines."""
    if marks.marks:
        pairs = (piece for name, at in marks.marks.items() for piece in (repr(at), name))
        await client.execute_command("ZADD", keys.ERASURES, *pairs)
        await client.execute_command("ZREMRANGEBYSCORE", keys.ERASURES, "-inf", time.time() - marks.keep_s)


def _is_erased(item: Item, refuses: Refuses) -> bool:
    name = keys.profile_id(item.key)
    try:
        profile = decode_profile(item.value)
    except ValueError:
        return refuses(name, 0.0)
    return refuses(name, profile.last_click or profile.updated)


def _blank(piece: object, refuses: Refuses) -> object:
    return (blanked_records(piece, refuses) or piece) if isinstance(piece, bytes) and len(piece) > 64 else piece
