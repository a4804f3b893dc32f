"""What the privacy page reads and erases, on the installation's Redis.

Invariant: a visitor waits a second at most; what cannot be erased at once is noted on disk and done by `work`.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from redis.exceptions import RedisError

from clicks.catalogue import Product
from storage import keys
from storage.catalogue import decode_product
from storage.connecting import Client
from storage.erasure_requests import ErasureRequests
from storage.profile_store import ProfileStore
from visitors.cookie import Keyring
from visitors.profile import Profile
from visitors.sealing import unseal
from visitors.wire import decode_profile, encode_profile

WAIT_S = 1.0
_FAILURES = (RedisError, OSError, TimeoutError, ValueError)

_log = logging.getLogger("vitrina.privacy")


class RedisRecords:
    """The console's `PrivacyRecords`."""

    def __init__(self, client: Client, requests: ErasureRequests, keyring: Keyring) -> None:
        self._client = client
        self._store = ProfileStore(client)
        self._requests = requests
        self._keyring = keyring

    async def profile(self, profile_id: str) -> Profile | None:
        """The profile with a readable address; None when there is none, or nobody answers."""
        try:
            async with asyncio.timeout(WAIT_S):
                raw = await self._store.get(profile_id)
            profile = None if raw is None else decode_profile(raw)
        except _FAILURES as error:
            _log.warning("a profile could not be shown: %s", " ".join(str(error).split()))
            return None
        if profile is None or profile.email is None:
            return profile
        return profile._replace(email=unseal(self._keyring, profile.email))

    async def products(self, ids: Sequence[str]) -> Mapping[str, Product]:
        """Products of the catalogue by id; as many as can be read."""
        asked = list(dict.fromkeys(ids)) or ["-"]  # asked in any case, for the time that it takes
        try:
            async with asyncio.timeout(WAIT_S):
                found = await self._client.execute_command("HMGET", keys.CATALOGUE, *asked)
            return {name: decode_product(raw) for name, raw in zip(asked, found, strict=True) if raw is not None}
        except _FAILURES:
            return {}

    async def erase(self, profile_id: str, at: float) -> None:
        """The request is noted on disk first; `work` looks four times a second."""
        self._requests.ask(profile_id, at)

    async def forget_address(self, profile_id: str) -> None:
        """The e-mail address goes from the profile; who changes it meanwhile is not overwritten."""
        try:
            async with asyncio.timeout(WAIT_S):
                while (raw := await self._store.get(profile_id)) is not None:
                    fresh = encode_profile(decode_profile(raw)._replace(email=None, newsletter=False))
                    if await self._store.compare_and_set(profile_id, raw, fresh):
                        return
        except _FAILURES as error:
            _log.error("an address could not be forgotten: %s", " ".join(str(error).split()))

    async def close(self) -> None:
        """Let go of Redis."""
        await self._client.aclose()
