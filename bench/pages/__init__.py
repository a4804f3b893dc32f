"""Pages that benches serve, generated here: the same bytes for the same seed, written as shops of 2008 were."""
