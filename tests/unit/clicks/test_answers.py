"""JSON answers: what proves, what refutes, and that only named members are returned."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.answers import MAX_ANSWER_BYTES, Answer, may_be_answer, member, members, proven, read_answer, refuted
from config.platform import FormRule, PathRule

AT = (PathRule("/x"),)
OPENCART = FormRule(AT, "json", proves=("success",), refutes=("error",))
ORDER = FormRule(AT, "json", proves=("payment.status=success", "result=success"), refutes=("code", "status=failed"))
UNKNOWN = FormRule(AT, "accepted")


@pytest.mark.parametrize(
    ("rule", "answer", "expected"),
    [
        (OPENCART, {"success": "Success: you have added"}, True),
        (OPENCART, {"success": ""}, False),
        (OPENCART, {"error": {"option": {"218": "required"}}}, False),
        (OPENCART, {"success": "yes", "error": {"warning": "no"}}, False),
        (OPENCART, {"success": "yes", "error": []}, True),
        (OPENCART, {"redirect": "/product"}, False),
        (ORDER, {"order_id": 1, "payment": {"status": "success"}}, True),
        (ORDER, {"order_id": 1, "payment": {"status": "failure"}}, False),
        (ORDER, {"result": "success", "status": "failed"}, False),
        (ORDER, {"code": "rest_nonce", "result": "success"}, False),
        (UNKNOWN, {"success": True}, True),
        (UNKNOWN, {"success": False}, False),
        (UNKNOWN, {"redirect": "/", "status": "error"}, False),
        (UNKNOWN, {"fragments": {}, "cart_hash": "a1"}, True),
        (UNKNOWN, {"error": True, "product_url": "/"}, False),
        (UNKNOWN, {"anything": "else"}, False),
    ],
)
def test_proof(rule: FormRule, answer: dict[str, object], expected: bool) -> None:
    read = read_answer(json.dumps(answer).encode())
    assert read is not None
    assert proven(read, rule) is expected


def test_refuted_without_a_rule_of_its_own() -> None:
    assert refuted(Answer({"error": "sold out"}), UNKNOWN)
    assert not refuted(Answer({"success": "yes"}), UNKNOWN)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf \n{"a": 1}\n', {"a": 1}),
        (b'{"a": 1', None),
        (b"[1]", None),
        (b"<html>{}</html>", None),
        (b"", None),
        (b'{"a":"' + b"x" * MAX_ANSWER_BYTES + b'"}', None),
        (b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}", None),
        (b'{"a": "\xff"}', None),
    ],
)
def test_reading(body: bytes, expected: dict[str, object] | None) -> None:
    read = read_answer(body)
    assert (None if read is None else read.members) == expected


def test_members() -> None:
    answer = Answer({"items": [{"id": 16, "key": "k"}, {"id": "33"}, {"no": 1}], "order_id": 56, "flag": True})
    assert members(answer, "items.id") == ("16", "33")
    assert member(answer, "order_id") == "56"
    assert member(answer, "items") is None
    assert member(answer, "nothing.at.all") is None
    assert member(answer, "flag") == "true"


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", True),
        ("text/html", True),
        ("text/javascript", True),
        ("", True),
        ("image/png", False),
        ("video/mp4", False),
    ],
)
def test_types_of_answers(content_type: str, expected: bool) -> None:
    assert may_be_answer(content_type) is expected


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_failing(body: bytes) -> None:
    read = read_answer(body)
    if read is not None:
        for rule in (OPENCART, ORDER, UNKNOWN):
            proven(read, rule)
            refuted(read, rule)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    ),
    st.text(max_size=12),
)
def test_any_document_and_path(document: object, path: str) -> None:
    answer = Answer({"a": document})
    assert all(isinstance(value, str) and len(value) <= 64 for value in members(answer, f"a.{path}"))
