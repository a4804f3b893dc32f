"""The byte lens: figures that are proven, moves by position in the whole list, the copy that is painted."""

from dataclasses import replace
from pathlib import Path

import pytest

from clicks.click import Click
from demo.lens import lens_document
from demo.lens_figures import figures, moves
from demo.lens_record import LensRecorder, SeenPage, seen_pages
from demo.lens_rendered import rendered
from transforms.page.edits import Change, Spliced

UNITS = (
    b'<li class="odd"><a href="p?products_id=1">Uno</a></li>',
    b'<li class="even"><a href="p?products_id=2">Dos</a></li>',
    b'<li class="odd"><a href="p?products_id=3">Tres</a></li>',
)
HEAD = b"<html><head></head><body><p>Hola</p><ul>"
TAIL = b"</ul></body></html>"
BEFORE = HEAD + b"\n".join(UNITS) + TAIL


def span(number: int) -> tuple[int, int]:
    at = BEFORE.index(UNITS[number])
    return at, at + len(UNITS[number])


def seen_page() -> SeenPage:
    """1, 2, 3 became 1, 3, 2 with odd and even kept in place, and `Hola` became `José`."""
    at = BEFORE.index(b"Hola")
    second, third = span(1), span(2)
    to_odd = (second[0] + 11, second[0] + 15, b"odd")
    to_even = (third[0] + 11, third[0] + 14, b"even")
    reordered = UNITS[2].replace(b"odd", b"even") + b"\n" + UNITS[1].replace(b"even", b"odd")
    changes = (
        Change(1, "reorder", second[0], third[1], reordered, (third, second), (to_even, to_odd)),
        Change(0, "set_text", at, at + 4, b"Jos&#233;"),
    )
    after = BEFORE[:at] + b"Jos&#233;" + BEFORE[at + 4 : second[0]] + reordered + TAIL
    return SeenPage(
        time=1.5,
        host="jose.localhost:80",
        target="/index.php?a=<b>",
        profile="p",
        content_type="text/html; charset=iso-8859-1",
        added_us=400,
        moved=2,
        before=BEFORE,
        after=after,
        changes=changes,
        reasons=(("hola", "TARGETING_MATCH"),),
        lists=(("8", "9"), ("1", "3", "2")),
    )


def test_figures_are_counted_and_the_rest_is_proven() -> None:
    page = seen_page()
    counted = figures(page)
    assert (counted.inserted, counted.removed, counted.moved, counted.classes) == (9, 4, 2, 2)
    assert counted.is_exact
    assert counted.sentence() == (
        f"{len(BEFORE):,} bytes in, {len(BEFORE) + 5:,} out: 9 inserted, 4 replaced, 2 records moved "
        "(2 odd/even classes swapped to fit), everything else identical"
    )


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"after": seen_page().after + b" "}, "a byte more at the end"),
        ({"before": BEFORE.replace(b"Uno", b"uno")}, "a byte of the rest differs"),
        (
            {
                "changes": (seen_page().changes[0]._replace(replacement=b"x" * 109), seen_page().changes[1]),
                "after": seen_page().after.replace(seen_page().changes[0].replacement, b"x" * 109),
            },
            "what went out is no permutation",
        ),
    ],
)
def test_what_differs_is_said(wrong: dict[str, object], name: str) -> None:
    page = replace(seen_page(), **wrong)  # type: ignore[arg-type]
    assert not figures(page).is_exact, name
    assert "THE REST DIFFERS" in figures(page).sentence()


def test_positions_are_of_the_whole_list() -> None:
    page = seen_page()
    assert [(move.was, move.now, move.is_of_list) for move in moves(page, page.changes[0])] == [
        (3, 2, True),
        (2, 3, True),
    ]
    unknown = replace(page, lists=())
    assert [(move.was, move.now, move.is_of_list) for move in moves(unknown, page.changes[0])] == [
        (2, 1, False),
        (1, 2, False),
    ]


def test_the_document_names_what_moved_and_escapes_what_it_shows() -> None:
    page = seen_page()
    html = lens_document([page], page)
    assert "everything else identical" in html
    assert 'class="figures exact"' in html
    assert "↑ was 3rd, now 2nd: <b>" in html
    assert "↓ was 2nd, now 3rd: <b>" in html
    assert "<del>odd</del><ins>even</ins>" in html
    assert "<del>Hola</del><ins>Jos&amp;#233;</ins>" in html
    assert "/index.php?a=&lt;b&gt;" in html
    assert "<b>José</b>" in html
    assert "Nothing to see yet" in lens_document([], None)


def test_the_painted_copy_marks_the_changes_only() -> None:
    html = rendered(seen_page())
    assert b'<mark data-vitrina="new">Jos&#233;</mark>' in html
    assert b'<li data-vitrina="up" data-was="&uarr; was 3" class="even"><a href="p?products_id=3">' in html
    assert b'<li data-vitrina="down" data-was="&darr; was 2" class="odd"><a href="p?products_id=2">' in html
    assert UNITS[0] in html
    assert html.index(b"<style>") < html.index(b"</head>")


def test_recorded_pages_come_back_as_they_were(tmp_path: Path) -> None:
    page = seen_page()
    click = Click(
        time=page.time,
        host=page.host,
        method="GET",
        path="/index.php",
        status=200,
        profile="p",
        content_type=page.content_type,
        added_us=page.added_us,
        moved=page.moved,
        listed={"window": ("8", "9"), "cards": ("1", "3", "2")},
    )
    recorder = LensRecorder(tmp_path)
    recorder.personalised(click, page.target, page.before, Spliced(page.after, page.changes, ()))
    assert seen_pages(tmp_path) == [replace(page, reasons=())]
