"""The end of body: where content goes, what is closed first, and what html5lib makes of it (once corrected)."""

from collections.abc import Callable

import pytest

from bench.corpus import html5_tree
from transforms.page.charset import Encoding
from transforms.page.edits import Insert, Markup, Remove, Spliced, Target, Text
from transforms.page.engine import Engine, Page, Refusal, TemplateKey
from transforms.page.locate import view_of
from transforms.page.page_end import body_end
from transforms.page.query import Query

Made = Callable[..., Spliced]
UTF8 = Encoding("utf-8", "utf-8")
DIV = Markup("<div>!</div>")
LATE = b"</body>\n</html>\n"
TIGHT = b"</body></html>"

ENDS = [
    ("both tags", "<body>x</body></html>", "</body></html>"),
    ("upper case and blanks", "<BODY>x</BODY >\n</HTML\n>\n", "</BODY >\n</HTML\n>\n"),
    ("comments after", "x</body></html>\r\n<!-- a - b -- c -->\r\n<!--x-->\r\n", "</body></html>\r\n<!-- a"),
    ("comment between", "x</body><!-- y --></html>", "</body><!--"),
    ("no body tag", "x\n</html>\n", "</html>"),
    ("no tags", "<p>x</p>\n", ""),
    ("late content", "x</body></html>late", ""),
    ("late element", "x</body></html><script></script>\n", ""),
    ("two body ends", "a</body>b</body>", "</body>"),
    ("two in a row", "a</body> </body></html>", "</body> </body>"),
    ("an empty comment after", "x</body><!---->", "</body><!--"),
    ("a longer name", "x</bodyx></html>", "</html>"),
    ("a comment in a comment", "x</body><!-- a <!-- b -->", ""),
    ("only an arrow", "-->", ""),
    ("empty", "", ""),
]


@pytest.mark.parametrize(("view", "rest"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_where_content_at_the_end_goes(view: str, rest: str) -> None:
    at = body_end(view)
    assert view[at:].startswith(rest)
    assert rest or at == len(view)


INSIDE: list[tuple[str, bytes, bytes]] = [
    ("nothing open", b"<body><p>x</p>\n" + LATE, b""),
    ("open div", b"<body><div>x\n" + LATE, b"</div>"),
    ("open divs, no end", b"<body><div><div>x\n", b"</div></div>"),
    ("open p", b"<body><p>x" + LATE, b"</p>"),
    ("open li", b"<ul><li>a<li>b" + LATE, b"</li></ul>"),
    ("open cell", b"<table><tr><td>a<td>b", b"</td></tr></table>"),
    ("open dd", b"<dl><dt>a<dd>b" + LATE, b"</dd></dl>"),
    ("open b", b"<p>a</p><b>c" + LATE, b"</b>"),
    ("b left open in p", b"<p>a<b>c</p>" + TIGHT, b"</b>"),
    ("link left open in div", b"<div><a href=x>y</div>" + TIGHT, b"</a>"),
    ("fonts in cells", b"<table><tr><td><font>a<td><font>b</table>" + LATE, b""),
    ("misnested", b"<p><b>a<i>b</p>" + TIGHT, b"</b></i>"),
    # Blanks after the end would open these anew, so they are closed after the blanks.
    ("b left open, blanks", b"<p>a<b>c</p>" + LATE, b"</b>"),
    ("b opened anew, blanks", b"<p>a<b>c</p><div>d" + LATE, b"</div></b>"),
    ("fonts, blanks", b"<font size=1>a<p><font size=1>b<p><font size=1>c<p><font size=1>d" + LATE,
     b"</p>" + b"</font>" * 4),
    ("open form", b"<form><input>" + LATE, b"</form>"),
    ("open heading in section", b"<section><h1>a" + LATE, b"</h1></section>"),
    ("open svg", b"<svg><g>" + LATE, b"</g></svg>"),
    ("open select", b"<select><option>a", b"</option></select>"),
]  # fmt: skip


@pytest.mark.parametrize("payload", [DIV, Text("hi"), Markup("<i>a</i> b")], ids=["div", "text", "phrase"])
@pytest.mark.parametrize(("name", "body", "left_open"), INSIDE, ids=[row[0] for row in INSIDE])
def test_what_is_open_is_closed_first(
    name: str, body: bytes, left_open: bytes, payload: Text | Markup, made: Made
) -> None:
    edit = Insert(Target("t"), "end", payload)
    spliced = made(body, [edit], t="body")
    assert not spliced.refused
    new = left_open + payload.value.encode()
    late = next((late for late in (LATE, TIGHT) if body.endswith(late)), b"")
    if "blanks" in name:
        late = b""
    assert spliced.body == body.removesuffix(late) + new + late
    tree = html5_tree.parse(view_of(body))
    html5_tree.make(tree, edit, {"t": [node for node in tree.elements() if node.tag == "body"]})
    got = html5_tree.parse(view_of(spliced.body))
    assert got.shown(is_spaced=False) == tree.shown(is_spaced=False)


LATE_CONTENT = [
    ("script after html", b"<body><p>x</p></body></html><script>1</script>\n"),
    ("comment within comment", b"<body><p>x</p></body></html>\n<!-- a <!-- b -->\n"),
    ("element and comments", b"<body>x</body></html><img src=t.gif><!-- 1 s -->"),
    ("a second page", b"<html><body>a</body></html><html><body>b</body></html>"),
]


@pytest.mark.parametrize("body", [row[1] for row in LATE_CONTENT], ids=[row[0] for row in LATE_CONTENT])
def test_content_after_the_end_stays_before_what_is_inserted(body: bytes, made: Made) -> None:
    spliced = made(body, [Insert(Target("t"), "end", DIV)], t="body")
    assert not spliced.refused
    assert spliced.body == body.removesuffix(b"</body></html>") + DIV.value.encode() + (
        b"</body></html>" if body.endswith(b"</body></html>") else b""
    )


NOT_THERE = [
    ("plaintext", b"<p>x</p><plaintext>a"),
    ("open script", b"<p>x</p><script>a" + LATE),
    ("open style", b"<p>x</p><style>a" + LATE),
    ("open textarea", b"<p>x</p><textarea>a" + LATE),
    ("open title", b"<title>a" + LATE),
    ("open iframe", b"<p>x</p><iframe src=x />" + LATE),
    ("open comment", b"<p>x</p><!-- a" + LATE),
    ("open tag", b"<p>x</p><div id=a" + LATE.replace(b">", b"")),
    ("frameset", b"<frameset><frame></frameset></html>"),
    ("very many open elements", b"".join(b"<section id=%d>" % n for n in range(100)) + b"x" + LATE),
]


@pytest.mark.parametrize("body", [row[1] for row in NOT_THERE], ids=[row[0] for row in NOT_THERE])
def test_where_body_cannot_be_closed_nothing_is_inserted(body: bytes, opened: Callable[..., Page | Refusal]) -> None:
    page = opened(body, t="body")
    assert isinstance(page, Page)
    spliced = page.splice([Insert(Target("t"), "end", DIV)])
    assert spliced.body is body
    assert [refused.reason for refused in spliced.refused] != ["ERROR"]


def test_several_insertions_close_what_is_open_once(made: Made) -> None:
    body = b"<div><p>a</p><p>x" + LATE
    at = body.find(LATE)
    ends = [Insert(Target("t"), "end", payload) for payload in (DIV, Markup("<p>two</p>"), DIV)]
    spliced = made(body, ends, t="body")
    assert spliced.body == body[:at] + b"</p></div><div>!</div><p>two</p><div>!</div>" + body[at:]
    both = [Insert(Target("p"), "end", Text("!")), *ends]
    assert len(made(body, both, t="body", p="p").changes) == 4


REPEATED = {"implied li": "<li>{}", "open p": "<p>{}", "b left open": "<p>{}<b>x", "closed": "<div>{}</div>"}


@pytest.mark.parametrize("late", ["", "</body></html>", "</body>\n</html>\n"], ids=["no end", "end", "end and blanks"])
@pytest.mark.parametrize("block", REPEATED.values(), ids=REPEATED)
def test_on_a_template_the_end_is_what_a_parse_finds(block: str, late: str, key: TemplateKey) -> None:
    """Lists that are open at the end, of any length, on templates learnt of others."""
    queries = (Query("item", "li, p, div > div"), Query("body", "body"))
    edits = [Insert(Target("body"), "end", DIV)]
    engine = Engine(queries)
    for turn, count in enumerate((3, 3, 4, 2, 5, 3, 0, 1, 3, 0)):
        items = "".join(block.format(f"{turn}-{number}") for number in range(count))
        body = f"<!DOCTYPE html><body><h1>t {turn}</h1><div>{items}{late}".encode()
        known = engine.open(body, UTF8, key._replace(path=f"/{turn % 3}"), None)
        fresh = Engine(queries).open(body, UTF8, key, None)
        assert isinstance(known, Page)
        assert isinstance(fresh, Page)
        assert known.splice(edits) == fresh.splice(edits)
        assert known.splice(edits).changes


def test_the_page_end_is_found_in_linear_time() -> None:
    """Each of these was, or could be, read again and again from its end."""
    steps = 200_000
    for body in ("</body>" + " " * steps, "</body>" + "<!---->" * steps, "</body><!-- " + "-->" * steps, "-->" * steps):
        assert body_end(body) in (0, len(body))


BLANKS = [
    ("after body", b"<p><b><DIV CLASS=t><span class='t last'>x</span></body>\n</html>\n"),
    ("in a cell", b"<table><tr><td><b><a>x</b> <span class=last>y</span><td>1</table>"),
    ("in a caption", b"<table><caption><b><a>x</b> <span class=last>y</span></table>"),
]


@pytest.mark.parametrize("body", [row[1] for row in BLANKS], ids=[row[0] for row in BLANKS])
def test_blanks_open_formatting_elements_anew_which_html5lib_forgets(body: bytes, made: Made) -> None:
    """Found by hypothesis and by the corpus: html5lib's own trees differ, those by the standard's rules agree."""
    edit = Remove(Target("t"))
    spliced = made(body, [edit], t=".last")
    assert spliced.changes
    for parse, agrees in ((html5_tree.parse, True), (html5_tree.parse_uncorrected, False)):
        tree = parse(view_of(body))
        last = [node for node in tree.elements() if "last" in node.attributes.get("class", "").split()]
        html5_tree.make(tree, edit, {"t": last})
        assert (parse(view_of(spliced.body)).shown() == tree.shown()) is agrees


ADOPTION = b"<cite><b><cite><i><cite><i><cite><i><div>X</b>T"


def test_the_adoption_agency_of_html5lib_ends_too_soon(made: Made) -> None:
    """Found by the corpus: by the standard, and by justhtml, what is inserted is the end of body."""
    edit = Insert(Target("t"), "end", DIV)
    spliced = made(ADOPTION, [edit], t="body")
    assert spliced.changes
    shown = {}
    for parse in (html5_tree.parse_uncorrected, html5_tree.parse_justhtml):
        tree = parse(view_of(ADOPTION))
        html5_tree.make(tree, edit, {"t": [node for node in tree.elements() if node.tag == "body"]})
        shown[parse] = (parse(view_of(spliced.body)).shown(), tree.shown())
    assert shown[html5_tree.parse_justhtml][0] == shown[html5_tree.parse_justhtml][1]
    assert shown[html5_tree.parse_uncorrected][0] != shown[html5_tree.parse_uncorrected][1]
    with pytest.raises(html5_tree.KnownDefect, match="adoption agency"):
        html5_tree.parse(view_of(ADOPTION))


STRAY = b"<svg><foreignObject><p>x</p></foreignObject></svg>"


def test_a_stray_row_leaves_svg_in_justhtml(made: Made) -> None:
    """Found by the corpus: the standard ignores the row, and so does html5lib."""
    edit = Insert(Target("t"), "end", Markup("<tr><td>1</td></tr>"))
    spliced = made(STRAY, [edit], t="p")
    assert spliced.changes
    tree = html5_tree.parse(view_of(STRAY))
    html5_tree.make(tree, edit, {"t": [node for node in tree.elements() if node.tag == "p"]})
    assert html5_tree.parse(view_of(spliced.body)).shown() == tree.shown()
    with pytest.raises(html5_tree.KnownDefect, match="justhtml"):
        html5_tree.parse_justhtml(view_of(spliced.body))


def test_a_column_in_a_template_opens_nothing_else(made: Made) -> None:
    """Found by the corpus: by the standard the textarea is ignored there; justhtml opens it, over all that follows."""
    body = b"<body><template><col></colgroup><textarea>"
    assert made(body, [Insert(Target("t"), "end", Markup("<p>x</p>"))], t="body").changes
    with pytest.raises(html5_tree.KnownDefect, match="column group"):
        html5_tree.parse_justhtml(view_of(body))
