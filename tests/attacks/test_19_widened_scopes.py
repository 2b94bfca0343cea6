"""Class 19: a token does more than was agreed to: at the code, at refresh, by client credentials."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import MANAGEMENT as INSIDE
from sekisho.model.api import Api
from sekisho.model.client_grant import ClientGrant
from sekisho.oauth import whose
from sekisho.oauth.grants import refresh_token as refreshing
from sekisho.spec import scope
from tests.attacks.guest import EVERYTHING, Guest, ask, is_refused, redeem, refresh, tokens, told, who
from tests.attacks.household import API, OTHER_API, Household, apis
from tests.attacks.target import MANAGEMENT, ORIGIN, OTHER_MANAGEMENT
from tests.servers import claims_of
from tests.tenants import TENANT

LITTLE = "openid offline_access read:things"
WISHES = (
    f"{LITTLE} write:things", EVERYTHING, "write:things", "read:things email", "*", "read:things*", "read:",
    "READ:THINGS", "phone", "read:clients", f"{LITTLE} read:clients", f"{LITTLE} unheard:of",
)  # fmt: skip


def scopes_of(given: dict[str, Any]) -> set[str]:
    """What a token may do, by its answer and by itself."""
    said = set(given["scope"].split())
    assert set(claims_of(given["access_token"])["scope"].split()) == said
    return said


@pytest.mark.parametrize("wish", WISHES)
def test_a_refresh_gives_no_more(home: Household, wish: str) -> None:
    """Whatever was not granted in the beginning is refused at refresh, and uses nothing up."""
    given = tokens(home, "third", scope=LITTLE)
    answer = refresh(home, given["refresh_token"], "third", scope=wish)
    is_refused(answer, "invalid_scope")
    again = refresh(home, given["refresh_token"], "third").json()
    assert scopes_of(again) == set(LITTLE.split())


def test_less_is_given_and_no_more_comes_back(home: Household) -> None:
    """A narrowed token is narrow, and what a later one has is never more than was agreed to."""
    given = tokens(home, "third", scope=LITTLE)
    less = refresh(home, given["refresh_token"], "third", scope="read:things").json()
    assert scopes_of(less) == {"read:things"}
    assert "id_token" not in less
    is_refused(who(home, less["access_token"]), "invalid_token", "insufficient_scope")
    is_refused(
        refresh(home, less["refresh_token"], "third", scope="read:things write:things"), "invalid_scope"
    )
    more = refresh(home, less["refresh_token"], "third").json()
    assert scopes_of(more) == set(LITTLE.split())


@pytest.mark.parametrize("more", [{"scope": EVERYTHING}, {"scope": "write:things email"}, {"scope": "*"}])
def test_a_code_gives_what_it_is_for(home: Household, more: dict[str, str]) -> None:
    """A scope that is sent along with the code adds nothing to it."""
    code = Guest(home).answered("third", scope=LITTLE)["code"]
    answer = redeem(home, code, "third", **more)
    if answer.status_code == 200:
        assert scopes_of(answer.json()) <= set(LITTLE.split())
    else:
        is_refused(answer, "invalid_scope")


@pytest.mark.parametrize("name", ["audience", "resource"])
def test_no_other_api(home: Household, name: str) -> None:
    """Neither code nor refresh token gives a token for an API that was not asked for."""
    code = Guest(home).answered("third", scope=LITTLE)["code"]
    answers = [redeem(home, code, "third", **{name: OTHER_API})]
    if answers[0].status_code == 200:
        text = answers[0].json()["refresh_token"]
        answers += [refresh(home, text, "third", **{name: each}) for each in (OTHER_API, MANAGEMENT, INSIDE)]
    for each in answers:
        if each.status_code == 200:
            assert claims_of(each.json()["access_token"])["aud"] == [API, f"{ORIGIN}/userinfo"]
        else:
            is_refused(each, "invalid_target")


def test_what_the_api_lost_is_lost(home: Household) -> None:
    """A scope that was switched off or taken away is in no new token; one that came since is not either."""
    given = tokens(home, scope=LITTLE + " write:things")
    api = next(each for each in apis() if each.identifier == API)
    read, write = api.scopes
    late = replace(read, id="late", value="late:things")
    found = replace(api, scopes=(replace(read, enabled=False), late), version=1)
    home.change(found)
    again = refresh(home, given["refresh_token"])
    assert scopes_of(again.json()) == {"openid", "offline_access"}
    is_refused(refresh(home, again.json()["refresh_token"], scope="late:things"), "invalid_scope")
    assert scopes_of(tokens(home, scope=f"{LITTLE} {write.value}")) == {"openid", "offline_access"}


@pytest.mark.parametrize(
    "audience", [MANAGEMENT, INSIDE, f"{ORIGIN}/t/demo/api/v2/", OTHER_MANAGEMENT, f"{ORIGIN}/t/acme/api/v2/"]
)
def test_nobody_administers_by_signing_in(home: Household, audience: str) -> None:
    """No client gets a token for the management API in a person's name, also where it is the default."""
    guest = Guest(home)
    guest.signs_in()
    for more in ({"audience": audience}, {"audience": None, "resource": audience}):
        said = told(guest.authorizes(scope="openid read:clients", **more))
        assert (said["error"], "code" in said) == ("access_denied", False)
    home.decide(default_audience=audience)
    assert told(guest.authorizes(audience=None))["error"] == "access_denied"


def test_machines_are_no_people(home: Household) -> None:
    """Client credentials give no ID token, no refresh token and none of a person's scopes."""
    home.client("web", grant_types=("client_credentials", "authorization_code", "refresh_token"))
    form = {"grant_type": "client_credentials", "audience": API, "scope": EVERYTHING}
    is_refused(ask(home, "web", form), "invalid_target")
    home.change(
        ClientGrant(tenant=TENANT, id="cgr_1", client_id="web", audience=API, scopes=("read:things",))
    )
    given = ask(home, "web", form).json()
    assert scopes_of(given) == {"read:things"}
    assert not {"id_token", "refresh_token"} & given.keys()
    is_refused(who(home, given["access_token"]), "invalid_token", "insufficient_scope")


def test_a_client_that_may_not_stay(home: Household) -> None:
    """Without the grant, at the client, the API or the tenant, nobody gets or uses refresh tokens."""
    given = tokens(home)
    home.client("web", grant_types=("authorization_code",))
    is_refused(refresh(home, given["refresh_token"]), "unauthorized_client")
    home.clock.now += 1
    assert "refresh_token" not in tokens(home)
    home.client("web", grant_types=("authorization_code", "refresh_token"))
    api = next(each for each in apis() if each.identifier == API)
    home.change(replace(api, allow_offline_access=False, version=1))
    assert "refresh_token" not in tokens(home)
    home.decide(grant_types=("authorization_code",))
    is_refused(refresh(home, given["refresh_token"]), "unsupported_grant_type")
    with home.web() as web:
        for path in ("/oauth/device/code", "/oauth/device_authorization", "/device"):
            assert web.post(path, data={"client_id": "web"}).status_code == 404


def test_the_guards_are_what_holds(home: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""

    def generous(asked: tuple[str, ...], *_: object, **__: object) -> tuple[str, ...]:
        return asked

    with monkeypatch.context() as mutant:
        mutant.setattr(refreshing, "_narrowed", lambda ask, *_: scope.parse(ask.get("scope")))
        mutant.setattr(scope, "narrow", lambda asked, allowed: asked or tuple(allowed))
        text = tokens(home, scope=LITTLE)["refresh_token"]
        assert scopes_of(refresh(home, text, scope="write:things").json()) == {"write:things"}
    with monkeypatch.context() as mutant:
        mutant.setattr(whose, "scopes_of", generous)
        assert "read:clients" in scopes_of(tokens(home, scope="openid read:clients"))
    with monkeypatch.context() as mutant:
        mutant.setattr(Api, "is_system", False)
        guest = Guest(home)
        guest.signs_in()
        assert "code" in told(guest.authorizes(audience=INSIDE, scope="openid read:clients"))
