"""The processes a supervisor runs: data plane (N workers), work (shipper and consumer), console.

Each is started as `python -m vitrina.processes NAME SPEC`, says "ready" on a pipe, stops on SIGTERM and dies with its
supervisor.
"""
