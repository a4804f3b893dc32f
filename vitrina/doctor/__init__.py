"""Checks before a cut-over: each is a file with `check(examination)`, and a line in `checks.CHECKS`.

An *examination* asks the real shop, politely; a check makes *findings* of the answers: ok, warn, fail, or unknown.
"""
