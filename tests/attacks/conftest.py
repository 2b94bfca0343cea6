"""One real server and one double of it for all attacks."""

from collections.abc import Iterator

import pytest

from tests.attacks.callers import moved_in as furnish
from tests.attacks.double import Double, doubled
from tests.attacks.forgery import expel
from tests.attacks.house import Attacked, attacked
from tests.attacks.household import Household, Street, moved_in, opened
from tests.attacks.people_target import Browser, People, peopled
from tests.attacks.redirects import signed_in
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


@pytest.fixture(scope="session")
def people(target: Target) -> People:
    """The people of the real server, and the clients that ask them."""
    return peopled(target)


@pytest.fixture(scope="module")
def kim(people: People) -> Browser:
    """Kim's browser, where an address that is let through would get a code at once."""
    return signed_in(people)


@pytest.fixture(scope="session")
def running_people(running_double: Double) -> People:
    """The same of the double."""
    return peopled(running_double.target)


@pytest.fixture
def twins(double: Double, running_people: People) -> People:
    """The people of the double, where guards are taken away."""
    return running_people


@pytest.fixture
def still_well(house: Attacked) -> Iterator[None]:
    """After the attack the server answers, and has not told of a bug."""
    before = house.server.log.count("incident")
    yield
    assert house.is_well()
    assert house.server.log.count("incident") == before, house.server.log[-3000:]


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    """A server in this process whose house is replaced with each test."""
    with opened() as running:
        yield running


@pytest.fixture
def home(street: Street) -> Household:
    """A new house with people in it."""
    return moved_in(street)


@pytest.fixture
def firm(home: Household) -> Household:
    """A new house with applications in it that call each other by Entra's addresses."""
    return furnish(home)
