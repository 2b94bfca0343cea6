"""/api/v2/users/{id}/authentication-methods: the second factors of users."""

from collections.abc import Mapping

from msgspec import UNSET, Struct

from sekisho.api import rights, view, whom
from sekisho.api.bearer import actor
from sekisho.api.view import Maybe
from sekisho.model.bearer import Bearer
from sekisho.model.password import Factor
from sekisho.people.factors import recovery, totp
from sekisho.people.second_factor import held, removal
from sekisho.spec.http import Answer, Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.factors import FACTOR_ABSENT
from sekisho.tenant import Tenant

# As the wire calls them.
TYPES: Mapping[str, str] = {totp.KIND: "totp", recovery.KIND: "recovery-code"}
# What of `multifactor` codes of an app are called by; nothing else is ever there.
PROVIDER = "google-authenticator"


class FactorSeen(Struct, kw_only=True):
    """A second factor. What proves it is shown to nobody."""

    id: str
    type: str
    confirmed: bool
    created_at: str
    last_auth_at: Maybe[str] = UNSET
    left: Maybe[int] = UNSET


class CodeSeen(Struct, kw_only=True):
    """A recovery code, shown once."""

    recovery_code: str


async def every(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/authentication-methods."""
    found = await held.of_user(tenant, await whom.user(ask, tenant))
    return rights.paged(ask, [_seen(each) for each in found.values()], "authenticators")


async def get(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """GET /users/{id}/authentication-methods/{authentication_method_id}."""
    return view.shown(_seen(await _meant(ask, tenant)))


async def delete(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/authentication-methods/{authentication_method_id}: with the app go its codes."""
    kind = (await _meant(ask, tenant)).kind
    await removal.remove(tenant, whom.user_id(ask), actor(bearer, ask), only_codes=kind == recovery.KIND)
    return view.nothing()


async def delete_all(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/authentication-methods: the person sets one up anew, if one is wanted."""
    await removal.remove(tenant, whom.user_id(ask), actor(bearer, ask))
    return view.nothing()


async def delete_provider(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """DELETE /users/{id}/multifactor/{provider}: the same by its older name."""
    if ask.names["provider"] != PROVIDER:
        raise Refused(FACTOR_ABSENT)
    await removal.remove(tenant, whom.user_id(ask), actor(bearer, ask))
    return view.nothing()


async def regenerate(ask: Ask, tenant: Tenant, bearer: Bearer) -> Answer:
    """POST /users/{id}/recovery-code-regeneration: one new code; those from before work no more."""
    (code,) = await removal.renew(tenant, whom.user_id(ask), actor(bearer, ask), many=1)
    return view.shown(view.members(CodeSeen(recovery_code=code)))


async def _meant(ask: Ask, tenant: Tenant) -> Factor:
    found = await held.of_user(tenant, await whom.user(ask, tenant))
    for each in found.values():
        if each.id == ask.names["authentication_method_id"]:
            return each
    raise Refused(FACTOR_ABSENT)


def _seen(factor: Factor) -> view.View:
    seen = FactorSeen(
        id=factor.id,
        type=TYPES[factor.kind],
        confirmed=True,
        created_at=view.moment(factor.created_at),
        last_auth_at=UNSET if factor.used_at is None else view.moment(factor.used_at),
    )
    if factor.kind == recovery.KIND:
        seen.left = len(factor.digests)
    return view.members(seen)
