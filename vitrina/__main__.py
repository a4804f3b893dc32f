"""`python -m vitrina …`"""

import sys

from vitrina.cli import main

if __name__ == "__main__":
    sys.exit(main())
