"""Listeners: those that are there already are used, the rest is bound."""

import os
import socket

import pytest

from config.settings import Settings, Site, Tls
from vitrina.failures import BUSY_ADDRESS, Failure
from vitrina.listeners import ADMIN, HTTP, HTTPS, Listeners, passed_by_the_service_manager, wanted

SITE = Site("http://127.0.0.1:1")
TLS = Tls(":443", "", "")


def listening(host: str = "127.0.0.1") -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, 0), family=family)


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(SITE, listen=":80", admin=":81"), {HTTP: ":80", ADMIN: ":81"}),
        (
            Settings(SITE, listen=":80", admin=":81", tls=TLS),
            {HTTP: ":80", HTTPS: ":443", ADMIN: ":81"},
        ),
        (Settings(SITE, listen="off", admin=":81", tls=TLS), {HTTPS: ":443", ADMIN: ":81"}),
    ],
)
def test_what_is_listened_on(settings: Settings, expected: dict[str, str]) -> None:
    assert wanted(settings) == expected
    assert list(wanted(settings)) == list(expected)


@pytest.mark.parametrize(("passed", "listen"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", ""), ("::", "")])
def test_a_passed_socket_is_told_by_its_port(passed: str, listen: str) -> None:
    given = listening(passed)
    listeners = Listeners()
    listeners.open(
        Settings(SITE, listen=f"{listen}:{port_of(given)}", admin="127.0.0.1:0"), [("vitrina.socket", given)]
    )
    assert listeners.sockets[HTTP] is given
    assert port_of(listeners.sockets[ADMIN]) not in (0, port_of(given))
    assert listeners.unused == []
    listeners.close()


def test_or_by_its_name() -> None:
    given = listening()
    listeners = Listeners()
    listeners.open(Settings(SITE, listen="127.0.0.1:0", admin="127.0.0.1:0"), [("admin", given)])
    assert listeners.sockets[ADMIN] is given
    listeners.close()


def test_what_nobody_asks_for_is_said_and_closed() -> None:
    given = listening()
    port = port_of(given)
    listeners = Listeners()
    listeners.open(Settings(SITE, listen="127.0.0.1:0", admin="127.0.0.1:0"), [("", given)])
    assert listeners.unused == [f"127.0.0.1:{port}"]
    assert given.fileno() == -1
    listeners.close()


def test_a_busy_address_says_which_setting_to_change() -> None:
    with listening() as taken:
        tls = Tls(f"127.0.0.1:{port_of(taken)}", "", "")
        listeners = Listeners()
        with pytest.raises(Failure, match=r"is in use by another program; choose another tls\.listen") as refused:
            listeners.open(Settings(SITE, listen="off", admin="127.0.0.1:0", tls=tls))
        assert refused.value.exit_code == BUSY_ADDRESS
        listeners.close()


@pytest.mark.parametrize(
    "environment",
    [{}, {"LISTEN_FDS": "1"}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "x", "LISTEN_PID": "SELF"}],
)
def test_sockets_for_somebody_else_are_left_alone(environment: dict[str, str]) -> None:
    mine = {name: value.replace("SELF", str(os.getpid())) for name, value in environment.items()}
    assert passed_by_the_service_manager(mine, os.getpid()) == []
