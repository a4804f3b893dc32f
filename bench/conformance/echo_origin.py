"""The origin of h1spec: answers any request with its body. `python -m bench.conformance.echo_origin PORT`."""

import asyncio
import sys

from proxy.framing.decoders import decoder_for
from proxy.framing.request import find_head_end, parse_request_head


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection."""
    buffer = b""
    try:
        while True:
            while (end := find_head_end(buffer)) < 0:
                buffer += await _more(reader)
            decoder = decoder_for(parse_request_head(buffer[:end]).framing)
            body = b"".join(decoder.feed(buffer[end:]))
            while not decoder.done:
                body += b"".join(decoder.feed(await _more(reader)))
            buffer = decoder.leftover
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
    except (EOFError, ConnectionError):
        pass
    finally:
        writer.close()


async def _more(reader: asyncio.StreamReader) -> bytes:
    data = await reader.read(65_536)
    if not data:
        raise EOFError
    return data


async def main(port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(echo, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
