"""The client credentials grant (RFC 6749 section 4.4): a client asks in its own name."""

from sekisho.model.api import MANAGEMENT, Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.granted import Granted
from sekisho.oauth import whose
from sekisho.oauth.installations.own import of_installation
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.exchange.audience import one
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.protocol import AUDIENCE_UNKNOWN, CLIENT_GRANT_MISSING, CLIENT_IS_PUBLIC
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """All that the client grant for this API allows; the endpoint narrows it to what was asked for."""
    if client.is_public:
        raise Refused(CLIENT_IS_PUBLIC, seen=contrast("token_endpoint_auth_method", "any but none", "none"))
    if client.registration:
        return await of_installation(client, client.registration, ask, tenant)
    audience = one(ask.form, tenant.policy.default_audience)
    name = MANAGEMENT if tenant.is_management(audience) else audience
    api = await tenant.known.named(Api, tenant.id, name)
    if api is None or (api.is_system and name == audience) or not await whose.is_in_use(api, tenant):
        seen = contrast("audience", "an identifier of an API", audience)
        raise Refused(AUDIENCE_UNKNOWN, words={"audience": audience}, seen=seen)
    allowed = await tenant.known.named(ClientGrant, tenant.id, f"{client.client_id} {api.identifier}")
    if allowed is None:
        seen = contrast("audience", "an API that the client has a grant for", audience)
        raise Refused(CLIENT_GRANT_MISSING, words={"audience": audience}, seen=seen)
    return Granted(
        # Nothing outlives the request but the token, so the request is the grant.
        id=ask.id,
        grant_type="client_credentials",
        client=client,
        api=api,
        audience=audience if api.is_system else api.identifier,
        issuer=tenant.issuer(ask),
        subject=f"{client.client_id}@clients",
        # A scope that the API has lost meanwhile is nobody's any more.
        scopes=scope.narrow(allowed.scopes, {known.value for known in api.scopes if known.enabled}),
        lifetime=api.token_lifetime,
        at=tenant.now(),
    )
