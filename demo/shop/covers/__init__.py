"""Covers drawn by code. A *sleeve* is 300 by 300 SVG; each genre has *motifs* (what is drawn) and *palettes* (colours).

`drawing` gives each record its motif and palette; everything random comes from a generator seeded with the record's id,
so a cover is the same at every start.
"""
