"""The one guarded way out: what others publish, fetched from the public internet and nowhere else."""
