"""The page engine: locate byte ranges, gate the edits, splice the very bytes of the origin.

Concepts: `Query` (what to look for), `Engine` (holds templates), `Page` (one located body), `Edit` (a change as a
value), `Spliced` (the outcome: bytes, what was applied, what was refused and why).
"""
