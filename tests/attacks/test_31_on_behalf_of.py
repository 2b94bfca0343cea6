"""Class 31, in Entra's words: an application acts for people beyond what was given to it, or for ever.

With it, for these exchanges: who agreed (30), what may come of it (19), who is gone (34).
"""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.api import Api, AppRole, PreAuthorized, Scope
from sekisho.model.client import Client
from sekisho.model.consent import Consent
from sekisho.model.role import RoleAssignment
from sekisho.oauth.delegation import agreed as agreeing
from sekisho.oauth.delegation import subject
from sekisho.people import consents
from sekisho.registry import clients
from sekisho.registry.applications import names as naming
from sekisho.spec.exchange import chain
from tests.attacks.callers import (
    answer_of,
    changed,
    goes_on,
    granted,
    is_refused,
    posts,
    redeems,
    site_refreshes,
    token_a,
)
from tests.attacks.guest import Guest, together
from tests.attacks.household import AYA, BEN, OTHER_PASSWORD, Household
from tests.entra import BOOKS, ENTER, LEDGER, SPA, STOCK, A, B, C, agreed, application, exposed
from tests.servers import claims_of
from tests.tenants import SECRET, TENANT

AUDIENCE, CONSENT, APP_ONLY, REVOKED, DEEP = 500131, 65001, 7000114, 50173, 70000
UNKNOWN = 70000
MANY = 12
ROBOT = AppRole(id="r-robot", value="Robot", members=("Application", "User"))


def token_of_ben(home: Household) -> str:
    """API A's token about Ben, who agreed to nothing further on."""
    home.change(agreed(SPA, A, "access_as_user", user=BEN))
    guest = Guest(home)
    guest.signs_in(name="ben@example.com", text=OTHER_PASSWORD)
    return str(granted(redeems(home, answer_of(guest)["code"]))["access_token"])


def test_a_stolen_token_is_good_for_its_api_alone(firm: Household) -> None:
    """Another application with a secret, an API and consents exchanges nothing that was meant for API A."""
    text = token_a(firm)
    for thief in (B, C, LEDGER):
        is_refused(goes_on(firm, text, client_id=thief, scope="api://c/read"), AUDIENCE)
    # Who passes a token back finds that it is no token for it: that of the next API is not API A's.
    behind = granted(goes_on(firm, text))["access_token"]
    is_refused(goes_on(firm, behind), AUDIENCE)
    # The page that got the token is no middle tier.
    is_refused(goes_on(firm, text, client_id=SPA, client_secret=None), 7000218, 70003)


def test_an_address_that_moved_takes_no_tokens_along(firm: Household) -> None:
    """API A's token names an address; who has that address later does not act by it (class 65 of APIs)."""
    changed(firm, Api, A, dialect="entra_v1")
    for scope in (f"openid {ENTER}", f"openid {A}/access_as_user"):
        text = token_a(firm, scope=scope)
        changed(firm, Api, A, identifiers=(A,))
        changed(firm, Api, C, identifiers=(C, "api://c", "api://a"))
        is_refused(goes_on(firm, text, client_id=C, scope="api://b/read"), AUDIENCE)
        changed(firm, Api, C, identifiers=(C, "api://c"))
        changed(firm, Api, A, identifiers=(A, "api://a"))
        assert granted(goes_on(firm, text))


def test_another_persons_consent_is_theirs(firm: Household) -> None:
    """What Aya agreed to gives nothing about Ben, nor does what the page has, or an API far away."""
    text = token_of_ben(firm)
    is_refused(goes_on(firm, text), CONSENT)
    is_refused(goes_on(firm, text, scope="api://b/.default"), CONSENT)
    assert granted(goes_on(firm, text, scope=f"{BOOKS}/post"))
    is_refused(goes_on(firm, token_a(firm), scope="api://c/read"), CONSENT)
    is_refused(goes_on(firm, token_a(firm), scope="api://b/rule"), CONSENT)
    is_refused(goes_on(firm, token_a(firm), scope="api://b/read api://b/write"), CONSENT)


def test_an_application_is_no_person(firm: Household) -> None:
    """A token of its own, with roles that people have too, is nobody's name; its roles stay its own."""
    changed(firm, Api, A, app_roles=(ROBOT,))
    changed(firm, Api, B, app_roles=(ROBOT,))
    own = application(A, "").id
    for api in (A, B):
        role = RoleAssignment(
            tenant=TENANT, id=api, principal=own, kind="ServicePrincipal", api=api, role=ROBOT.id
        )
        firm.change(role)
    told = {"grant_type": "client_credentials", "client_id": A, "client_secret": SECRET}
    text = granted(posts(firm, {**told, "scope": "api://a/.default"}))["access_token"]
    assert claims_of(text)["roles"] == ["Robot"]
    is_refused(goes_on(firm, text), APP_ONLY)
    behind = granted(goes_on(firm, token_a(firm)))["access_token"]
    assert "roles" not in claims_of(behind)


def test_one_token_many_times(firm: Household) -> None:
    """A token may be exchanged as often as it is shown: each time for a token of its own."""
    text = token_a(firm)
    given = [granted(each)["access_token"] for each in together(MANY, lambda _: goes_on(firm, text))]
    assert len({claims_of(each)["uti"] for each in given}) == MANY
    # In a race for what lasts there is nothing to win: each family has its own tokens.
    lasting = [granted(goes_on(firm, text, scope=f"{STOCK} offline_access")) for _ in range(2)]
    assert len({each["refresh_token"] for each in lasting}) == len(lasting)


def test_a_circle_comes_to_an_end(firm: Household) -> None:
    """Two APIs that call each other for ever are stopped, and refreshing makes no chain shorter."""
    firm.change(agreed(B, A, "access_as_user"))
    text, scopes = token_a(firm), ((A, STOCK), (B, ENTER))
    for turn in range(firm.tenant.policy.exchange_depth):
        who, scope = scopes[turn % 2]
        body = granted(goes_on(firm, text, client_id=who, scope=f"{scope} offline_access"))
        asked = {"client_id": who, "scope": scope}
        text = granted(site_refreshes(firm, body["refresh_token"], **asked))["access_token"]
    who, scope = scopes[firm.tenant.policy.exchange_depth % 2]
    is_refused(goes_on(firm, text, client_id=who, scope=scope), DEEP)


def test_consent_that_ends_meanwhile(firm: Household) -> None:
    """Many exchanges while the person takes back what they agreed to: no token of them lives afterwards."""
    text = token_a(firm)
    mine = asyncio.run(firm.tenant.store.named(Consent, TENANT, f"{AYA} {A} {B}"))
    assert mine

    def act(number: int) -> Any:
        if number == MANY // 2:
            asyncio.run(consents.withdraw(firm.tenant, mine.id, Actor()))
            return None
        return goes_on(firm, text)

    for answer in together(MANY, act):
        if answer is not None and answer.status_code == 200:
            behind = answer.json()["access_token"]
            is_refused(goes_on(firm, behind, client_id=B, scope="api://c/read"), REVOKED)
    is_refused(goes_on(firm, text), CONSENT)


def test_a_scope_of_the_same_name(firm: Household) -> None:
    """A pre-authorization is for a permission, not for its name: deleted and made again it is another one."""
    had = PreAuthorized(client=A, scopes=("id-write",))
    changed(firm, Api, B, pre_authorized=(had,))
    assert granted(goes_on(firm, token_a(firm), scope="api://b/write"))
    again = (Scope(id="id-read", value="read"), Scope(id="id-new", value="write"))
    changed(firm, Api, B, scopes=again)
    is_refused(goes_on(firm, token_a(firm), scope="api://b/write"), CONSENT)
    off = (Scope(id="id-read", value="read"), Scope(id="id-write", value="write", enabled=False))
    changed(firm, Api, B, scopes=off)
    is_refused(goes_on(firm, token_a(firm), scope="api://b/write"), 70011)


def made_again(home: Household, record: Client, api: Api) -> None:
    """An application is deleted, and another one made with its appId, as with a manifest."""
    asyncio.run(clients.delete(home.tenant, record.client_id, Actor()))
    asyncio.run(naming.is_free(home.tenant, record.client_id))
    home.change(replace(record, id=record.id.replace("1111", "2222")), replace(api, id="f" * 24))
    home.clock.now += 60


def test_a_client_of_the_same_name(firm: Household) -> None:
    """Who gets the appId of an application that was deleted has nothing of what people let that one do."""
    text = token_a(firm)
    lasting = granted(goes_on(firm, text, scope=f"{STOCK} offline_access"))["refresh_token"]
    made_again(firm, application(A, "Orders"), exposed(A, "api://a", "access_as_user"))
    is_refused(goes_on(firm, text), CONSENT)
    is_refused(goes_on(firm, text, scope=f"{BOOKS}/post"), CONSENT)
    is_refused(site_refreshes(firm, lasting), UNKNOWN)
    assert asyncio.run(firm.tenant.store.named(Consent, TENANT, f"{AYA} {SPA} {A}")) is None


def test_an_api_of_the_same_name(firm: Household) -> None:
    """Nor does anybody have at the new one what they had at the one before, with the same scopes."""
    text = token_a(firm)
    behind = granted(goes_on(firm, text))["access_token"]
    made_again(firm, application(B, "Stock"), exposed(B, "api://b", "read"))
    is_refused(goes_on(firm, text), CONSENT)
    is_refused(goes_on(firm, behind, client_id=B, scope="api://c/read"), CONSENT)


async def everything(*_: object) -> frozenset[str]:
    """Consent as it would be if nobody looked for it."""
    return frozenset(("read", "write", "rule"))


async def anyone(*_: object) -> str:
    """An audience as it would be if nobody looked at it."""
    return A


def nothing(*_: object) -> None:
    """A rule as it would be if it held always."""


def test_the_guards_are_what_holds(firm: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    text = token_a(firm)
    with monkeypatch.context() as mutant:
        mutant.setattr(agreeing, "effective", everything)
        assert granted(goes_on(firm, text, scope="api://b/rule"))
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_is_for", anyone)
        assert granted(goes_on(firm, text, client_id=B, scope="api://c/read"))
    firm.decide(exchange_depth=0)
    with monkeypatch.context() as mutant:
        mutant.setattr(chain, "is_short", nothing)
        assert granted(goes_on(firm, text))
    firm.decide(exchange_depth=5)
    changed(firm, Api, A, dialect="entra_v1")
    text = token_a(firm)
    changed(firm, Api, A, identifiers=(A,))
    changed(firm, Api, C, identifiers=(C, "api://c", "api://a"))
    firm.change(agreed(C, B, "read"))
    is_refused(goes_on(firm, text, client_id=C), AUDIENCE)
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_was_given_for", nothing)
        assert granted(goes_on(firm, text, client_id=C))
