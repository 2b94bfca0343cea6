"""Applications that call each other in a person's name, by Entra's addresses, on the memory tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, KeySetSerialization
from msgspec.structs import replace

from sekisho.faces.entra import authorize as face
from sekisho.faces.entra import discovery, says
from sekisho.faces.entra import token as endpoint
from sekisho.keys import secret
from sekisho.model.api import Api, Scope
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.consent import Consent
from sekisho.model.record import Record
from sekisho.model.role import RoleAssignment
from sekisho.model.step import Erase, Save
from sekisho.model.user import User
from sekisho.oauth import flows
from sekisho.oauth.wishes import wish
from sekisho.people import consents, sessions
from sekisho.spec.entra.scope import GRAPH
from sekisho.spec.http import Answer, Ask, Pairs
from sekisho.spec.policy import JWT_BEARER, Policy
from sekisho.spec.refusal import Refused
from sekisho.store import Window
from sekisho.tenant import Tenant
from tests.tenants import NOW, ORIGIN, SECRET, TENANT, Clock, ask, client, demo_tenant
from tests.visitor import CHALLENGE, VERIFIER, Browser, decided, location, person, told

SPA = "5a5a5a5a-0000-4000-8000-000000000001"
A = "aaaaaaaa-0000-4000-8000-000000000002"
B = "bbbbbbbb-0000-4000-8000-000000000003"
C = "cccccccc-0000-4000-8000-000000000004"
LEDGER = "dddddddd-0000-4000-8000-000000000005"
PAGE = "https://spa.example.com/"
SITE = "https://a.example.com/signin"
PHONE = "http://localhost/back"
NEWER = f"/{TENANT}/oauth2/v2.0"
OLDER = f"/{TENANT}/oauth2"
ENTER = "api://a/access_as_user"
ME = "https://graph.microsoft.com/User.Read"
STOCK = "api://b/read"
BOOKS = "https://ledger.example.com"
SERVER = ("authorization_code", "refresh_token", "client_credentials", JWT_BEARER)


def application(client_id: str, name: str, **fields: Any) -> Client:
    """A confidential application with a secret."""
    usual = client(
        id=client_id.replace("-0000-", "-1111-"),
        client_id=client_id,
        name=name,
        grant_types=SERVER,
        secrets=(secret.remember(SECRET, NOW),),
        reply_urls=(ReplyUrl(SITE),),
    )
    return replace(usual, **fields)


def page(**fields: Any) -> Client:
    """An application that is a page in a browser."""
    usual = application(
        SPA,
        "Page",
        grant_types=("authorization_code", "refresh_token", "implicit"),
        secrets=(),
        token_endpoint_auth_method="none",
        reply_urls=(ReplyUrl(PAGE, "spa"), ReplyUrl(PHONE, "public")),
    )
    return replace(usual, **fields)


def exposed(client_id: str, uri: str, *values: str, **fields: Any) -> Api:
    """The API of an application, with these scopes: their ids are made of their values."""
    usual = Api(
        tenant=TENANT,
        id=client_id.replace("-", "")[:24],
        name=uri,
        identifiers=(client_id, uri),
        scopes=tuple(Scope(id=f"id-{value}", value=value) for value in values),
        dialect="entra_v2",
        token_lifetime=3_600,
        token_lifetime_for_web=3_600,
        allow_offline_access=True,
        skip_consent=False,
        owner_client=client_id,
    )
    return replace(usual, **fields)


def stock(**fields: Any) -> Api:
    """The API furthest from people, with a scope for administrators and one that was switched off."""
    usual = exposed(B, "api://b", "read", "write")
    more = (Scope(id="id-rule", value="rule", kind="Admin"), Scope(id="id-old", value="old", enabled=False))
    return replace(usual, scopes=(*usual.scopes, *more), **fields)


def agreed(client_id: str, api: str | None, *scopes: str, user: str | None = "auth0|aya") -> Consent:
    """Somebody's agreement, or that of an administrator for everybody."""
    id = f"{user or '*'} {client_id} {api or '*'}"
    return Consent(tenant=TENANT, id=id, user=user, client=client_id, api=api, scopes=scopes)


def assigned(principal: str, api: str, role: str, kind: Any = "User") -> RoleAssignment:
    """A role that somebody has."""
    id = f"{principal} {api} {role}"
    return RoleAssignment(tenant=TENANT, id=id, principal=principal, kind=kind, api=api, role=role)


RECORDS: tuple[Record, ...] = (
    person(),
    page(),
    application(A, "Orders"),
    application(B, "Stock"),
    application(C, "Depot"),
    application(LEDGER, "Ledger"),
    exposed(A, "api://a", "access_as_user"),
    stock(),
    exposed(C, "api://c", "read"),
    exposed(LEDGER, BOOKS, "post", dialect="entra_v1"),
    exposed(GRAPH, "https://graph.microsoft.com", "User.Read", dialect="entra_v1"),
    agreed(SPA, A, "access_as_user"),
    agreed(A, GRAPH, "User.Read"),
    agreed(A, B, "read"),
    agreed(A, LEDGER, "post", user=None),
    agreed(B, C, "read"),
)


async def entra_tenant(clock: Clock | None = None, policy: Policy | None = None) -> Tenant:
    """A page, API A behind it, and others behind that: Aya agreed to the most of it."""
    tenant = await demo_tenant(clock)
    assert await tenant.change(*map(Save, RECORDS)) is None
    return await decided(tenant, policy) if policy else tenant


async def changed(tenant: Tenant, kind: type[Record], name: str, **fields: Any) -> None:
    """A record of the tenant, changed."""
    found = await tenant.store.named(kind, tenant.id, name)
    assert found
    assert await tenant.change(Save(replace(found, **fields))) is None


async def gone(tenant: Tenant, kind: type[Record], name: str) -> None:
    """A record of the tenant, erased."""
    found = await tenant.store.named(kind, tenant.id, name)
    assert found
    assert await tenant.change(Erase(found)) is None


async def consented(tenant: Tenant) -> dict[tuple[str | None, str, str | None], tuple[str, ...]]:
    """Everything that was agreed to."""
    found = await tenant.store.records(Consent, tenant.id, {}, Window(limit=100))
    return {(each.user, each.client, each.api): each.scopes for each in found}


@dataclass
class Visitor(Browser):
    """Somebody's browser at the addresses of the face."""

    path: str = NEWER
    address: str = ""

    def ask(self, path: str, query: Mapping[str, str], method: str = "GET") -> Ask:
        """A request from where the person sits."""
        return replace(super().ask(path, query, method), address=self.address)

    async def opens(self, query: Mapping[str, str]) -> Answer:
        """The authorization endpoint of the face, with these parameters only."""
        name, _, _ = self.path[1:].partition("/")
        here = self.ask(f"{self.path}/authorize", query)
        at = face.authorize if "v2.0" in self.path else face.older
        return self.keep(await at(replace(here, names={"t": name}), self.tenant))

    async def authorize(self, **more: str | None) -> Answer:
        """The page sends the person here."""
        return await self.opens(asking(**more))

    async def agrees(self, answer: Answer) -> Answer:
        """The consent page did its part: everything is granted, to those for whom it was asked."""
        here = self.page(answer)
        way = await flows.found(here, self.tenant)
        session = await sessions.current(here, self.tenant)
        asks = await self.tenant.known.named(Client, self.tenant.id, way.flow.request.client_id)
        assert session
        assert asks
        wanted = await wish(way.flow.request, asks, session, self.tenant)
        saves = []
        for need in wanted.needs:
            given = await self.tenant.known.named(Client, self.tenant.id, need.client or asks.client_id)
            assert given
            whose = (session.owner.user or "", given, need.api)
            new = consents.new(*whose, need.scopes, self.tenant.now())
            saves.append(consents.giving(new, await consents.agreed(*whose, self.tenant)))
        return await self.resumes(await flows.agreed(way, tuple(saves), here, self.tenant))

    async def needs(self, answer: Answer) -> dict[tuple[str, str | None], tuple[str, ...]]:
        """What the consent page of a flow asks for: for whom, of which API."""
        here = self.page(answer)
        way = await flows.found(here, self.tenant)
        session = await sessions.current(here, self.tenant)
        asks = await self.tenant.known.named(Client, self.tenant.id, way.flow.request.client_id)
        assert asks
        wanted = await wish(way.flow.request, asks, session, self.tenant)
        return {(need.client, need.api): need.scopes for need in wanted.needs}

    async def arrives(self, **more: str | None) -> dict[str, str]:
        """What the page is answered, once the person has signed in where that is needed."""
        answer = await self.authorize(**more)
        if "/login?" in location(answer):
            answer = await self.signs_in(answer)
        return told(answer)


def asking(**more: str | None) -> dict[str, str]:
    """What the page asks; None leaves a parameter out."""
    usual: dict[str, str | None] = {
        "client_id": SPA,
        "response_type": "code",
        "redirect_uri": PAGE,
        "scope": f"openid profile offline_access {ENTER}",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return {name: value for name, value in usual.items() if value is not None}


def posted(form: Mapping[str, str | None], path: str = NEWER, **headers: str) -> Ask:
    """A request to the token endpoint below a path."""
    pairs: Pairs = tuple((name, value) for name, value in form.items() if value is not None)
    name, _, _ = path[1:].partition("/")
    return ask(pairs, path=f"{path}/token", names={"t": name}, headers=headers)


async def answered(tenant: Tenant, here: Ask) -> dict[str, Any]:
    """What the token endpoint says to a request that it grants."""
    at = endpoint.token if "/v2.0/" in here.path else endpoint.older
    answer = await at(here, tenant)
    assert answer.status == 200
    assert isinstance(answer.json, dict)
    return answer.json


class No(NamedTuple):
    """How a request was refused: by our name, by Entra's number, in its words."""

    slug: str
    number: int
    error: str
    status: int
    suberror: str = ""


async def no(tenant: Tenant, here: Ask) -> No:
    """Why the token endpoint refuses a request."""
    try:
        await answered(tenant, here)
    except Refused as refused:
        answer = says.says(refused, here)
        assert isinstance(answer.json, dict)
        body = answer.json
        assert body["error_description"].startswith(f"AADSTS{body['error_codes'][0]}: ")
        number, sub = body["error_codes"][0], body.get("suberror", "")
        return No(refused.reason.slug, number, body["error"], answer.status, sub)
    raise AssertionError("it was granted")


def redeeming(shown: str, /, **more: str | None) -> dict[str, str | None]:
    """What the page sends with its code."""
    return {
        "grant_type": "authorization_code",
        "client_id": SPA,
        "code": shown,
        "redirect_uri": PAGE,
        "code_verifier": VERIFIER,
        **more,
    }


async def signed_in(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """The page's tokens after a fresh sign-in."""
    code = (await Visitor(tenant).arrives(**more))["code"]
    return await answered(tenant, posted(redeeming(code), origin="https://spa.example.com"))


async def token_a(tenant: Tenant, **more: str | None) -> str:
    """A token with which the page calls API A."""
    return str((await signed_in(tenant, **more))["access_token"])


def on_behalf(shown: str, /, **more: str | None) -> dict[str, str | None]:
    """What API A sends with the token that it was called with."""
    return {
        "grant_type": JWT_BEARER,
        "client_id": A,
        "client_secret": SECRET,
        "assertion": shown,
        "scope": STOCK,
        "requested_token_use": "on_behalf_of",
        **more,
    }


async def exchanged(tenant: Tenant, shown: str, /, **more: str | None) -> dict[str, Any]:
    """What API A is given for the token that it was called with."""
    return await answered(tenant, posted(on_behalf(shown, **more)))


async def claims(tenant: Tenant, text: object) -> dict[str, Any]:
    """What a token says that a published key of the face signed."""
    answer = await discovery.newer_keys(ask(method="GET", root=ORIGIN, names={"t": TENANT}), tenant)
    assert isinstance(answer.json, dict)
    keys = KeySet.import_key_set(cast("KeySetSerialization", answer.json))
    return dict(jwt.decode(str(text), keys, algorithms=["RS256"]).claims)


async def blocked(tenant: Tenant, **fields: Any) -> None:
    """Aya, changed: blocked unless something else is said."""
    await changed(tenant, User, "auth0|aya", **(fields or {"blocked": True}))


def origin(address: str) -> str:
    """Scheme and host."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
