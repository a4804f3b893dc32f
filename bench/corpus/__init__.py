"""The page engine against pages nobody made for it: `python -m bench.corpus`.

Concepts: a `Source` (named bodies), a mutation (what decay and attackers do to them), a check (bytes by the changes
alone, ranges by markers in selectolax, meaning by html5lib, or by justhtml where html5lib has no opinion), a record per
base page, the report made of the records.
"""
