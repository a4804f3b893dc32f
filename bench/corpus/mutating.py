"""Mutations: what decay, bad templates and attackers do to a body, on bytes, by a seeded generator."""

import re
from random import Random

_TAG = re.compile(rb"<[^<>]*>")
_TOKENS = (
    b"<b>",
    b"</b>",
    b"<p>",
    b"</p>",
    b"<div>",
    b"</div>",
    b"<table>",
    b"</table>",
    b"<tr>",
    b"<td>",
    b"</td>",
    b"<a href=x>",
    b"</a>",
    b"<form>",
    b"</form>",
    b"<select>",
    b"</select>",
    b"<option>",
    b"<li>",
    b"</ul>",
    b"<!--",
    b"-->",
    b"<!-->",
    b"--!>",
    b"<![CDATA[",
    b"]]>",
    b"<script>",
    b"</script>",
    b"<style>",
    b"<textarea>",
    b"<title>",
    b"<svg>",
    b"</svg>",
    b"<math><mi>",
    b"<template>",
    b"</template>",
    b"<noscript>",
    b"<iframe src=x />",
    b"<plaintext>",
    b"<body class=q>",
    b"</body>",
    b"</html>",
    b"<html lang=x>",
    b"<head>",
    b"<frameset>",
    b"<br>",
    b"</br>",
    b"<image>",
    b"<nobr>",
    b"<button>",
    b"<h1>",
    b"</h2>",
    b"<dd>",
    b"<pre>\n",
    b"&",
    b"&#0;",
    b"&amp",
    b"&notin",
    b"<",
    b">",
    b'"',
    b"'",
    b"=",
    b"/",
    b"/>",
    b"</",
    b"<!",
    b"<?php ?>",
    b"\0",
    b"\r",
    b"\r\n",
    b"\x0c",
    b"\xef\xbb\xbf",
    b"\xe9",
    b"\x80",
    b"\xff",
    b"\x1b$B",
    b" title=a title=b",
    b" class='t",
    b"<div",
)


def mutated(body: bytes, random: Random) -> bytes:
    """`body` after one to four accidents."""
    if random.random() < 0.25:
        body = repeated(body, random)
        if random.random() < 0.5:
            return body
    for _ in range(random.choice((1, 1, 2, 3, 4))):
        body = _accident(body, random)
    return body


def repeated(body: bytes, random: Random) -> bytes:
    """`body` with one element there twice, gone, or put in the place of another of its name: what lists do."""
    name = random.choice(_BLOCKS)
    found = [span for start in re.finditer(rb"<%b[\s>]" % name, body) if (span := _element(body, start.start(), name))]
    if not found:
        return body
    start, end = random.choice(found)
    other = random.choice(found)
    match random.randrange(3):
        case 0:
            return body[:end] + body[other[0] : other[1]] + body[end:]
        case 1:
            return body[:start] + body[end:]
        case _:
            return body[:start] + body[other[0] : other[1]] + body[end:]


_BLOCKS = (b"li", b"tr", b"div", b"p", b"span", b"td", b"option", b"a")


def _element(body: bytes, start: int, name: bytes) -> tuple[int, int] | None:
    """From a start tag to its end tag, by counting tags of that name."""
    depth = 0
    for tag in re.finditer(rb"<(/?)%b(?:\s[^<>]*)?>" % name, body[start : start + 20_000]):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return start, start + tag.end()
    return None


def _accident(body: bytes, random: Random) -> bytes:
    size = len(body)
    at = random.randint(0, size)
    match random.randint(0, 8):
        case 0 | 1:
            return body[:at] + random.choice(_TOKENS) + body[at:]
        case 2:
            tags = list(_TAG.finditer(body))
            if not tags:
                return body
            tag = random.choice(tags)
            return body[: tag.start()] + body[tag.end() :]
        case 3:
            tags = list(_TAG.finditer(body))
            if not tags:
                return body
            one, two = random.choice(tags), random.choice(tags)
            return body[: two.start()] + one[0] + body[two.start() :]
        case 4:
            end = min(size, at + random.randint(1, 40))
            return body[:at] + body[end:]
        case 5:
            end = min(size, at + random.randint(1, 80))
            return body[:end] + body[at:end] + body[end:]
        case 6:
            return (
                body[: max(1, at)] if random.random() < 0.3 else body[:at] + bytes([random.randrange(256)]) + body[at:]
            )
        case 7:
            tags = list(_TAG.finditer(body))
            if len(tags) < 2:
                return body
            one, two = sorted(random.sample(tags, 2), key=lambda tag: tag.start())
            return body[: one.start()] + two[0] + body[one.end() : two.start()] + one[0] + body[two.end() :]
        case _:
            end = min(size, at + random.randint(1, 30))
            return body[:at] + body[at:end].swapcase() + body[end:]
