"""The token endpoint with the client credentials grant."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from msgspec.structs import replace

from sekisho import tokens
from sekisho.model.api import MANAGEMENT
from sekisho.model.artifact import AccessToken, Owner
from sekisho.model.step import Save
from sekisho.oauth.token import token
from sekisho.spec.contrast import Contrast
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import (
    AUDIENCE,
    NOW,
    ORIGIN,
    Clock,
    allowed,
    api,
    ask,
    asking,
    client,
    demo_tenant,
    machine_tenant,
)


def body(answer: Answer) -> dict[str, object]:
    assert isinstance(answer.json, dict)
    return answer.json


def claims(answer: Answer, tenant: Tenant, alg: str = "RS256") -> tuple[dict[str, object], dict[str, object]]:
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    decoded = jwt.decode(str(body(answer)["access_token"]), keys, algorithms=[alg])
    return decoded.header, decoded.claims


async def change_api(tenant: Tenant, **fields: object) -> None:
    known = await tenant.known.named(type(api()), tenant.id, AUDIENCE)
    assert known is not None
    assert await tenant.change(Save(replace(known, **fields))) is None


async def test_a_client_gets_a_token() -> None:
    """A valid request is answered with token, type, lifetime and scope. RFC 6749 section 5.1."""
    tenant = await machine_tenant()
    answer = await token(asking(), tenant)
    assert answer.status == 200
    assert ("cache-control", "no-store") in answer.headers
    assert ("pragma", "no-cache") in answer.headers
    assert body(answer) | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 86_400,
        "scope": "read:things write:things",
    }


async def test_auth0_profile() -> None:
    """The default dialect has `azp` and `gty`, and says iss, sub, aud, iat, exp, scope."""
    tenant = await machine_tenant()
    header, said = claims(await token(asking(), tenant), tenant)
    assert header["typ"] == "JWT"
    assert header["alg"] == "RS256"
    assert said.pop("jti")
    assert said == {
        "iss": f"{ORIGIN}/",
        "sub": "machine@clients",
        "aud": AUDIENCE,
        "iat": int(NOW),
        "exp": int(NOW) + 86_400,
        "scope": "read:things write:things",
        "azp": "machine",
        "gty": "client-credentials",
    }


async def test_rfc9068_profile() -> None:
    """An RFC 9068 token has the type at+jwt, client_id and jti. RFC 9068 sections 2.1 and 2.2."""
    tenant = await machine_tenant()
    await change_api(tenant, dialect="rfc9068_profile", token_lifetime=60)
    header, said = claims(await token(asking(), tenant), tenant)
    assert header["typ"] == "at+jwt"
    assert said["client_id"] == "machine"
    assert said["exp"] == int(NOW) + 60
    assert said["jti"]
    assert not {"azp", "gty"} & said.keys()


# RFC 9864 calls it Ed25519 now; Auth0's and most other libraries still say EdDSA.
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_the_api_chooses_the_algorithm(alg: str) -> None:
    """A token is signed as its API asks for."""
    tenant = await machine_tenant()
    await change_api(tenant, signing_alg=alg)
    header, _ = claims(await token(asking(), tenant), tenant, alg)
    assert header["alg"] == alg


async def test_an_opaque_token_is_on_disk_before_it_is_answered() -> None:
    """An opaque token is a handle of 256 bits whose meaning is kept; the handle itself is not."""
    tenant = await machine_tenant()
    await change_api(tenant, dialect="opaque")
    text = str(body(await token(asking(scope="read:things"), tenant))["access_token"])
    assert len(text) == 43
    kept = await tenant.store.get(AccessToken, text)
    assert isinstance(kept, AccessToken)
    assert kept.scopes == ("read:things",)
    assert (await tokens.read(text, tenant)).client_id == "machine"


async def test_an_opaque_token_of_a_revoked_client_is_not_given() -> None:
    """What is revoked while a request is under way is not given any more."""
    tenant = await machine_tenant()
    await change_api(tenant, dialect="opaque")
    await tenant.store.revoke(Owner(tenant=tenant.id, client="machine"), NOW + 1)
    with pytest.raises(Refused, match="grant_lost"):
        await token(asking(), tenant)


@pytest.mark.parametrize(
    ("asked", "given"),
    [("read:things", "read:things"), ("admin read:things", "read:things"), ("admin", "")],
)
async def test_scopes_are_narrowed(asked: str, given: str) -> None:
    """Scopes beyond the client grant fall away, and what is left is reported. RFC 6749 section 3.3."""
    tenant = await machine_tenant()
    assert body(await token(asking(scope=asked), tenant))["scope"] == given


async def test_resource_names_the_api_too() -> None:
    """`resource` asks for the same as `audience`. RFC 8707 section 2."""
    tenant = await machine_tenant()
    _, said = claims(await token(asking(audience="", resource=AUDIENCE), tenant), tenant)
    assert said["aud"] == AUDIENCE


async def test_the_default_audience_stands_in() -> None:
    """Without an audience the tenant's default one counts."""
    tenant = await machine_tenant()
    tenant = Tenant(
        replace(tenant.record, policy=Policy(default_audience=AUDIENCE)),
        tenant.addresses,
        tenant.keys,
        tenant.tools,
    )
    _, said = claims(await token(asking(audience=""), tenant), tenant)
    assert said["aud"] == AUDIENCE


async def test_the_management_api_is_named_by_its_address() -> None:
    """The management API's audience is its address, at whichever address of the tenant it was asked for."""
    tenant = await machine_tenant()
    system = api(id="b" * 24, identifiers=(MANAGEMENT,), is_system=True, token_lifetime=60)
    grant = allowed(id="cgr_2", audience=MANAGEMENT)
    await tenant.change(Save(system), Save(grant))
    audience = f"{ORIGIN}/t/demo/api/v2/"
    _, said = claims(await token(asking(audience=audience), tenant), tenant)
    assert said["aud"] == audience
    for wrong in (MANAGEMENT, f"{ORIGIN}/api/v2", f"{ORIGIN}/t/acme/api/v2/", "https://evil.example/api/v2/"):
        with pytest.raises(Refused, match="audience_unknown"):
            await token(asking(audience=wrong), tenant)


@pytest.mark.parametrize(
    ("extra", "slug", "error", "status"),
    [
        ({"grant_type": ""}, "missing_parameter", "invalid_request", 400),
        ({"grant_type": "magic"}, "grant_type_unknown", "unsupported_grant_type", 400),
        ({"audience": ""}, "missing_parameter", "invalid_request", 400),
        ({"audience": "https://nobody.example"}, "audience_unknown", "invalid_target", 400),
        ({"audience": "a" * 601}, "audience_unknown", "invalid_target", 400),
        ({"audience": "a\0b"}, "audience_unknown", "invalid_target", 400),
        ({"resource": "https://other.example"}, "audience_ambiguous", "invalid_target", 400),
        ({"scope": 'a"b'}, "scope_malformed", "invalid_scope", 400),
        ({"client_secret": "wrong"}, "client_auth_failed", "invalid_client", 401),
        ({"client_id": "nobody"}, "client_auth_failed", "invalid_client", 401),
        ({"client_id": "m" * 513}, "client_auth_failed", "invalid_client", 401),
        ({"client_id": ""}, "missing_parameter", "invalid_request", 400),
        ({"client_secret": ""}, "client_auth_method", "invalid_client", 401),
        ({"client_secret": "", "client_id": ""}, "client_auth_missing", "invalid_client", 401),
    ],
)
async def test_refusals(extra: dict[str, str], slug: str, error: str, status: int) -> None:
    """Each fault has its own refusal, worded as the specification says. RFC 6749 section 5.2."""
    tenant = await machine_tenant()
    with pytest.raises(Refused) as refused:
        await token(asking(**extra), tenant)
    reason = refused.value.reason
    assert (reason.slug, reason.error, reason.status) == (slug, error, status)


@pytest.mark.parametrize(
    ("extra", "seen"),
    [
        ({"audience": ""}, ("audience", "a value", "")),
        ({"audience": "https://x"}, ("audience", "an identifier of an API", "https://x")),
        ({"resource": "https://x"}, ("audience", "one API", f"{AUDIENCE} https://x")),
        ({"client_secret": ""}, ("token_endpoint_auth_method", "client_secret_post", "none")),
    ],
)
async def test_refusals_tell_what_they_expected(extra: dict[str, str], seen: tuple[str, str, str]) -> None:
    """What was expected stands beside what came."""
    with pytest.raises(Refused) as refused:
        await token(asking(**extra), await machine_tenant())
    assert refused.value.seen == Contrast(*seen)


async def test_no_client_grant_no_token() -> None:
    """A client gets nothing for an API that no client grant names. RFC 8707 section 2."""
    tenant = await demo_tenant()
    await tenant.change(Save(client()))
    with pytest.raises(Refused, match="client_grant_missing") as refused:
        await token(asking(), tenant)
    assert refused.value.seen == Contrast("audience", "an API that the client has a grant for", AUDIENCE)


async def test_a_grant_type_that_is_not_registered_is_refused() -> None:
    """A client uses only the grant types it is registered for. RFC 6749 section 5.2, unauthorized_client."""
    tenant = await machine_tenant(grant_types=("authorization_code",))
    with pytest.raises(Refused, match="grant_type_not_allowed") as refused:
        await token(asking(), tenant)
    assert refused.value.seen == Contrast("grant_type", "authorization_code", "client_credentials")


async def test_a_public_client_has_no_client_credentials() -> None:
    """Client credentials are for confidential clients only. RFC 6749 section 4.4."""
    tenant = await machine_tenant(token_endpoint_auth_method="none", secrets=())
    with pytest.raises(Refused, match="client_is_public") as refused:
        await token(asking(client_secret=""), tenant)
    assert refused.value.seen == Contrast("token_endpoint_auth_method", "any but none", "none")


async def test_a_public_client_may_not_prove_itself() -> None:
    """A client without credentials that sends some is not the one it says it is. RFC 6749 section 2.3."""
    tenant = await machine_tenant(token_endpoint_auth_method="none")
    with pytest.raises(Refused, match="client_auth_method"):
        await token(asking(), tenant)


async def test_a_disabled_client_is_refused() -> None:
    """A client that is disabled is as good as unknown, though it knows its secret."""
    tenant = await machine_tenant(enabled=False)
    with pytest.raises(Refused, match="client_disabled"):
        await token(asking(), tenant)


async def test_repeats_are_refused_except_where_lists_are_allowed() -> None:
    """A parameter sent twice is an invalid request, read or not. RFC 6749 section 3.2."""
    tenant = await machine_tenant()
    form = asking().form
    with pytest.raises(Refused, match="repeated_parameter"):
        await token(ask((*form, ("x", "1"), ("x", "1"))), tenant)
    assert (await token(ask((*form, ("audience", AUDIENCE))), tenant)).status == 200


async def test_success_is_noted() -> None:
    """Every token that was issued is in the audit, without the token or the secret."""
    clock = Clock()
    tenant = await machine_tenant(clock)
    text = body(await token(asking(), tenant))["access_token"]
    await tenant.audit.flush()
    from sekisho.store import Window

    (event,) = [
        event for event in await tenant.store.events(tenant.id, {}, Window()) if event.slug == "token_issued"
    ]
    assert event.client == "machine"
    assert str(text) not in repr(event)
