"""The learnt catalogue: what clicks taught about products, kept in Redis, with a fresh copy in every worker.

Invariants: the version grows with every write and each product remembers the version that changed it, so a copy asks
only for what is newer; a product's popularity is always meant as of its `last_seen` and halves every week from then.
A full catalogue drops what was changed, looked at or bought longest ago. Copies are in that order and drop the same, so
nothing has to be remembered of what is gone.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, islice
from time import time
from typing import Any, Final

import msgpack
from redis.exceptions import RedisError

from clicks.catalogue import Product
from clicks.click import Click
from storage import keys
from storage.connecting import Client
from storage.line import Commands

POPULARITY_HALF_LIFE_S: Final = 7 * 86400.0
VIEW_WEIGHT: Final = 1.0
PURCHASE_WEIGHT: Final = 5.0
REFRESH_S: Final = 0.2
MAX_PRODUCTS: Final = 100_000
"""Products of a catalogue, some 600 bytes each in every worker."""
_LEVEL_EVERY_S: Final = 600.0
_LEVEL_AT_ONCE: Final = 500
_WIRE_VERSION: Final = 1
_WIRE_FIELDS: Final = 10
_log = logging.getLogger(__name__)

CHANGES_SINCE: Final = """
local version = tonumber(redis.call('GET', KEYS[2]) or '0')
local since = tonumber(ARGV[1])
if version == since then return {version} end
if version < since then since = -1 end
local found = {version}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. since, '+inf')) do
  found[#found + 1] = id
  found[#found + 1] = redis.call('HGET', KEYS[1], id) or ''
end
return found
"""
"""The version now, then id and bytes of each product that changed since; all of them when ours is of a lost server."""


class LearntCatalogue:
    """The data plane's `CatalogueSource`: a snapshot, at most about 0.25 s behind while Redis answers."""

    def __init__(
        self,
        client: Client,
        spawn: Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"],
        *,
        most: int = MAX_PRODUCTS,
    ) -> None:
        self.version = 0
        self.changes = 0
        self._client = client
        self._most = most
        self._products: dict[str, Product] = {}
        self._task = spawn(self._refresh_forever(), "catalogue-refresh")

    def snapshot(self) -> Mapping[str, Product]:
        """Products by id, their popularity levelled to about now, so that two can be compared. Never blocks."""
        return self._products

    def close(self) -> None:
        """Stop refreshing; the snapshot stays."""
        self._task.cancel()

    async def refresh(self) -> None:
        """Fetch what changed; RedisError, OSError or TimeoutError when Redis does not answer."""
        version, changed = await changes_since(self._client, self.version)
        if version == self.version:
            return
        now = time()
        levelled = {product_id: level(product, now) for product_id, product in changed.items()}
        self._products = levelled if version < self.version else _latest(self._products, levelled, self._most)
        self.version = version
        self.changes += 1

    async def _refresh_forever(self) -> None:
        loop = asyncio.get_running_loop()
        levelled_at = loop.time()
        failing = False
        while True:
            try:
                await self.refresh()
                failing = False
            except (RedisError, OSError, TimeoutError) as error:
                if not failing:
                    _log.warning("the catalogue stays as it is: %s", " ".join(str(error).split()))
                failing = True
            if loop.time() - levelled_at > _LEVEL_EVERY_S:
                levelled_at = loop.time()
                await self._level_all()
            await asyncio.sleep(REFRESH_S)

    async def _level_all(self) -> None:
        now = time()
        items = list(self._products.items())
        fresh: dict[str, Product] = {}
        for start in range(0, len(items), _LEVEL_AT_ONCE):
            fresh |= {product_id: level(product, now) for product_id, product in items[start : start + _LEVEL_AT_ONCE]}
            await asyncio.sleep(0)  # a large catalogue must not hold up a request
        self._products = fresh
        self.changes += 1


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a batch of clicks changes: `products` as they become, by id, and those that give way to them."""

    products: dict[str, Product]
    dropped: tuple[str, ...] = ()


class CatalogueLearner:
    """The consumer's copy: what a batch of clicks would change, and at which version that was thought up.

    At most `most` products; `dropped` counts those that gave way to others.
    """

    def __init__(self, client: Commands, *, most: int = MAX_PRODUCTS) -> None:
        self.version = 0
        self.dropped = 0
        self._client = client
        self._most = most
        self._products: dict[str, Product] = {}

    @property
    def count(self) -> int:
        """Products that are known."""
        return len(self._products)

    async def refresh(self) -> None:
        """Catch up with other writers."""
        version, changed = await changes_since(self._client, self.version)
        self._products = changed if version < self.version else _latest(self._products, changed, self._most)
        self.version = version

    def learn(self, clicks: Iterable[Click]) -> Learnt:
        """What these clicks change; nothing is kept until `adopt`."""
        changed: dict[str, Product] = {}
        for click in clicks:
            for entry in click.catalogue:
                product_id = str(entry[0]) if entry else ""
                try:
                    changed[product_id] = learnt(self._known(product_id, changed), entry, click.time)
                except ValueError as error:
                    _log.warning("a product was not learnt: %s", error)
            for product_id, weight, is_gone in _signals(click):
                known = self._known(product_id, changed)
                if known is not None:
                    changed[product_id] = signal(known, click.time, weight, is_gone)
        # What one version changed is read back in the order of its ids.
        changed = dict(sorted(changed.items()))
        over = len(self._products) + sum(product not in self._products for product in changed) - self._most
        oldest_first = chain((product for product in self._products if product not in changed), changed)
        dropped = tuple(islice(oldest_first, max(0, over)))
        for product_id in dropped:
            changed.pop(product_id, None)
        return Learnt(changed, dropped)

    def _known(self, product_id: str, changed: Mapping[str, Product]) -> Product | None:
        return changed.get(product_id) or self._products.get(product_id)

    def adopt(self, version: int, batch: Learnt) -> None:
        """The changes are written, as `version`."""
        if batch.dropped and not self.dropped:
            _log.warning("the catalogue is full (%d products): those seen longest ago give way", self._most)
        self.dropped += len(batch.dropped)
        for product_id in (*batch.dropped, *batch.products):
            self._products.pop(product_id, None)
        self._products.update(batch.products)
        self.version = version


def _latest(known: Mapping[str, Product], changed: Mapping[str, Product], most: int) -> dict[str, Product]:
    """All of them in the order of their last change, without the first where they are too many."""
    products = dict(known)
    for product_id in changed:
        products.pop(product_id, None)
    products |= changed
    for product_id in list(islice(products, max(0, len(products) - most))):
        del products[product_id]
    return products


async def changes_since(client: Commands, version: int) -> tuple[int, dict[str, Product]]:
    """The catalogue's version and what changed since; everything when the version is lower than ours."""
    reply = await client.execute_command(
        "EVAL", CHANGES_SINCE, 3, keys.CATALOGUE, keys.CATALOGUE_VERSION, keys.CATALOGUE_CHANGES, version
    )
    changed: dict[str, Product] = {}
    for product_id, raw in zip(reply[1::2], reply[2::2], strict=True):
        try:
            product = decode_product(raw)
        except ValueError as error:
            _log.warning("product %r is unreadable: %s", product_id, error)
            continue
        changed[product.id] = product
    return int(reply[0]), changed


def product_from_entry(entry: tuple[object, ...], at: float) -> Product:
    """What a page said of a product (see `Click.catalogue`). ValueError when the entry is not of that form."""
    match entry:
        case (
            str(product_id),
            str() | None as name,
            int() | None as price_cents,
            tuple(categories),
            str() | None as image,
            bool() | None as sold_out,
            str() | None as url,
            *_,
        ) if product_id and all(isinstance(category, str) for category in categories):
            return Product(product_id, name, price_cents, tuple(categories), image, url, bool(sold_out), at, at)
    raise ValueError(f"not a catalogue entry: {entry!r:.200}")


def learnt(known: Product | None, entry: tuple[object, ...], at: float) -> Product:
    """The product after a page taught `entry`. ValueError when the entry is not of that form."""
    seen = product_from_entry(entry, at)
    return seen if known is None else renew(known, seen, says_stock=entry[5] is not None)


def renew(known: Product, seen: Product, *, says_stock: bool = True) -> Product:
    """`known` with what a page says now; a list says less than a product page, so nothing known is emptied by it.

    A category page teaches one category and a product's own page the whole path: the path is kept.
    """
    is_less = set(seen.categories) <= set(known.categories)
    last_seen = max(known.last_seen, seen.last_seen)
    return Product(
        id=known.id,
        name=seen.name or known.name,
        price_cents=known.price_cents if seen.price_cents is None else seen.price_cents,
        categories=known.categories if is_less else seen.categories,
        image=seen.image or known.image,
        url=seen.url or known.url,
        sold_out=seen.sold_out if says_stock else known.sold_out,
        first_seen=min(known.first_seen, seen.first_seen),
        last_seen=last_seen,
        popularity=level(known, last_seen).popularity,
    )


def signal(known: Product, at: float, weight: float, is_gone: bool) -> Product:
    """`known` after someone looked at it or bought it (`weight`), or found that it `is_gone`."""
    if is_gone:
        return replace(known, sold_out=True)
    present = level(known, max(at, known.last_seen))
    return replace(present, popularity=present.popularity + weight)


def level(product: Product, now: float) -> Product:
    """The product with its popularity decayed to `now`, which becomes its `last_seen`; never back in time."""
    elapsed = now - product.last_seen
    if elapsed <= 0:
        return product
    return replace(product, last_seen=now, popularity=product.popularity * 0.5 ** (elapsed / POPULARITY_HALF_LIFE_S))


def encode_product(product: Product) -> bytes:
    """The product on the wire: a msgpack array, version first."""
    raw: bytes = msgpack.packb(
        (
            _WIRE_VERSION,
            product.id,
            product.name,
            product.price_cents,
            product.categories,
            product.image,
            product.url,
            product.sold_out,
            product.first_seen,
            product.last_seen,
            product.popularity,
        )
    )
    return raw


def decode_product(raw: bytes) -> Product:
    """ValueError when that is no product; newer versions' further fields are ignored."""
    try:
        fields = msgpack.unpackb(raw, use_list=False)
    except Exception as error:
        raise ValueError("not msgpack") from error
    if not isinstance(fields, tuple) or len(fields) < _WIRE_FIELDS + 1 or not isinstance(fields[1], str):
        raise ValueError("not a product")
    return Product(*fields[1 : _WIRE_FIELDS + 1])


def _signals(click: Click) -> Iterable[tuple[str, float, bool]]:
    if click.agent in ("bot", "tool"):
        return
    for event in click.events:
        product = event.data.get("product") or click.product
        if event.name == "purchase":
            items = event.data.get("items")
            for item in items if isinstance(items, list | tuple) else ():
                yield str(item), PURCHASE_WEIGHT, False
        elif event.name == "product_view" and product:
            yield str(product), VIEW_WEIGHT, False
        elif event.name == "not_found" and product:
            yield str(product), 0.0, True
