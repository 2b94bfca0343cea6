"""A person, a web client and a browser on the memory tenant: what tests of sign-in start from."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec.structs import replace

from sekisho.keys import secret
from sekisho.model.client import Client, ReplyUrl
from sekisho.model.step import Note, Save
from sekisho.model.user import User
from sekisho.oauth import authorize, flows, par, token
from sekisho.oauth.wishes import wish
from sekisho.people import consents, sessions
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, TENANT, Clock, api, ask, client, demo_tenant

CALLBACK = "https://app.example.com/cb"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
EVERYTHING = "openid profile email offline_access"


def person(**fields: object) -> User:
    """Somebody with a name and an address."""
    told = User(
        tenant=TENANT,
        id="44444444-4444-4444-8444-444444444444",
        user_id="auth0|aya",
        connection="Username-Password-Authentication",
        logins=("aya@example.com",),
        claims={"name": "Aya", "email": "aya@example.com", "email_verified": True, "phone_number": "+81"},
    )
    return replace(told, **fields)


def web_client(**fields: object) -> Client:
    """A confidential client with one address."""
    told = client(
        id="55555555-5555-4555-8555-555555555555",
        client_id="web",
        name="Web",
        grant_types=("authorization_code", "refresh_token"),
        reply_urls=(ReplyUrl(CALLBACK),),
        secrets=(secret.remember(SECRET, NOW),),
    )
    return replace(told, **fields)


async def people_tenant(clock: Clock | None = None, policy: Policy | None = None, **fields: Any) -> Tenant:
    """The demo tenant with a person, a web client, and an API that lets people stay."""
    tenant = await demo_tenant(clock)
    known = await tenant.known.named(type(api()), tenant.id, AUDIENCE)
    assert known is not None
    assert await tenant.change(Save(replace(known, allow_offline_access=True))) is None
    assert await tenant.change(Save(person()), Save(web_client(**fields))) is None
    return await decided(tenant, policy) if policy else tenant


async def decided(tenant: Tenant, policy: Policy) -> Tenant:
    """The tenant with another policy."""
    assert await tenant.change(Save(replace(tenant.record, policy=policy))) is None
    record = await tenant.store.record(type(tenant.record), tenant.id, tenant.id)
    assert record is not None
    return type(tenant)(record, tenant.addresses, tenant.keys, tenant.tools)


async def altered(tenant: Tenant, **fields: object) -> None:
    """The web client, changed."""
    found = await tenant.known.named(Client, tenant.id, "web")
    assert found is not None
    assert await tenant.change(Save(replace(found, **fields))) is None


async def person_changed(tenant: Tenant, **fields: object) -> None:
    """The person, changed."""
    found = await tenant.store.record(User, tenant.id, person().id)
    assert found is not None
    assert await tenant.change(Save(replace(found, **fields))) is None


def request(**more: str | None) -> dict[str, str]:
    """An authorization request of the web client; None leaves a parameter out."""
    told: dict[str, str | None] = {
        "client_id": "web",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid profile email",
        "state": "s-1",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return {name: value for name, value in told.items() if value is not None}


def location(answer: Answer) -> str:
    """Where an answer leads."""
    return dict(answer.headers)["location"]


def told(answer: Answer) -> dict[str, str]:
    """What the address of a redirect says, in its query or its fragment."""
    parts = urlsplit(location(answer))
    return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True, strict_parsing=True))


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and goes where it is told."""

    tenant: Tenant
    cookies: dict[str, str] = field(default_factory=dict)
    root: str = ORIGIN
    methods: tuple[str, ...] = ("pwd",)

    def ask(self, path: str, query: Mapping[str, str], method: str = "GET") -> Ask:
        """A request with the cookies that it has."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        pairs = tuple(query.items())
        headers = {"cookie": cookies} if cookies else {}
        told = ask(path=path, method=method, root=self.root, headers=headers)
        return replace(told, form=pairs) if method == "POST" else replace(told, query=pairs)

    def keep(self, answer: Answer) -> Answer:
        """The answer; its cookies are kept."""
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
                if "Max-Age=0" in rest:
                    del self.cookies[key]
        return answer

    async def authorize(self, **more: str | None) -> Answer:
        """The client sends the person here."""
        return await self.opens(request(**more))

    async def opens(self, query: Mapping[str, str]) -> Answer:
        """The authorization endpoint, with these parameters only."""
        return self.keep(await authorize.authorize(self.ask("/authorize", query), self.tenant))

    def page(self, answer: Answer) -> Ask:
        """The request that the page of a flow makes."""
        return self.ask(urlsplit(location(answer)).path, {"flow": told(answer)["flow"]})

    async def signs_in(self, answer: Answer, user: User | None = None) -> Answer:
        """The sign-in page did its part; what the flow says then."""
        here = self.page(answer)
        way = await flows.found(here, self.tenant)
        begun = sessions.begin(user or person(), self.methods, here, self.tenant)
        event = self.tenant.audit.event(self.tenant.id, "user_signed_in")
        return await self.resumes(await flows.signed_in(way, begun, Note(event), here, self.tenant))

    async def agrees(self, answer: Answer) -> Answer:
        """The consent page did its part: everything that it asked for is granted."""
        here = self.page(answer)
        way = await flows.found(here, self.tenant)
        session = await sessions.current(here, self.tenant)
        found = await self.tenant.known.named(Client, self.tenant.id, way.flow.request.client_id)
        assert session
        assert found
        wanted = await wish(way.flow.request, found, session, self.tenant)
        saves = []
        for need in wanted.needs:
            whose = (session.owner.user or "", found, need.api)
            new = consents.new(*whose, need.scopes, self.tenant.now())
            saves.append(consents.giving(new, await consents.agreed(*whose, self.tenant)))
        return await self.resumes(await flows.agreed(way, tuple(saves), here, self.tenant))

    async def declines(self, answer: Answer) -> Answer:
        """The person says no."""
        here = replace(self.page(answer), method="POST")
        return self.keep(await flows.declined(await flows.found(here, self.tenant), here, self.tenant))

    async def resumes(self, answer: Answer) -> Answer:
        """On with the flow."""
        self.keep(answer)
        return self.keep(await authorize.resume(self.page(answer), self.tenant))

    async def code(self, **more: str | None) -> str:
        """A code, by way of the sign-in page unless there is a session."""
        answer = await self.authorize(**more)
        if "/login?" in location(answer):
            answer = await self.signs_in(answer)
        return told(answer)["code"]


async def pushed(tenant: Tenant, **more: str | None) -> Answer:
    """The web client pushes its request."""
    form = {**request(**more), "client_secret": SECRET}
    return await par.push(ask(tuple(form.items()), path="/oauth/par"), tenant)


async def redeemed(tenant: Tenant, code: str | None, **more: str | None) -> dict[str, object]:
    """What the web client is given for a code."""
    form: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "client_id": "web",
        "client_secret": SECRET,
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **more,
    }
    return await at_token(tenant, form)


async def refreshed(tenant: Tenant, refresh_token: object, **more: str | None) -> dict[str, object]:
    """What the web client is given for a refresh token."""
    form: dict[str, str | None] = {
        "grant_type": "refresh_token",
        "client_id": "web",
        "client_secret": SECRET,
        "refresh_token": str(refresh_token),
        **more,
    }
    return await at_token(tenant, form)


async def at_token(tenant: Tenant, form: Mapping[str, str | None]) -> dict[str, object]:
    """The body of the token endpoint's answer."""
    pairs = tuple((name, value) for name, value in form.items() if value is not None)
    answer = await token.token(ask(pairs), tenant)
    assert answer.status == 200
    assert isinstance(answer.json, dict)
    return answer.json


async def tokens_of(tenant: Tenant, **more: str | None) -> dict[str, object]:
    """The tokens of a fresh sign-in with everything."""
    return await redeemed(tenant, await Browser(tenant).code(**{"scope": EVERYTHING, **more}))
