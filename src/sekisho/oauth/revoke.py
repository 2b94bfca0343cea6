"""Token revocation (RFC 7009)."""

from sekisho import tokens
from sekisho.model.artifact import Owner, Refresh
from sekisho.model.event import Event
from sekisho.model.step import Note
from sekisho.oauth.authenticate import authenticate
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, parameters_are_single
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import TOKEN_OF_ANOTHER
from sekisho.tenant import Tenant
from sekisho.tokens import refresh_token


async def revoke(ask: Ask, tenant: Tenant) -> Answer:
    """End a token of the client that asks. What is not good any more is as good as revoked. Section 2.2."""
    parameters_are_single(ask.form)
    client = await authenticate(ask, tenant)
    found = await _found(ask.need("token"), tenant)
    if found is None:
        return Answer(headers=NO_STORE)
    owner, jti = found
    if owner.client != client.client_id:
        seen = contrast("client_id", owner.client or "", client.client_id)
        raise Refused(TOKEN_OF_ANOTHER, debug=f"the token is {owner.client}'s", seen=seen)
    await tenant.store.revoke(Owner(tenant=tenant.id, grant=owner.grant), tenant.now())
    await tenant.store.write(Note(_event(client.client_id, jti, ask, tenant)))
    return Answer(headers=NO_STORE)


async def _found(text: str, tenant: Tenant) -> tuple[Owner, str] | None:
    """Whose token it is: the grant of a refresh token goes as a whole, that of an access token too."""
    bearer = await tokens.good(text, tenant)
    if bearer:
        return Owner(tenant=tenant.id, grant=bearer.grant, client=bearer.client_id), bearer.jti
    try:
        shown = refresh_token.read(text)
    except Refused:
        return None
    family = await tenant.store.get(Refresh, shown.family)
    is_good = (
        isinstance(family, Refresh) and family.owner.tenant == tenant.id and shown.proves(family, tenant)
    )
    return (family.owner, family.id) if isinstance(family, Refresh) and is_good else None


def _event(client: str, jti: str, ask: Ask, tenant: Tenant) -> Event:
    facts = {"client": client, "address": ask.address, "correlation": ask.correlation}
    return tenant.audit.event(tenant.id, "token_revoked", detail={"jti": jti}, **facts)
