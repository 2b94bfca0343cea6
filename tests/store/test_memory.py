"""The memory engine keeps every law of storage."""

import pytest

from sekisho.store.memory import MemoryEngine, MemoryLimits
from tests.store import conformance
from tests.store.things import PEPPER, Clock


@pytest.fixture
def engine(clock: Clock) -> MemoryEngine:
    return MemoryEngine(PEPPER, clock)


@pytest.fixture
def limits() -> MemoryLimits:
    return MemoryLimits()


class TestArtifacts(conformance.Artifacts):
    pass


class TestRevocations(conformance.Revocations):
    pass


class TestRecords(conformance.Records):
    pass


class TestUpkeep(conformance.Upkeep):
    pass


class TestBuckets(conformance.Buckets):
    pass


class TestDeliveries(conformance.Deliveries):
    pass
