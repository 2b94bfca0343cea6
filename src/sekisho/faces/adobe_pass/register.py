"""POST /o/client/register: an installation gets credentials of its own for its software statement."""

from sekisho.faces.adobe_pass import hears
from sekisho.faces.adobe_pass.says import KIND
from sekisho.oauth import register as core
from sekisho.oauth.register import Registered
from sekisho.registry.registrations import Device
from sekisho.spec.http import NO_STORE, Answer, Ask
from sekisho.tenant import Tenant


async def register(ask: Ask, tenant: Tenant) -> Answer:
    """A statement, perhaps with an address to return to; whatever else is said does not count."""
    statement = hears.needed(ask.form, "software_statement")
    redirect_uri = hears.text(ask.form, "redirect_uri") or ""
    device = Device(redirect_uri=redirect_uri, described=hears.described(ask, tenant))
    registered = await core.register(ask, statement, device, tenant)
    return Answer(status=201, json=_body(registered), kind=KIND, headers=NO_STORE)


def _body(registered: Registered) -> dict[str, object]:
    client = registered.made.client
    return {
        "client_id": client.client_id,
        "client_secret": registered.made.secret,
        # Seconds, as documented; a client has no way to tell them from milliseconds.
        "client_id_issued_at": int(client.created_at),
        "redirect_uris": [reply.url for reply in client.reply_urls],
        "grant_types": list(client.grant_types),
        "scopes": list(registered.scopes),
    }
