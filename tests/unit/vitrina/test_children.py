"""What child processes are given."""

from vitrina.children import environment_of_child


def test_children_keep_freed_memory_and_hear_no_service_manager() -> None:
    given = environment_of_child({"PATH": "/bin", "NOTIFY_SOCKET": "/run/notify", "MALLOC_TOP_PAD_": "7"})
    assert given["PATH"] == "/bin"
    assert "NOTIFY_SOCKET" not in given
    assert int(given["MALLOC_TRIM_THRESHOLD_"]) >= 1 << 20
    assert given["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    assert given["MALLOC_TOP_PAD_"] == "7", "the operator's own setting counts"
