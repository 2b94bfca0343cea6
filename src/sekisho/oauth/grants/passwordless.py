"""Auth0's grant for a code that a person was sent (passwordless/otp): off unless allowed."""

from sekisho.model.client import Client
from sekisho.model.granted import Granted
from sekisho.oauth import straight
from sekisho.oauth.straight import Proved
from sekisho.people.letters import codes
from sekisho.spec.contrast import contrast
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN
from sekisho.tenant import Tenant

AMR = ("otp",)
REALM = "email"


async def grant(ask: Ask, client: Client, tenant: Tenant) -> Granted:
    """Whoever shows the newest code that went to an address, once."""
    realm = ask.need("realm")
    if realm != REALM:
        raise Refused(CONNECTION_UNKNOWN, seen=contrast("realm", REALM, realm))

    async def prove() -> Proved:
        name, text = ask.need("username"), ask.need("otp")
        user, spend = await codes.verify(tenant, client, name, text, ask.address)
        return Proved(user, AMR, (spend,))

    return await straight.granted("passwordless", prove, ask, client, tenant)
