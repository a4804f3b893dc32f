"""Conformance: raw results of suites run through a whole Vitrina, and the report made of them.

Concepts: *part* (one suite: message table, h1spec, cache-tests, websockets, recipes), *record* (one case of a part,
with `passed` true, false, or null when it could not be run and why), *report* (made of the records alone).
"""
