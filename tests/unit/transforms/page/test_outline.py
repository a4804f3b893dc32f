"""Outlines: slots between ‹ and ›, and per element whether it is tidy (+) and may repeat its children (*)."""

import pytest

from transforms.page.candidate import portable_digest
from transforms.page.locate import locate
from transforms.page.outline import Outline, outline

DIGEST = portable_digest(b"a key for tests")


def outlined(body: str, protected: frozenset[str] = frozenset(["data-kind"])) -> Outline:
    found = outline(locate(body.encode("latin-1"), ()), protected, DIGEST)
    assert found is not None
    return found


def marked(body: str) -> str:
    """The body with its slots marked, the kind behind the first mark."""
    shown, at = "", 0
    for start, end, kind in outlined(body).slots:
        shown += f"{body[at:start]}‹{kind}|{body[start:end]}›"
        at = end
    return shown + body[at:]


SLOTS = [
    ("text", "<p>‹t|a›</p>"),
    ("text of many", "<div>‹t|a›<p>‹t|b›</p>‹t|c›</div>"),
    ("blank text", "<div> <p>‹t|a›</p>\n</div>"),
    ("text at the end", "<p>‹t|a›</p>b"),
    ("text with a NUL", "<p>a\0</p>"),
    ("text with >", "<p>a > b</p>"),
    ("text that is a reference", "<p>&nbsp;</p>"),
    ("text with a reference", "<p>‹t|a&nbsp;›</p>"),
    ("values", "<p title=\"‹\"|a›\" lang='‹'|b›' dir=ltr hidden>‹t|c›</p>"),
    ("an empty value", "<p title=''>‹t|c›</p>"),
    ("a value with >", "<p title='a>b'>‹t|c›</p>"),
    ("a value with the other quote", "<p title='‹'|a\"b›'>‹t|c›</p>"),
    ("protected values", "<p id='a' class='b' data-kind='c' data-x='‹'|d›'>‹t|e›</p>"),
    ("content of a meta", "<meta name='‹'|a›' content='‹'|b›'><meta http-equiv='refresh' content='c'><p>‹t|d›</p>"),
    ("values of svg", "<svg id='a'><path d='b'/><title>c</title></svg><p>‹t|d›</p>"),
    ("a comment", "<p><!--‹c| a› --></p>"),
    ("a comment that touches its end", "<p><!-- a--></p>"),
    ("a comment of dashes", "<p><!-- a -- b --></p>"),
    ("a blank comment", "<p><!--  --></p>"),
    ("text around comments", "<p>‹t|a›<!--‹c| b› -->‹t|c›<!--‹c| d›\n-->‹t|e›</p>"),
    ("text behind what is no comment", "<p>‹t|a›<? b ?>c</p>"),
    ("strings of a script, and what is between them", "<script>a=\"‹s|b›\"‹S| + ›'‹S|c›';</script><p>‹t|d›</p>"),
    ("a string with an escape", '<script>a = "b\\n";</script><p>‹t|d›</p>'),
    ("a string over lines", '<script>a = "b\nc";</script><p>‹t|d›</p>'),
    ("a style", "<style>a{b:'c'}</style><p>‹t|d›</p>"),
    ("a title", "<title>‹t|a›</title><p>‹t|b›</p>"),
    ("a textarea", "<textarea>‹t|a›</textarea><p>‹t|b›</p>"),
    ("a noscript", "<noscript>a</noscript><p>‹t|b›</p>"),
    ("text behind a script", "<div><script></script>‹t|a›</div>"),
    ("a doctype", "<!doctype html><p>‹t|a›</p>"),
]


@pytest.mark.parametrize("shown", [row[1] for row in SLOTS], ids=[row[0] for row in SLOTS])
def test_slots(shown: str) -> None:
    body = ""
    for part in shown.split("‹"):
        head, mark, tail = part.rpartition("›")
        body += (head[2:] + tail) if mark else part
    assert marked(body) == shown


def judged(body: str) -> str:
    """Each element of body's content with its marks."""
    found = outlined(body)
    return " ".join(
        node.element.tag + "+" * node.is_tidy + "*" * found.can_repeat(node)
        for node in found.nodes
        if node.element.tag not in ("html", "head", "body")
    )


JUDGED = [
    ("elements", "<div><p>a</p><p>b</p></div>", "div+* p+* p+*"),
    ("an empty element", "<div></div>", "div+"),
    ("void elements", "<p>a<br><img></p>", "p+* br+ img+"),
    ("text and comments between", "<div>a<p></p><!-- b --> <p></p>c</div>", "div+* p+ p+"),
    ("an unclosed element", "<div><p>a</div>", "div p"),
    ("a tag that is dropped", "<div><p>a</p></i></div>", "div p+*"),
    ("a bogus comment", "<div><p>a</p><? b ?></div>", "div p+*"),
    ("a NUL", "<div>\0<p>a</p></div>", "div p+*"),
    ("items without end tags", "<ul><li>a<li>b</ul>", "ul+* li+ li+"),
    ("items with and without end tags", "<ul><li>a</li><li>b</ul>", "ul+* li+* li+"),
    ("an item without an end tag in an unclosed list", "<div><ul><li>a</div>", "div ul li"),
    ("items among others", "<ul><li>a<p>b</p></ul>", "ul+* li+ p+*"),
    ("others beside implied items", "<ul><li>a<li>b</li><b>c</b></ul>", "ul li+ li+* b+*"),
    ("a table", "<table><tr><td>a</td></tr></table>", "table+* tbody tr+* td+*"),
    ("a table with a body", "<table><tbody><tr><td>a</td></tr></tbody></table>", "table+* tbody+* tr+* td+*"),
    ("a table with a caption beside implied rows", "<table><caption>a</caption><tr><td>b</td></tr></table>",
     "table caption+* tbody tr+* td+*"),
    ("text in a table's row", "<table><tr><td>a</td> </tr></table>", "table+* tbody tr+* td+*"),
    ("a select", "<select><option>a</option></select>", "select+ option+"),
    ("within a link", "<a><span>a</span></a>", "a+ span+"),
    ("within a button", "<button><span>a</span></button>", "button+ span+"),
    ("within formatting", "<b><span>a</span></b>", "b+* span+"),
    ("a pre", "<pre><b>a</b></pre>", "pre+ b+*"),
    ("a script", "<div><script>a</script></div>", "div+* script+"),
    ("a title", "<title>a</title><p>b</p>", "title+ p+*"),
    ("svg", "<div><svg><g>a</g></svg></div>", "div svg g"),
    ("open formatting", "<div><p>a</p></div><p><b>c</p>", "div+ p+ p b"),
    ("before a table", "<div><p>a</p></div><table><tr><td>b</table>", "div+* p+* table tbody tr td"),
    ("behind an open table", "<table><tr><td><p>b</p></table><div><p>a</p></div>",
     "table tbody tr td p+* div+* p+*"),
    ("inside a table", "<table><tr><td><p>b</p></td></tr></table>", "table+* tbody tr+* td+* p+*"),
    ("a form", "<form><p>a</p></form>", "form+* p+*"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), [row[1:] for row in JUDGED], ids=[row[0] for row in JUDGED])
def test_judged(body: str, expected: str) -> None:
    assert judged(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "<template></template><p>a",
        "<frameset><frame></frameset>",
        "<plaintext>a",
        "<p><b>x<p>y</b>",
        "<table><b>a</b><tr><td>b</td></tr></table><table><td>x</table>",
        "<table><td>x</table>",
    ],
)
def test_what_cannot_be_told_by_source_ranges(body: str) -> None:
    assert outline(locate(body.encode(), ()), frozenset(), DIGEST) is None


def test_ranges_and_parents_of_nodes() -> None:
    body = "<div><p>a</p>b<br></div>"
    nodes = {node.element.tag: node for node in outlined(body).nodes}
    assert {tag: (node.start, node.inner, node.stop, node.end, node.number) for tag, node in nodes.items()} == {
        "html": (-1, -1, -1, -1, 0),
        "head": (-1, -1, -1, -1, 0),
        "body": (-1, -1, -1, -1, 1),
        "div": (0, 5, 18, 24, 0),
        "p": (5, 8, 9, 13, 0),
        "br": (14, 18, 18, 18, 1),
    }
    assert nodes["p"].parent is nodes["div"]
    assert nodes["div"].kids == [nodes["p"], nodes["br"]]
    assert nodes["div"].is_closed
    items = [node for node in outlined("<ul><li>a<li>b</ul>").nodes if node.element.tag == "li"]
    assert [(node.stop, node.end, node.is_closed, node.number) for node in items] == [
        (9, 9, False, 0),
        (14, 14, False, 1),
    ]


def contexts(body: str) -> list[int]:
    return [node.context for node in outlined(body).nodes]


CONTEXTS_ALIKE = [
    ("other texts", "<div><p>a</p></div>", "<div><p>b c</p></div>"),
    ("other values", "<div><p title='a'>b</p></div>", "<div><p title='c'>b</p></div>"),
    ("the doctype's case", "<!doctype html><p>a</p>", "<!DOCTYPE HTML><p>a</p>"),
]
CONTEXTS_APART = [
    ("another tag", "<div><p>a</p></div>", "<div><b>a</b></div>"),
    ("another parent", "<div><p>a</p></div>", "<section><p>a</p></section>"),
    ("an attribute more", "<div><p>a</p></div>", "<div><p title='b'>a</p></div>"),
    ("a protected value", "<div><p class='a'>b</p></div>", "<div><p class='c'>b</p></div>"),
    ("a value that a selector reads", "<div><p data-kind='a'>b</p></div>", "<div><p data-kind='c'>b</p></div>"),
    ("another doctype", "<!doctype html><p>a</p>", "<p>a</p>"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in CONTEXTS_ALIKE], ids=[row[0] for row in CONTEXTS_ALIKE])
def test_contexts_alike(one: str, other: str) -> None:
    assert contexts(one) == contexts(other)
    assert outlined(one).contents == outlined(other).contents


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in CONTEXTS_APART], ids=[row[0] for row in CONTEXTS_APART])
def test_contexts_apart(one: str, other: str) -> None:
    assert contexts(one)[-1] != contexts(other)[-1]


CONTENTS_ALIKE = [
    ("more of the same", "<ul><li>a</li></ul>", "<ul><li>b</li></ul>"),
    ("two lists of one content", "<div><ul><li>a</li></ul></div>", "<div><ul><li>b</li></ul></div>"),
]
CONTENTS_APART = [
    ("one item more", "<ul><li>a</li></ul>", "<ul><li>a</li><li>b</li></ul>"),
    ("a blank more", "<ul><li>a</li></ul>", "<ul><li>a</li> </ul>"),
    ("text for a blank", "<div> <p>a</p></div>", "<div>b<p>a</p></div>"),
    ("a comment for text", "<div>b<p>a</p></div>", "<div><!-- b --><p>a</p></div>"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in CONTENTS_ALIKE], ids=[row[0] for row in CONTENTS_ALIKE])
def test_contents_alike(one: str, other: str) -> None:
    assert outlined(one).contents == outlined(other).contents


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in CONTENTS_APART], ids=[row[0] for row in CONTENTS_APART])
def test_contents_apart(one: str, other: str) -> None:
    assert outlined(one).contents != outlined(other).contents


def test_equal_nodes_of_one_context_count_once() -> None:
    one = outlined("<div><ul><li>a</li></ul></div>")
    two = outlined("<div><ul><li>a</li></ul><ul><li>b</li></ul></div>")
    context = next(node.context for node in one.nodes if node.element.tag == "ul")
    assert one.contents[context] == two.contents[context]
    three = outlined("<div><ul><li>a</li></ul><ul></ul></div>")
    assert one.contents[context] != three.contents[context]


def test_regions_are_kept_apart_by_all_that_a_parser_knows_there() -> None:
    def key(body: str, tag: str = "ul") -> int:
        found = outlined(body)
        return found.region_key(next(node for node in found.nodes if node.element.tag == tag))

    assert key("<ul><li>a</li></ul>") == key("<ul><li>b</li><li>c</li></ul>")
    assert key("<ul><li>a</li></ul>") != key("<ul><li>a</ul>")
    assert key("<ul><li>a</li></ul>") != key("<ol><li>a</li></ol>", "ol")
    assert key("<ul><li>a</li></ul>") != key("<ul><li>a</li></ul><form><p>x</form>")
    assert key("<ul><li>a</li></ul>") == key("<ul><li>a</li></ul><form>x</form>")


@pytest.mark.parametrize(
    ("body", "tag", "expected"),
    [
        ("<div><p>a</p></div>", "div", True),
        ("<ul><li>a</li></ul>", "ul", False),
        ("<ol><li>a</li></ol>", "ol", False),
        ("<ul><li>a</li></ul>", "li", True),
        ("<table><tr><td>a</td></tr></table>", "table", False),
        ("<table><tr><td>a</td></tr></table>", "tr", False),
        ("<table><tr><td>a</td></tr></table>", "td", True),
    ],
)
def test_where_text_may_stand(body: str, tag: str, expected: bool) -> None:
    node = next(node for node in outlined(body).nodes if node.element.tag == tag)
    assert Outline.holds_text(node) is expected


def test_forms_and_tables_and_what_may_repeat() -> None:
    assert outlined("<form>a</form>").are_forms_tidy
    assert not outlined("<div><form>a</div>").are_forms_tidy
    assert [node.element.tag for node in outlined("<table></table><p>a</p>").tables] == ["table"]
    assert outlined("<p>a</p>").may_repeat
    assert not outlined("<p><b>a</p>").may_repeat
    assert not outlined("<p>a</p><!-- <FRAMESET> -->").may_repeat
