"""The benchmark: `python -m bench` prints one report."""
