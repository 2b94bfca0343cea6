"""What the face says of itself: both metadata documents, keys, and whether an authority is ours."""

from base64 import b64decode

import httpx
import pytest

from sekisho.faces.entra import ROUTES
from sekisho.keys import certificate
from sekisho.spec.refusals.entra import DIRECTORY_ABSENT, INSTANCE_UNKNOWN
from tests.faces.entra.desk import OTHER, Desk
from tests.tenants import ORIGIN, TENANT, signing_keys

METADATA = ".well-known/openid-configuration"
HERE = f"{ORIGIN}/{TENANT}"
GOLDEN = {
    "issuer": f"{HERE}/v2.0",
    "authorization_endpoint": f"{HERE}/oauth2/v2.0/authorize",
    "token_endpoint": f"{HERE}/oauth2/v2.0/token",
    "end_session_endpoint": f"{HERE}/oauth2/v2.0/logout",
    "jwks_uri": f"{HERE}/discovery/v2.0/keys",
    "userinfo_endpoint": f"{ORIGIN}/oidc/userinfo",
    "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
    "response_modes_supported": ["query", "fragment", "form_post"],
    "subject_types_supported": ["pairwise"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
    "scopes_supported": ["openid", "profile", "email", "offline_access"],
    "code_challenge_methods_supported": ["S256"],
    "claims_supported": [
        *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "name", "tid", "ver", "at_hash", "c_hash"),
        *("preferred_username", "email"),
    ],
    "request_uri_parameter_supported": False,
    "http_logout_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
}
OLDER = {
    "issuer": f"{HERE}/",
    "authorization_endpoint": f"{HERE}/oauth2/authorize",
    "token_endpoint": f"{HERE}/oauth2/token",
    "end_session_endpoint": f"{HERE}/oauth2/logout",
    "jwks_uri": f"{HERE}/discovery/keys",
    "microsoft_multi_refresh_token": True,
}
NOT_SERVED = ("device_authorization_endpoint", "check_session_iframe", "kerberos_endpoint")


def is_refused(answer: httpx.Response, slug: str, number: int) -> None:
    """The error of contract section 5.1, with this number."""
    assert answer.status_code == 400, slug
    assert answer.json()["error_codes"] == [number]
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("name", [TENANT, TENANT.upper(), "demo", "Demo"])
async def test_describes_the_newer_endpoints(desk: Desk, name: str):
    """Asked by whatever name, the document has the tenant's GUID in each address. Contract section 10.1."""
    answer = await desk.ask(f"/{name}/v2.0/{METADATA}")
    assert answer.json() == GOLDEN
    assert answer.headers["cache-control"] == "max-age=86400, private"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-ms-request-id"]


async def test_describes_the_older_endpoints(desk: Desk):
    """The older document has the issuer of tokens of the format v1.0. Contract section 10.2."""
    told = (await desk.ask(f"/demo/{METADATA}")).json()
    assert {**GOLDEN, **OLDER, "claims_supported": told["claims_supported"]} == told
    assert not set(NOT_SERVED) & set(told)


@pytest.mark.parametrize("path", [f"/demo/v2.0/{METADATA}", f"/demo/{METADATA}"])
async def test_advertises_what_is_served(desk: Desk, path: str):
    """Each address in a document is one that answers."""
    served = {row.path for row in ROUTES}
    told = (await desk.ask(path)).json()
    addresses = [told[name] for name in told if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 5
    assert {each.removeprefix(ORIGIN).replace(TENANT, "{t}") for each in addresses} <= served


@pytest.mark.parametrize("alias", ["common", "organizations", "Common"])
async def test_an_alias_stays_one(desk: Desk, alias: str):
    """Asked for any tenant, the issuer has a place for a token's `tid`, and addresses keep the alias."""
    name = alias.lower()
    told = (await desk.ask(f"/{alias}/v2.0/{METADATA}")).json()
    assert told["issuer"] == f"{ORIGIN}/{{tenantid}}/v2.0"
    assert told["token_endpoint"] == f"{ORIGIN}/{name}/oauth2/v2.0/token"
    assert (await desk.ask(f"/{alias}/{METADATA}")).json()["issuer"] == f"{ORIGIN}/{{tenantid}}/"
    keys = (await desk.ask(f"/{alias}/discovery/v2.0/keys")).json()["keys"]
    assert {key["issuer"] for key in keys} == {f"{ORIGIN}/{{tenantid}}/v2.0"}


async def test_a_tenant_that_shares_its_host(desk: Desk):
    """What has no tenant in its path is below the tenant's prefix; an alias there means that tenant."""
    for path in (f"/{OTHER}/v2.0/{METADATA}", f"/acme/v2.0/{METADATA}", f"/t/acme/common/v2.0/{METADATA}"):
        told = (await desk.ask(path)).json()
        assert told["issuer"] == f"{ORIGIN}/{OTHER}/v2.0", path
        assert told["token_endpoint"] == f"{ORIGIN}/{OTHER}/oauth2/v2.0/token"
        assert told["userinfo_endpoint"] == f"{ORIGIN}/t/acme/oidc/userinfo"


async def test_an_application_may_name_itself(desk: Desk):
    """A GUID in `appid` goes into the address of the keys, and nothing else does."""
    named = (await desk.ask(f"/demo/v2.0/{METADATA}?appid={TENANT}")).json()
    assert named["jwks_uri"] == f"{HERE}/discovery/v2.0/keys?appid={TENANT}"
    assert (await desk.ask(f"/demo/v2.0/{METADATA}?appid=%22x")).json() == GOLDEN


@pytest.mark.parametrize("name", ["nobody", "consumers", OTHER.replace("2", "3"), "%22%0A"])
@pytest.mark.parametrize("path", [f"v2.0/{METADATA}", METADATA, "discovery/v2.0/keys", "discovery/keys"])
async def test_refuses_a_tenant_that_there_is_not(desk: Desk, name: str, path: str):
    """An unknown tenant, or the one of personal accounts, is AADSTS90002. Contract section 10.1."""
    is_refused(await desk.ask(f"/{name}/{path}"), DIRECTORY_ABSENT.slug, 90002)


async def test_publishes_the_keys_that_sign(desk: Desk):
    """Each key goes by its certificate, and only what signs with RS256 is there. Contract section 10.3."""
    answer = await desk.ask("/demo/discovery/v2.0/keys")
    assert answer.headers["cache-control"] == "max-age=600, private"
    assert answer.headers["access-control-allow-origin"] == "*"
    (key,) = answer.json()["keys"]
    assert set(key) == {"kty", "n", "e", "use", "kid", "x5t", "x5c", "issuer"}
    assert (key["kty"], key["use"], key["issuer"]) == ("RSA", "sig", f"{HERE}/v2.0")
    der = b64decode(key["x5c"][0], validate=True)
    assert key["kid"] == key["x5t"] == certificate.x5t(der)
    assert key["kid"] == desk.tenant.keys.thumbprint("tokens", "RS256")
    (older,) = (await desk.ask("/demo/discovery/keys")).json()["keys"]
    assert older == {name: value for name, value in key.items() if name != "issuer"}
    assert der in [each.certificate for each in signing_keys(TENANT, "demo")]


def asking(address: str, version: str = "1.1") -> str:
    """Whether an authority is one."""
    return f"/common/discovery/instance?api-version={version}&authorization_endpoint={address}"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"{ORIGIN}/{TENANT}/oauth2/v2.0/authorize", TENANT),
        (f"{ORIGIN}:9443/demo/oauth2/v2.0/authorize", TENANT),
        (f"{ORIGIN.upper()}/ACME/oauth2/v2.0/authorize", OTHER),
        (f"{ORIGIN}/common/oauth2/v2.0/authorize", "common"),
    ],
)
async def test_knows_its_own_authority(desk: Desk, address: str, name: str):
    """An authority at this host is one, and is described where its tenant is. Contract section 10.4."""
    answer = await desk.ask(asking(address, "1.0"))
    place = "id.example.com"
    assert answer.json() == {
        "tenant_discovery_endpoint": f"{ORIGIN}/{name}/v2.0/{METADATA}",
        "api-version": "1.0",
        "metadata": [{"preferred_network": place, "preferred_cache": place, "aliases": [place]}],
    }
    assert (await desk.ask(asking(address).replace("/common/discovery", "/x/discovery"))).is_success


@pytest.mark.parametrize(
    "address", ["https://login.example.org/common", "nonsense", "https://[", "ftp://x/y"]
)
async def test_knows_no_other_authority(desk: Desk, address: str):
    """The authority of somebody else is AADSTS50049. Contract section 10.4."""
    answer = await desk.ask(asking(address))
    is_refused(answer, INSTANCE_UNKNOWN.slug, 50049)
    assert answer.json()["error"] == "invalid_instance"


async def test_an_authority_names_a_tenant_that_there_is(desk: Desk):
    """An unknown tenant of this host is AADSTS90002; an authority that is not named at all, AADSTS900144."""
    is_refused(await desk.ask(asking(f"{ORIGIN}/nobody/oauth2/v2.0/authorize")), DIRECTORY_ABSENT.slug, 90002)
    is_refused(await desk.ask("/common/discovery/instance"), "missing_parameter", 900144)
