"""Where bodies come from: a generator of legacy pages, recorded pages, tree-construction tests, documentation."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

_DATA = re.compile(rb"#data\n(.*?)\n#errors", re.DOTALL)
_WORDS = "oferta libro precio carrito niño barato envío gratis comprar nuevo más vendido ver todo".split()  # noqa: SIM905
_CHARSETS = ("utf-8", "iso-8859-1", "windows-1252", "iso-8859-15")
_DOCTYPES = (
    "<!DOCTYPE html>\n",
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">\n',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "xhtml1-transitional.dtd">\r\n',
    "<!doctype HTML public '-//W3C//DTD HTML 3.2//EN'>\n",
    "",
)


class Body(NamedTuple):
    """One page: `source` and `name` tell it apart; its Content-Type as a server would send it."""

    source: str
    name: str
    body: bytes
    content_type: bytes


def generated(seed: int, count: int) -> Iterator[Body]:
    """Legacy shop pages: tables in tables, implied ends, upper case, unquoted values, odd charsets, late content."""
    for number in range(count):
        random = Random(f"{seed}:page:{number}")
        charset = random.choice(_CHARSETS)
        text = _page(random, charset)
        yield Body("generated", f"{number}", text.encode(charset, "replace"), f"text/html; charset={charset}".encode())


def tree_tests(folder: Path) -> Iterator[Body]:
    """The inputs of html5lib-tests' tree-construction files that parse a whole document."""
    for path in sorted(folder.rglob("tree-construction/*.dat")):
        for number, test in enumerate(path.read_bytes().split(b"\n\n#data\n")):
            test = test if number == 0 else b"#data\n" + test
            data = _DATA.match(test)
            if data is not None and b"#document-fragment" not in test:
                yield Body("html5lib-tests", f"{path.stem}:{number}", data[1], b"text/html; charset=utf-8")


def files(source: str, folder: Path, most: int, max_bytes: int) -> Iterator[Body]:
    """HTML files below a folder; when there are more than `most`, evenly spread ones."""
    paths = sorted(path for path in folder.rglob("*.htm*") if path.is_file() and path.stat().st_size <= max_bytes)
    for path in paths[:: max(1, -(-len(paths) // most))]:
        yield Body(source, str(path.relative_to(folder)), path.read_bytes(), b"text/html")


def _page(random: Random, charset: str) -> str:
    upper = random.random() < 0.3
    newline = random.choice(["\n", "\n", "\r\n"])
    meta = f"<meta http-equiv=Content-Type content='text/html; charset={charset}'>"
    head = f"<html><head>{meta}<title>{_text(random)}</title>"
    if random.random() < 0.5:
        head += "<script language=JavaScript><!--\nif (a < b && b > c) write('<li class=product>');\n//--></script>"
    head += random.choice(["</head>", "", "</head>\n"]) + random.choice(
        ["<body>", '<body bgcolor="#ffffff" onload=x()>', ""]
    )
    blocks = [_block(random) for _ in range(random.randint(1, 4))]
    late = random.choice(
        ["</body></html>", "</body></html>", "</BODY>\n</HTML>\n<!-- 0.12 s -->", "", "</body></html><img src=t.gif>"]
    )
    page = random.choice(_DOCTYPES) + head + "\n".join(blocks) + late
    if upper:
        page = re.sub(r"</?[a-z]+", lambda match: match[0].upper(), page)
    return page.replace("\n", newline)


def _text(random: Random) -> str:
    words = " ".join(random.choice(_WORDS) for _ in range(random.randint(1, 4)))
    return words + random.choice(["", "", " &amp; más", " &nbsp;", " 3 < 4", " &copy 2004", "\n"])


def _item(random: Random, number: int) -> str:
    link = f"<a href={random.choice(['', chr(34)])}"
    quote = '"' if link.endswith('"') else ""
    link += f"/p.php?id={number}{'&' if not quote else '&amp;'}s=ab12{quote}>{_text(random)}</a>"
    return random.choice(
        [
            link,
            f"<img src=/i/{number}.gif alt='{number}'><br>{link}",
            f"<b>{link}</b> <font color=red size=2>{number}.99</font>",
            f"<p>{link}<p>{_text(random)}",
            f"<form action=/cart><input type=hidden name=id value={number}>{link}<input type=submit></form>",
        ]
    )


def _block(random: Random) -> str:
    items = [_item(random, number) for number in range(random.randint(1, 5))]
    match random.randint(0, 8):
        case 0:
            rows = "".join(f"<tr class={'odd' if n % 2 else 'even'}><td>{item}<td>1" for n, item in enumerate(items))
            return f"<table border=0 cellpadding=2><tr><th>x</th></tr>{rows}</table>"
        case 1:
            return "<ul class=products>" + "".join(f"\n<li class='product'>{item}" for item in items) + "</ul>"
        case 2:
            return "<ul>" + "".join(f'<li class="product">{item}</li>\n' for item in items) + "</ul>"
        case 3:
            return "".join(f'<div class="box">{item}</div>\n' for item in items)
        case 4:
            return f"<center><font face=Arial><h1>{_text(random)}</h1>{items[0]}</font></center>"
        case 5:
            options = "".join(f"<option value={n}>{_text(random)}" for n in range(3))
            return f"<form><select name=s>{options}</select><textarea>\n{_text(random)}</textarea></form>"
        case 6:
            cells = "".join(f"<td><table><tr><td>{item}</td></tr></table></td>" for item in items)
            return f"<table width=100%><tr>{cells}</tr></table>"
        case 7:
            return (
                "<dl>"
                + "".join(f"<dt>{_text(random)}<dd>{item}" for item in items)
                + "</dl><pre>\n"
                + _text(random)
                + "</pre>"
            )
        case _:
            return f"<p>{_text(random)}<p>{items[0]}<blockquote>{_text(random)}</blockquote><hr><i>{_text(random)}</i>"
