"""The refresh token grant (RFC 6749 section 6, RFC 9700 section 4.14.2): families that notice theft."""

from dataclasses import dataclass

from msgspec.structs import replace

from sekisho.model.api import Api
from sekisho.model.artifact import Owner, Refresh
from sekisho.model.client import Client
from sekisho.model.granted import Granted, SignIn
from sekisho.model.step import Note, Step, Swap
from sekisho.model.user import User
from sekisho.oauth import whose
from sekisho.oauth.conditions import held
from sekisho.oauth.conditions.held import Opened
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import GRANT_BLOCKED, REFRESH_INVALID, SCOPE_WIDENED
from sekisho.tenant import Tenant
from sekisho.tokens import refresh_token
from sekisho.tokens.refresh_token import Shown

KEPT_EVERY = 60.0  # seconds between two notes that a token which does not rotate was used


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """What the family stands for. Its next token, or the same one again for who lost a race."""
    now, use = tenant.now(), await used(ask, client, tenant)
    family = use.family
    if family.dialect:
        raise Refused(REFRESH_INVALID, debug="the token is used where it was asked for")
    user = await person(family, tenant)
    api = await whose.api_of(family.audience, tenant)
    if api is None:
        raise Refused(REFRESH_INVALID, debug="the API is gone")
    opened = Opened(user=user, sign_in=sign_in_of(family), client=client, api=api.identifier)
    await held.hold(opened, ask, tenant)
    return Granted(
        id=family.id,
        grant_type="refresh_token",
        client=client,
        api=api,
        audience=whose.audience_of(family.audience, family.issuer),
        issuer=family.issuer,
        subject=family.user,
        scopes=_narrowed(ask, family, _known(family, api, client, tenant)),
        lifetime=api.token_lifetime,
        at=now,
        spends=use.spends,
        user=user,
        sign_in=opened.sign_in,
        refresh=use.after if family.rotates else None,
        is_legacy=_is_legacy(family, client),
        part=ask.id,
    )


@dataclass(frozen=True, slots=True)
class Use:
    """A family as it was, as it is after its token was used, and the steps that make it so."""

    family: Refresh
    after: Refresh
    spends: tuple[Step, ...]


async def used(ask: Ask, client: Client, tenant: Tenant) -> Use:
    """The family of the token that is shown, one generation on."""
    shown = refresh_token.read(ask.need("refresh_token"))
    family = await _proved(shown, client, tenant)
    return Use(family, *await _turned(shown, family, client, ask, tenant))


async def person(family: Refresh, tenant: Tenant) -> User:
    """Whose it is: still there, and not blocked."""
    user = await tenant.store.named(User, tenant.id, family.user)
    if user is None:
        raise Refused(REFRESH_INVALID, debug="the user is gone")
    if user.blocked:
        raise Refused(GRANT_BLOCKED, seen=contrast("blocked", "false", "true"))
    return user


def sign_in_of(family: Refresh) -> SignIn:
    """How the person signed in when it began."""
    return SignIn(
        auth_time=family.auth_time,
        amr=family.amr,
        acr=family.acr,
        session=family.session,
        address=family.address,
        contexts=family.contexts,
    )


async def _proved(shown: Shown, client: Client, tenant: Tenant) -> Refresh:
    """The family that the token is of, which is this client's: to another one it says nothing."""
    family = await tenant.store.get(Refresh, shown.family)
    if not isinstance(family, Refresh) or not _is_of(family, client, tenant):
        raise Refused(REFRESH_INVALID, debug="there is no such family of this client")
    if not shown.proves(family, tenant):
        raise Refused(REFRESH_INVALID, debug="the token was not made here")
    return family


async def _turned(
    shown: Shown, family: Refresh, client: Client, ask: Ask, tenant: Tenant
) -> tuple[Refresh, tuple[Step, ...]]:
    """The current token turns the family; the one before it is answered the same again, for a moment."""
    age = tenant.now() - family.rotated_at
    if shown.generation == family.generation:
        # One that stays the same is only kept from ending; nobody has to wait for others that use it too.
        if not family.rotates and age < KEPT_EVERY:
            return family, ()
        turned = _next(family, client, tenant)
        return turned, (Swap(turned),)
    own = client.refresh.leeway
    in_time = age <= (tenant.policy.refresh_leeway if own is None else own)
    if in_time and shown.generation == family.generation - 1:
        return family, ()
    if not in_time:
        await _end(family, ask, tenant)
    raise Refused(REFRESH_INVALID, debug=f"generation {shown.generation} of {family.generation}")


def _next(family: Refresh, client: Client, tenant: Tenant) -> Refresh:
    """Used now: it ends later again, but never after its absolute end."""
    now = tenant.now()
    idle = whose.idle_end(client, now, tenant)
    return replace(
        family,
        generation=family.generation + 1 if family.rotates else family.generation,
        rotated_at=now,
        idle_at=idle,
        expires_at=whose.sooner(family.absolute_at, idle),
    )


async def _end(family: Refresh, ask: Ask, tenant: Tenant) -> None:
    """Somebody has a token that was replaced long ago: thief or owner, nobody can tell. RFC 9700 4.14.2."""
    await tenant.store.revoke(Owner(tenant=tenant.id, grant=family.id), tenant.now())
    event = tenant.audit.event(
        tenant.id,
        "refresh_reused",
        client=family.client_id,
        user=family.user,
        address=ask.address,
        correlation=ask.correlation,
        detail={"grant": family.id},
    )
    await tenant.store.write(Note(event))


def _is_of(family: Refresh, client: Client, tenant: Tenant) -> bool:
    return family.owner.tenant == tenant.id and family.client_id == client.client_id


def _known(family: Refresh, api: Api, client: Client, tenant: Tenant) -> tuple[str, ...]:
    """What of its scopes there still is."""
    return whose.scopes_of(family.scopes, api, client, tenant, legacy=_is_legacy(family, client))


def _is_legacy(family: Refresh, client: Client) -> bool:
    """It began in Auth0's older pipeline, and its client did not move on since."""
    return family.is_legacy and not client.oidc_conformant


def _narrowed(ask: Ask, family: Refresh, api_scopes: tuple[str, ...]) -> tuple[str, ...]:
    """As much as before or less. RFC 6749 section 6."""
    asked = scope.parse(ask.get("scope"))
    if asked is not None and not set(family.scopes).issuperset(asked):
        raise Refused(SCOPE_WIDENED, seen=contrast("scope", scope.text(family.scopes), scope.text(asked)))
    return scope.narrow(asked, api_scopes)
