"""What a data plane is started with: the plan (values that say what to do) and the ports (what it needs of storage)."""

from collections.abc import Callable
from dataclasses import dataclass

from config.platform import Platform
from config.settings import Settings
from proxy.access_log import AccessLog
from proxy.ports import (
    CatalogueSource,
    ClickSink,
    ErasureSink,
    PageObserver,
    Peers,
    ProfileSource,
    SampleSink,
    Switch,
)
from visitors.cookie import Keyring


@dataclass(frozen=True, slots=True)
class ProxyPlan:
    """Everything the operator decided, complete. Nothing in it changes while a data plane runs."""

    settings: Settings
    platform: Platform
    """Of `site.platform`; for "auto" the generic one, used until the shop is recognised from its traffic."""
    keyring: Keyring
    own_socket: str | None
    """Path of the Unix socket that serves `/_vitrina/`; without one those paths are a bare 404."""
    clock: Callable[[], float]
    """Unix seconds."""
    new_id: Callable[[], str]
    """A random 128-bit identifier as text."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The adapters that `vitrina/` joins to the data plane."""

    profiles: ProfileSource
    clicks: ClickSink
    catalogue: CatalogueSource
    switch: Switch
    observer: PageObserver | None = None
    access_log: AccessLog | None = None
    samples: SampleSink | None = None
    erasures: ErasureSink | None = None
    peers: Peers | None = None
    """Others that accept on the same sockets; without them this data plane takes all who knock."""
