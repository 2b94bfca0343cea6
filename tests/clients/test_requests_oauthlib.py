"""requests-oauthlib for Python, as it comes, with oauthlib's BackendApplicationClient."""

from collections.abc import Mapping
from typing import Any

import pytest
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError, OAuth2Error
from requests_oauthlib import OAuth2Session

from tests.clients.place import AUDIENCE, Machine, Place, Trouble

# Whether the client id and the secret go into the body.
BODY = {"client_secret_basic": False, "client_secret_post": True}


def fetch(place: Place, machine: Machine, method: str, audience: str) -> dict[str, Any]:
    """A token, asked for by the library."""
    with OAuth2Session(client=BackendApplicationClient(machine.client_id)) as session:
        found: dict[str, Any] = session.fetch_token(
            place.at("token_endpoint"),
            client_secret=machine.secret,
            include_client_id=BODY[method],
            audience=audience,
            verify=str(place.authority),
        )
        return found


@pytest.mark.parametrize("method", BODY)
def test_a_token(place: Place, machines: Mapping[str, Machine], method: str):
    """With both methods that it has, a client gets a token. RFC 6749 section 4.4."""
    token = fetch(place, machines[method], method, AUDIENCE)
    assert (token["token_type"], token["scope"]) == ("Bearer", ["read:things"])


def test_revocation(place: Place, apis: Mapping[str, Machine]):
    """A token ends by the request that the library prepares; its body names no client. RFC 7009 2.1."""
    machine = apis["client_secret_basic"]
    token = fetch(place, machine, machine.method, AUDIENCE)["access_token"]
    client = BackendApplicationClient(machine.client_id)
    url, headers, body = client.prepare_token_revocation_request(
        place.at("revocation_endpoint"), token, "access_token"
    )
    credentials = (machine.client_id, machine.secret)
    assert place.web.post(url, content=body, headers=headers, auth=credentials).status_code == 200
    looked = place.web.post("/oauth/introspect", data={"token": token}, auth=credentials)
    assert looked.json() == {"active": False}


@pytest.mark.parametrize("method", BODY)
def test_complains_with_our_error_code(place: Place, trouble: Trouble, method: str):
    """A refusal is the library's own error, of the class that it has for our code. RFC 6749 section 5.2."""
    with pytest.raises(OAuth2Error) as raised:
        fetch(place, trouble.machine, method, trouble.audience)
    assert raised.value.error == trouble.error
    assert isinstance(raised.value, InvalidClientError) is (trouble.error == "invalid_client")
