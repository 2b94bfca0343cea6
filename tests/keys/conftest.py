"""A master key, a sealer and one key of each algorithm."""

import pytest

from sekisho.keys.master import Master
from sekisho.keys.ring import Keys
from sekisho.keys.rotation import Ring, born
from sekisho.keys.seal import Sealer

NOW = 1_760_000_000.0
ALGS = ("RS256", "PS256", "ES256", "EdDSA")


@pytest.fixture(scope="session")
def sealer():
    """A sealer whose master key is no secret."""
    return Sealer.of(Master((bytes(range(32)),)))


@pytest.fixture(scope="session")
def ring():
    """The ring that signs tokens."""
    return Ring("tenant-1", "demo", "tokens")


@pytest.fixture(scope="session")
def records(ring, sealer):
    """A current key of each algorithm; RSA keys are slow to make."""
    return tuple(born(ring, alg, "current", sealer, NOW) for alg in ALGS)


@pytest.fixture(scope="session")
def keys(records, sealer):
    """The ring of these keys."""
    return Keys.of(records, sealer)
