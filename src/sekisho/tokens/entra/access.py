"""Access tokens in the two formats of Entra, v1.0 and v2.0: which one, their API decides."""

from collections.abc import Mapping
from typing import cast

from sekisho.model.bearer import Bearer, Memory, remembered
from sekisho.model.granted import Granted
from sekisho.model.step import Put
from sekisho.model.user import User
from sekisho.spec import claims as standard
from sekisho.spec.entra import place
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_INVALID
from sekisho.tenant import Tenant
from sekisho.tokens.entra import extra, names, seal

ALG = "RS256"
RING = "tokens"
Claims = dict[str, object]


def mint_older(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """The format v1.0: the audience as it was asked for, and how the person signed in."""
    audience = granted.api.identifier if extra.by_guid(granted.api) else granted.audience
    client = granted.client
    told = {
        **granted.custom.get("access_token", {}),
        **extra.asked(granted, granted.api.access_token_claims, tenant),
        **_times(granted, audience, place.older(granted.issuer, tenant.id)),
        **({"acr": "1" if "mfa" in _methods(granted) else "0"} if granted.user else {}),
        "aio": remembered(granted, "a"),
        **({"amr": list(_methods(granted))} if granted.user else {}),
        "app_displayname": client.name,
        "appid": client.client_id,
        "appidacr": granted.proof,
        **_groups(granted),
        **(_older_person(granted.user, granted) if granted.user else {}),
        **_rest(granted, tenant, "1.0"),
    }
    thumbprint = tenant.keys.thumbprint(RING, ALG)
    return seal.signed(told, {"typ": "JWT", "alg": ALG, "x5t": thumbprint, "kid": thumbprint}, tenant), ()


def mint_newer(granted: Granted, tenant: Tenant) -> tuple[str, tuple[Put, ...]]:
    """The format v2.0: the audience is the application's own id, always."""
    person: Claims = {}
    if granted.user:
        name = str(granted.user.standard["name"])
        person = {"name": name, "preferred_username": names.principal_name(granted.user)}
    told = {
        **granted.custom.get("access_token", {}),
        **extra.asked(granted, granted.api.access_token_claims, tenant),
        **_times(granted, granted.api.identifier, place.newer(granted.issuer, tenant.id)),
        "aio": remembered(granted, "a"),
        "azp": granted.client.client_id,
        "azpacr": granted.proof,
        **_groups(granted),
        **person,
        **_rest(granted, tenant, "2.0"),
    }
    header = {"typ": "JWT", "alg": ALG, "kid": tenant.keys.thumbprint(RING, ALG)}
    return seal.signed(told, header, tenant), ()


def _times(granted: Granted, audience: str, issuer: str) -> Claims:
    at = int(granted.at)
    return {"aud": audience, "iss": issuer, "iat": at, "nbf": at, "exp": at + granted.lifetime}


def _methods(granted: Granted) -> tuple[str, ...]:
    return granted.sign_in.amr if granted.sign_in else ()


def _older_person(user: User, granted: Granted) -> Claims:
    """What the older format says of a person without being asked."""
    said = user.standard
    name = names.principal_name(user)
    address = granted.sign_in.address if granted.sign_in else ""
    told = {
        "family_name": said.get("family_name"),
        "given_name": said.get("given_name"),
        "ipaddr": address,
        "name": said["name"],
        "onprem_sid": user.app_metadata.get("onprem_sid"),
        "unique_name": name,
        "upn": name,
    }
    return {key: value for key, value in told.items() if value}


def _groups(granted: Granted) -> Claims:
    return extra.groups(granted, granted.groups) if granted.groups else {}


def _rest(granted: Granted, tenant: Tenant, version: str) -> Claims:
    """Whom it is about, and for what; of a client about itself, what it is rather than what it may."""
    user = granted.user
    own = [each for each in granted.scopes if each not in standard.SCOPES]
    told: Claims = {
        **({"acrs": list(granted.sign_in.contexts)} if granted.sign_in and granted.sign_in.contexts else {}),
        "oid": user.id if user else granted.client.id,
        **({"roles": list(granted.roles)} if granted.roles else {}),
        **({"scp": " ".join(own)} if user else {}),
        "sub": names.pairwise(tenant, user.id, granted.api.identifier) if user else granted.client.id,
        "tid": tenant.id,
        # The grant's id, so that revoking the grant reaches its tokens wherever we look.
        "uti": f"{granted.id}.{granted.part}",
        "ver": version,
    }
    return told


def bearer(claims: Mapping[str, object], said: Memory, tenant: Tenant) -> Bearer:
    """What an access token in Entra's words says that we signed."""
    facts = [claims.get(name) for name in ("iss", "aud", "uti", "oid")]
    client_id = claims.get("azp") or claims.get("appid")
    scopes = claims.get("scp", "")
    if said.kind == "i" or not all(isinstance(fact, str) for fact in (*facts, client_id, scopes)):
        raise Refused(TOKEN_INVALID, debug="this is not an access token")
    issuer, audience, name, _ = map(str, facts)
    if not tenant.issues(issuer):
        raise Refused(TOKEN_INVALID, debug="the issuer is not this tenant")
    if tenant.is_management(audience):
        raise Refused(TOKEN_INVALID, debug="the management API takes no tokens in these words")
    return Bearer(
        subject=said.user or f"{client_id}@clients",
        client_id=str(client_id),
        audience=(audience,),
        scopes=tuple(str(scopes).split()),
        issuer=issuer,
        grant=name.rpartition(".")[0],
        jti=name,
        issued_at=cast("float", claims["iat"]),
        expires_at=cast("float", claims["exp"]),
        sign_in=said.sign_in if said.user else None,
        actors=said.actors,
        pairwise=str(claims.get("sub", "")) if said.user else "",
    )
