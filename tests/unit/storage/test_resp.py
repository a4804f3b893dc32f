"""Commands, as they go out."""

from storage.resp import encode_command, encode_commands


def test_commands() -> None:
    assert encode_command([b"MGET", b"a", b""]) == b"*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$0\r\n\r\n"
    assert encode_commands([(b"MGET", b"a", b""), ("SET", "ñ", 7), ("ZADD", 1.5)]) == (
        b"*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$0\r\n\r\n"
        b"*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xb1\r\n$1\r\n7\r\n"
        b"*2\r\n$4\r\nZADD\r\n$3\r\n1.5\r\n"
    )
