"""The data plane: HTTP/1.1 in and out, byte-faithful, on `asyncio.Protocol` under uvloop.

Concepts: framing (sans-I/O), headers (pure tables), downstream and upstream connections, `Exchange` (one request and its
response), personalise (the guarded path from body to edits), ports (what it needs of storage).
"""
