"""Messages pass byte for byte in both directions, whatever their shape."""

import asyncio

GET = b"GET %b HTTP/1.1\r\nHost: shop.test\r\n%b\r\n"


def ok(body=b"ok", *fields, status=b"200 OK", content_type=b"text/plain"):
    lines = [b"HTTP/1.1 " + status, b"Content-Type: " + content_type, b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


async def test_smoke(shop):
    async with shop(ok(b"hello")) as s:
        c = await s.client()
        for _ in range(3):
            head, body = await c.ask(GET % (b"/", b""))
            assert body == b"hello"
        assert s.origin.connections == 1
        print(s.clicks.all[0])
