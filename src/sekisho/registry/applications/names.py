"""Names that come with a manifest: nobody has them, and nothing is left of who had them."""

from sekisho.change.unit import BATCH
from sekisho.model.api import Api
from sekisho.model.client import Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.model.record import Record
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.management import ALREADY_EXISTS
from sekisho.store import Where, Window
from sekisho.tenant import Tenant


async def is_free(tenant: Tenant, name: str) -> None:
    """No application has this appId or object id, nor an API; what was given to an earlier one is gone."""
    store = tenant.store
    if (
        await store.named(Client, tenant.id, name)
        or await store.record(Client, tenant.id, name)
        # An API that was made by itself may be called so: what is given of it is not an earlier one's.
        or await store.named(Api, tenant.id, name)
    ):
        raise Refused(ALREADY_EXISTS, words={"what": "The application"})
    left: tuple[tuple[type[Record], Where], ...] = (
        (Consent, {"client_id": name}),
        (Consent, {"tag": name}),
        (ClientGrant, {"client_id": name}),
        (ClientGrant, {"audience": name}),
        (RoleAssignment, {"api": name}),
    )
    for kind, where in left:
        while batch := await tenant.store.records(kind, tenant.id, where, Window(limit=BATCH)):
            await tenant.change(*map(Erase, batch))
