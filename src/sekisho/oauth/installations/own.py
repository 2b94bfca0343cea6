"""What an installation of a registered application is granted when it asks in its own name."""

from sekisho.model.api import PROTECTED, Api
from sekisho.model.client import Client, Registration
from sekisho.model.granted import Granted
from sekisho.spec.http import Ask
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.registration import REGISTRATION_ENDED
from sekisho.tenant import Tenant
from sekisho.tokens import standing


async def of_installation(client: Client, came_by: Registration, ask: Ask, tenant: Tenant) -> Granted:
    """All that its application may ask of the one API that it is for."""
    application = await standing.application_of(came_by, tenant)
    api = await tenant.known.named(Api, tenant.id, PROTECTED)
    if application is None or api is None:
        raise Refused(REGISTRATION_ENDED, debug="its application, or the API that it is for, is gone")
    now = tenant.now()
    tenant.tools.uses.note(tenant.id, client.client_id, now)
    return Granted(
        id=ask.id,
        grant_type="client_credentials",
        client=client,
        api=api,
        audience=api.identifier,
        issuer=tenant.issuer(ask),
        subject=client.client_id,
        scopes=application.scopes,
        lifetime=api.token_lifetime,
        at=now,
    )
