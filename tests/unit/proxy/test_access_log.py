"""The access log: whole lines from many writers, rotation, what is shown of addresses and agents."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.access_log import LONGEST_AGENT, PIPE_BYTES, AccessLog, _network, _shown_agent, shown_address, shown_agent

Soon = Callable[[Callable[[], None]], object]


def opened(path: Path, *, max_bytes: int = 1 << 20, keep: int = 2, lost: list[int] | None = None) -> AccessLog:
    """A log whose lines wait for `flush`."""
    counted = [] if lost is None else lost
    return AccessLog(path, "json", max_bytes=max_bytes, keep=keep, soon=lambda call: None, lost=counted.append)


@pytest.mark.parametrize(
    ("peer", "forwarded", "shown"),
    [
        (b"203.0.113.77", None, "203.0.113.0"),
        (b"127.0.0.1", b"198.51.100.9", "198.51.100.0"),
        (b"127.0.0.1", b"10.1.2.3, 198.51.100.9", "198.51.100.0"),
        (b"2001:db8:1234:5678:9abc::1", None, "2001:db8:1234::"),
        (b"::ffff:203.0.113.77", None, "203.0.113.0"),
        (b"fe80::1%eth0", None, "fe80::"),
        (b"127.0.0.1", b"[2001:db8:1234:5::1]", "2001:db8:1234::"),
        (b"127.0.0.1", b"unknown", "-"),
        (b"127.0.0.1", b'" evil\x00', "-"),
        (b"", None, "-"),
    ],
)
def test_an_address_is_cut(peer: bytes, forwarded: bytes | None, shown: str) -> None:
    assert shown_address(peer, forwarded) == shown


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (b"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101"),
        (b'say "hi"\\', "say ?hi??"),
        (b"a\xff\x01b", "a??b"),
        (b"", "-"),
        (b"bot (jose@example.com)", "(bot)"),
        (b"app/1.0 token=Zk3vQ9xR7tLm2WpY8sDf5GhJ", "(other)"),
    ],
)
def test_an_agent_is_printable_and_nobodys(agent: bytes, shown: str) -> None:
    assert shown_agent(agent) == shown


def test_what_is_remembered_of_agents_and_addresses_is_short() -> None:
    _shown_agent.cache_clear()
    _network.cache_clear()
    for number in range(9):
        assert len(shown_agent(b"x" * LONGEST_AGENT + b"%d" % number)) == LONGEST_AGENT
        assert shown_address(b"10.0.0.1", b"%d, " % number + b"1" * 60_000 + b"%d" % number) == "-"
        assert shown_address(b"10.0.0.1", b"x" * 60_000 + b"%d, 203.0.113.9" % number) == "203.0.113.0"
    assert (_shown_agent.cache_info().currsize, _network.cache_info().currsize) == (1, 1)


@given(st.binary(max_size=400))
def test_no_agent_ends_a_field(agent: bytes) -> None:
    shown = shown_agent(agent)
    assert shown.isascii()
    assert shown.isprintable()
    assert not {'"', "\\"} & set(shown)


def test_what_cannot_be_understood_is_a_line_without_its_words(tmp_path: Path) -> None:
    log = opened(tmp_path / "logs" / "access.log")
    log.refused(b"192.0.2.55", 400)
    log.close()
    [line] = (tmp_path / "logs" / "access.log").read_text().splitlines()
    said = json.loads(line)
    assert (said["address"], said["status"], said["outcome"]) == ("192.0.2.0", 400, "bad_request")
    assert os.stat(tmp_path / "logs").st_mode & 0o777 == 0o700


def test_many_writers_lines_never_mix(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    workers = 4
    children = []
    for number in range(workers):
        child = os.fork()
        if child == 0:
            try:
                log = opened(path)
                for turn in range(200):
                    for _ in range(5):
                        log.refused(b"10.%d.0.1" % number, 400 + turn % 100)
                    log.flush()
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    said = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(said) == workers * 1000
    assert {one["address"] for one in said} == {f"10.{number}.0.0" for number in range(workers)}


def test_it_rotates_and_keeps_so_many(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    first, second = opened(path, max_bytes=200, keep=2), opened(path, max_bytes=200, keep=2)
    for status in range(400, 440):
        for log in (first, second):
            log.refused(b"192.0.2.1", status)
            log.flush()
        first.check()
        second.check()
    first.close()
    second.close()
    files = sorted(each.name for each in tmp_path.iterdir() if not each.name.startswith("."))
    assert files == ["access.log", "access.log.1", "access.log.2"]
    # The newest lines are there, in order, each whole.
    kept = [
        json.loads(line)["status"]
        for name in ("access.log.2", "access.log.1", "access.log")
        for line in (tmp_path / name).read_text().splitlines()
    ]
    assert kept == sorted(kept)
    assert kept[-2:] == [439, 439]


def test_it_follows_a_file_that_was_renamed(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = opened(path)
    log.refused(b"192.0.2.1", 400)
    log.flush()
    path.rename(tmp_path / "old")
    log.refused(b"192.0.2.1", 414)
    log.check()  # waiting lines go where they belong: into the file they were waiting for
    log.refused(b"192.0.2.1", 431)
    log.close()
    assert [json.loads(line)["status"] for line in (tmp_path / "old").read_text().splitlines()] == [400, 414]
    assert [json.loads(line)["status"] for line in path.read_text().splitlines()] == [431]


def test_a_full_device_loses_lines_and_counts_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lost: list[int] = []
    path = tmp_path / "access.log"
    path.symlink_to("/dev/full")
    log = opened(path, lost=lost)
    for _ in range(3):
        log.refused(b"192.0.2.1", 400)
    log.flush()
    log.refused(b"192.0.2.1", 400)
    log.close()
    assert lost == [3, 1]
    assert caplog.text.count("No space left") == 1


def test_into_a_pipe_go_whole_lines_and_a_full_one_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    lost: list[int] = []
    log = opened(path, lost=lost)
    for _ in range(100):
        log.refused(b"192.0.2.1", 400)
    log.flush()
    data = os.read(reading, 1 << 20)
    assert len(data) > PIPE_BYTES
    assert len([json.loads(line) for line in data.splitlines()]) == 100
    for _ in range(3000):
        log.refused(b"192.0.2.1", 400)
    log.close()
    os.close(reading)
    assert lost == [3000]
