"""Who may call the management API (RFC 6750)."""

import pytest
from msgspec.structs import replace

from sekisho.model.artifact import Owner
from sekisho.model.client import Client
from sekisho.model.step import Erase, Save
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Ask
from tests.tenants import NOW, ORIGIN, client


def asking(authorization: str | None, query: tuple = ()) -> Ask:
    """A request with this header."""
    headers = {} if authorization is None else {"authorization": authorization}
    return Ask(method="GET", path="/clients", root=ORIGIN, headers=headers, query=query)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer  ", "Basic YTpi", "DPoP abc"])
async def test_refuses_a_request_without_a_bearer_token(desk, authorization):
    """A request without a bearer token is answered 401 and told the scheme. RFC 6750 section 3."""
    answer = await desk.send(asking(authorization))
    assert answer.status == 401
    assert answer.json == {"statusCode": 401, "error": "Unauthorized", "message": "Missing authentication"}
    assert dict(answer.headers)["www-authenticate"] == f'Bearer realm="{ORIGIN}/api/v2/"'
    assert desk.refused.reason.slug == "token_missing"


async def test_never_reads_a_token_from_the_query(desk):
    """A token in the query counts for nothing. RFC 9700 section 4.3.2."""
    answer = await desk.send(asking(None, (("access_token", desk.token()),)))
    assert answer.json["message"] == "Missing authentication"


async def test_takes_the_scheme_in_any_case(desk):
    """The scheme of the Authorization header ignores case. RFC 9110 section 11.1."""
    assert (await desk.send(asking(f"bEARER {desk.token()}"))).status == 200


@pytest.mark.parametrize("text", ["x", "a.b.c", "a.b", "eyJhbGciOiJub25lIn0.e30."])
async def test_refuses_what_is_no_token(desk, text):
    """Anything that this tenant did not issue is answered 401 with the challenge. RFC 6750 section 3.1."""
    answer = await desk.send(asking(f"Bearer {text}"))
    assert (answer.status, answer.json["message"]) == (401, "Invalid token")
    assert 'error="invalid_token"' in dict(answer.headers)["www-authenticate"]


async def test_refuses_a_token_for_another_api(desk):
    """A token for another API is answered 401 and says which audience came."""
    answer = await desk.ask("GET /clients", token=desk.token(audience="https://api.example.com"))
    assert (answer.status, answer.json["message"]) == (401, "Bad audience: https://api.example.com")
    assert desk.refused.reason.slug == "token_audience"
    assert desk.refused.seen == Contrast("aud", f"{ORIGIN}/api/v2/", "https://api.example.com")


@pytest.mark.parametrize(
    "audience", [f"{ORIGIN}/t/acme/api/v2/", "https://evil.example/api/v2/", f"{ORIGIN}/api/v2"]
)
async def test_refuses_the_management_api_of_somebody_else(desk, audience):
    """The management API of another tenant or host is another API."""
    assert (await desk.ask("GET /clients", token=desk.token(audience=audience))).status == 401


async def test_takes_a_token_from_each_address_of_the_tenant(desk):
    """A token for one address of the tenant's management API is good at every other one."""
    token = desk.token(audience=f"{ORIGIN}/t/demo/api/v2/")
    assert (await desk.ask("GET /clients", token=token)).status == 200


async def test_refuses_an_expired_token(desk):
    """A token that has expired is answered 401."""
    token = desk.token()
    desk.clock.now += 3600
    answer = await desk.ask("GET /clients", token=token)
    assert (answer.status, answer.json["message"]) == (401, "Expired token")


async def test_refuses_without_any_of_the_scopes(desk):
    """The text of a missing scope is read by programs, letter for letter."""
    answer = await desk.ask("GET /clients", token=desk.token("read:users"))
    scopes = "read:clients,read:client_keys,read:client_credentials,read:client_summary"
    assert answer.json == {
        "statusCode": 403,
        "error": "Forbidden",
        "message": f"Insufficient scope, expected any of: {scopes}",
        "errorCode": "insufficient_scope",
    }
    assert desk.refused.seen == Contrast("scope", scopes.replace(",", " "), "read:users")


@pytest.mark.parametrize(
    "owner",
    [{"grant": "grant-sekisho-cli"}, {"client": "sekisho-cli"}, {}],
    ids=["grant", "client", "tenant"],
)
async def test_refuses_a_revoked_token(desk, owner):
    """A token ends at once when its grant, its client or everything of the tenant is revoked."""
    token = desk.token()
    await desk.tenant.store.revoke(Owner(tenant=desk.tenant.id, **owner), NOW + 1)
    answer = await desk.ask("GET /clients", token=token)
    assert (answer.status, answer.json["message"]) == (401, "Invalid token")


async def test_refuses_the_token_of_a_client_that_never_was(desk):
    """A token names a client of the tenant, or the command line."""
    assert (await desk.ask("GET /clients", token=desk.token(client_id="ghost"))).status == 401


async def test_refuses_the_token_of_a_client_that_was_disabled_or_deleted(desk):
    """A client that is disabled or deleted loses its management tokens at once."""
    assert await desk.tenant.change(Save(client())) is None
    token = desk.token(client_id="machine")
    assert (await desk.ask("GET /clients", token=token)).status == 200
    found = await desk.tenant.store.named(Client, desk.tenant.id, "machine")
    assert await desk.tenant.change(Save(replace(found, enabled=False))) is None
    assert (await desk.ask("GET /clients", token=token)).status == 401
    found = await desk.tenant.store.named(Client, desk.tenant.id, "machine")
    assert await desk.tenant.change(Save(replace(found, enabled=True))) is None
    assert (await desk.ask("GET /clients", token=token)).status == 200
    found = await desk.tenant.store.named(Client, desk.tenant.id, "machine")
    assert await desk.tenant.change(Erase(found)) is None
    assert (await desk.ask("GET /clients", token=token)).status == 401
