"""Ways to value the products of a list for a visitor, one file each; `decisions.ranking` lists them.

Concepts: a strategy is a function from a product and a `Taste` to a score; higher stands earlier.
"""
