"""A functional failure: what the bench measures does not do what it should."""


class BenchError(Exception):
    """A server did not start, an answer was wrong, a token did not verify."""
