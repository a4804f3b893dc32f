"""Sealed e-mail addresses: opened by any key of the ring, shown to nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visitors.cookie import Keyring
from visitors.sealing import seal, unseal

OLD = Keyring((("1", b"o" * 32),))
NEW = Keyring((("2", b"n" * 32), ("1", b"o" * 32)))


@given(st.text(max_size=200).filter(lambda text: text.isprintable()))
def test_what_is_sealed_is_opened_again(text: str) -> None:
    assert unseal(OLD, seal(OLD, text)) == text


def test_the_address_is_not_in_the_sealed_text() -> None:
    sealed = seal(OLD, "jose@example.com")
    assert "jose" not in sealed
    assert "example" not in sealed


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    assert unseal(NEW, seal(OLD, "ana@example.com")) == "ana@example.com"
    assert seal(NEW, "ana@example.com").startswith("s1.2.")


@pytest.mark.parametrize(
    "damaged",
    ["", "ana@example.com", "s1.1.", "s1.1.!!!", "s1.9.AAAA", seal(OLD, "x")[:-4] + "AAA=", "s2" + seal(OLD, "x")[2:]],
)
def test_anything_else_is_none(damaged: str) -> None:
    assert unseal(OLD, damaged) is None


def test_without_its_key_it_stays_closed() -> None:
    assert unseal(OLD, seal(NEW, "x@example.com")) is None
