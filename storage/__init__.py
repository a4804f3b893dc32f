"""Adapters: the click spool, Redis streams and profiles, the embedded Valkey, the shared control page.

Concepts: `Spool` (a writer's append-only log of clicks), `Shipper` (spools to stream, once each), `Consumer` (stream to
profiles and catalogue), `BatchedProfiles` (one read per event-loop tick), `EmbeddedValkey`, `ControlPage`.
"""
