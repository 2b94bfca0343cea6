"""SQLite and PostgreSQL keep every law of storage."""

from collections.abc import AsyncIterator

import pytest

from sekisho.limits import Limits
from sekisho.store import Engine
from sekisho.store.sql import open_limits
from tests.store import conformance


@pytest.fixture
def engine(opened: Engine) -> Engine:
    return opened


@pytest.fixture
async def limits(url: str) -> AsyncIterator[Limits]:
    limits = await open_limits(url)
    yield limits
    await limits.close()


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
