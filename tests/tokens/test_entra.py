"""Tokens in Entra's words: whose roles they say, how many groups, and to whom they are sealed."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.jwk import RSAKey

from sekisho.model.api import Api, AppRole, Encryption
from sekisho.model.client import Client, OptionalClaim
from sekisho.model.role import NO_ROLE, group_id
from sekisho.model.step import Save
from sekisho.spec.jose import read_compact
from sekisho.tenant import Tenant
from tests.entra import (
    BOOKS,
    ENTER,
    LEDGER,
    SPA,
    STOCK,
    A,
    B,
    Visitor,
    answered,
    application,
    assigned,
    blocked,
    changed,
    claims,
    entra_tenant,
    exchanged,
    no,
    on_behalf,
    posted,
    signed_in,
    token_a,
)
from tests.oauth.test_client_assertion import key
from tests.oauth.test_client_assertion_certificate import der
from tests.oauth.test_qualified_grants import OWN
from tests.tenants import NOW, ORIGIN, TENANT
from tests.visitor import person

ROLES = (
    AppRole(id="r-clerk", value="Clerk", members=("User",)),
    AppRole(id="r-chief", value="Chief", members=("User", "Application")),
    AppRole(id="r-robot", value="Robot", members=("Application",)),
    AppRole(id="r-off", value="Off", members=("User",), enabled=False),
)
STAFF = group_id(TENANT, "rol_staff")


async def said(tenant: Tenant, scope: str = STOCK, **more: str | None) -> dict[str, Any]:
    """What the token says that API A gets for the person."""
    body = await exchanged(tenant, await token_a(tenant), scope=scope, **more)
    return await claims(tenant, body["access_token"])


# --- roles


async def test_roles_are_the_persons_and_never_the_applications() -> None:
    """A token on behalf says what the person is there; what the application may itself is not in it."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, app_roles=ROLES)
    between = application(A, "").id
    held = [assigned(between, B, role, "ServicePrincipal") for role in ("r-robot", "r-chief")]
    await tenant.change(*map(Save, held))
    assert "roles" not in await said(tenant)
    held = [assigned(person().id, B, role) for role in ("r-clerk", "r-off", "r-robot", NO_ROLE)]
    await tenant.change(*map(Save, held))
    assert (await said(tenant))["roles"] == ["Clerk"]


async def test_roles_are_of_the_api_that_a_token_is_for() -> None:
    """What somebody is at one API they are not at the next one."""
    tenant = await entra_tenant()
    await changed(tenant, Api, A, app_roles=(AppRole(id="r-a", value="Orders.Clerk", members=("User",)),))
    await changed(tenant, Api, B, app_roles=ROLES)
    await tenant.change(Save(assigned(person().id, A, "r-a")), Save(assigned(person().id, B, "r-chief")))
    first = await token_a(tenant)
    assert (await claims(tenant, first))["roles"] == ["Orders.Clerk"]
    assert (await said(tenant))["roles"] == ["Chief"]


async def test_a_group_gives_its_people_a_role() -> None:
    """A role of the tenant is a group here: whoever is in it has what is assigned to it."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, app_roles=ROLES, assignment_required=True)
    await tenant.change(Save(assigned(STAFF, B, "r-clerk", "Group")))
    text = await token_a(tenant)
    assert (await no(tenant, posted(on_behalf(text))))[0] == "not_assigned"
    await blocked(tenant, roles=("rol_staff", "rol_other"))
    body = await exchanged(tenant, text)
    assert (await claims(tenant, body["access_token"]))["roles"] == ["Clerk"]


async def test_an_assignment_may_be_without_a_role() -> None:
    """To be let in is enough to get a token, without anything more."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, assignment_required=True)
    await tenant.change(Save(assigned(person().id, B, NO_ROLE)))
    assert "roles" not in await said(tenant)


# --- groups


async def grouped(many: int) -> Tenant:
    """Aya is in so many groups, which API B and the page want to know of."""
    tenant = await entra_tenant()
    await blocked(tenant, roles=tuple(f"rol_{number}" for number in range(many)))
    await changed(tenant, Api, B, groups_claim="SecurityGroup")
    await changed(tenant, Api, A, groups_claim="All")
    await changed(tenant, Client, SPA, groups_claim="SecurityGroup")
    return tenant


async def test_up_to_200_groups_are_said() -> None:
    """200 groups stand in a token; for more it says where they can be asked for. Contract section 4.5."""
    found = await said(await grouped(200))
    assert found["groups"] == [group_id(TENANT, f"rol_{number}") for number in range(200)]
    found = await said(await grouped(201))
    assert "groups" not in found
    assert found["_claim_names"] == {"groups": "src1"}
    address = f"{ORIGIN}/v1.0/users/{person().id}/getMemberObjects"
    assert found["_claim_sources"] == {"src1": {"endpoint": address}}


@pytest.mark.parametrize(("many", "says_them"), [(5, True), (6, False)])
async def test_an_address_has_room_for_five(many: int, says_them: bool) -> None:
    """What travels in an address says up to five groups, and that there are some for more."""
    tenant = await grouped(many)
    answer = await Visitor(tenant).arrives(response_type="id_token token", scope=f"openid {ENTER}")
    for kind in ("access_token", "id_token"):
        found = await claims(tenant, answer[kind])
        assert (len(found.get("groups", ())), found.get("hasgroups")) == (
            (many, None) if says_them else (0, True)
        )


@pytest.mark.parametrize("wish", ["", "None"])
async def test_groups_are_told_to_who_wants_them(wish: str) -> None:
    """Without the API's wish its tokens name no group; nor do ID tokens without the application's."""
    tenant = await grouped(2)
    await changed(tenant, Api, B, groups_claim=wish)
    assert "groups" not in await said(tenant)
    body = await signed_in(tenant, scope=f"openid {ENTER}")
    assert len((await claims(tenant, body["id_token"]))["groups"]) == 2
    await changed(tenant, Client, SPA, groups_claim=wish)
    body = await signed_in(tenant, scope=f"openid {ENTER}")
    assert "groups" not in await claims(tenant, body["id_token"])


async def test_without_groups_there_is_nothing_to_say() -> None:
    """Somebody who is in no group has no such claim."""
    assert "groups" not in await said(await grouped(0))


# --- optional claims


def wanted(*names: str, **fields: Any) -> tuple[OptionalClaim, ...]:
    """Claims that were asked for."""
    return tuple(OptionalClaim(name=name, **fields) for name in names)


async def test_optional_claims_are_for_who_asks() -> None:
    """The API says what it wants to know in access tokens, the application what in ID tokens."""
    tenant = await entra_tenant()
    names = {
        "auth_time": NOW,
        "email": "aya@example.com",
        "family_name": "Sato",
        "given_name": "Aya",
        "login_hint": "aya@example.com",
        "nickname": "aya",
        "upn": "aya@example.com",
        "verified_primary_email": ["aya@example.com"],
    }
    told = {**person().claims, "family_name": "Sato", "given_name": "Aya"}
    await blocked(tenant, claims=told)
    await changed(tenant, Api, B, access_token_claims=wanted(*names, "sid", "unheard_of", "ctry"))
    found = await said(tenant)
    assert {name: found[name] for name in names} == names
    assert found["sid"]
    assert not {"unheard_of", "ctry"}.intersection(found)
    body = await signed_in(tenant)
    assert "email" not in await claims(tenant, body["id_token"])
    await changed(tenant, Client, SPA, id_token_claims=wanted("email", "sid", "preferred_username"))
    body = await signed_in(tenant, scope=f"openid {ENTER}")
    who = await claims(tenant, body["id_token"])
    assert (who["email"], who["preferred_username"]) == ("aya@example.com", "aya@example.com")


async def test_where_somebody_sits_is_said_where_it_is_asked() -> None:
    """The address of the sign-in is in newer tokens for who asks for it, however often they are exchanged."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, access_token_claims=wanted("ipaddr"))
    visitor = Visitor(tenant, address="198.51.100.7")
    text = (await visitor.arrives(response_type="token"))["access_token"]
    body = await exchanged(tenant, text)
    assert (await claims(tenant, body["access_token"]))["ipaddr"] == "198.51.100.7"
    assert "ipaddr" not in await claims(tenant, text)


async def test_what_is_not_known_is_not_said() -> None:
    """A claim without a value is left out; an address that nobody checked is not verified."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, access_token_claims=wanted("family_name", "verified_primary_email"))
    await blocked(tenant, claims={"name": "Aya", "email": "aya@example.com"})
    assert not {"family_name", "verified_primary_email"}.intersection(await said(tenant))


@pytest.mark.parametrize(
    ("properties", "of_person"), [((), None), (("include_user_token",), "user"), (("other",), None)]
)
async def test_the_kind_of_a_token(properties: tuple[str, ...], of_person: str | None) -> None:
    """`idtyp` says app of an application's own token, and user where that is asked for."""
    tenant = await entra_tenant()
    await changed(tenant, Api, B, access_token_claims=wanted("idtyp", "email", properties=properties))
    assert (await said(tenant)).get("idtyp") == of_person
    own = await answered(tenant, posted(OWN))
    found = await claims(tenant, own["access_token"])
    assert found["idtyp"] == "app"
    assert "email" not in found


async def test_nothing_that_is_asked_for_changes_who_it_is() -> None:
    """What a token says of its own accord is not said otherwise by an optional claim of the same name."""
    tenant = await entra_tenant()
    names = ("aud", "iss", "oid", "sub", "tid", "scp", "roles", "ver", "uti", "aio", "exp", "groups")
    await changed(tenant, Api, B, access_token_claims=wanted(*names))
    found = await said(tenant)
    assert (found["aud"], found["oid"], found["scp"], found["ver"]) == (B, person().id, "read", "2.0")


async def test_an_older_audience_may_be_a_guid() -> None:
    """An API may want its own id as the audience of older tokens, however it was called."""
    tenant = await entra_tenant()
    scope = f"{BOOKS}/post"
    assert (await said(tenant, scope))["aud"] == BOOKS
    await changed(tenant, Api, LEDGER, access_token_claims=wanted("aud", properties=("use_guid",)))
    assert (await said(tenant, scope))["aud"] == LEDGER


# --- headers


async def test_keys_are_named_by_their_certificate() -> None:
    """Older tokens name the thumbprint twice, newer ones as `kid` alone; neither is of another type."""
    tenant = await entra_tenant()
    text = await token_a(tenant)
    thumbprint = tenant.keys.thumbprint("tokens", "RS256")
    for scope, header in (
        (STOCK, {"typ": "JWT", "alg": "RS256", "kid": thumbprint}),
        (f"{BOOKS}/post", {"typ": "JWT", "alg": "RS256", "kid": thumbprint, "x5t": thumbprint}),
    ):
        body = await exchanged(tenant, text, scope=scope)
        assert read_compact(body["access_token"], ("RS256",)).header == header


# --- tokens that only their API can read


@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "RSA-OAEP"])
@pytest.mark.parametrize("enc", ["A256GCM", "A128CBC-HS256"])
@pytest.mark.parametrize("how", ["certificate", "key"])
async def test_a_token_may_be_sealed_to_its_api(alg: Any, enc: Any, how: str) -> None:
    """A signed token within an encrypted one, under the API's key: nobody else learns what it says."""
    tenant = await entra_tenant()
    private: rsa.RSAPrivateKey = key("rsa")
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    sealed = Encryption(kid="key-1", der=der() if how == "certificate" else public, alg=alg, enc=enc)
    await changed(tenant, Api, B, encryption=sealed)
    body = await exchanged(tenant, await token_a(tenant))
    opened = jwe.decrypt_compact(body["access_token"], RSAKey.import_key(private), algorithms=[alg, enc])
    assert opened.protected == {"alg": alg, "enc": enc, "kid": "key-1", "cty": "JWT"}
    assert opened.plaintext
    text = opened.plaintext.decode()
    assert (await claims(tenant, text))["aud"] == B
    # Its API goes on with what was in it; the envelope is nobody's assertion.
    form = on_behalf(text, client_id=B, scope="api://c/read")
    assert (await answered(tenant, posted(form)))["scope"] == "api://c/read"
    envelope = {**form, "assertion": body["access_token"]}
    assert (await no(tenant, posted(envelope)))[:2] == ("subject_malformed", 50027)


# --- whom it is about


async def test_a_name_for_each_application() -> None:
    """`sub` is one name for each person and application, the same each time; `oid` is the same everywhere."""
    tenant = await entra_tenant()
    first, second = await said(tenant), await said(tenant)
    assert first["sub"] == second["sub"]
    assert first["uti"] != second["uti"]
    books = await said(tenant, f"{BOOKS}/post")
    assert first["sub"] != books["sub"]
    assert first["oid"] == books["oid"] == person().id


async def test_a_user_name_is_what_they_sign_in_with() -> None:
    """The name for show is the user name, else the address, else our own name; it decides nothing."""
    tenant = await entra_tenant()
    await blocked(tenant, username="aya")
    assert (await said(tenant))["preferred_username"] == "aya"
    await blocked(tenant, username="", claims={"name": "Aya"})
    assert (await said(tenant))["preferred_username"] == "auth0|aya"


async def test_an_older_token_says_how_they_signed_in() -> None:
    """`acr` is 1 after a second factor, 0 before; `amr` says by what."""
    tenant = await entra_tenant()
    found = await said(tenant, f"{BOOKS}/post")
    assert (found["acr"], found["amr"]) == ("0", ["pwd"])
    visitor = Visitor(tenant, methods=("pwd", "otp", "mfa"))
    text = (await visitor.arrives(response_type="token"))["access_token"]
    body = await exchanged(tenant, text, scope=f"openid {BOOKS}/post")
    found = await claims(tenant, body["access_token"])
    assert (found["acr"], found["amr"]) == ("1", ["pwd", "otp", "mfa"])


def test_a_group_has_one_id_in_each_tenant() -> None:
    """A group's id follows from tenant and role, so that it is the same wherever it is said."""
    assert group_id(TENANT, "rol_staff") == STAFF
    assert group_id(TENANT.replace("1", "2"), "rol_staff") != STAFF
