"""A second factor through auth0-python: a password is half the way, and what is lost is reset."""

import ssl
from pathlib import Path

import httpx
import pytest
from auth0.authentication import GetToken
from auth0.authentication.exceptions import Auth0Error
from auth0.management import ManagementClient

from sekisho.spec.policy import MFA_OTP, PASSWORD_REALM
from tests.clients.place import AUDIENCE, Machine, Place, serving
from tests.pages.factor_stories import shown_by_app

pytestmark = [
    # Python 3.12 complains of the clock that it reads.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]
NAME, PASSWORD = "mio@example.com", "seven grey herons"
REALM = "Username-Password-Authentication"


def half_way(place: Place, shop: Machine) -> dict[str, object]:
    """What the library says of a right password."""
    with pytest.raises(Auth0Error) as caught:
        GetToken(place.domain, shop.client_id, shop.secret).login(
            NAME, PASSWORD, scope="openid", realm=REALM, audience=AUDIENCE
        )
    assert (caught.value.status_code, caught.value.error_code) == (403, "mfa_required")
    content = caught.value.content
    assert isinstance(content, dict)
    return content


def shown(place: Place, shop: Machine, ticket: object, otp: str) -> httpx.Response:
    """The code, by the grant that the library has no call for."""
    form = {"grant_type": MFA_OTP, "mfa_token": str(ticket), "otp": otp}
    return place.web.post("/oauth/token", data=form, auth=(shop.client_id, shop.secret))


def test_a_password_is_half_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library tells `mfa_required` with its ticket; an app is associated, shown, listed and reset."""
    with serving(tmp_path) as place:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(place.authority))
        monkeypatch.setenv("SSL_CERT_FILE", str(place.authority))
        told = {"applications_may_take_passwords": True, "second_factor": "always"}
        assert place.web.patch("/api/v2/tenants/settings", json=told).status_code == 200
        person = place.made("users", connection=REALM, email=NAME, password=PASSWORD)
        shop = place.machine("client_secret_post", grant_types=[PASSWORD_REALM], app_type="regular_web")
        content = half_way(place, shop)
        assert content["mfa_requirements"] == {"enroll": [{"type": "otp"}]}
        bearer = {"authorization": f"Bearer {content['mfa_token']}"}
        body = {"authenticator_types": ["otp"]}
        begun = place.web.post("/mfa/associate", json=body, headers=bearer).json()
        answer = shown(place, shop, content["mfa_token"], shown_by_app(begun["secret"]))
        assert answer.status_code == 200, answer.text
        content = half_way(place, shop)
        assert content["mfa_requirements"] == {"challenge": [{"type": "otp"}, {"type": "recovery-code"}]}
        answer = shown(place, shop, content["mfa_token"], shown_by_app(begun["secret"]))
        assert (answer.status_code, answer.json()["error"]) == (403, "invalid_grant")
        with httpx.Client(verify=ssl.create_default_context(cafile=place.authority)) as web:
            token = place.web.headers["authorization"].removeprefix("Bearer ")
            management = ManagementClient(domain=place.domain, token=token, httpx_client=web)
            methods = management.users.authentication_methods
            found = {each.type: each for each in methods.list(person["user_id"])}
            assert set(found) == {"totp", "recovery-code"}
            methods.delete_all(person["user_id"])
        assert half_way(place, shop)["mfa_requirements"] == {"enroll": [{"type": "otp"}]}
