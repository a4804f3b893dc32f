"""How soon a hostile body is refused: `python -m bench.refusals [--rounds N]`.

Bodies on which an HTML engine takes seconds, or would with a few more bytes; medians of milliseconds of CPU until the
engine has said no, in the way it says it on the event loop: by counts, or after the parse that is linear.
"""

import argparse
import time
from statistics import median

from bench.ending import ended
from transforms.page.charset import Encoding
from transforms.page.engine import Engine, Refusal, TemplateKey
from transforms.page.query import Query

BODIES = {
    "50,000 div": b"<div>" * 50_000,
    "50,000 attributes": b"<div " + b" ".join(b"a%d=1" % number for number in range(50_000)) + b">",
    "300 KB of <": b"<" * 300_000,
    "100,001 br": b"<br>" * 100_001,
    "3 MB": b"<p>" + b"x" * 3_000_000,
}
QUERIES = (Query("p", "p"), Query("body", "body"))


def refused_ms(body: bytes) -> tuple[float, str]:
    """Milliseconds of CPU, and the reason."""
    engine = Engine(QUERIES)
    start = time.process_time()
    found = engine.open(body, Encoding("utf-8", "utf-8"), TemplateKey("shop.test", "/", False, "1"), None)
    spent = (time.process_time() - start) * 1000
    return spent, found.reason if isinstance(found, Refusal) else f"not refused: {found.outcome}"


def main() -> None:
    """Print a line for each body."""
    parser = argparse.ArgumentParser(prog="python -m bench.refusals", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print("| body | KB | ms | reason |\n|---|---|---|---|")
    for name, body in BODIES.items():
        found = [refused_ms(body) for _ in range(rounds)]
        print(f"| {name} | {len(body) // 1000} | {median(ms for ms, _ in found):.1f} | {found[0][1]} |")


if __name__ == "__main__":
    raise SystemExit(ended(main))
