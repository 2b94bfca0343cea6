"""What a client may have in a person's name: which API, which scopes, which refresh tokens."""

import secrets

from msgspec.structs import replace

from sekisho.model.api import ENTRA, USERINFO, Api
from sekisho.model.artifact import Code, Owner, Refresh
from sekisho.model.client import Client
from sekisho.model.step import Put, Step, Swap
from sekisho.spec import claims, pipeline, scope
from sekisho.tenant import Tenant

OFFLINE = "offline_access"
PATH = "userinfo"
LONGEST_AUDIENCE = 600
A_DAY = 86_400
# How many families more than allowed are looked at: the policy may have allowed more before.
SPARE = 50
FOREVER = 253_402_300_799.0  # the last second of the year 9999


async def api_of(audience: str, tenant: Tenant, *, legacy: bool = False) -> Api | None:
    """The API of an audience; where none is asked for, the default one, else /userinfo by opaque tokens.

    The older pipeline knows no audience.
    """
    wanted = USERINFO if legacy else audience or tenant.policy.default_audience or USERINFO
    if wanted == USERINFO or is_userinfo(wanted, tenant):
        return userinfo(tenant)
    sound = len(wanted) <= LONGEST_AUDIENCE and "\0" not in wanted
    api = await tenant.known.named(Api, tenant.id, wanted) if sound else None
    # Who may consent to what of an Entra application's API, and who may use it, is asked for in its words.
    return None if api is None or api.is_system or api.dialect in ENTRA else api


def userinfo(tenant: Tenant) -> Api:
    """The server itself, as an API about people: it is always there."""
    return Api(
        tenant=tenant.id,
        id=USERINFO,
        name="",
        identifiers=(USERINFO,),
        dialect="opaque",
        token_lifetime_for_web=A_DAY,
        allow_offline_access=True,
    )


async def is_in_use(api: Api, tenant: Tenant) -> bool:
    """The API of an application that was switched off is there for nobody."""
    owner = await tenant.known.named(Client, tenant.id, api.owner_client) if api.owner_client else None
    return owner is None or owner.enabled


def is_userinfo(audience: str, tenant: Tenant) -> bool:
    """It is the address of /userinfo, at any of the tenant's."""
    return audience.endswith(f"/{PATH}") and tenant.accepts(audience.removesuffix(PATH))


def audience_of(identifier: str, issuer: str) -> str:
    """What tokens for an API name: /userinfo goes by its address."""
    return f"{issuer}{PATH}" if identifier == USERINFO else identifier


def scopes_of(
    asked: tuple[str, ...], api: Api, client: Client, tenant: Tenant, *, legacy: bool = False
) -> tuple[str, ...]:
    """Those that the server or the API knows; unknown ones fall away silently (RFC 6749 section 3.3).

    In the older pipeline a scope may be an attribute of a person.

    Offline access takes all three: the API, the client, the tenant. OpenID Connect Core 1.0 section 11.
    """
    attributes = filter(pipeline.is_attribute, asked) if legacy else ()
    known = {*claims.SCOPES, *(each.value for each in api.scopes if each.enabled), *attributes}
    allowed = set(client.grant_types).intersection(tenant.policy.grant_types)
    if not api.allow_offline_access or "refresh_token" not in allowed:
        known.discard(OFFLINE)
    return scope.narrow(asked, known)


def family_of(code: Code, client: Client, now: float, tenant: Tenant) -> Refresh | None:
    """The family of refresh tokens that begins with a code, where offline access was granted."""
    if OFFLINE not in code.scopes:
        return None
    absolute, idle = _ends(client, now, tenant)
    return Refresh(
        id=code.id,
        owner=Owner(tenant=tenant.id, grant=code.id, user=code.owner.user, client=client.client_id),
        born=code.born,
        expires_at=sooner(absolute, idle),
        client_id=client.client_id,
        user=code.user,
        issuer=code.issuer,
        scopes=code.scopes,
        audience=code.audience,
        salt=secrets.token_urlsafe(16),
        rotates=client.refresh.rotates,
        rotated_at=now,
        idle_at=idle,
        absolute_at=absolute,
        session=code.session,
        auth_time=code.auth_time,
        amr=code.amr,
        acr=code.acr,
        is_legacy=is_legacy_code(code, client),
        address=code.address,
        contexts=code.contexts,
        dialect=code.request.dialect,
        words=code.request.scopes if code.request.dialect else (),
    )


def _ends(client: Client, now: float, tenant: Tenant) -> tuple[float | None, float | None]:
    """When a family ends that begins now: at the latest, and if nobody uses it."""
    absolute = _end(client.refresh.lifetime, tenant.policy.refresh_lifetime, now)
    return absolute, idle_end(client, now, tenant)


def is_legacy_code(code: Code, client: Client) -> bool:
    """It came by Auth0's older pipeline, to which its client still keeps."""
    return pipeline.is_legacy(conformant=client.oidc_conformant, audience=code.request.audience)


def idle_end(client: Client, now: float, tenant: Tenant) -> float | None:
    """When a family that is used now ends, unless it is used again."""
    return _end(client.refresh.idle_lifetime, tenant.policy.refresh_idle_lifetime, now)


def sooner(absolute: float | None, idle: float | None) -> float:
    """When a family ends; for ever is a very long time."""
    return min(FOREVER if absolute is None else absolute, FOREVER if idle is None else idle)


def _end(own: int | None, tenants: int, now: float) -> float | None:
    seconds = tenants if own is None else own
    return now + seconds if seconds else None


async def beginning(family: Refresh | None, code: Code, now: float, tenant: Tenant) -> tuple[Step, ...]:
    """The steps by which a family begins; none where there is no family."""
    if family is None:
        return ()
    return (*await crowded_out(code, now, tenant), Put(family, family.id))


async def crowded_out(code: Code, now: float, tenant: Tenant) -> tuple[Swap, ...]:
    """The oldest families of this person and client, which end because one more would be too many."""
    owner = Owner(tenant=tenant.id, user=code.owner.user, client=code.owner.client)
    most = tenant.policy.refresh_most
    held = await tenant.store.find(Refresh, owner, None, most + SPARE)
    held.sort(key=lambda family: family.born)
    return tuple(Swap(replace(family, expires_at=now)) for family in held[: max(0, len(held) + 1 - most)])
