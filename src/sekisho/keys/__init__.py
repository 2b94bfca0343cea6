"""Keys: the master key, secrets at rest, and the rings that sign."""
