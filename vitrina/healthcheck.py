"""The container's health check: exit code 0 when the operator's listener says ready."""

import os
import sys
import urllib.request

DEFAULT_URL = "http://127.0.0.1:9109/ready"


def main() -> int:
    """Ask once."""
    url = os.environ.get("VITRINA_HEALTH_URL", DEFAULT_URL)
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - the operator's own address
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
