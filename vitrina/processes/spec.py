"""What a supervisor tells a child process: plain values on its command line, descriptors by number."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from config.decode import load, settings_for_origin
from config.settings import Settings
from vitrina.loaded import Loaded, from_descriptor

CONSOLE_SLOT = 0
WORK_SLOT = 1
FIRST_WORKER_SLOT = 2
"""Places on the control page; data-plane workers take the rest."""


@dataclass(frozen=True, slots=True)
class Spec:
    """Descriptors and places that this child was given. `loaded_fd` holds the configuration (`vitrina.loaded`),
    `slot` is its place on the control page."""

    loaded_fd: int
    data: str
    redis_url: str
    slot: int
    ready_fd: int
    listen_fds: tuple[int, ...] = ()
    tls_fds: tuple[int, ...] = ()
    admin_fd: int | None = None
    demo: bool = False

    def to_json(self) -> str:
        """For the child's command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Spec":
        """The child's side of `to_json`."""
        fields = json.loads(text)
        return cls(**{**fields, "listen_fds": tuple(fields["listen_fds"]), "tls_fds": tuple(fields["tls_fds"])})

    def loaded(self) -> Loaded:
        """The configuration as the supervisor loaded and judged it."""
        return from_descriptor(self.loaded_fd)

    def settings(self) -> Settings:
        """Its settings, with what the command line says over the file."""
        return self.loaded().settings


def read_settings(config: str | None, origin: str | None) -> Settings:
    """From a file, or for a bare origin (mode observe). Raises ConfigError."""
    if config is not None:
        return load(Path(config))
    if origin is None:
        raise ValueError("neither a configuration file nor an origin")
    return settings_for_origin(origin)
