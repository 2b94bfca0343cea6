"""GET /v2/logout: who is signed out, and where that leads."""

import pytest

from sekisho.spec.refusals.authorization import RETURN_MISMATCH, SIGN_OUT_EMBEDDED
from tests.attacks.guest import Guest
from tests.attacks.household import Household
from tests.auth0 import APP, BYE, signed_in

OURS = "https://id.example.com/oidc/logout"


def left(guest: Guest, query: str = "", **headers: str) -> tuple[int, str]:
    """Status and location of a sign-out."""
    answer = guest.send("GET", f"/v2/logout{query}", headers={"accept": "text/html", **headers})
    return answer.status_code, answer.headers.get("location", "")


@pytest.fixture
def guest(house: Household) -> Guest:
    """Aya is signed in."""
    found = Guest(house)
    found.signs_in()
    assert signed_in(found)
    return found


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        (f"&returnTo={BYE}", BYE),
        (f"&returnTo={BYE}%3Fa=1%23b", f"{BYE}?a=1#b"),
        (f"&returnTo={BYE}%23b%3Fa", f"{BYE}#b?a"),
        (f"&returnTo={APP}/other", f"{APP}/other"),
        ("", BYE),
        ("&returnTo=", BYE),
        (f"&returnTo={BYE}&federated", BYE),
        (f"&returnTo={BYE}&federated=&auth0Client=eyJuYW1lIjoieCJ9&x=y", BYE),
    ],
)
def test_leads_to_an_allowed_address(guest: Guest, sent: str, target: str) -> None:
    """The session ends without a question, and the browser goes on; query and fragment do not count."""
    assert left(guest, f"?client_id=web{sent}") == (302, target)
    assert not signed_in(guest)
    assert not [name for name in guest.cookies if "-sso-" in name]


def test_without_a_client_the_tenants_list_counts(house: Household, guest: Guest) -> None:
    """Who says no client_id goes by the list of the tenant, and is not sent to its first address unasked."""
    assert left(guest, f"?returnTo={BYE}") == (400, "")
    house.decide(allowed_logout_urls=(f"{APP}/tenant",))
    assert left(guest, f"?returnTo={APP}/tenant?x") == (302, f"{APP}/tenant?x")
    assert left(guest, f"?client_id=web&returnTo={APP}/tenant") == (400, "")
    assert left(guest) == (302, OURS)


def test_without_a_target_our_own_page_says_so(guest: Guest) -> None:
    """Nowhere to go is our page that says that nobody is signed in."""
    assert left(guest) == (302, OURS)
    assert not signed_in(guest)
    assert 'id="signed-out"' in guest.opens("/v2/logout", accept="text/html").text


@pytest.mark.parametrize("client", ["nobody", "disabled"])
def test_who_is_no_client_leads_nowhere(house: Household, guest: Guest, client: str) -> None:
    """An application that is unknown or switched off signs out, and has no addresses."""
    house.client("second", enabled=False)
    name = "second" if client == "disabled" else client
    assert left(guest, f"?client_id={name}&returnTo=https://second.example.com/bye") == (400, "")
    assert signed_in(guest)
    assert left(guest, f"?client_id={name}") == (302, OURS)


def test_a_bad_target_is_a_page(guest: Guest) -> None:
    """Nobody is redirected to what is not allowed, and nobody is signed out; the page says why."""
    answer = guest.send(
        "GET", f"/v2/logout?client_id=web&returnTo={APP}/evil", headers={"accept": "text/html"}
    )
    assert (answer.status_code, "location" in answer.headers) == (RETURN_MISMATCH.status, False)
    assert "/evil" not in answer.text
    assert "/account" in answer.text
    assert signed_in(guest)


@pytest.mark.parametrize("within", ["image", "iframe", "empty", "script", "style", "embed", "object"])
def test_nothing_inside_a_page_signs_out(guest: Guest, within: str) -> None:
    """A picture, a frame or a script of any page signs nobody out: only the whole window does."""
    answer = guest.send("GET", "/v2/logout?client_id=web", headers={"sec-fetch-dest": within})
    assert answer.status_code == SIGN_OUT_EMBEDDED.status
    assert answer.json()["error_description"] == SIGN_OUT_EMBEDDED.text
    assert signed_in(guest)
    assert left(guest, "?client_id=web", **{"sec-fetch-dest": "document"}) == (302, BYE)


def test_who_is_not_signed_in_goes_on_as_well(house: Household) -> None:
    """Signing out twice leads to the same place."""
    assert left(Guest(house), "?client_id=web") == (302, BYE)
