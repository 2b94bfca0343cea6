"""ID tokens in Entra's words: the endpoint decides on the format, v1.0 or v2.0."""

from sekisho.model.bearer import remembered
from sekisho.model.granted import Beside, Granted
from sekisho.model.role import group_id
from sekisho.model.user import User
from sekisho.spec.entra import place
from sekisho.tenant import Tenant
from sekisho.tokens.entra import extra, names, seal

LIFETIME = 3_600


def mint_older(granted: Granted, beside: Beside, tenant: Tenant) -> str:
    """The format v1.0: `unique_name` and `upn`, and how the person signed in."""
    user, sign_in = granted.user, granted.sign_in
    assert user, "an ID token is about somebody"  # noqa: S101
    assert sign_in, "who signed in"  # noqa: S101
    name = names.principal_name(user)
    said = user.standard
    person = {
        "family_name": said.get("family_name"),
        "given_name": said.get("given_name"),
        "ipaddr": sign_in.address,
        "name": said["name"],
        "unique_name": name,
        "upn": name,
    }
    told = {
        **_before(granted, place.older(granted.issuer, tenant.id), tenant),
        "amr": list(sign_in.amr),
        **{key: value for key, value in person.items() if value},
        **_after(user, granted, beside, tenant),
        "ver": "1.0",
    }
    thumbprint = tenant.keys.thumbprint(seal.RING, seal.ALG)
    header = {"typ": "JWT", "alg": seal.ALG, "x5t": thumbprint, "kid": thumbprint}
    return seal.signed(told, header, tenant)


def mint_newer(granted: Granted, beside: Beside, tenant: Tenant) -> str:
    """The format v2.0: what `profile` and `email` ask for."""
    user = granted.user
    assert user, "an ID token is about somebody"  # noqa: S101
    person: dict[str, object] = {}
    if "profile" in granted.scopes:
        person = {"name": user.standard["name"], "preferred_username": names.principal_name(user)}
    if "email" in granted.scopes and (address := names.address(user)):
        person["email"] = address
    told = {
        **_before(granted, place.newer(granted.issuer, tenant.id), tenant),
        **person,
        **_after(user, granted, beside, tenant),
        "ver": "2.0",
    }
    header = {"typ": "JWT", "alg": seal.ALG, "kid": tenant.keys.thumbprint(seal.RING, seal.ALG)}
    return seal.signed(told, header, tenant)


def _before(granted: Granted, issuer: str, tenant: Tenant) -> dict[str, object]:
    at = int(granted.at)
    return {
        **granted.custom.get("id_token", {}),
        **extra.asked(granted, granted.client.id_token_claims, tenant),
        "aud": granted.client.client_id,
        "iss": issuer,
        "iat": at,
        "nbf": at,
        "exp": at + LIFETIME,
        "aio": remembered(granted, "i"),
    }


def _groups(user: User, granted: Granted) -> dict[str, object]:
    """Where the application wants to know them of whom it signs in."""
    found = tuple(group_id(user.tenant, role) for role in user.roles)
    is_wanted = granted.client.groups_claim not in ("", "None")
    return extra.groups(granted, found) if found and is_wanted else {}


def _after(user: User, granted: Granted, beside: Beside, tenant: Tenant) -> dict[str, object]:
    signed = granted.sign_in
    at, nonce = (int(signed.auth_time), signed.nonce) if signed else (0, None)
    return {
        **({"auth_time": at} if at else {}),
        **({"nonce": nonce} if nonce else {}),
        **beside.hashes,
        **_groups(user, granted),
        "oid": user.id,
        "sub": names.pairwise(tenant, user.id, granted.client.client_id),
        "tid": tenant.id,
        "uti": f"{granted.id}.{granted.part}",
    }
