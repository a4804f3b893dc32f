"""HTTP/1.1 without I/O (RFC 9112): bytes in, heads and body parts out, and back.

Concepts: *head* (start line and fields), *framing* (how a body's end is found), *decoder* (takes body bytes as they
arrive), *limits*, *framing error* (the status that answers a message that must not be understood).

Requests are read strictly, responses tolerantly by table. Every message is parsed once; what is forwarded is built from
the parsed values, so that no next hop can see another message boundary than we did.
"""
