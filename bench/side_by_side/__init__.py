"""Vitrina and others doing the same job side by side: CPU per request, in one run, checked before it is timed.

Concepts: a `Workload` says what origin, visitors and requests are; a `Candidate` starts one server in front of that
origin and says how much of the job it does; a `Sample` is one round of one candidate under one load.
"""
