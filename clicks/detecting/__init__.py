"""Learning what a shop looks like from some of its pages: product blocks, product pages, addresses, forms.

Concepts: a *sample* is a served page; a *group* is a run of repeated product blocks found on it without knowing the
shop; a *signature* is the selector that finds the same blocks on every page of the shop; what all samples agree on
becomes a `Platform` like those that ship, with a confidence for each of its parts.
"""
