"""Blocks that stand each in a cell of its own, or in rows of some, are one list; blocks of two lists are not."""

from collections.abc import Callable

import pytest
import turbohtml

from transforms.page.edits import Reorder, Spliced
from transforms.page.grid import levels_below

Made = Callable[..., Spliced]

GRIDS = [
    (
        "an item around each block",
        b"<ol> <li><p>a</p></li> <!-- x --> <li class=last><p>b</p></li></ol>",
        b"<ol> <li><p>b</p></li> <!-- x --> <li class=last><p>a</p></li></ol>",
        "p",
        (1, 0),
    ),
    (
        "rows of two, the last filled up",
        b"<table><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><td><p>c</p></td><td>&nbsp;</td></tr></table>",
        b"<table><tr><td><p>c</p></td><td><p>a</p></td></tr><tr><td><p>b</p></td><td>&nbsp;</td></tr></table>",
        "p",
        (2, 0, 1),
    ),
    (
        "cells without end tags",
        b"<table><tr><td>a<td>b<tr><td>c</td><td></table>",
        b"<table><tr><td>c</td><td>b<tr><td>a<td></table>",
        "td:not(:empty)",
        (2, 1, 0),
    ),
    (
        "rows of some",
        b"<div><div class=row><i>a</i><i>b</i></div>\n<div class=row><i>c</i></div></div>",
        b"<div><div class=row><i>b</i><i>c</i></div>\n<div class=row><i>a</i></div></div>",
        "i",
        (1, 2, 0),
    ),
    (
        "tables within tables",
        b"<table><tr><td><table><tr><td><b>a</b></table><td><table><tr><td><b>b</b></table></table>",
        b"<table><tr><td><table><tr><td><b>b</b></table><td><table><tr><td><b>a</b></table></table>",
        "b",
        (1, 0),
    ),
]

APART = [
    ("two lists with headings", b"<div><h2>New</h2><p>a</p></div><div><h2>Best</h2><p>b</p></div>", "p"),
    ("a heading in one cell", b"<ul><li><p>a</p></li><li><b>Best</b><p>b</p></li></ul>", "p"),
    ("text beside a block", b"<ul><li>1. <p>a</p></li><li>2. <p>b</p></li></ul>", "p"),
    ("cells of two kinds", b"<div><div><p>a</p></div><section><p>b</p></section></div>", "p"),
    ("a block and a cell", b"<div><div><p>a</p></div><p>b</p></div>", "p"),
    ("an image in an empty cell", b"<ul><li><p>a</p></li><li><i><img></i><p>b</p></li></ul>", "p"),
    ("too far apart", b"<div>%s%s</div>" % ((b"<div>" * 8 + b"<p>a</p>" + b"</div>" * 8,) * 2), "p"),
]


@pytest.mark.parametrize(
    ("body", "expected", "css", "order"), [row[1:] for row in GRIDS], ids=[row[0] for row in GRIDS]
)
def test_cells_of_one_grid_change_places(
    body: bytes, expected: bytes, css: str, order: tuple[int, ...], made: Made
) -> None:
    spliced = made(body, [Reorder("t", order)], t=css)
    assert (spliced.refused, spliced.body) == ((), expected)


@pytest.mark.parametrize(("body", "css"), [row[1:] for row in APART], ids=[row[0] for row in APART])
def test_blocks_of_two_lists_stay(body: bytes, css: str, made: Made) -> None:
    spliced = made(body, [Reorder("t", (1, 0))], t=css)
    assert spliced.body is body
    assert [refused.reason for refused in spliced.refused] == ["NOT_SIBLINGS"]


BELOW = [
    ("siblings", "<ul><p>a</p><p>b</p></ul>", "p", ()),
    ("an item around each", "<ul><li><p>a</p></li><li><p>b</p></li></ul>", "p", ("li",)),
    ("cells in rows", "<ul><li><b><p>a</p></b></li><li><b><p>b</p></b><b><p>c</p></b></li></ul>", "p", ("b", "li")),
    ("cells of two kinds", "<ul><li><p>a</p></li><div><p>b</p></div></ul>", "p", None),
    ("a cell that is a block", "<ul><div><div>a</div></div><div>b</div></ul>", "div div, ul > div + div", None),
    ("text in a cell", "<ul><li>x<p>a</p></li><li><p>b</p></li></ul>", "p", None),
    ("four levels", f"<ul>{'<b>' * 4}<p>a</p>{'</b>' * 4}{'<b>' * 4}<p>b</p>{'</b>' * 4}</ul>", "p", ("b",) * 4),
    ("five levels", f"<ul>{'<i>' * 5}<p>a</p>{'</i>' * 5}{'<i>' * 5}<p>b</p>{'</i>' * 5}</ul>", "p", None),
    ("no container around", "<div><p>a</p><p>b</p></div>", "p", None),
]


@pytest.mark.parametrize(("markup", "css", "tags"), [row[1:] for row in BELOW], ids=[row[0] for row in BELOW])
def test_levels_below_a_container(markup: str, css: str, tags: tuple[str, ...] | None) -> None:
    document = turbohtml.parse(markup)
    assert levels_below(document.select(css), set(document.select("ul"))) == tags
