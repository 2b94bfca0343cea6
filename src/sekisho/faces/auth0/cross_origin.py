"""POST /co/authenticate: somebody shows their password to a page of an application, which shows it here."""

import secrets
from collections.abc import Mapping

from sekisho.faces.auth0 import hears
from sekisho.model.connection import DATABASE
from sekisho.oauth.asked import client_of
from sekisho.people import directories, login_tickets
from sekisho.spec.browser.csrf import page_may_ask
from sekisho.spec.contrast import contrast
from sekisho.spec.http import NO_STORE, Answer, Ask, one, parameters_are_single
from sekisho.spec.policy import PASSWORD_REALM
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.people import CREDENTIAL_UNKNOWN
from sekisho.tenant import Tenant

# What may be shown, and the parameter that names its directory; the usual one where there is none.
CREDENTIALS: Mapping[str, str] = {"password": "", PASSWORD_REALM: "realm"}


async def authenticate(ask: Ask, tenant: Tenant) -> Answer:
    """A ticket for this browser, which signs in once; the page comes first, and then the password."""
    hears.is_json(ask)
    parameters_are_single(ask.form)
    began, client = tenant.now(), await client_of(one(ask.form, "client_id"), tenant)
    login_tickets.may_sign_in(client)
    page_may_ask(ask.headers.get("origin", ""), client.web_origins)
    directory = await directories.find(tenant, _directory(ask))
    name, text = hears.text(ask, "username"), hears.text(ask, "password")
    user = await directories.verify(tenant, directory.name, name, text, ask.address)
    given = await login_tickets.give(user, client, began, ask, tenant)
    told = {
        "login_ticket": given.text,
        # Pages keep it for browsers that take no cookies of others; it opens nothing here.
        "co_verifier": secrets.token_urlsafe(32),
        "co_id": given.id,
    }
    return Answer(json=told, headers=(*NO_STORE, given.header))


def _directory(ask: Ask) -> str:
    kind = hears.text(ask, "credential_type")
    if kind not in CREDENTIALS:
        seen = contrast("credential_type", " ".join(CREDENTIALS), kind)
        raise Refused(CREDENTIAL_UNKNOWN, words={"credential_type": kind[:128]}, seen=seen)
    parameter = CREDENTIALS[kind]
    return hears.text(ask, parameter) if parameter else DATABASE
