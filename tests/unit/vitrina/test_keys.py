"""Signing keys: made once with 0600, read again, refused when they cannot be trusted."""

from pathlib import Path

import pytest

from vitrina.failures import BAD_CONFIG, Failure
from vitrina.keys import ENVIRONMENT_NAME, load_keyring

SECRET = "0f" * 32


@pytest.fixture(autouse=True)
def _no_keys_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_NAME, raising=False)


def test_a_key_is_made_on_the_first_run_and_kept(tmp_path: Path) -> None:
    made = load_keyring(tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert load_keyring(tmp_path / "keys").keys == made.keys
    assert len(made.keys[0][1]) == 32
    assert load_keyring(tmp_path / "others").keys != made.keys
    assert made.keys[0][1].hex() not in repr(made)


def test_previews_have_a_line_of_their_own_and_older_files_do_without(tmp_path: Path) -> None:
    made = load_keyring(tmp_path / "keys")
    assert made.preview_key is not None
    assert made.for_previews == made.preview_key
    lines = (tmp_path / "keys").read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["1", "customer", "preview"]
    (tmp_path / "keys").write_text("\n".join(lines[:2]))
    older = load_keyring(tmp_path / "keys")
    assert (older.keys, older.customer_key, older.preview_key) == (made.keys, made.customer_key, None)
    assert len(older.for_previews) == 32


def test_several_keys_first_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_NAME, f"2:{SECRET},1:{'ab' * 16}")
    keyring = load_keyring(tmp_path / "keys")
    assert [key_id for key_id, _ in keyring.keys] == ["2", "1"]
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no key"),
        ("nonsense\n", ":1: expected `kid:hex`"),
        (f"1:{SECRET}\n2:abc\n", ":2: expected `kid:hex`"),
        ("1:0f0f\n", ":1: expected `kid:hex` with at least 32 hex digits"),
        (f"a-b:{SECRET}\n", ":1: expected"),
    ],
)
def test_bad_keys_are_refused_and_not_shown(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "keys"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(Failure, match=message) as refused:
        load_keyring(file)
    assert refused.value.exit_code == BAD_CONFIG
    assert SECRET not in refused.value.message


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(f"1:{SECRET}\n")
    file.chmod(0o640)
    with pytest.raises(Failure, match="readable by others \\(mode 640\\); chmod 600 it"):
        load_keyring(file)


@pytest.mark.parametrize(
    "content", [b"1:caf\xe9\n", f"1:{SECRET}\n1:{SECRET}\n".encode()], ids=["bytes", "one id twice"]
)
def test_odd_files_are_a_failure_of_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(Failure) as refused:
        load_keyring(file)
    assert "\n" not in refused.value.message
