"""Where people's passwords are: connections that have their users here, asked by name."""

from sekisho.model.connection import DATABASE, Connection
from sekisho.model.user import User
from sekisho.people.factors import password
from sekisho.spec.contrast import contrast
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN, USER_UNKNOWN
from sekisho.tenant import Tenant

STRATEGY = "auth0"
LONGEST = 128


async def find(tenant: Tenant, name: str) -> Connection:
    """The connection of this name, which has its users here."""
    found = await tenant.known.named(Connection, tenant.id, name) if 0 < len(name) <= LONGEST else None
    if found is None or found.strategy != STRATEGY:
        raise Refused(CONNECTION_UNKNOWN, seen=contrast("connection", DATABASE, name))
    return found


async def verify(tenant: Tenant, directory: str, name: str, text: str, address: str) -> User:
    """Whose name and password these are, in this directory: elsewhere the name is nobody's."""
    user = await password.verify(tenant, name, text, address)
    if user.connection != directory:
        raise Refused(USER_UNKNOWN, debug=f"the user is of another connection: {user.user_id}")
    return user
