"""MSAL for Python shows a person's password: off as a tenant comes, and there when somebody wants it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msal
import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.clients.entra import App, Firm
from tests.clients.person import ADDRESS, PASSWORD
from tests.servers import claims_of

SETTINGS = "/api/v2/tenants/settings"


class Front(HTTPAdapter):
    """What stands before a server at the usual port: of people MSAL asks there, whatever the port."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *given: Any, **told: Any) -> requests.Response:
        assert request.url
        request.url = request.url.replace("https://localhost/", f"{self.url}/", 1)
        return super().send(request, *given, **told)


@pytest.fixture
def web(firm: Firm, trusting: None) -> Iterator[requests.Session]:
    """The way to the server."""
    with requests.Session() as session:
        session.mount("https://localhost/", Front(firm.place.url))
        yield session


@pytest.fixture(scope="module")
def handed(firm: Firm) -> App:
    """An application that may be handed passwords; its API is agreed to for everybody."""
    made = firm.app("Handed")
    grants = ["authorization_code", "refresh_token", "password"]
    answer = firm.place.web.patch(f"/api/v2/clients/{made.client_id}", json={"grant_types": grants})
    assert answer.status_code == 200, answer.text
    firm.agree(made, firm.shop, "access_as_user")
    return made


@contextmanager
def allowed(firm: Firm) -> Iterator[None]:
    """The tenant lets applications take passwords, for so long."""
    for allows in (True, False):
        answer = firm.place.web.patch(SETTINGS, json={"applications_may_take_passwords": allows})
        assert answer.status_code == 200, answer.text
        if allows:
            yield


def asked(firm: Firm, app: App, web: requests.Session, password: str = PASSWORD) -> Mapping[str, Any]:
    """How MSAL is answered."""
    told = {"authority": firm.authority, "instance_discovery": False, "http_client": web}
    made = msal.ConfidentialClientApplication(app.client_id, client_credential=app.secret, **told)
    found: Mapping[str, Any] = made.acquire_token_by_username_password(
        ADDRESS, password, [firm.shop.scope("access_as_user")]
    )
    return found


def test_it_is_off(firm: Firm, handed: App, web: requests.Session):
    """No tenant comes with it. Contract of the dialect, section 9.7."""
    refused = asked(firm, handed, web)
    assert (refused["error"], refused["error_codes"]) == ("unsupported_grant_type", [70003])


def test_a_person_signs_in(firm: Firm, handed: App, web: requests.Session):
    """Where it is on, the password is good for what was agreed to; a wrong one for nothing. Section 9.7."""
    with allowed(firm):
        found = asked(firm, handed, web)
        refused = asked(firm, handed, web, "wrong")
    assert "access_token" in found, found
    claims = claims_of(found["access_token"])
    assert (claims["aud"], claims["scp"]) == (firm.shop.client_id, "access_as_user")
    assert found["id_token_claims"]["preferred_username"] == ADDRESS
    assert {"refresh_token", "client_info"} <= found.keys()
    assert (refused["error"], refused["error_codes"]) == ("invalid_grant", [50126])


def test_an_application_that_may_not(firm: Firm, web: requests.Session):
    """That a tenant allows it makes no application able. RFC 6749 section 4.3."""
    with allowed(firm):
        refused = asked(firm, firm.site, web)
    assert refused["error"] == "unauthorized_client"
