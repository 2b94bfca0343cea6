"""A house with applications that call Auth0's own endpoints."""

from collections.abc import Iterator

import pytest

from tests.attacks.household import Household, Street, moved_in, opened
from tests.auth0 import furnished


@pytest.fixture(scope="module")
def street() -> Iterator[Street]:
    """A server in this process whose house is replaced with each test."""
    with opened() as running:
        yield running


@pytest.fixture
def house(street: Street) -> Household:
    """Everything is switched on in it."""
    return furnished(moved_in(street))
