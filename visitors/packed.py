"""A mapping whose values stay packed, as msgpack gave them, until one is looked at.

Invariant: it equals a dict of the same values; a request that reads one shown order of twenty makes one object.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Packed(Mapping[str, Value], Generic[Value]):
    """Keys to packed values; `make` turns one into what it stands for. `raw` is shared: never change it."""

    __slots__ = ("make", "raw")

    def __init__(self, raw: dict[str, Any], make: Callable[[Any], Value]) -> None:
        self.raw = raw
        self.make = make

    def __getitem__(self, key: str) -> Value:
        """The value, made anew at each look."""
        return self.make(self.raw[key])

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default`: most looks are for what is not there."""
        found = self.raw.get(key)
        return default if found is None else self.make(found)

    def __iter__(self) -> Iterator[str]:
        """Keys, oldest first."""
        return iter(self.raw)

    def __len__(self) -> int:
        """Number of keys."""
        return len(self.raw)

    def __contains__(self, key: object) -> bool:
        """Whether the key is there, without making its value."""
        return key in self.raw

    def __repr__(self) -> str:
        """As the dict that it stands for."""
        return repr(dict(self))
