"""An application in its own name, and people's passwords, in Entra's words."""

import pytest

from sekisho.model.api import Api, AppRole
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.connection import Connection
from sekisho.model.step import Save
from sekisho.tenant import Tenant
from tests.entra import (
    BOOKS,
    LEDGER,
    OLDER,
    SITE,
    SPA,
    STOCK,
    A,
    B,
    C,
    agreed,
    answered,
    application,
    assigned,
    changed,
    claims,
    entra_tenant,
    no,
    posted,
)
from tests.people import folk
from tests.tenants import NOW, ORIGIN, SECRET, TENANT

HOUR = 3_600
ROLES = (
    AppRole(id="r-all", value="Stock.Read.All"),
    AppRole(id="r-off", value="Stock.Off", enabled=False),
    AppRole(id="r-user", value="Stock.Person", members=("User",)),
)
OWN: dict[str, str | None] = {
    "grant_type": "client_credentials",
    "client_id": A,
    "client_secret": SECRET,
    "scope": "api://b/.default",
}


async def roles_of(tenant: Tenant, *held: str, kind: str = "ServicePrincipal") -> None:
    """API A's application has these roles of API B."""
    await changed(tenant, Api, B, app_roles=ROLES)
    principal = application(A, "").id
    assert await tenant.change(*(Save(assigned(principal, B, role, kind)) for role in held)) is None


async def test_gives_the_token_and_nothing_else() -> None:
    """Of an application about itself: no refresh token, no ID token, nobody's names. Contract section 9.4."""
    tenant = await entra_tenant()
    body = await answered(tenant, posted({**OWN, "client_info": "1"}))
    assert set(body) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    own = application(A, "").id
    said = await claims(tenant, body["access_token"])
    assert {name: said[name] for name in said if name not in ("aio", "uti")} == {
        "aud": B,
        "iss": f"{ORIGIN}/{TENANT}/v2.0",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + HOUR,
        "azp": A,
        "azpacr": "1",
        "oid": own,
        "sub": own,
        "tid": TENANT,
        "ver": "2.0",
    }


async def test_has_the_roles_that_it_was_given() -> None:
    """Roles for applications that are enabled; those for people are not for applications."""
    tenant = await entra_tenant()
    await roles_of(tenant, "r-all", "r-off", "r-user", "r-gone")
    body = await answered(tenant, posted(OWN))
    said = await claims(tenant, body["access_token"])
    assert said["roles"] == ["Stock.Read.All"]
    assert "scp" not in said


async def test_the_older_format_and_endpoint() -> None:
    """An older token is about the application, too, and the older endpoint says numbers as texts."""
    tenant = await entra_tenant()
    form = {**OWN, "scope": None, "resource": BOOKS}
    body = await answered(tenant, posted(form, OLDER))
    assert set(body) == {
        *("token_type", "expires_in", "ext_expires_in", "expires_on", "not_before", "resource"),
        "access_token",
    }
    said = await claims(tenant, body["access_token"])
    assert (said["aud"], said["appid"], said["appidacr"], said["ver"]) == (BOOKS, A, "1", "1.0")
    assert not {"amr", "acr", "upn", "unique_name", "scp"}.intersection(said)
    assert said["oid"] == said["sub"] == application(A, "").id


@pytest.mark.parametrize(
    "scope", [STOCK, "api://b/.default api://c/.default", f"api://b/.default {STOCK}", "openid"]
)
async def test_asks_for_everything_of_one_resource(scope: str) -> None:
    """Exactly one `.default` and nothing else of a resource: default_needed, AADSTS1002012."""
    tenant = await entra_tenant()
    found = await no(tenant, posted({**OWN, "scope": scope}))
    assert found[:3] == ("default_needed", 1002012, "invalid_scope")


@pytest.mark.parametrize(
    ("more", "slug", "number", "error"),
    [
        ({"client_secret": None}, "proof_missing", 7000218, "invalid_client"),
        ({"scope": None}, "missing_parameter", 900144, "invalid_request"),
        ({"scope": "api://nobody/.default"}, "resource_absent", 500011, "invalid_resource"),
        ({"grant_type": "urn:x"}, "grant_type_unknown", 70003, "unsupported_grant_type"),
    ],
)
async def test_is_refused(more: dict[str, str | None], slug: str, number: int, error: str) -> None:
    """Without a proof, a resource, or a grant that there is."""
    tenant = await entra_tenant()
    assert (await no(tenant, posted({**OWN, **more})))[:3] == (slug, number, error)


async def test_an_api_of_another_kind_takes_a_grant() -> None:
    """What is no Entra application's is let to applications by grants, which this face knows nothing of."""
    tenant = await entra_tenant()
    found = await no(tenant, posted({**OWN, "scope": "https://api.example.com/.default"}))
    assert found[:2] == ("resource_absent", 500011)


async def test_may_take_an_assignment() -> None:
    """Where the API is for those who are assigned, an application has to be, too: client_grant_missing."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, assignment_required=True)
    found = await no(tenant, posted(OWN))
    assert found[:3] == ("client_grant_missing", 501051, "invalid_grant")
    await roles_of(tenant, "00000000-0000-0000-0000-000000000000")
    assert "roles" not in await claims(tenant, (await answered(tenant, posted(OWN)))["access_token"])


async def test_takes_one_tenant() -> None:
    """An alias leaves the tenant open, which an application in its own name has to name: tenant_alias."""
    tenant = await entra_tenant()
    await password_allowed(tenant)
    held = await with_passwords(tenant)
    for name in ("common", "organizations"):
        for grant_type in ("client_credentials", "password"):
            here = posted({**OWN, "grant_type": grant_type}, f"/{name}/oauth2/v2.0")
            assert (await no(held, here))[:3] == ("tenant_alias", 9001023, "invalid_request")


async def test_an_alias_is_for_who_is_for_several() -> None:
    """An application of one tenant uses its address: single_tenant, AADSTS50194."""
    tenant = await entra_tenant()
    form = {"grant_type": "refresh_token", "client_id": A, "client_secret": SECRET, "refresh_token": "x"}
    here = posted(form, "/common/oauth2/v2.0")
    assert (await no(tenant, here))[:3] == ("single_tenant", 50194, "invalid_request")
    await changed(tenant, Client, A, sign_in_audience="AzureADMultipleOrgs")
    assert (await no(tenant, here))[0] == "refresh_invalid"


# --- people's passwords


async def password_allowed(tenant: Tenant) -> None:
    """API A's application may be shown people's passwords."""
    await changed(tenant, Client, A, grant_types=("password", "refresh_token", "client_credentials"))


async def with_passwords(tenant: Tenant) -> Tenant:
    """The tenant, where applications may be shown passwords; hashing costs as little as is allowed."""
    grants = ("client_credentials", "refresh_token", "password")
    assert await tenant.change(Save(Connection(tenant=TENANT, id="con_1"))) is None
    return folk.decided(tenant, grant_types=grants, password_memory_kib=7_168, password_passes=5)


SAID: dict[str, str | None] = {
    "grant_type": "password",
    "client_id": A,
    "client_secret": SECRET,
    "username": "ann@example.com",
    "password": folk.PASSWORD,
    "scope": f"openid profile offline_access {STOCK}",
}


async def with_ann(tenant: Tenant) -> Tenant:
    """Ann has a password, and what she does was agreed to by an administrator."""
    tenant = await with_passwords(tenant)
    await password_allowed(tenant)
    await folk.somebody(tenant)
    assert await tenant.change(Save(agreed(A, B, "read", user=None))) is None
    return tenant


async def test_passwords_are_off() -> None:
    """Unless the tenant switches it on, nobody shows people's passwords: grant_type_unknown."""
    tenant = await entra_tenant()
    await password_allowed(tenant)
    found = await no(tenant, posted(SAID))
    assert found[:3] == ("grant_type_unknown", 70003, "unsupported_grant_type")


async def test_a_password_gives_what_was_agreed_to() -> None:
    """Where it is on: tokens about the person for what they agreed to before, and what lasts."""
    tenant = await with_ann(await entra_tenant())
    body = await answered(tenant, posted(SAID))
    assert body["scope"] == f"{STOCK} openid profile"
    assert (await claims(tenant, body["access_token"]))["scp"] == "read"
    assert (await claims(tenant, body["id_token"]))["auth_time"] == NOW
    form = {"grant_type": "refresh_token", "client_id": A, "refresh_token": body["refresh_token"]}
    assert (await no(tenant, posted(form)))[:2] == ("proof_missing", 7000218)
    assert "access_token" in await answered(tenant, posted({**form, "client_secret": SECRET}))
    assert "refresh_token" not in await answered(tenant, posted({**SAID, "scope": STOCK}))


@pytest.mark.parametrize(
    ("more", "slug", "number"),
    [
        ({"password": "wrong"}, "password_wrong", 50126),
        ({"username": "nobody@example.com"}, "user_unknown", 50126),
        ({"username": None}, "missing_parameter", 900144),
        ({"client_secret": None}, "proof_missing", 7000218),
        # What else is wrong is said before a password is looked at.
        ({"scope": "api://b/none", "password": "wrong"}, "resource_scope_unknown", 70011),
        ({"scope": "api://b/write"}, "not_consented", 65001),
    ],
)
async def test_a_password_is_refused(more: dict[str, str | None], slug: str, number: int) -> None:
    """A name that is nobody's and a wrong password have one number."""
    tenant = await with_ann(await entra_tenant())
    assert (await no(tenant, posted({**SAID, **more})))[:2] == (slug, number)


async def test_a_public_application_shows_a_password_alone() -> None:
    """Who has no secret, or says that it may be installed, needs none, for refresh tokens neither."""
    tenant = await with_ann(await entra_tenant())
    form = {**SAID, "client_secret": None}
    await changed(tenant, Client, A, is_fallback_public=True)
    body = await answered(tenant, posted(form))
    again = {"grant_type": "refresh_token", "client_id": A, "refresh_token": body["refresh_token"]}
    body = await answered(tenant, posted(again))
    again |= {"refresh_token": body["refresh_token"]}
    assert (await no(tenant, posted({**again, "client_secret": SECRET})))[:2] == ("proof_unfit", 700025)
    await changed(tenant, Client, SPA, grant_types=("password",))
    await tenant.change(Save(agreed(SPA, B, "read", user=None)))
    body = await answered(tenant, posted({**form, "client_id": SPA}))
    assert (await claims(tenant, body["access_token"]))["azpacr"] == "0"


async def test_a_password_is_not_enough_where_more_is_owed() -> None:
    """Who has to show a second factor cannot do it here: second_factor_needed."""
    tenant = await with_ann(await entra_tenant())
    held = folk.decided(tenant, second_factor="always")
    found = await no(held, posted(SAID))
    assert (found.slug, found.error) == ("second_factor_needed", "interaction_required")


async def test_an_older_password_request() -> None:
    """At the older endpoint for a resource, as everything there."""
    tenant = await with_ann(await entra_tenant())
    body = await answered(tenant, posted({**SAID, "scope": "openid", "resource": "api://b"}, OLDER))
    assert (body["scope"], body["resource"]) == ("openid read", "api://b")


def test_applications_differ() -> None:
    """What these tests start from: each application has a name and an id of its own."""
    names = {application(each, "").id for each in (A, B, C, LEDGER, SPA)}
    assert len(names) == 5
    assert application(A, "").reply_urls == (ReplyUrl(SITE),)
