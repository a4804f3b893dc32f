"""Adapters: the click spool, Redis streams and profiles, the embedded Valkey, the shared control page."""
