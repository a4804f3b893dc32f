"""A configuration as it was loaded: everything that the children of one generation run on.

Invariant: a child never reads the configuration or the certificate itself. It gets what its supervisor has judged, by
an inherited descriptor; so all workers serve the same, whatever happens to the files, and a worker that is started
again a week later does too.
"""

import os
import pickle
from dataclasses import dataclass

from config.settings import Settings
from vitrina.certificates import Certificate


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings (with what the command line says over the file), certificate, and when they were read (Unix seconds)."""

    settings: Settings
    certificate: Certificate | None
    at: float

    def to_descriptor(self) -> int:
        """A descriptor of this process that holds it; no file on any disk does (there are secrets in it)."""
        descriptor = os.memfd_create("vitrina-configuration")
        data = pickle.dumps(self)
        while data:
            data = data[os.write(descriptor, data) :]
        return descriptor


def from_descriptor(descriptor: int) -> Loaded:
    """What `to_descriptor` put there; the descriptor may be shared, its place is not moved."""
    loaded = pickle.loads(os.pread(descriptor, os.fstat(descriptor).st_size, 0))  # noqa: S301 - our supervisor's own
    if not isinstance(loaded, Loaded):
        raise TypeError("not a configuration")
    return loaded
