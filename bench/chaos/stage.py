"""The stage: a shop, a Vitrina before it, a Redis behind it; up inside a context, gone after it."""

import os
import random
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.chaos.installation import Vitrina
from bench.chaos.load import INSERTED, Load
from bench.chaos.oracle import Oracle
from bench.chaos.shop import Shop
from storage.embedded import EmbeddedValkey

SITE = """
[site]
origin = "http://127.0.0.1:{shop}"
platform = "generic"
mode = "live"
holdout = 0
budget = {{ added_p95_ms = 60000 }}
{site}
[limits]
shed_after_s = 30
connect_timeout_s = {connect_s}
first_byte_timeout_s = {first_byte_s}
[redis]
url = "{redis}"
[consent]
required = false
[placement.top]
on = "*"
at = "h1"
[[experience]]
id = "hello"
at = "top"
insert = "after"
who = {{ page_views = {{ gte = 1 }} }}
text = "{text}"
"""
"""A page that says something to whoever has a profile: whether Redis was asked can be seen in the bytes. Nobody is
shed, and no page goes out as it is because pages are late: overload has tests of its own, and a machine that runs all
of this at once is a busy one."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that Vitrina waits for the shop: to connect, and for its first byte."""

    connect_s: int = 20
    first_byte_s: int = 20
    """The shop lives in the process that asks and counts: it may stand still for seconds on a busy machine."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much of it: a full run takes minutes, a short one seconds."""

    is_short: bool
    rate: float
    """Requests a second."""

    def pick(self, full: int, short: int) -> int:
        """The one that applies."""
        return short if self.is_short else full


@dataclass(slots=True)
class Stage:
    """What a fault works with."""

    folder: Path
    shop: Shop
    vitrina: Vitrina
    redis_url: str
    rate: float

    def load(self, prefix: str, rate: float | None = None) -> Load:
        """Visitors; a prefix is used once."""
        return Load(self.vitrina.port, prefix, self.rate if rate is None else rate)

    def oracle(self) -> Oracle:
        """The oracle of this stage's Redis."""
        return Oracle(self.redis_url)


@dataclass(slots=True)
class Theatre:
    """Where stages are set up: a folder of their own each, and the random choices of the run."""

    folder: Path
    random: random.Random
    scale: Scale
    _count: int = 0

    @asynccontextmanager
    async def stage(
        self,
        *,
        redis_url: str = "embedded",
        workers: int = 2,
        site: str = "",
        more: str = "",
        environment: Mapping[str, str] | None = None,
        data: Path | None = None,
        patience: Patience = Patience(),
    ) -> AsyncIterator[Stage]:
        """`site` are lines of [site], `more` whole tables; `data` another place for the data folder."""
        self._count += 1
        folder = Path(tempfile.mkdtemp(prefix=f"{self._count}-", dir=self.folder))
        shop = Shop()
        await shop.start()
        text = SITE.format(shop=shop.port, redis=redis_url, site=site, text=INSERTED.decode(), **asdict(patience))
        vitrina = Vitrina(folder, f"workers = {workers}\n{text}{more}", environment, data=data)
        try:
            await vitrina.start()
            url = EmbeddedValkey(vitrina.data).url if redis_url == "embedded" else redis_url
            yield Stage(folder, shop, vitrina, url, self.scale.rate)
        finally:
            await vitrina.stop()
            await shop.stop()
            if kept := os.environ.get("CHAOS_LOGS"):
                shutil.copy(vitrina.log, Path(kept) / f"{folder.name}.log")
            shutil.rmtree(folder, ignore_errors=True)
