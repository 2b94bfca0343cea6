"""The token endpoint (RFC 6749 section 3.2): the phases that no grant may forget."""

from collections.abc import Mapping

import msgspec

from sekisho import tokens
from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.model.step import Note, Put, Swap, Take
from sekisho.oauth.authenticate import authenticate
from sekisho.oauth.grants import GRANTS, Grant
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, parameters_are_single
from sekisho.spec.policy import JWT_BEARER, SAML2_BEARER, TOKEN_EXCHANGE, Policy, allows
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import GRANT_LOST, GRANT_TYPE_NOT_ALLOWED, GRANT_TYPE_UNKNOWN
from sekisho.tenant import Tenant
from sekisho.tokens import custom

# RFC 8707 and RFC 8693 let these be repeated.
REPEATABLE = frozenset(("audience", "resource"))
TRIES = 5
# What the audit calls it: who reads it tells a machine from a person, and the first time from the next.
ISSUED = "token_issued"
EVENTS: Mapping[str, str] = {
    "authorization_code": "code_redeemed",
    "password": "password_redeemed",
    "passwordless": "passwordless_redeemed",
    "refresh_token": "token_refreshed",
    TOKEN_EXCHANGE: "token_exchanged",
    JWT_BEARER: "assertion_redeemed",
    SAML2_BEARER: "assertion_redeemed",
}


async def token(ask: Ask, tenant: Tenant) -> Answer:
    """Who asks, by which grant, for what: then mint, write in one unit, answer."""
    parameters_are_single(ask.form, REPEATABLE)
    client = await authenticate(ask, tenant)
    return await given(chosen(GRANTS, ask, client, tenant.policy), client, ask, tenant)


async def given(grant: Grant, client: Client, ask: Ask, tenant: Tenant) -> Answer:
    """What a grant gives to a client that may ask for it, narrowed to what it asked for."""

    async def narrowed(ask: Ask, client: Client, tenant: Tenant) -> Granted:
        return _narrow(await grant(ask, client, tenant), ask)

    _, issued = await gave(narrowed, client, ask, tenant)
    return Answer(json=issued.body, headers=NO_STORE)


async def gave(grant: Grant, client: Client, ask: Ask, tenant: Tenant) -> tuple[Granted, tokens.Issued]:
    """What a grant decided, and the tokens of it: minted, and on disk as far as they have to be."""
    for _ in range(TRIES):
        granted = await grant(ask, client, tenant)
        if tenant.rules:
            granted = await custom.told(granted, tenant)
        issued = tokens.issue(granted, await tenant.able("tokens", granted.api.signing_alg))
        if await _written(granted, issued.puts, ask, tenant):
            return granted, issued
    raise Refused(GRANT_LOST, debug="others were faster every time")


def chosen(grants: Mapping[str, Grant], ask: Ask, client: Client, policy: Policy) -> Grant:
    """The grant exists, the tenant allows it, and the client is registered for it."""
    grant_type = ask.need("grant_type")
    if grant_type not in grants or not allows(policy.grant_types, grant_type):
        seen = contrast("grant_type", " ".join(policy.grant_types), grant_type)
        raise Refused(GRANT_TYPE_UNKNOWN, words={"grant_type": grant_type[:128]}, seen=seen)
    if not allows(client.grant_types, grant_type):
        seen = contrast("grant_type", " ".join(client.grant_types), grant_type)
        raise Refused(GRANT_TYPE_NOT_ALLOWED, words={"grant_type": grant_type}, seen=seen)
    return grants[grant_type]


def _narrow(granted: Granted, ask: Ask) -> Granted:
    """Unknown scopes fall away silently; what is left is reported. RFC 6749 section 3.3."""
    asked = scope.parse(ask.get("scope"))
    return msgspec.structs.replace(granted, scopes=scope.narrow(asked, granted.scopes))


async def _written(granted: Granted, puts: tuple[Put, ...], ask: Ask, tenant: Tenant) -> bool:
    """One unit for what the grant used up and the tokens need; what needs nothing waits for nothing.

    False where somebody moved what was to be swapped at the same moment: then the grant is asked again.
    """
    event = tenant.audit.event(
        tenant.id,
        EVENTS.get(granted.grant_type, ISSUED),
        client=granted.client.client_id,
        user=granted.user.user_id if granted.user else None,
        address=ask.address,
        correlation=ask.correlation,
        detail=granted.detail,
    )
    steps = (*granted.spends, *puts)
    if not steps:
        tenant.audit.batch(event)
        return True
    lost = await tenant.store.write(*steps, Note(event))
    if lost is None:
        tenant.audit.landed(event)
        return True
    if isinstance(lost.step, Take) and lost.spent:
        # Two showed the same code: whoever was second proves that it leaked. RFC 6749 section 4.1.2.
        await tenant.store.revoke(lost.spent.owner, tenant.now())
    if not isinstance(lost.step, Swap):
        raise Refused(GRANT_LOST, debug=lost.why)
    return False
