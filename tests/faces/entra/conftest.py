"""The face at a desk."""

import pytest

from sekisho.app import lost, urls
from sekisho.model.step import Save
from sekisho.web.door import Building, Door
from tests.faces.entra.desk import Desk, application, graph
from tests.tenants import Clock, demo_directory
from tests.visitor import person


@pytest.fixture
async def desk() -> Desk:
    """Aya, an application that she uses, and the API that says who she is."""
    directory = await demo_directory(Clock())
    made = Desk(directory, Door(Building(directory, urls(), {}, lost)))
    assert await made.tenant.change(Save(person()), Save(application()), Save(graph())) is None
    return made
