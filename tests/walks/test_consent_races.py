"""Many windows agree at once, for themselves and for everybody, over two processes of one database."""

import asyncio
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from sekisho.change.actor import Actor
from sekisho.model.consent import Consent
from sekisho.model.password import Password
from sekisho.model.record import Record
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Save
from sekisho.people import administrators
from sekisho.store import Window
from tests.agreeing import DOCUMENTS, FIELD, ORDERS, ROBOT, documents, field, orders, orders_api
from tests.visitor import CALLBACK, CHALLENGE, person
from tests.walks.pair import CHEAPEST, Pair, inside
from tests.walks.surfer import PASSWORD, Page, Surfer, told

CHIEF = "chief@example.com"
WINDOWS = 6


@pytest.fixture
async def chief(pair: Pair) -> Surfer:
    """Applications that nobody agreed to yet, and an administrator's browser."""
    async with inside(pair.installation) as tenant:
        things: tuple[Record, ...] = (field(), orders(), orders_api(), documents())
        for each in things:
            if await tenant.store.record(type(each), tenant.id, each.id) is None:
                assert await tenant.change(Save(replace(each, tenant=tenant.id))) is None
        for kind in (Consent, RoleAssignment):
            kept = await tenant.store.records(kind, tenant.id, {}, Window())
            assert await tenant.change(*map(Erase, kept)) is None
        user = await administrators.appoint(tenant, CHIEF, Actor())
        if await tenant.store.record(Password, tenant.id, user.id) is None:
            hashed = await tenant.tools.passwords.hash(PASSWORD, CHEAPEST)
            kept_ = Password(tenant=tenant.id, id=user.id, hash=hashed, changed_at=0)
            assert await tenant.change(Save(kept_)) is None
    return pair.surfer(replace(person(), logins=(CHIEF,)))


def combined() -> str:
    """The first application asks for all of the API that it works through."""
    query = {
        "client_id": FIELD,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid api://orders/.default",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"/main/oauth2/v2.0/authorize?{urlencode(query)}"


def of_administrators() -> str:
    """The API's application asks for all that it needs, for everybody."""
    return f"/main/adminconsent?{urlencode({'client_id': ORDERS, 'redirect_uri': CALLBACK})}"


async def asked(surfer: Surfer, address: str) -> Page:
    """The consent page, by way of the sign-in page the first time."""
    page = await surfer.goes(address)
    if page.target.startswith("/login?"):
        page = await surfer.fills(page, **surfer.credentials)
    assert page.target.startswith("/consent?"), (page.target, page.answer.status_code)
    return page


async def kept(pair: Pair) -> tuple[dict[tuple[str, str | None], tuple[str, ...]], list[str]]:
    """What was agreed to, and the roles that were given; no agreement is there twice."""
    async with inside(pair.installation) as tenant:
        agreed = await tenant.store.records(Consent, tenant.id, {}, Window())
        roles = await tenant.store.records(RoleAssignment, tenant.id, {}, Window())
    found = {(each.client, each.api): each.scopes for each in agreed}
    assert len(found) == len(agreed)
    return found, [each.role for each in roles]


async def test_windows_that_agree_for_two_applications_at_once(pair: Pair, chief: Surfer) -> None:
    """Each has its code, and there is one agreement for each application and API."""
    pages = [await asked(chief, combined()) for _ in range(WINDOWS)]
    ends = await asyncio.gather(*(chief.fills(page, decision="allow") for page in pages))
    assert len({told(end.answer)["code"] for end in ends}) == WINDOWS
    found, roles = await kept(pair)
    assert found == {
        (FIELD, None): ("openid",),
        (FIELD, ORDERS): ("access_as_user",),
        (ORDERS, DOCUMENTS): ("Files.Read",),
    }
    assert roles == []


async def test_windows_that_agree_for_everybody_at_once(pair: Pair, chief: Surfer) -> None:
    """Admin consent and a ticked page meet: each is answered; every agreement and role is there once."""
    addresses = [of_administrators(), combined()] * (WINDOWS // 2)
    pages = [await asked(chief, address) for address in addresses]
    ends = await asyncio.gather(*(chief.fills(page, decision="allow", everyone="yes") for page in pages))
    said = [told(end.answer) for end in ends]
    assert [("admin_consent" in each, "code" in each) for each in said] == [(True, False), (False, True)] * (
        WINDOWS // 2
    )
    found, roles = await kept(pair)
    assert found == {
        (FIELD, None): ("openid",),
        (FIELD, ORDERS): ("access_as_user",),
        (ORDERS, None): ("openid", "profile", "email", "offline_access"),
        (ORDERS, DOCUMENTS): ("Files.Read",),
    }
    assert roles == [ROBOT]
