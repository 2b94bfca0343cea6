"""Token revocation (RFC 7009)."""

from sekisho import tokens
from sekisho.model.artifact import Owner
from sekisho.model.bearer import Bearer
from sekisho.model.event import Event
from sekisho.model.step import Note
from sekisho.oauth.authenticate import authenticate
from sekisho.spec.http import NO_STORE, Answer, Ask, parameters_are_single
from sekisho.spec.refusal import TOKEN_OF_ANOTHER, Refused
from sekisho.tenant import Tenant


async def revoke(ask: Ask, tenant: Tenant) -> Answer:
    """End a token of the client that asks. What is not good any more is as good as revoked. Section 2.2."""
    parameters_are_single(ask.form)
    client = await authenticate(ask, tenant)
    bearer = await tokens.good(ask.need("token"), tenant)
    if bearer and bearer.client_id != client.client_id:
        raise Refused(TOKEN_OF_ANOTHER, debug=f"the token is {bearer.client_id}'s")
    if bearer:
        await tenant.store.revoke(Owner(tenant=tenant.id, grant=bearer.grant), tenant.now())
        await tenant.store.write(Note(_event(bearer, ask, tenant)))
    return Answer(headers=NO_STORE)


def _event(bearer: Bearer, ask: Ask, tenant: Tenant) -> Event:
    facts = {"client": bearer.client_id, "address": ask.address, "correlation": ask.correlation}
    return tenant.audit.event(tenant.id, "token_revoked", detail={"jti": bearer.jti}, **facts)
