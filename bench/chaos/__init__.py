"""Chaos: faults done to a whole Vitrina under load, raw results of what came of them, and the report made of those.

Concepts: *stage* (a shop, a Redis, a Vitrina, visitors who browse), *fault* (what is done to it: one file in `faults/`,
one line in `registry`), *oracle* (the visitors' own list of complete answers against streams and folded profiles),
*record* (one case of a fault with its figures), *report* (made of the records alone).
"""
