"""How cost grows with what grows.

Concepts: a `Curve` says what grows, a `Point` is one measurement of it, the `slope` of a curve is the power that cost
grows with: 1 means that twice as much costs twice as much.
"""
