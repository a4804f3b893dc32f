"""What a restart would find: the code and the configuration on disk, read by a process of its own before anything ends.

On stdin the source and the pinned values of what runs, on stdout the problems, both as JSON.
"""

import json
import sys

from config.errors import ConfigError
from vitrina.failures import Failure
from vitrina.source import Source


def main() -> int:
    """Exit code 0 whether there are problems or not; anything else means that this code does not run at all."""
    asked = json.load(sys.stdin)
    source = Source(**asked["source"])
    problems: list[str] = []
    try:
        source.refuse_changes(asked["pinned"], source.load().settings)
    except ConfigError as error:
        problems = [str(problem) for problem in error.problems]
    except Failure as failure:
        problems = [failure.message]
    json.dump(problems, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
