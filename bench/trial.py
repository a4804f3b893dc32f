"""What mapping the shop's URLs to another name costs (host = "origin"): CPU per body, in microseconds, medians.

`python -m bench.trial [--rounds N]`. Bodies are made here: a 64 KB category page with so many absolute URLs of the shop
in attributes, JSON and query strings; "stream" is the same in pieces of 16 KB, as a style sheet or JSON goes. A picture
is not looked at: its content type is all that is read.
"""

import argparse
import platform
import time
from collections.abc import Callable
from statistics import median

from bench.ending import ended
from proxy.headers.trial_names import TrialHost
from proxy.public_urls import PublicUrls, is_text

SIZE = 65_536
PIECE = 16_384
HOSTS = TrialHost(b"https", b"www.your.shop", b"http", b"localhost:8080", (b"your.shop",))
SPELLINGS = (
    b'<a href="https://www.your.shop/item/%d">Item</a>',
    b'<img srcset="//www.your.shop/a/%d.jpg 1x">',
    rb'{"url": "https:\/\/www.your.shop\/item\/%d"}',
    b'<a href="/login?back=https%%3A%%2F%%2Fwww.your.shop%%2Fitem%%2F%d">Sign in</a>',
)
TEXT = b"<p class=\"description\">Rye and salt, eight hours in the oven: <a href='/bread'>bread</a> as it was.</p>\n"


def page(urls: int) -> bytes:
    """A body of `SIZE` bytes with that many URLs of the shop, evenly spread."""
    room = SIZE // (urls + 1)
    parts = []
    for number in range(urls):
        parts.append(SPELLINGS[number % len(SPELLINGS)] % number)
        parts.append((TEXT * (room // len(TEXT) + 1))[: max(0, room - len(parts[-1]))])
    body = b"<!DOCTYPE html><html>" + b"".join(parts)
    return (body + TEXT * (SIZE // len(TEXT) + 1))[:SIZE]


def streamed(urls: PublicUrls, body: bytes) -> bytes:
    """The body in pieces."""
    stream = urls.stream()
    pieces = [stream.feed(body[at : at + PIECE]) for at in range(0, len(body), PIECE)]
    return b"".join(pieces) + stream.end()


def cost_us(run: Callable[[], object], rounds: int) -> float:
    """The median of the calls' CPU time."""
    taken = []
    for _ in range(rounds):
        started = time.thread_time()
        run()
        taken.append(time.thread_time() - started)
    return median(taken) * 1e6


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    urls = PublicUrls(HOSTS)
    print(f"{platform.machine()}, Python {platform.python_version()}, {rounds} rounds, {SIZE:,} bytes\n")
    print("| URLs of the shop | whole | stream |\n|---:|---:|---:|")
    for count in (0, 15, 50, 100, 190):
        body = page(count)
        if streamed(urls, body) != urls.map(body):
            raise RuntimeError("the ways differ")
        whole = cost_us(lambda body=body: urls.map(body), rounds)  # type: ignore[misc]
        parts = cost_us(lambda body=body: streamed(urls, body), rounds)  # type: ignore[misc]
        print(f"| {count} | {whole:.0f} | {parts:.0f} |")
    print(f"\npicture: {cost_us(lambda: is_text(b'image/jpeg'), rounds):.1f}")


if __name__ == "__main__":
    raise SystemExit(ended(main))
