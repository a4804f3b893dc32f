"""Where a page may vary: each place by name, with the gap between ‹ and ›."""

import pytest

from transforms.page.contexts import may_vary
from transforms.page.locate import locate

MAY = [
    ("no gap", "<p>a</p>"),
    ("text of an element", "<p>a ‹1› b</p>"),
    ("text right after a start tag", "<p>‹1›</p>"),
    ("text before a start tag", "<p>a</p> ‹1› <b>c</b>"),
    ("text of the last element", "<p>a</p>b ‹1›."),
    ("text after an end tag", "<div><p>a</p>‹1›</div>"),
    ("text after an end tag with blanks and odd case", "<div><P>a</P\t\n\f\r >‹1›</div>"),
    ("text after the end tag of a custom element", "<x-a:b-1>a</x-a:b-1>‹1› "),
    ("text after a comment", "<p><!-- a --><!-- - b -->‹1›</p>"),
    ("text before a comment", "<p>‹1›<!-- a --></p>"),
    ("text after other text of the page", "<p>a</p>\n<p>‹1›</p>\n"),
    ("two gaps", "<p>‹1›</p><p title='‹2›'>b</p>"),
    ("a comment", "<p><!-- ‹1› --></p>"),
    ("a comment before everything", "<!-- ‹1› --><p>a"),
    ("a comment from its beginning on", "<p><!--‹1› --></p>"),
    ("text before the first tag", "a ‹1› b<p>c</p>"),
    ("text at the start of the body's bytes, without a doctype", "a‹1› <p>c"),
    ("a comment after a doctype", "<!doctype html><!-- ‹1› --><p>a"),
    ("a comment after a BOM and a doctype", "\xef\xbb\xbf \n<!DOCTYPE html PUBLIC '-//W3C'><!-- ‹1› --><p>a"),
    ("a value in double quotes", '<p title="a ‹1›">b</p>'),
    ("a whole value in double quotes", '<p title="‹1›">b</p>'),
    ("a whole value in single quotes", "<p title='‹1›'>b</p>"),
    ("a value between others", "<p id=a title='‹1›' lang=en>b</p>"),
    ("a value of the last attribute, with a slash", "<br title='‹1›'/>"),
    ("content of a plain meta", "<meta name=a content='‹1›'>"),
    ("a script", "<script>var a = '‹1›';</script>"),
    ("the whole of a script", "<script>‹1›</script>"),
    ("a style", "<style>a{top:‹1›px}</style>"),
    ("a title", "<title>a ‹1› b</title>"),
    ("a textarea", "<textarea>‹1›</textarea>"),
    ("text after a script", "<p><script>a</script>‹1›<b>c</b></p>"),
    ("text after a title", "<title>a</title> ‹1› <p>b"),
    ("text of a title in svg", "<svg><title>‹1›</title></svg>"),
    ("a value in noscript in double quotes", '<noscript><img src="‹1›"></noscript>'),
    ("a value in noscript in single quotes", "<noscript><img src='‹1›'></noscript>"),
    ("a value in noscript after a reference", "<noscript><a href='/?a=1&‹b=2›'>x</a></noscript>"),
]
MAY_NOT = [
    ("a comment before a doctype", "<!-- ‹1› --><!doctype html><p>a"),
    ("a comment's end", "<p><!-- a ‹1›--></p>"),
    ("the end of a comment that ends in a bang", "<p><!-- a ‹1›!--></p>"),
    ("text in a script before >", "<script>a ‹1›> b</script>"),
    ("text in a script before -", "<script>a ‹1›- b</script>"),
    ("text in a script before !", "<script>a ‹1›! b</script>"),
    ("text in a script after <", "<script>a <‹1› b</script>"),
    ("text after &", "<p>a &‹1›;</p>"),
    ("text after & of an element's end", "<div><p>a</p>&‹1› </div>"),
    ("text that begins with <", "<p>a <‹1› b</p>"),
    ("text at the very end of the bytes", "<p>a‹1›"),
    ("text at the very start of the bytes", "‹1› a<p>b</p>"),
    ("across a tag", "<p>a‹1</p>2›3<b>c</b>"),
    ("the name of a tag", "<p‹1›>a</p>"),
    ("the name of an end tag", "<div><p>a</p‹1› ></div>"),
    ("an end tag with attributes before it", "<div><p>a</p x=1>‹1› </div>"),
    ("a comment that ends abruptly", "<p><!-->‹1› --></p>"),
    ("a comment that ends abruptly with a hyphen", "<p><!--->‹1› --></p>"),
    ("a comment with a bang end", "<p><!-- a --!>‹1› b</p>"),
    ("a bogus comment before it", "<p><? a ?>‹1› b</p>"),
    ("a bogus comment", "<p><! a ‹1› b ></p>"),
    ("a tag that the parser dropped before it", "<p>a<body>‹1› b</p>"),
    ("a tag that the parser dropped behind it", "<p>‹1› b<body></p>"),
    ("an unfinished tag behind it", "<p>a ‹1› b</p><b c"),
    ("a doctype", "<!doctype ‹1› html><p>a"),
    ("the end of a doctype", "<!doctype html ‹1› ><p>a"),
    ("a second doctype before it", "<!doctype html><!doctype x>‹1› <p>a"),
    ("a doctype with a subset", "<!doctype html [a]>‹1› <p>a"),
    ("a doctype behind it", "<p>a</p>‹1› <!doctype html><b>c</b>"),
    ("an unquoted value", "<p title=‹1›>b</p>"),
    ("the name of an attribute", "<p ‹1›=a>b</p>"),
    ("between attributes", "<p title='a' ‹1› lang=en>b</p>"),
    ("a value and its quote", "<p title='a‹1'› lang=en>b</p>"),
    ("the quote before a value", "<p title=‹'1›a' lang=en>b</p>"),
    ("a value and what follows", "<p title='a‹1' lang='›en'>b</p>"),
    ("a name and its value", "<p t‹itle='1›'>b</p>"),
    ("from a start tag into its content", "<p title='‹1'>2›b</p>"),
    ("a class", "<p class='‹1›'>b</p>"),
    ("an id", "<p id='‹1›'>b</p>"),
    ("a type", "<input type='‹1›'>"),
    ("a rel", "<link rel='‹1›'>"),
    ("an encoding", "<math><annotation-xml encoding='‹1›'></annotation-xml></math>"),
    ("a charset", "<meta charset='‹1›'>"),
    ("http-equiv", "<meta http-equiv='‹1›' content=a>"),
    ("content beside http-equiv", "<meta http-equiv=refresh content='‹1›'>"),
    ("a shadow root's mode", "<div shadowrootmode='‹1›'></div>"),
    ("is", "<p is='‹1›'>b</p>"),
    ("what a selector reads", "<p data-kind='‹1›'>b</p>"),
    ("a script without an end", "<script>a ‹1› b"),
    ("a title without an end", "<title>a ‹1› b"),
    ("the end tag of a script", "<script>a</script ‹1› ><p>b"),
    ("text in noscript", "<noscript>a ‹1› b</noscript>"),
    ("a name in noscript", "<noscript><img ‹src›='a'></noscript>"),
    ("a text in quotes in noscript", "<noscript>a '‹1›' b</noscript>"),
    ("a value in noscript, not its beginning", "<noscript><img alt='a‹1›'></noscript>"),
    ("a script of svg as markup", "<svg><script>a<b ‹1› ></script></svg>"),
    ("one good, one bad", "<p>‹1›</p><p class='‹2›'>b</p>"),
    ("one bad, one good", "‹1›a<p>‹2›</p>"),
    ("one bad after a good one before the first tag", "a‹1› <p class='‹2›'>b</p>"),
    ("text after a script before a dropped tag", "<p><script>a</script>‹1› <body><b>c</b></p>"),
]  # fmt: skip


def parted(marked: str) -> tuple[bytes, list[tuple[int, int]]]:
    """A body and its gaps."""
    body, gaps = "", []
    for number, part in enumerate(marked.replace("›", "‹").split("‹")):
        if number % 2:
            gaps.append((len(body), len(body) + len(part)))
        body += part
    return body.encode("latin-1"), gaps


@pytest.mark.parametrize("marked", [row[1] for row in MAY], ids=[row[0] for row in MAY])
def test_may_vary(marked: str) -> None:
    body, gaps = parted(marked)
    assert may_vary(locate(body, ()), gaps, frozenset(["data-kind"]))


@pytest.mark.parametrize("marked", [row[1] for row in MAY_NOT], ids=[row[0] for row in MAY_NOT])
def test_may_not_vary(marked: str) -> None:
    body, gaps = parted(marked)
    assert not may_vary(locate(body, ()), gaps, frozenset(["data-kind"]))
