"""The data plane: HTTP/1.1 in and out, byte-faithful, on `asyncio.Protocol` under uvloop.

Concepts: framing (sans-I/O), headers (pure tables), downstream and upstream connections, `Exchange` (one request and
its response), `ExchangeState` (what its stages know of it), `Visit` (whose it is and what may be done with it), page
bodies (held, read or mapped), the click log, ports (what it needs of storage).
"""
