"""Command line, supervisor and wiring: the one place that joins ports to adapters."""
