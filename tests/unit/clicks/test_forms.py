"""Forms: allow-listed fields only, in every encoding, whatever the bytes."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clicks.forms import FormValues, forms_at, submitted_form
from clicks.targets import parse_target
from config.platform import FormRule, PathRule, Platform
from config.platforms import load_platform

PHOENIX = load_platform("phoenix")
OSCAR = load_platform("oscar")
URLENCODED = "application/x-www-form-urlencoded"
RULE = FormRule(
    at=(PathRule("/f"),),
    fields={"email": ("email_address",), "first_name": ("firstname", "user.first")},
    requires=("password",),
)


def read(rule: FormRule, content_type: str, body: bytes) -> FormValues | None:
    """A form as a platform of this rule reads it."""
    found = submitted_form(Platform("one form", login=rule), "POST", parse_target(b"/f"), content_type, body)
    return None if found is None else replace(found[1], index=None)


@pytest.mark.parametrize(
    ("platform", "method", "target", "name"),
    [
        ("phoenix", "POST", "/login.php?action=process", "login"),
        ("phoenix", "POST", "/catalog/login.php?action=process&osCsid=x", "login"),
        ("phoenix", "GET", "/login.php?action=process", None),
        ("phoenix", "POST", "/login.php", None),
        ("phoenix", "POST", "/admin/login.php?action=process", None),
        ("phoenix", "POST", "/shop/Admin/login.php?action=process", None),
        ("phoenix", "POST", "/create_account.php", "register"),
        ("phoenix", "POST", "/product_info.php?products_id=9&action=add_product", "add_to_cart"),
        ("phoenix", "POST", "/shopping_cart.php?action=update_product", "remove_from_cart"),
        ("phoenix", "POST", "/newsletter.php?action=process", "newsletter"),
        ("phoenix", "POST", "/contact_us.php?action=send", None),
        ("oscar", "POST", "/en-gb/accounts/login/", "login"),
        ("oscar", "POST", "/basket/add/27/", "add_to_cart"),
        ("oscar", "POST", "/en-gb/basket/", "remove_from_cart"),
        ("oscar", "POST", "/basket/saved/", None),
        ("generic", "POST", "/login.php?action=process", None),
    ],
)
def test_forms_at(platform: str, method: str, target: str, name: str | None) -> None:
    found = forms_at(load_platform(platform), method, parse_target(target.encode()))
    assert (found[0].name if found else None) == name


def multipart(*fields: tuple[str, str], boundary: str = "xYz") -> tuple[str, bytes]:
    parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields)
    return f'multipart/form-data; boundary="{boundary}"', f"{parts}--{boundary}--\r\n".encode()


BODIES = {
    "urlencoded": (
        URLENCODED,
        b"email_address=a%40b.es&firstname=Jos%C3%A9&password=geheim&cc_number=4111111111111111",
    ),
    "urlencoded windows-1252": (URLENCODED, b"email_address=a%40b.es&firstname=Jos%E9&password=geheim"),
    "multipart": multipart(("email_address", "a@b.es"), ("firstname", "José"), ("password", "geheim"), ("x", "y")),
    "json": (
        "application/json",
        json.dumps({"email_address": "a@b.es", "user": {"first": "José"}, "password": "geheim", "n": [1]}).encode(),
    ),
}


@pytest.mark.parametrize("case", BODIES)
def test_the_same_form_in_every_encoding(case: str) -> None:
    content_type, body = BODIES[case]
    assert read(RULE, content_type, body) == FormValues({"email": "a@b.es", "first_name": "José"}, complete=True)


@pytest.mark.parametrize(
    ("body", "complete"),
    [(b"email_address=a&password=x", True), (b"email_address=a&password=", False), (b"email_address=a", False)],
)
def test_what_is_required_must_be_filled_in(body: bytes, complete: bool) -> None:
    values = read(RULE, URLENCODED, body)
    assert values is not None
    assert values.complete is complete


def test_characters_that_a_legacy_charset_lacks_come_as_references() -> None:
    values = read(RULE, URLENCODED, b"firstname=%26%23321%3Bukasz&password=x")
    assert values is not None
    assert values.get("first_name") == "Łukasz"


def test_a_card_number_in_a_name_field_is_dropped() -> None:
    values = read(RULE, URLENCODED, b"firstname=4111+1111+1111+1111&password=x")
    assert values is not None
    assert values.get("first_name") is None


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream", "multipart/form-data", "image/png"])
def test_other_bodies_are_not_read(content_type: str) -> None:
    assert read(RULE, content_type, b"email_address=a&password=b") is None


def test_uploads_in_a_form_are_passed_over() -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="email_address"; filename="x"\r\n\r\nsecret\r\n'
        b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nx\r\n--b--'
    )
    assert read(RULE, "multipart/form-data; boundary=b", body) == FormValues(complete=True)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"login-username=a%40b.es&login-password=x&login_submit=Log+In", "login"),
        (b"registration-email=a%40b.es&registration-password1=x&registration-password2=x", "register"),
        (b"login-username=&login-password=", "login"),
    ],
)
def test_forms_that_share_a_url_are_told_apart_by_their_fields(body: bytes, name: str) -> None:
    submitted = submitted_form(OSCAR, "POST", parse_target(b"/en-gb/accounts/login/"), URLENCODED, body)
    assert submitted is not None
    assert submitted[0] == name


def test_several_values_of_a_name_are_kept_in_order() -> None:
    body = b"products_id%5B%5D=5&cart_quantity%5B%5D=1&products_id%5B%5D=7&cart_quantity%5B%5D=0&cart_delete%5B%5D=5"
    target = parse_target(b"/shopping_cart.php?action=update_product")
    submitted = submitted_form(PHOENIX, "POST", target, URLENCODED, body)
    assert submitted is not None
    assert submitted[1].every == {"product_id": ("5", "7"), "quantity": ("1", "0")}
    assert submitted[1].get("removed") == "5"


@given(
    body=st.binary(max_size=300),
    content_type=st.sampled_from([URLENCODED, "application/json", "multipart/form-data; boundary=a", ""]),
)
def test_any_bytes_are_a_form_or_none(body: bytes, content_type: str) -> None:
    values = read(RULE, content_type, body)
    assert values is None or set(values.fields) <= {"email", "first_name"}


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=6))
def test_no_field_that_is_not_allowed_is_read(fields: dict[str, str]) -> None:
    body = json.dumps({**fields, "password": "canary-secret"}).encode()
    assert "canary-secret" not in repr(read(RULE, "application/json", body))


def test_a_star_is_a_number() -> None:
    rule = FormRule(at=(PathRule("/f"),), fields={"quantity": ("form-*-quantity",), "product_id": ("items[*][id]",)})
    body = b"form-0-quantity=1&form-12-quantity=2&form-x-quantity=3&form--quantity=4&form-0-card=5"
    body += b"&items%5B3%5D%5Bid%5D=9"
    values = read(rule, URLENCODED, body)
    assert values == FormValues({"quantity": "2", "product_id": "9"}, complete=True, every={"quantity": ("1", "2")})
