"""X-Device-Info at the face: tolerated by default, demanded by a tenant that says so."""

import base64
import json

import pytest

from sekisho.model.client import Client
from tests.faces.adobe_pass.conftest import Place, refused

WHOLE = {"model": "TV", "version": "1", "osName": "tvOS", "osVersion": "17", "connectionType": "WiFi"}
GOOD = base64.b64encode(json.dumps(WHOLE).encode()).decode()
BROKEN = base64.b64encode(b'{"model":"TV","osName":"tvOS""osVersion":"17"}').decode()
AGENT = "AppleCoreMedia/1.0"


async def device_of(place: Place, **headers: str) -> dict[str, str]:
    """What is remembered of the device that registers with these headers."""
    answer = await place.register({"software_statement": place.software.text}, **headers)
    assert answer.status_code == 201
    tenant = place.software.tenant
    client = await tenant.store.named(Client, tenant.id, answer.json()["client_id"])
    assert client
    assert client.registration
    return dict(client.registration.device)


async def test_the_device_is_remembered(place: Place) -> None:
    """What the header says is kept with the client; so is the program, unless the header names another."""
    assert await device_of(place, X_Device_Info=GOOD) == WHOLE
    assert await device_of(place, X_Device_Info=GOOD, User_Agent=AGENT) == {"userAgent": AGENT, **WHOLE}
    own = base64.b64encode(json.dumps({"userAgent": "TV app"}).encode()).decode()
    assert await device_of(place, X_Device_Info=own, User_Agent=AGENT) == {"userAgent": "TV app"}
    assert len((await device_of(place, User_Agent="x" * 5_000))["userAgent"]) == 256


async def test_without_the_header_there_is_what_others_tell(place: Place) -> None:
    """Many clients send none, and the vendor's own sample cannot be read: both are let in."""
    assert await device_of(place) == {}
    assert await device_of(place, User_Agent=AGENT) == {"userAgent": AGENT}
    assert await device_of(place, X_Device_Info=BROKEN, User_Agent=AGENT) == {"userAgent": AGENT}


@pytest.mark.parametrize("header", ["", BROKEN, "x", base64.b64encode(b'{"model":"TV"}').decode()])
async def test_a_strict_tenant_demands_it_everywhere(place: Place, header: str) -> None:
    """Where the setting is strict, registration and token both answer invalid_request to anything less."""
    form = await place.installed()
    await place.software.decide(reading="strict")
    told = {"X_Device_Info": header} if header else {}
    refused(await place.register({"software_statement": place.software.text}, **told), "invalid_request")
    refused(await place.token(form, **told), "invalid_request")
    assert await device_of(place, X_Device_Info=GOOD) == WHOLE
    assert (await place.token(form, X_Device_Info=GOOD)).status_code == 201


async def test_parameters_come_first(place: Place) -> None:
    """A request that is none is told so first; a device that is none, before the statement."""
    await place.software.decide(reading="strict")
    refused(await place.register({"software_statement": "x"}), "invalid_request")
    refused(
        await place.register({"software_statement": "x"}, X_Device_Info=GOOD), "invalid_software_statement"
    )
