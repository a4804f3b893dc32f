"""Ways to value the products of a list for a visitor, one file each; `decisions.ranking` lists them.

Concepts: a strategy is a function from the candidates of a list and a profile to scores; higher stands earlier.
"""
