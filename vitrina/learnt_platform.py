"""The platform that `work` has learnt from the shop's traffic (`vitrina.learning`), as the workers take it over."""

import logging
from pathlib import Path
from typing import Final

from config.errors import ConfigError
from config.platform import Platform
from config.platforms import decode_platform

NAME: Final = "learnt"

_log = logging.getLogger("vitrina.learning")


class LearntPlatform:
    """Of a worker: the platform that was learnt, whenever it is a new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = 0

    def fresh(self) -> Platform | None:
        """The platform, once each time that it was written anew; a damaged file is said and left alone."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._seen:
                return None
            self._seen = changed
            return decode_platform(self._path.read_text("utf-8"), NAME)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, ConfigError) as error:
            _log.warning("%s: %s", self._path, error)
            return None
