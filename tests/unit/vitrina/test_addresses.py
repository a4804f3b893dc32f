"""Listen addresses as people write them."""

import socket

import pytest

from vitrina.addresses import Address, bind, parse_address
from vitrina.failures import BAD_CONFIG, BUSY_ADDRESS, Failure


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        (":8080", Address("", 8080), ":8080"),
        ("8080", Address("", 8080), ":8080"),
        ("127.0.0.1:0", Address("127.0.0.1", 0), "127.0.0.1:0"),
        ("[::1]:80", Address("::1", 80), "[::1]:80"),
        ("shop.local:65535", Address("shop.local", 65535), "shop.local:65535"),
    ],
)
def test_addresses(text: str, address: Address, shown: str) -> None:
    assert parse_address(text) == address
    assert str(address) == shown


@pytest.mark.parametrize("text", ["", ":", ":http", ":65536", ":-1", "::1:80", "[::1:80", "::1]:80", "a:b:1"])
def test_no_addresses(text: str) -> None:
    with pytest.raises(Failure) as refused:
        parse_address(text)
    assert refused.value.exit_code == BAD_CONFIG
    assert repr(text) in refused.value.message


def test_a_busy_address_is_named_with_the_hint() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(Failure) as refused:
            bind(address, "; try another")
        assert refused.value == Failure(f"address {address} is in use by another program; try another", BUSY_ADDRESS)
    with bind(address), pytest.raises(ConnectionRefusedError):  # nobody serves yet, so nobody is made to wait
        socket.create_connection(("127.0.0.1", address.port))
