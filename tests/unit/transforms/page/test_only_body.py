"""The body that is expected of a page: the one that its template has no other of, and never what is somebody's."""

from transforms.page.charset import Encoding
from transforms.page.engine import Engine, TemplateKey
from transforms.page.only_body import OnlyBody
from transforms.page.query import Query

UTF8 = Encoding("utf-8", "utf-8")
KEY = TemplateKey("shop.test", "/c", False, "1")
MEMBER = KEY._replace(signed_in=True)


def body(token: str = "") -> bytes:
    return f'<!DOCTYPE html><html><body><p class="hi">Hola</p><i title="{token}">a</i></body></html>'.encode()


def expected(engine: Engine, key: TemplateKey) -> bytes | None:
    only = engine.expected(key)
    return None if only is None else only.body


def test_a_page_that_has_not_varied_is_expected_again() -> None:
    engine = Engine((Query("hi", ".hi"),))
    assert expected(engine, KEY) is None
    for _ in range(3):
        engine.open(body("one"), UTF8, KEY, "ana")
        assert expected(engine, KEY) == body("one")
    assert expected(engine, KEY._replace(path="/d")) is None


def test_of_a_page_that_varies_nothing_is() -> None:
    engine = Engine((Query("hi", ".hi"),))
    for token in ("one", "two", "three", "one", "one"):
        engine.open(body(token), UTF8, KEY, "ana")
    assert engine.counters["hit"] > 0
    assert expected(engine, KEY) is None


def test_of_a_page_that_is_somebodys_nothing_is_before_three_visitors_were_sent_it() -> None:
    engine = Engine((Query("hi", ".hi"),))
    told = []
    for visitor in ("ana", "ana", "luis", "luis", "eva", "eva", "noa"):
        engine.open(body("same"), UTF8, MEMBER, visitor)
        told.append(expected(engine, MEMBER))
    assert told[:4] == [None] * 4
    assert told[-1] == body("same")
    assert expected(engine, KEY) is None


def test_how_it_is_packed_is_known_in_the_coding_it_came_in() -> None:
    only = OnlyBody(b"content")
    assert only.as_sent(None) == b"content"
    assert only.as_sent(b"gzip") is None
    only.was_sent(b"packed", b"gzip")
    assert only.as_sent(b"gzip") == b"packed"
    assert only.as_sent(b"br") is None
    only.was_sent(b"other", b"br")
    assert only.as_sent(b"gzip") is None
    assert only.as_sent(b"br") == b"other"
    assert only.as_sent(None) == b"content"
