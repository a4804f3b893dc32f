"""Commands, as they go out."""

from storage.resp import encode_command


def test_commands() -> None:
    assert encode_command([b"MGET", b"a", b""]) == b"*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$0\r\n\r\n"
