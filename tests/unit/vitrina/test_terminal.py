"""The status line below the lines that scroll."""

import io

from vitrina.terminal import StatusLine, paint


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_the_status_is_rewritten_in_place() -> None:
    stream = Terminal()
    status = StatusLine(stream)
    status.show("1 waits")
    status.show("1 waits")
    status.print("José came")
    status.show("2 wait")
    status.clear()
    assert stream.getvalue() == "\r1 waits\x1b[K\r\x1b[KJosé came\n\r1 waits\x1b[K\r2 wait\x1b[K\r\x1b[K"


def test_elsewhere_each_new_status_is_a_line() -> None:
    stream = io.StringIO()
    status = StatusLine(stream)
    for text in ("1 waits", "1 waits", "2 wait"):
        status.show(text)
    status.print("José came")
    status.show("2 wait")
    status.clear()
    assert stream.getvalue() == "1 waits\n2 wait\nJosé came\n"


def test_colours_are_for_terminals() -> None:
    assert paint("x", "red", io.StringIO()) == "x"
