"""Reading profiles to import: judged whole, small files here and large ones on all cores, alike."""

import io
import json
from pathlib import Path

import msgpack
import pytest

from visitors.cookie import Keyring
from visitors.sealing import unseal
from visitors.wire import decode_profile, is_resting
from vitrina.failures import Failure
from vitrina.importing import AT_ONCE, SMALL_BYTES, Incoming

KEYRING = Keyring((("1", b"0123456789abcdef"),))


def read(path: Path) -> dict[str, bytes]:
    waiting = io.BytesIO()
    incoming = Incoming(KEYRING, waiting)
    incoming.read(str(path))
    found = dict(msgpack.Unpacker(io.BytesIO(waiting.getvalue())))
    assert len(found) == incoming.count
    return found


def lines(count: int, blanks: int) -> list[str]:
    said = {"updated": 1_700_000_000, "email": "a@b.example"}
    return [json.dumps({"id": f"somebody-{number:013}", "visits": number, **said}) + " " * blanks
            for number in range(count)]  # fmt: skip


@pytest.mark.parametrize("blanks", [0, SMALL_BYTES // (2 * AT_ONCE)], ids=["small", "large"])
def test_all_of_a_file_is_read(tmp_path: Path, blanks: int) -> None:
    file = tmp_path / "all.jsonl"
    file.write_text("\n\n".join(lines(2 * AT_ONCE + 1, blanks)))
    found = read(file)
    assert list(found) == [f"somebody-{number:013}" for number in range(2 * AT_ONCE + 1)]
    profile = decode_profile(found["somebody-0000000000700"])
    assert profile.visits == 700
    assert is_resting(found["somebody-0000000000700"])
    assert unseal(KEYRING, profile.email or "") == "a@b.example"


@pytest.mark.parametrize("blanks", [0, SMALL_BYTES // (2 * AT_ONCE)], ids=["small", "large"])
@pytest.mark.parametrize(
    ("bad", "message"),
    [(b'{"vists": 1}', 'vists: unknown key; did you mean "visits"?'), (b'"\xff"', "is not UTF-8")],
    ids=["unknown key", "no UTF-8"],
)
def test_the_first_bad_line_is_named(tmp_path: Path, blanks: int, bad: bytes, message: str) -> None:
    file = tmp_path / "bad.jsonl"
    good = [line.encode() for line in lines(2 * AT_ONCE, blanks)]
    file.write_bytes(b"\n".join([*good, bad, b"worse"]))
    with pytest.raises(Failure) as failure:
        read(file)
    assert str(failure.value) == f"{file}:{2 * AT_ONCE + 1}: {message}"
