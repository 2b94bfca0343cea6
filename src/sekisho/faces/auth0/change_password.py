"""POST /dbconnections/change_password: somebody is sent a mail by which they set a new password."""

from sekisho.change.actor import Actor
from sekisho.faces.auth0 import hears
from sekisho.oauth.asked import client_of
from sekisho.people import directories
from sekisho.people.letters import resets
from sekisho.people.letters.sending import Asker
from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.tenant import Tenant

KIND = "text/html; charset=utf-8"
# What is said whoever is named; nothing of it was sent to us.
SENT = b"We've just sent you an email to reset your password."


async def begin(ask: Ask, tenant: Tenant) -> Answer:
    """The same answer for everybody; who names a client names one that there is."""
    named = one(ask.form, "client_id")
    client = await client_of(named, tenant) if named else None
    directory = await directories.find(tenant, hears.text(ask, "connection"))
    email = hears.text(ask, "email")
    actor = Actor(
        client=client.client_id if client else None, address=ask.address, correlation=ask.correlation
    )
    asker = Asker(actor, ask.root, ask.headers.get("x-request-language", ""))
    await resets.begin(tenant, email, asker, directory.name)
    return Answer(body=SENT, kind=KIND, headers=NO_STORE)
