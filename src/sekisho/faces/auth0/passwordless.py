"""POST /passwordless/start: a person is sent a code, or a link, by which they sign in."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode

from sekisho.change.actor import Actor
from sekisho.faces.auth0 import hears
from sekisho.model.client import Client
from sekisho.oauth.asked import client_of
from sekisho.people.letters import codes
from sekisho.people.letters.sending import Asker
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, one
from sekisho.spec.refusal import MALFORMED_REQUEST, Refused
from sekisho.spec.refusals.people import CONNECTION_UNKNOWN
from sekisho.tenant import Tenant

EMAIL = "email"
WAYS = ("link", "code")
REDIRECT = "/passwordless/verify_redirect"
# What an authorization request may bring along in a link; the person says the rest.
PASSED_ON = (
    *("redirect_uri", "response_type", "response_mode", "scope", "audience", "state", "nonce"),
    *("code_challenge", "code_challenge_method", "ui_locales"),
)
LONGEST = 1_024  # of each; more makes a link that programs break


async def start(ask: Ask, tenant: Tenant) -> Answer:
    """The same answer for everybody."""
    client = await client_of(hears.text(ask, "client_id"), tenant)
    connection, email = hears.text(ask, "connection"), hears.text(ask, "email")
    if connection != EMAIL:
        raise Refused(CONNECTION_UNKNOWN, seen=contrast("connection", EMAIL, connection))
    way = one(ask.form, "send") or WAYS[0]
    if way not in WAYS:
        raise Refused(MALFORMED_REQUEST, seen=contrast("send", " ".join(WAYS), way))
    actor = Actor(client=client.client_id, address=ask.address, correlation=ask.correlation)
    asker = Asker(actor, ask.root, ask.headers.get("x-request-language", ""))
    link = _link(client, email, ask) if way == "link" else ""
    await codes.begin(tenant, client, email, asker, link)
    told = {"_id": _id(tenant, email), "email": email, "email_verified": False}
    return Answer(json=told, headers=NO_STORE)


def _link(client: Client, email: str, ask: Ask) -> str:
    """Where the link leads; the code comes last."""
    params = hears.members(ask).get("authParams")
    said = params if isinstance(params, Mapping) else {}
    kept = {name: said[name] for name in PASSED_ON if _is_short(said.get(name))}
    told = {"client_id": client.client_id, "connection": EMAIL, "email": email, **kept}
    return f"{ask.root}{REDIRECT}?{urlencode({'response_type': 'code', **told})}&verification_code="


def _is_short(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and value.isprintable()


def _id(tenant: Tenant, email: str) -> str:
    """A name for what was begun: the same for an address every time, whether somebody has it or not."""
    told = f"passwordless\n{tenant.id}\n{email.casefold()}"
    return hmac.digest(tenant.tools.sealer.mac_key, told.encode(errors="replace"), sha256).hex()[:24]
