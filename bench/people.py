"""People of our server: each with a password, and with an agreement for the client that asks."""

import asyncio
import re

from msgspec.structs import replace

from bench import seed, sekisho, wire
from bench.failure import BenchError
from bench.load import CONNECTIONS
from bench.seed import Credentials
from bench.sekisho import TENANT, Site
from bench.subject import LOGIN_PATH, REDIRECT_URI, SCOPE
from bench.talk import Talk
from bench.visit import STAY, Visit
from sekisho.change.actor import Actor
from sekisho.house import open_house
from sekisho.model.client import Client
from sekisho.model.connection import DATABASE
from sekisho.model.step import Save
from sekisho.people import consents, users
from sekisho.people.user_fields import UserFields
from sekisho.settings import load
from sekisho.tenant import Tenant

PASSWORD = "seven blue lanterns"
BURST = 1_000
OWN = ("openid", "profile", "email", STAY)
_FORM = re.compile(rb'name="csrf" value="([^"]+)"')


def names() -> list[str]:
    """One for each connection of the load."""
    return [f"somebody{number}@people.example" for number in range(CONNECTIONS)]


def furnish(site: Site, bearer: str, api: str | None = None) -> Credentials:
    """A client that asks people, and the people, who agreed to it: also at the API, where there is one."""
    fields = {
        **seed.client("people"),
        "app_type": "regular_web",
        "grant_types": ["authorization_code", "refresh_token"],
        "callbacks": [REDIRECT_URI],
        "is_first_party": False,
    }
    made = sekisho.create(site, bearer, seed.CLIENTS, fields)
    asyncio.run(_settled(site, made["client_id"], api))
    return Credentials(made["client_id"], made["client_secret"])


async def _settled(site: Site, client_id: str, api: str | None) -> None:
    house = await open_house(load(None, site.env))
    try:
        tenant = house.directory.named(TENANT)
        client = tenant and await tenant.known.named(Client, tenant.id, client_id)
        if not tenant or not client:
            raise BenchError(f"there is no client {client_id}")
        await asyncio.gather(*(_settles(name, client, api, tenant) for name in names()))
        # All people of the load have one address.
        policy = replace(tenant.policy, sign_in_account_burst=BURST, sign_in_address_burst=0)
        await tenant.change(Save(replace(tenant.record, policy=policy)))
    finally:
        await house.close()


async def _settles(name: str, client: Client, api: str | None, tenant: Tenant) -> None:
    told = UserFields(connection=DATABASE, email=name, email_verified=True, name=name, password=PASSWORD)
    user = await users.create(tenant, told, Actor())
    agreed = {None: OWN} | ({api: (SCOPE,)} if api else {})
    for where, scopes in agreed.items():
        given = consents.new(user.user_id, client, where, scopes, tenant.now())
        await tenant.change(consents.giving(given, None))


def sign_in(visit: Visit, password: str = PASSWORD) -> Talk:
    """The page, and its form."""
    visit.cookies.clear()
    heard = visit.keep((yield visit.get(LOGIN_PATH)))
    found = _FORM.search(heard.expect(200).body)
    if found is None:
        raise BenchError(f"no form: {heard.body[:1000]!r}")
    form = {"csrf": found[1].decode(), "username": visit.who, "password": password}
    # Good for another session as long as the browser keeps none.
    visit.attempt = wire.post_form(visit.at.port, LOGIN_PATH, form, visit.sent())
    visit.keep((yield visit.attempt).expect(303))
