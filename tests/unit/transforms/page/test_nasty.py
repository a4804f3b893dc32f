"""The nasty-input table: each row by name; outside of the edits not one byte may differ (checked in `made`)."""

from collections.abc import Callable

import pytest

from transforms.page.charset import sniff
from transforms.page.edits import (
    Edit,
    Insert,
    Markup,
    Remove,
    Reorder,
    Replace,
    SetAttribute,
    SetText,
    Spliced,
    Target,
    Text,
)
from transforms.page.engine import Page, Refusal

Made = Callable[..., Spliced]
T = Target("t")
MARK = Markup("<i>!</i>")
BEFORE = Insert(T, "before", MARK)
AFTER = Insert(T, "after", MARK)
START = Insert(T, "start", MARK)
END = Insert(T, "end", MARK)

PRODUCT = b'"<li class=product>"'
NOT_MATCHED = [
    ("script", b"<script>var x = %s;</script>" % PRODUCT),
    ("comment", b"<!-- %s -->" % PRODUCT),
    ("title", b"<title>%s</title>" % PRODUCT),
    ("textarea", b"<textarea>%s</textarea>" % PRODUCT),
    ("attribute", b"<a title='%s'>x</a>" % PRODUCT),
    ("noscript", b"<noscript><li class=product></noscript>"),
    ("template", b"<template><li class=product></template>"),
    ("conditional comment", b"<!--[if lt IE 9]><li class=product></li><![endif]-->"),
    ("id in a template", b"<template><p id=t class=product></template><li>"),
    ("form in a form", b"<form><form id=2></form></form><li>"),
]


@pytest.mark.parametrize(("name", "body"), NOT_MATCHED, ids=[name for name, _ in NOT_MATCHED])
def test_not_matched(name: str, body: bytes, opened: Callable[..., Page]) -> None:
    assert opened(body, t="li.product").count("t") == 0


EXACT: list[tuple[str, bytes, str, Edit, bytes]] = [
    ("double-escaped script", b"<script><!--<script></script>--></script><b>x</b>", "b", BEFORE,
     b"<script><!--<script></script>--></script><i>!</i><b>x</b>"),
    ("downlevel-revealed", b"<div><![if !IE]><p>x</p><![endif]></div>", "p", AFTER,
     b"<div><![if !IE]><p>x</p><i>!</i><![endif]></div>"),
    ("abrupt comment", b"<!--><p>x</p>", "p", END, b"<!--><p>x<i>!</i></p>"),
    ("bang comment", b"<!--x--!><p>x</p>", "p", END, b"<!--x--!><p>x<i>!</i></p>"),
    ("bogus end tag", b"<div></ x><p>x</p></div>", "p", END, b"<div></ x><p>x<i>!</i></p></div>"),
    ("php left over", b"<?php a ?><p>x</p>", "p", END, b"<?php a ?><p>x<i>!</i></p>"),
    ("attributes without space", b"<a b=\"c\"d='>'>x</a>", "a", Insert(T, "start", Text("y")),
     b"<a b=\"c\"d='>'>yx</a>"),
    ("value begins with =", b'<a b==">x</a>', "a", Insert(T, "start", Text("y")), b'<a b==">yx</a>'),
    ("value begins with = and ends in a quote", b'<a b==">">x</a>', "a", Insert(T, "start", Text("y")),
     b'<a b==">y">x</a>'),
    ("attribute ==", b"<a ==>x</a>", "a", Insert(T, "start", Text("y")), b"<a ==>yx</a>"),
    ("tag name with <", b"<section><div<p>x</div<p></section>", "section", START,
     b"<section><i>!</i><div<p>x</div<p></section>"),
    ("CRLF page", b"<p>a</p>\r\n<p id=t>b</p>\r\n", "#t", BEFORE, b"<p>a</p>\r\n<i>!</i><p id=t>b</p>\r\n"),
    ("CRLF in tag and value", b'<div\r\n id="t"\r\n title="a\r\nb">c</div>', "#t", END,
     b'<div\r\n id="t"\r\n title="a\r\nb">c<i>!</i></div>'),
    ("lone CR", b"<p>a\r</p>\r<p id=t>b\r</p>", "#t", END, b"<p>a\r</p>\r<p id=t>b\r<i>!</i></p>"),
    ("BOM", b"\xef\xbb\xbf<!DOCTYPE html><head><title>x</title></head><p>x</p>", "p", END,
     b"\xef\xbb\xbf<!DOCTYPE html><head><title>x</title></head><p>x<i>!</i></p>"),
    ("implied li, end", b"<ul><li>a<li>b</ul>", "li", Insert(Target("t", 1), "end", MARK),
     b"<ul><li>a<li>b<i>!</i></ul>"),
    ("implied li, remove", b"<ul><li>a<li>b</ul>", "li", Remove(T), b"<ul><li>b</ul>"),
    ("svg title", b"<svg><title>a</title></svg><p>x</p>", "p", END, b"<svg><title>a</title></svg><p>x<i>!</i></p>"),
    ("b in svg title", b"<svg><title><b>x</b></title></svg><p>x</p>", "p", END,
     b"<svg><title><b>x</b></title></svg><p>x<i>!</i></p>"),
    ("head not closed by noscript", b"<head><noscript><img></noscript><title>x</title></head><p>y</p>", "head > title",
     SetText(T, Text("z")), b"<head><noscript><img></noscript><title>z</title></head><p>y</p>"),
    ("conditional comment before", b"<!--[if lt IE 9]><div></div><![endif]--><p>x</p>", "p", END,
     b"<!--[if lt IE 9]><div></div><![endif]--><p>x<i>!</i></p>"),
    ("svg CDATA", b"<svg><![CDATA[y<z]]></svg><p>x</p>", "p", END, b"<svg><![CDATA[y<z]]></svg><p>x<i>!</i></p>"),
    ("duplicate ids", b"<p id=t>a</p><p id=t>b</p>", "#t", END, b"<p id=t>a<i>!</i></p><p id=t>b</p>"),
    ("duplicate attributes", b"<p title=a title=b>x</p>", "p", SetAttribute(T, "title", "c"),
     b'<p title="c" title=b>x</p>'),
    ("NUL", b"<p>a\0b</p><p id=t>c</p>", "#t", END, b"<p>a\0b</p><p id=t>c<i>!</i></p>"),
    ("latin-1", b"<p>\xe9\xff</p><p id=t>c</p>", "#t", END, b"<p>\xe9\xff</p><p id=t>c<i>!</i></p>"),
    ("pre, newline kept", b"<pre>\n\nx</pre>", "pre", START, b"<pre>\n<i>!</i>\nx</pre>"),
    ("body end", b"<html><body><p>x</p>\n</body>\n</html>\n", "body", END,
     b"<html><body><p>x</p>\n<i>!</i></body>\n</html>\n"),
    ("body end, no body tags", b"<p>x</p>\n", "body", END, b"<p>x</p>\n<i>!</i>"),
    ("late content", b"<html><body>a</body></html>late<div></div>", "body", END,
     b"<html><body>a</body></html>late<div></div><i>!</i>"),
    ("two body ends", b"<body>a</body>b</body>", "body", END, b"<body>a</body>b<i>!</i></body>"),
    ("dangling <", b"<p>a <</p>", "p", Insert(T, "end", Text("b")), b"<p>a <&#98;</p>"),
    ("unfinished reference", b"<p>a &no</p>", "p", Insert(T, "end", Text("t")), b"<p>a &no&#116;</p>"),
    ("textarea", b"<textarea>a</textarea>", "textarea", SetText(T, Text("</textarea><b>")),
     b"<textarea>&#60;/textarea&#62;&#60;b&#62;</textarea>"),
    ("void", b"<p><img src=a>b</p>", "img", AFTER, b"<p><img src=a><i>!</i>b</p>"),
    ("unquoted attribute", b"<a href=x>y</a>", "a", SetAttribute(T, "href", "/p?a=b"), b'<a href="/p?a&#61;b">y</a>'),
    ("attribute added", b"<a href=x/>y</a>", "a", SetAttribute(T, "title", 'a"b'),
     b'<a href=x/ title="a&#34;b">y</a>'),
    ("xhtml", (b'<?xml version="1.0"?>\n<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><br /><p>x</p>'
     b"</body></html>"), "p", AFTER,
     (b'<?xml version="1.0"?>\n<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><br /><p>x</p>'
     b"<i>!</i></body></html>")),
]  # fmt: skip


@pytest.mark.parametrize(("body", "css", "edit", "expected"), [row[1:] for row in EXACT], ids=[row[0] for row in EXACT])
def test_exact(body: bytes, css: str, edit: Edit, expected: bytes, made: Made) -> None:
    spliced = made(body, [edit], t=css)
    assert (spliced.body, spliced.refused) == (expected, ())


DIV = Markup("<div>!</div>")
OLD_SELECT = b"<form><select><option>a<option>b<textarea>c</textarea></form>d"
REFUSED: list[tuple[str, bytes, str, Edit]] = [
    ("no b in a start tag", b"<div title=<b>x</div>", "b", BEFORE),
    ("after an implied end", b"<ul><li>a<li>b</ul>", "li", AFTER),
    ("before an open p", b"<p>a<p>b", "p + p", BEFORE),
    ("before tr", b"<table><tr><td>x</table>", "tr", BEFORE),
    ("div into table", b"<table><tr><td>x</table>", "table", Insert(T, "start", DIV)),
    ("div into tr", b"<table><tr><td>x</td></tr></table>", "tr", Insert(T, "start", DIV)),
    ("div into select", b"<select><option>a</select>", "select", Insert(T, "start", DIV)),
    ("div into an option", b"<select><option>a</select>", "option", Insert(T, "end", DIV)),
    ("div in p", b"<p>a</p>", "p", Insert(T, "end", DIV)),
    ("link in link", b"<a href=x>a</a>", "a", Insert(T, "end", Markup("<a href=y>b</a>"))),
    ("open markup", b"<div><p>a</p>b</div>", "p", Insert(T, "after", Markup("<b>x"))),
    ("closing markup", b"<div><p>a</p>b</div>", "p", Insert(T, "after", Markup("</div>"))),
    ("foster-parented", b"<table><div>x</div><tr><td>y</td></tr></table>", "div", Remove(T)),
    ("misnested formatting", b"<b><i>1</b>2</i>", "i", SetText(Target("t", 1), Text("x"))),
    ("cloned link", b"<a>1<p>2<a>3", "a", Replace(Target("t", 1), MARK)),
    ("nested form", b"<form><form id=2></form></form>", "form", Insert(T, "end", Markup("<form></form>"))),
    ("second body's class", b"<p>x<body class=q>", "body", SetAttribute(T, "class", "r")),
    ("body after text", b"<!-- -->text<body class=q>", "body", SetAttribute(T, "class", "r")),
    ("body without a tag", b"<p>text", "body", START),
    ("unclosed iframe", b"<body><p>x</p><iframe src=x />\n</body></html>", "body", END),
    ("unclosed comment", b"<body><p>x</p><!-- \n</body></html>", "body", END),
    ("script content", b"<script>1</script>", "script", SetText(T, Text("2"))),
    ("noscript content", b"<noscript>1</noscript>", "noscript", END),
    ("frameset", b"<frameset><frame></frameset>", "frameset", END),
    ("plaintext", b"<p>a</p><plaintext>b</p>", "plaintext", END),
    ("EOF in a tag", b"<p>a</p><div id=t", "#t", END),
    ("event handler", b"<p>a</p>", "p", SetAttribute(T, "onclick", "x()")),
    ("style", b"<p>a</p>", "p", SetAttribute(T, "style", "x")),
    ("script URL", b"<a href=x>a</a>", "a", SetAttribute(T, "href", "java\tscript:x()")),
    ("empty", b"<p>a</p>", "p", Insert(T, "end", Text("\u200b"))),
    ("no such match", b"<p>a</p>", "p", Remove(Target("t", 1))),
    ("no such query", b"<p>a</p>", "p", Remove(Target("u"))),
    ("not a permutation", b"<p>a</p><p>b</p>", "p", Reorder("t", (0, 0))),
    ("not siblings", b"<div><p>a</p></div><p>b</p>", "p", Reorder("t", (1, 0))),
    ("nested units", b"<div><div></div></div>", "div", Reorder("t", (1, 0))),
    *[(f"{kind} of a select that older browsers end early", OLD_SELECT, css, edit)
      for kind, css, edit in (("the end", "option:last-child", Insert(Target("t"), "end", Text("x"))),
                              ("an option", "option", SetText(Target("t"), Text("x"))),
                              ("an attribute", "textarea", SetAttribute(Target("t"), "title", "x")),
                              ("all", "select", Remove(Target("t"))))],
]  # fmt: skip


@pytest.mark.parametrize(("body", "css", "edit"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(body: bytes, css: str, edit: Edit, made: Made) -> None:
    spliced = made(body, [edit], t=css)
    assert spliced.body is body
    assert len(spliced.refused) == 1
    assert spliced.refused[0].reason != "ERROR", spliced.refused


UNTOUCHED = [
    ("UTF-16", "<p>x</p>".encode("utf-16"), b"text/html"),
    ("UTF-16 by header", b"<p>x</p>", b"text/html; charset=utf-16"),
    ("ISO-2022-JP", b"<p>\x1b$B%F\x1b(B</p>", b"text/html; charset=iso-2022-jp"),
    ("ISO-2022-KR by meta", b"<meta charset=iso-2022-kr><p>x</p>", b"text/html"),
    ("JSON", b'{"html": "<p>x</p>"}', b"text/html"),
    ("empty", b"", b"text/html"),
    ("text", b"hello", b"text/html"),
    ("text before body", b"text<body class=q>", b"text/html"),
    ("header against meta", b"<meta charset=gbk><p>\xc4\xe3</p>", b"text/html; charset=windows-1252"),
    ("50k divs", b"<div>" * 50_000, b"text/html"),
    ("50k divs in a template", b"<template>" + b"<div>" * 50_000, b"text/html"),
    ("formatting opened anew in each paragraph", b"<p><b id=x%d>" * 3000 % tuple(range(3000)), b"text/html"),
    ("50k attributes", b"<div " + b" ".join(b"a%d=1" % n for n in range(50_000)) + b">", b"text/html"),
    ("300 KB of <", b"<" * 300_000, b"text/html"),
    ("100k tags", b"<br>" * 100_001, b"text/html"),
    ("too large", b"<p>" + b"x" * 3_000_000, b"text/html"),
]


@pytest.mark.parametrize(("body", "content_type"), [row[1:] for row in UNTOUCHED], ids=[row[0] for row in UNTOUCHED])
def test_untouched(body: bytes, content_type: bytes, opened: Callable[..., Page | Refusal]) -> None:
    page = opened(body, content_type=content_type, t="p")
    assert isinstance(page, Refusal)
    assert page.reason != "ERROR"


ODD = [
    ("90 KB of <", b"<" * 90_000),
    ("a tr fragment", b"<tr><td>x</td></tr>"),
    ("select with xmp", b"<select><xmp><script></select>"),
    ("command in links", b"<a><command><a>"),
    ("isindex in code", b"<code><isindex></code>"),
    ("image", b"<image src=a><p>x</p></br></p>"),
    ("head not closed by noscript", b"<head><noscript><img></noscript><title>x</title><p>x</p>"),
    ("AMP", "<!doctype html><html ⚡><p>x</p>".encode()),
]


@pytest.mark.parametrize("body", [row[1] for row in ODD], ids=[row[0] for row in ODD])
def test_exact_or_untouched(body: bytes, opened: Callable[..., Page | Refusal], made: Made) -> None:
    page = opened(body, t="p")
    if isinstance(page, Page):
        made(body, [END], t="p")
        made(body, [Insert(T, "end", MARK)], t="body")


CHARSETS = ["latin-1", "cp1252", "gbk", "big5", "euc_jp", "euc_kr", "koi8-r", "shift_jis"]


@pytest.mark.parametrize("charset", CHARSETS)
def test_exact_in_every_charset(charset: str, made: Made, opened: Callable[..., Page]) -> None:
    texts = {"koi8-r": "цена", "latin-1": "año", "cp1252": "“año”", "euc_kr": "가격"}
    text = texts.get(charset, "表示価格" if charset in ("shift_jis", "euc_jp") else "中文")
    html = f"<meta charset={charset.replace('_', '-')}><p title='{text}'>{text}</p><b>{text}</b>"
    if charset in ("shift_jis", "cp1252", "koi8-r"):
        html = html.replace("cp1252", "windows-1252").replace("shift-jis", "shift_jis")
    body = html.encode(charset)
    spliced = made(body, [Insert(Target("t"), "end", Text("José 中"))], t="p")
    assert spliced.body == body.replace(b"</p>", b"&#74;os&#233; &#20013;</p>")
    assert not isinstance(sniff(body, None), Refusal)


ENDLESS = [
    ("blanks after body", b"<p>x" + b"</body>" + b"\n \t" * 3000 + b"x"),
    ("comments after body", b"<p>x</body>" + b"<!-- - -->" * 3000 + b"<!-- "),
    ("comments before no doctype", b"<!-- a -->" * 400 + b"<p>x"),
    ("comments before a late doctype", b"<!-- a -->" * 300 + b"<p>x<!doctype html>"),
    ("open quotes in meta", b"<meta " + b"\"'" * 4000 + b"<p>x"),
    ("open comment in text", b"<p>x" + b"<!-- - - " * 3000),
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("body", [row[1] for row in ENDLESS], ids=[row[0] for row in ENDLESS])
def test_what_could_be_read_in_many_ways_is_read_in_one(body: bytes, opened: Callable[..., Page | Refusal]) -> None:
    page = opened(body, t="p")
    if isinstance(page, Page):
        page.splice([BEFORE, Insert(T, "end", Text("x"))])


TOO_COMPLEX = [row for row in UNTOUCHED if row[0].startswith(("50k", "300 KB", "100k"))]


@pytest.mark.parametrize("body", [row[1] for row in TOO_COMPLEX], ids=[row[0] for row in TOO_COMPLEX])
def test_what_the_gate_would_take_seconds_for_never_reaches_it(
    body: bytes, opened: Callable[..., Page | Refusal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """These are refused by the numbers; `bench.refusals` tells the time that takes."""
    monkeypatch.setattr("transforms.page.gate.LexborHTMLParser", None)
    page = opened(body, t="p", u="body")
    assert isinstance(page, Refusal)
    assert page.reason == "TOO_COMPLEX"


def test_reorder_of_implied_items(made: Made) -> None:
    spliced = made(b"<ul><li>a<li>b\n<li>c</ul>", [Reorder("t", (2, 0, 1))], t="li")
    assert spliced.body == b"<ul><li>c<li>a<li>b\n</ul>"


def test_an_element_that_several_alternatives_match_counts_once(made: Made) -> None:
    body = b"<header class=top id=h>x</header><p>y</p><p class=top>z</p>"
    spliced = made(body, [END], t="header, .top, #h")
    assert spliced.body == b"<header class=top id=h>x<i>!</i></header><p>y</p><p class=top>z</p>"
    spliced = made(body, [Reorder("t", (1, 0))], t="p, .top:not(header)")
    assert spliced.body == b"<header class=top id=h>x</header><p class=top>z</p><p>y</p>"
