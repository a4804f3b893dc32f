"""Mutants: small changes of `transforms/`, one at a time, and whether the suite notices each.

mutmut makes the mutants and finds out which tests run through which function; `running` runs those tests, the nearest
first, in a fork per mutant of one process that has collected them; `report` says what came of it, file by file.
"""
