"""Vitrina: the complete product, and the same with `mode = "off"`."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice

from bench.load import answer_to
from bench.profiles.population import people, written
from bench.servers import Server, vitrina
from bench.side_by_side.candidate import Candidate, Place
from bench.side_by_side.visitors import ADDRESSES, Walk, product_requests, walk

WARMING = 40 * ADDRESSES
OTHERS = 2000
"""Journeys of those who do not come; their profiles are stored again and again."""
COMPILED_S = 300.0

SITE = """
[site]
origin = "ORIGIN"
platform = "phoenix"
mode = "MODE"
holdout = 0
secure_cookies = false
budget = { profile_ms = 10000, decide_ms = 1000, rewrite_ms = 1000, added_p95_ms = 60000 }
[limits]
shed_after_s = 60.0
[consent]
required = true
cookie = { name = "cookie_policy", contains = "prefs=1" }
"""
"""How busy the machine is must not decide what is measured: to pass pages untouched when it is would be cheap."""
EXPERIENCES = """
[placement.greeting]
on = "*"
at = "#header .welcome"
[placement.novelties]
on = ["category", "/coleccion/*"]
items = "#novedades > div.record"
[segment.regular]
all = [{ visits = { gte = 2 } }]
[offer.vuelve10]
html = "OFFER"
code = "VUELVE10"
[[experience]]
id = "hola"
at = "greeting"
text = "Hola, {first_name|de nuevo}, ¡bienvenido!"
[[experience]]
id = "portada"
at = "novelties"
reorder = { by = "affinity", pin = [1], positional = ["left", "right"] }
[[experience]]
id = "vuelve"
at = "greeting"
insert = "after"
who = { segment = "regular" }
offer = "vuelve10"
cap = { times = 1000000, per = "7d" }
"""
OFFER = '<p class="offer">Por volver: 10 % de descuento con el código <a href="/shopping_cart.php">{code}</a></p>\n'


def _keys(place: Place) -> str:
    return ",".join(f"{name}:{key.hex()}" for name, key in place.keyring.keys)


@contextmanager
def _whole(place: Place) -> Iterator[Server]:
    """It knows the visitors, and has learnt the shop from its pages."""
    offer = place.folder.with_suffix(".offer.html")
    offer.write_text(OFFER, "utf-8")
    config = SITE.replace("MODE", "live") + EXPERIENCES.replace("OFFER", str(offer)) + place.workload.settings
    with vitrina(place.folder, config, _keys(place), place.origin, place.workload.workers) as server:
        profiles = place.folder / "profiles.jsonl"
        with profiles.open("w", encoding="utf-8") as file:
            file.writelines(f"{each.profile_json}\n" for each in place.who if each.profile)
            if place.workload.stored:
                others = [each.profile for each in people(OTHERS, place.seed, time.time())]
                written(file, others, place.workload.stored)
        command = [sys.executable, "-m", "vitrina", "profile", "import", "--config", str(place.folder / "site.toml")]
        environment = {**os.environ, "VITRINA_KEYS": _keys(place)}
        subprocess.run([*command, str(profiles)], check=True, env=environment, stdout=subprocess.DEVNULL)
        for request in product_requests(place.teacher, place.shop):
            answer_to(server.port, request)
        server.settle()
        pages = walk(place.workload, place.who)
        # Templates: a page that offers to sign out is known in clear when three visitors were sent the same. And paths
        # whose pages are never alike are known as that after 32 pages.
        for number in range(max(4 * pages.addresses, WARMING)):
            answer_to(server.port, pages.request(number))
        if not place.workload.is_image:
            _all_personalised(server, pages)
        server.settle()
        yield server


def _all_personalised(server: Server, pages: Walk) -> None:
    """Walk on until a lap of all addresses, by signed-in and other visitors, has only changed pages.

    Compile processes learn large pages and prove their edits one after the other; what waits for them goes out as it
    came. RuntimeError when that takes longer than `COMPILED_S`.
    """
    lap = 3 * pages.addresses
    steps = (number for number in count(WARMING) if number % len(pages.cookies) not in pages.checked)
    deadline = time.monotonic() + COMPILED_S
    while True:
        before = server.totals()
        for number in islice(steps, lap):
            answer_to(server.port, pages.request(number))
        told = {name: now - before[name] for name, now in server.totals().items() if now != before[name]}
        if told.get("personalised", 0) == lap:
            return
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {COMPILED_S:g} s not all of {lap} pages are personalised: {told}")


@contextmanager
def _off(place: Place) -> Iterator[Server]:
    with vitrina(place.folder, SITE.replace("MODE", "off"), _keys(place), place.origin) as server:
        yield server


VITRINA = Candidate("vitrina", "Vitrina, complete", "whole job", _whole)
OFF = Candidate("vitrina-off", 'Vitrina, `mode = "off"`', "passes", _off)
