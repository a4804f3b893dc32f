"""One module per command of `python -m vitrina`: `add` describes its arguments, `run` does it."""
