"""Whether a client that registered itself still stands: its statement and its application do."""

from sekisho.model.client import Registration
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.tenant import Tenant


async def application_of(came_by: Registration, tenant: Tenant) -> RegisteredApplication | None:
    """The application, unless it or the statement was revoked; known here within a second of it."""
    application = await tenant.known.named(RegisteredApplication, tenant.id, came_by.application)
    if application is None or not application.stands:
        return None
    statement = await tenant.known.named(SoftwareStatement, tenant.id, came_by.statement)
    is_good = statement is not None and statement.revoked_at is None
    return application if is_good else None
