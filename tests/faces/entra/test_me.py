"""Who is signed in: /oidc/userinfo, and of Graph what the reference document asks."""

import re

import httpx
import pytest

from sekisho.model.artifact import Owner
from sekisho.model.role import group_id
from sekisho.model.step import Erase
from sekisho.model.user import User
from sekisho.spec.refusals.protocol import SCOPE_INSUFFICIENT, TOKEN_AUDIENCE, TOKEN_INVALID, TOKEN_MISSING
from sekisho.tokens.entra import names
from tests.faces.entra.desk import APP, Desk, graph
from tests.tenants import NOW, ORIGIN, TENANT, api
from tests.visitor import person

ME, INFO = "/v1.0/me", "/oidc/userinfo"
OBJECTS = f"{ME}/getMemberObjects"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


async def shown(desk: Desk, path: str, token: str, method: str = "GET") -> httpx.Response:
    """The endpoint's answer to a token."""
    return await desk.ask(path, method=method, authorization=f"Bearer {token}")


def is_refused(answer: httpx.Response, status: int, code: str) -> None:
    """The error in Graph's shape, with a challenge."""
    assert answer.status_code == status
    (error,) = answer.json().values()
    assert list(error) == ["code", "message", "innerError"]
    assert error["code"] == code
    assert list(error["innerError"]) == ["date", "request-id", "client-request-id"]
    assert DATE.fullmatch(error["innerError"]["date"])
    assert answer.headers["www-authenticate"].startswith('Bearer realm=""')
    assert answer.headers["x-ms-request-id"] == error["innerError"]["request-id"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("dialect", ["entra_v1", "entra_v2"])
async def test_userinfo(desk: Desk, method: str, dialect: str):
    """The subject is the one that this application's ID tokens have. Contract section 9.9."""
    token = await desk.token(api=graph(dialect=dialect))
    answer = await shown(desk, INFO, token, method)
    sub = names.pairwise(desk.tenant, person().id, APP)
    assert answer.json() == {"sub": sub, "name": "Aya", "email": "aya@example.com"}
    assert answer.headers["cache-control"] == "no-store, no-cache"


async def test_me(desk: Desk):
    """The sample of the reference document is answered in the shape of Graph's user."""
    claims = {"name": "Aya Mori", "given_name": "Aya", "family_name": "Mori", "email": "aya@example.com"}
    more = {"phone_number": "+81", "locale": "ja-JP"}
    await desk.change(User, person().id, claims={**claims, **more})
    answer = await shown(desk, ME, await desk.token())
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json() == {
        "@odata.context": f"{ORIGIN}/v1.0/$metadata#users/$entity",
        "businessPhones": ["+81"],
        "displayName": "Aya Mori",
        "givenName": "Aya",
        "jobTitle": None,
        "mail": "aya@example.com",
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": "ja-JP",
        "surname": "Mori",
        "userPrincipalName": "aya@example.com",
        "id": person().id,
    }


async def test_me_without_anything_but_a_name(desk: Desk):
    """What is not known is null, and there is always a name."""
    await desk.change(User, person().id, username="aya", claims={})
    told = (await shown(desk, ME, await desk.token())).json()
    assert (told["displayName"], told["userPrincipalName"], told["mail"]) == ("aya", "aya", None)
    assert told["businessPhones"] == []


@pytest.mark.parametrize("path", [OBJECTS, f"/v1.0/users/{person().id}/getMemberObjects"])
async def test_groups_of_the_person(desk: Desk, path: str):
    """Where a token has no room for groups, the address in it says all of them. Contract section 4.5."""
    await desk.change(User, person().id, roles=("rol_1", "rol_2"))
    answer = await shown(desk, path, await desk.token(), "POST")
    assert answer.json() == {
        "@odata.context": f"{ORIGIN}/v1.0/$metadata#Collection(Edm.String)",
        "value": [group_id(TENANT, "rol_1"), group_id(TENANT, "rol_2")],
    }


async def test_groups_of_somebody_else(desk: Desk):
    """A person's token says nothing about other people."""
    path = "/v1.0/users/99999999-4444-4444-8444-444444444444/getMemberObjects"
    is_refused(await shown(desk, path, await desk.token(), "POST"), 403, "Authorization_RequestDenied")


async def test_needs_the_scope(desk: Desk):
    """/me is for tokens with User.Read, in whatever case; /oidc/userinfo is for any token of a person."""
    token = await desk.token(scopes=("openid",))
    for path, method in ((ME, "GET"), (OBJECTS, "POST")):
        answer = await shown(desk, path, token, method)
        is_refused(answer, SCOPE_INSUFFICIENT.status, "Authorization_RequestDenied")
        assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert (await shown(desk, INFO, token)).is_success
    assert (await shown(desk, ME, await desk.token(scopes=("user.read",)))).is_success


@pytest.mark.parametrize("path", [ME, INFO])
async def test_without_a_token(desk: Desk, path: str):
    """Who shows nothing is told how to ask for a token, and of no error. RFC 6750 section 3.1."""
    for sent in ("", "Basic eDp5", "Bearer", "Bearer "):
        answer = await desk.ask(path, authorization=sent)
        is_refused(answer, TOKEN_MISSING.status, "InvalidAuthenticationToken")
        assert "error=" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize("path", [ME, INFO])
async def test_a_token_that_is_not_good(desk: Desk, path: str):
    """A token for another API, of an application itself, an ID token, or a forged one is refused."""
    other = graph(id="c" * 24, identifiers=("99999999-0000-4000-8000-000000000000", "api://other"))
    subject = f"{APP}@clients"
    for token in (
        await desk.token(api=other, audience="api://other"),
        await desk.token(user=None, sign_in=None, subject=subject, scopes=()),
        await desk.token("id_token"),
        await desk.token(issuer="https://other.example/"),
        await desk.token(api=api(), audience=api().identifier),
        "forged",
        (await desk.token())[:-3] + "AAA",
    ):
        answer = await shown(desk, path, token)
        is_refused(answer, TOKEN_INVALID.status, "InvalidAuthenticationToken")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        assert TOKEN_AUDIENCE.status == answer.status_code


async def test_a_token_that_was_given_when_the_address_was_another_applications(desk: Desk):
    """In the older format a token names an address, which may have moved: whom it means has not."""
    former = graph(
        id="c" * 24, identifiers=("99999999-0000-4000-8000-000000000000", *graph().identifiers[1:])
    )
    token = await desk.token(api=former)
    for path in (ME, INFO):
        is_refused(await shown(desk, path, token), TOKEN_AUDIENCE.status, "InvalidAuthenticationToken")
    assert (await shown(desk, ME, await desk.token())).is_success


async def test_a_token_whose_time_is_over(desk: Desk):
    """Who was blocked, or whose tokens were revoked, is answered no more; neither is a client without."""
    token = await desk.token()
    assert (await shown(desk, ME, token)).is_success
    await desk.change(User, person().id, blocked=True)
    is_refused(await shown(desk, ME, token), 401, "InvalidAuthenticationToken")
    await desk.change(User, person().id, blocked=False)
    await desk.tenant.store.revoke(Owner(tenant=TENANT, grant="grant-1"), NOW + 1)
    is_refused(await shown(desk, ME, token), 401, "InvalidAuthenticationToken")


async def test_a_tenant_without_graph_has_none_of_it(desk: Desk):
    """The addresses are there where the tenant has an application with Graph's id, and 404 elsewhere."""
    token = await desk.token()
    stored = await desk.tenant.store.record(type(graph()), TENANT, graph().id)
    assert stored
    assert await desk.tenant.change(Erase(stored)) is None
    for path, method in ((ME, "GET"), (INFO, "GET"), (OBJECTS, "POST")):
        answer = await shown(desk, path, token, method)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        assert "www-authenticate" not in answer.headers
