"""One real server and one double of it for all attacks."""

from collections.abc import Iterator

import pytest

from tests.attacks.double import Double, doubled
from tests.attacks.forgery import expel
from tests.attacks.house import Attacked, attacked
from tests.attacks.target import Target


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """The real server."""
    with attacked(tmp_path_factory.mktemp("attacked")) as running:
        yield running


@pytest.fixture(scope="session")
def target(house: Attacked) -> Target:
    """What is attacked."""
    return house.target


@pytest.fixture(scope="session")
def running_double() -> Iterator[Double]:
    """The same in this process."""
    with doubled() as running:
        yield running


@pytest.fixture
def double(running_double: Double) -> Iterator[Double]:
    """The same in this process: tests take its guards away and see the attack succeed; then all is tidied."""
    yield running_double
    expel(running_double.target)


@pytest.fixture
def still_well(house: Attacked) -> Iterator[None]:
    """After the attack the server answers, and has not told of a bug."""
    before = house.server.log.count("incident")
    yield
    assert house.is_well()
    assert house.server.log.count("incident") == before, house.server.log[-3000:]
