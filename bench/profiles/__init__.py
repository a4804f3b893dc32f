"""What a million profiles take: memory of each in the embedded Valkey, and how long an import lasts.

Concepts: a *population* (people who came as shops' visitors do), a `Run` (where and when), a `Stored` (one import of
it: bytes, memory, time).
"""
