"""Applications of our server that call each other: a person's token for the first, a request for the next."""

import asyncio

from msgspec.structs import replace

from bench import people, seed, sekisho, wire
from bench.failure import BenchError
from bench.seed import Credentials
from bench.sekisho import TENANT, Site
from bench.subject import BEHALF_PATH, SCOPE
from sekisho.change.actor import Actor
from sekisho.house import open_house
from sekisho.model.api import Api, Scope
from sekisho.model.client import Client
from sekisho.model.connection import DATABASE
from sekisho.model.step import Save
from sekisho.people import consents, users
from sekisho.people.user_fields import UserFields
from sekisho.settings import load

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTS = ["password", "refresh_token", JWT_BEARER]
WHO = "chain@people.example"
FIRST, NEXT = "api://first.example", "api://next.example"


def furnish(site: Site, bearer: str) -> tuple[Credentials, Credentials]:
    """A person's client, and the application that it calls, which calls the next one."""
    made = [sekisho.create(site, bearer, seed.CLIENTS, _client(name)) for name in ("caller", "first", "next")]
    caller, first, last = (Credentials(one["client_id"], one["client_secret"]) for one in made)
    asyncio.run(_settled(site, caller.client_id, first.client_id, last.client_id))
    return caller, first


def request(site: Site, caller: Credentials, first: Credentials, kind: str = "") -> bytes:
    """What the first application sends, which shows a token that the person's client got for it."""
    shown = {"grant_type": "password", "username": WHO, "password": people.PASSWORD}
    asked = _form(caller, {**shown, "scope": f"{FIRST}/{SCOPE}"})
    reply = wire.exchange(site.port, wire.post_form(site.port, BEHALF_PATH, asked))
    if reply.status != 200:
        raise BenchError(f"a person's token: {reply.status} {reply.body[:1000]!r}")
    told = {
        "grant_type": JWT_BEARER,
        "requested_token_use": "on_behalf_of",
        "assertion": reply.json()["access_token"],
        "scope": f"{NEXT}/.default",
        **({"requested_token_type": kind} if kind else {}),
    }
    return wire.post_form(site.port, BEHALF_PATH, _form(first, told))


def _client(name: str) -> dict[str, object]:
    return {**seed.client(name), "app_type": "regular_web", "grant_types": GRANTS}


def _form(who: Credentials, fields: dict[str, str]) -> dict[str, str]:
    return {"client_id": who.client_id, "client_secret": who.client_secret, **fields}


async def _settled(site: Site, caller: str, first: str, last: str) -> None:
    """Both APIs, somebody, and what they agreed to: the caller at the first one, that one at the next."""
    house = await open_house(load(None, site.env))
    try:
        tenant = house.directory.named(TENANT)
        if tenant is None:
            raise BenchError(f"there is no tenant {TENANT}")
        grants = (*tenant.policy.grant_types, "password")
        policy = replace(tenant.policy, grant_types=tuple(dict.fromkeys(grants)))
        await tenant.change(Save(replace(tenant.record, policy=policy)))
        told = UserFields(connection=DATABASE, email=WHO, email_verified=True, password=people.PASSWORD)
        user = await users.create(tenant, told, Actor())
        for owner, uri, by in ((first, FIRST, caller), (last, NEXT, first)):
            api = Api(
                tenant=tenant.id,
                id=owner[:24].lower(),
                name=uri,
                identifiers=(owner, uri),
                scopes=(Scope(id=SCOPE, value=SCOPE),),
                dialect="entra_v2",
                owner_client=owner,
            )
            client = await tenant.known.named(Client, tenant.id, by)
            if client is None:
                raise BenchError(f"there is no client {by}")
            given = consents.new(user.user_id, client, owner, (SCOPE,), tenant.now())
            await tenant.change(Save(api), consents.giving(given, None))
    finally:
        await house.close()
