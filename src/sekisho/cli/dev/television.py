"""The registered application of the demo tenant: made and published once, with a statement that is good."""

from sekisho.change.unit import whole
from sekisho.cli.folder import Card, SampleApplication
from sekisho.cli.work import OPERATOR
from sekisho.model.registered_application import RegisteredApplication
from sekisho.registry import registered_applications, registrations
from sekisho.registry.registered_applications import ApplicationFields
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from sekisho.tokens import software_statement

NAME = "Demo television"
WANTED = ApplicationFields(name=NAME, channels=("demo",), domains=("example.com",), scopes=("api:client:v2",))


async def prepare(tenant: Tenant, card: Card) -> SampleApplication:
    """The application of this name that stands, with the statement that the card knows if it is good here."""
    application = await _standing(tenant)
    able = await tenant.able(software_statement.RING, software_statement.ALG)
    known = card.registered_application
    if known and known.id == application.id and await _is_good(known, able):
        return known
    made = await registered_applications.give_statement(able, application.id, OPERATOR)
    text = software_statement.mint(made, f"{card.base_url}/", able)
    return SampleApplication(name=NAME, id=application.id, software_statement=text)


async def _standing(tenant: Tenant) -> RegisteredApplication:
    for each in await whole(tenant, RegisteredApplication, {}):
        if each.name == NAME and each.stands:
            return each
    made = await registered_applications.create(tenant, WANTED, OPERATOR)
    return await registered_applications.publish(tenant, made.id, OPERATOR)


async def _is_good(known: SampleApplication, tenant: Tenant) -> bool:
    """Another port is another issuer, and somebody may have revoked it."""
    try:
        await registrations.approved(tenant, software_statement.read(known.software_statement, tenant))
    except Refused:
        return False
    return True
