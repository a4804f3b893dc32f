"""Faults: each module has one `run`, an asynchronous iterator of records; `bench.chaos.registry` lists them."""
