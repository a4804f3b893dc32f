"""What the operator says: `Settings` (one TOML file, decoded strictly) and `Platform` (what a kind of shop looks like).

Concepts: `Settings`, `Site`, `Placement`, `Segment`, `Offer`, `Experience`, `Platform`, `ConfigError`.
"""
