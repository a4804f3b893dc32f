"""What really happened in recorded exchanges of real shops, and what the data plane says of them: `make events`.

Concepts: a *recording* (`recorded`: requests, answers' heads, the last answer's body), the *truth* (`truth/*.txt`,
written by reading each exchange), the *replay* (through the whole data plane, without sockets), the *report*.
"""
