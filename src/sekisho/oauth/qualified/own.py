"""The client credentials grant with a resource's `.default`: an application's own roles (RFC 6749 4.4)."""

from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.oauth.delegation import assigned, given, wanted
from sekisho.spec import scope
from sekisho.spec.contrast import contrast
from sekisho.spec.entra import scope as qualified
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import DEFAULT_NEEDED, PROOF_MISSING
from sekisho.tenant import Tenant


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """A token about the application itself, with the roles that it was assigned there."""
    if given.proof_of(ask) == "0":
        raise Refused(PROOF_MISSING)
    now, words = tenant.now(), scope.parse(ask.need("scope")) or ()
    _, asked = qualified.read(words)
    if len(asked) != 1 or not asked[0].is_default:
        seen = contrast("scope", "<resource>/.default", " ".join(words))
        raise Refused(DEFAULT_NEEDED, seen=seen)
    one = await wanted.one(words, client, tenant)
    return Granted(
        # Nothing outlives the request but the token, so the request is the grant.
        id=ask.id,
        grant_type="client_credentials",
        client=client,
        api=one.api,
        audience=one.resource,
        issuer=tenant.issuer(ask),
        subject=f"{client.client_id}@clients",
        scopes=(),
        lifetime=one.api.token_lifetime,
        at=now,
        dialect=given.dialect_of(ask),
        roles=await assigned.of_client(client, one.api, tenant),
        proof=given.proof_of(ask),
    )
