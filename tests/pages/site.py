"""A running site with pages: the real door over the memory engine, and what a browser may see there."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec.structs import replace

from sekisho.api import ROUTES as API
from sekisho.api.says import says as api_says
from sekisho.app import PROTOCOL
from sekisho.change.actor import Actor
from sekisho.cli.dev import portal, traveller
from sekisho.cli.folder import Card
from sekisho.events.audit import Audit
from sekisho.events.uses import UseBook
from sekisho.faces import entra, power_pages
from sekisho.faces.power_pages.says import says as portal_says
from sekisho.fetch.fetcher import Fetcher
from sekisho.keys.rotation import Ring, born
from sekisho.keys.seal import Sealer
from sekisho.limits.leased import Leased
from sekisho.mail.post import Post, Tray
from sekisho.model.api import Api, Scope
from sekisho.model.client import Client, Registration, ReplyUrl
from sekisho.model.client_grant import ClientGrant
from sekisho.model.connection import Connection
from sekisho.model.event import Event
from sekisho.model.password import Password
from sekisho.model.record import Record
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.role import Permission, Role
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Note, Save
from sekisho.model.tenant import AccessPolicy, Carrier, ClaimRule, TenantRecord
from sekisho.model.user import User
from sekisho.pages import ROUTES, demo
from sekisho.pages.demo import mail
from sekisho.pages.says import says
from sekisho.people import administrators, invitations
from sekisho.registry import system_apis
from sekisho.registry.portal import certificates
from sekisho.spec.conditional.terms import Terms, Which
from sekisho.spec.http import Answer, Ask
from sekisho.spec.password import Cost
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals import CATALOGUE
from sekisho.store.known import Known
from sekisho.store.memory import MemoryEngine, MemoryLimits
from sekisho.tenant import Directory, Tenant, Tools
from sekisho.web.door import Building, Door
from sekisho.web.route import Route, Routes
from tests.mails import SENDER, delivered
from tests.pages import entra_site
from tests.pages.offices import offices
from tests.pfx import packed
from tests.tenants import MASTER, TENANT, signing_keys

SLUG = "example-store"
LONG = "Example Store of Everything That a Traveller May Need on the Way"
LONG_ADDRESS = f"{'a-name-that-never-ends-' * 5}@a-very-long-host-name.example.com"
REFUSALS = "/refused/{slug}"
INVITES = "/invites/{user_id}"  # who comes here is invited, and sent on to the link
MAILED = "/mailed"  # what is due is delivered, and shown
CALLBACK = "/demo/callback"  # of the client, on another name of this machine
PASSWORD = "seven blue lanterns"
PICTURE = "https://shop.example/logo.png"
# Who administers the tenant, and in which rank.
RANKED: Mapping[str, str] = {
    "owner@example.com": "Owner",
    "owner@example.jp": "Owner",
    "editor@example.com": "Editor",
    "viewer@example.com": "Viewer",
}
# What a browser can be shown without signing in: a name, an address.
PAGES: Mapping[str, str] = {
    "landing": "/",
    "landing-long": "/t/long/",
    "not-found": "/nothing-here",
    "otherwise": "/refused/malformed_request",
    "internal": "/refused/internal",
    "busy": "/refused/overloaded",
    "management": "/api/v2/docs",
    "adobe-pass": "/help/adobe-pass",
    "sign-in-alone": "/login",
    "signed-out": "/oidc/logout",
    "sign-up-alone": "/signup",
    "flow-lost": "/login?flow=gone",
    "demo": "/demo/app",
    "portal": "/portal/",
    "invitation-over": "/invitation?ticket=gone",
    "sign-up-off": "/t/long/signup",
    "forgot": "/forgot",
    "reset-over": "/reset?ticket=gone",
    "tray-empty": "/t/long/dev/mail",
}


_RSA = rsa.generate_private_key(65_537, 2_048)
# Beside the current keys one that will follow, and one that did sign.
COMING, _SIGNED = (
    born(Ring(TENANT, SLUG, "tokens"), "ES256", "next", Sealer.of(MASTER), time.time()) for _ in "12"
)
RETIRED = replace(_SIGNED, state="retired", current_since=0, current_until=time.time())


# Events have the newest ids that there can be.
REFUSED, REFUSED_BY_RULE, CHANGED = (f"{'f' * 27}{n}" for n in "123")


@dataclass
class Watch:
    """A clock that runs, and is put forward when told to."""

    ahead: float = 0

    def __call__(self) -> float:
        return time.time() + self.ahead


async def refused(ask: Ask, tenant: Tenant) -> Answer:
    """Any refusal of the catalogue, by its slug."""
    raise Refused(CATALOGUE[ask.names["slug"]], debug="a secret of ours")


async def invites(ask: Ask, tenant: Tenant) -> Answer:
    """The way of a link from an administrator to a person."""
    ticket = await invitations.invite(tenant, ask.names["user_id"], Actor())
    return Answer(status=303, headers=(("location", f"{ask.root}/invitation?ticket={ticket}"),))


async def mailed(ask: Ask, tenant: Tenant) -> Answer:
    """The runner was there, and whoever comes here looks at the tray."""
    await delivered(tenant)
    return Answer(status=303, headers=(("location", f"{ask.root}{mail.PATH}"),))


async def arrived(ask: Ask, tenant: Tenant) -> Answer:
    """The client's own page; what was posted to it, by name."""
    names = " ".join(sorted(name for name, _ in ask.form))
    return Answer(body=f"arrived {names}".strip().encode(), kind="text/plain")


def callback(origin: str) -> str:
    """The client's address, which is another origin than the site's."""
    return origin.replace("localhost", "127.0.0.1") + CALLBACK


def asking(origin: str, **more: str) -> str:
    """Where the client sends a person."""
    told = {
        "client_id": "orders",
        "response_type": "code",
        "redirect_uri": callback(origin),
        "scope": "openid profile email offline_access read:orders create:orders",
        "audience": "https://orders.example.com/api",
        "state": "s-1",
        **more,
    }
    return f"{origin}/authorize?{urlencode(told)}"


async def administered(home: Tenant, hashed: str) -> None:
    """Somebody of each rank; two owners, one for each language."""
    assert await home.store.write(Save(system_apis.system(TENANT, 0))) is None
    for name, rank in RANKED.items():
        locale, zone = ("ja-JP", "Asia/Tokyo") if name.endswith(".jp") else ("en-GB", "Europe/London")
        user = await administrators.appoint(home, name, Actor(), rank)
        told = {"email": name, "email_verified": True, "locale": locale, "zoneinfo": zone}
        kept = Password(tenant=TENANT, id=user.id, hash=hashed, changed_at=0)
        assert await home.change(Save(replace(user, claims=told)), Save(kept)) is None


async def directory(port: int, clock: Watch) -> Directory:
    """Two tenants: one with an everyday name, one with the longest."""
    store, sealer = MemoryEngine(MASTER.derive("pepper"), clock), Sealer.of(MASTER)
    audit, limits = Audit(store, clock), MemoryLimits()
    tools = Tools(
        *(store, Known(store), audit, limits, sealer, Fetcher(), clock, UseBook(store)),
        Leased(limits),
        post=Post(sender=SENDER, tray=Tray()),
    )
    named = TenantRecord(
        tenant=TENANT,
        id=TENANT,
        slug=SLUG,
        default=True,
        name="Example Store",
        policy=Policy(sign_up_allowed=True, sign_in_address_burst=10_000),
    )
    other = TENANT.replace("1", "2")
    long = replace(
        named, tenant=other, id=other, slug="long", default=False, policy=Policy(friendly_name=LONG)
    )
    assert await store.write(Save(Connection(tenant=TENANT, id="con_1"))) is None
    for record in (named, long):
        assert await store.write(Save(record), *map(Save, signing_keys(record.id, record.slug))) is None
    hashed = await tools.passwords.hash(PASSWORD, Cost(memory=19_456, passes=2))
    assert await store.write(*map(Save, offices(f"http://localhost:{port}", LONG))) is None
    own = (*_people(hashed), *_clients(port), *_releases(), *_rules(), *_policies(), *entra_site.records())
    assert await store.write(*map(Save, own)) is None
    found = Directory(tools, f"http://localhost:{port}", development=True)
    await tools.known.confirm()
    await found.load()
    home = found.named(SLUG)
    assert home
    await administered(home, hashed)
    card = Card(base_url=found.addresses.origin)
    await traveller.prepare(home, card)
    await portal.prepare(home, card)
    assert await home.change(Save(COMING), Save(RETIRED)) is None
    await certificates.upload(home, packed(_RSA, at=time.time()), "open sesame", Actor())
    assert await home.store.write(*map(Note, _events())) is None
    return found


def _events() -> Iterator[Event]:
    """A refusal with all that there is to say of one, one that never ends, and a change."""
    now, callback = time.time(), "https://orders.example.com/callback"
    told = {
        "parameter": "redirect_uri",
        "expected": callback,
        "got": f"{callback}/",
        "debug": "none is this one",
    }
    rule = {"rule": "spec.authorization.prompt_is_coherent", "error": "invalid_request"}
    for id, slug, client, detail in (
        (REFUSED, "redirect_mismatch", "orders", {**told, "rule": "spec.redirect_uri.chosen"}),
        (REFUSED_BY_RULE, "prompt_incoherent", "long", {**told, **rule, "got": "x" * 256}),
        (CHANGED, "client_changed", None, {"client_id": "long", "fields": ["callbacks", "name"]}),
    ):
        yield Event(
            id=id,
            at=now,
            tenant=TENANT,
            slug=slug,
            client=client,
            user="auth0|4" if client is None else None,
            address="2001:db8:1234:5678:90ab:cdef:1234:5678",
            correlation="a-correlation-id-that-a-proxy-made-longer-than-ours-are-00000000",
            detail=detail,
        )


def _people(hashed: str) -> Iterator[Record]:
    """Somebody who reads English, and somebody who reads Japanese."""
    for number, address, name, locale, zone in (
        (1, "user@example.com", "Kim Example", "en-GB", "Europe/London"),
        (2, "user@example.jp", "山田 愛子", "ja_JP", "Asia/Tokyo"),
        (3, "nobody@example.com", "", "", ""),
        (4, LONG_ADDRESS, LONG, "fr-CA", "Mars/Base"),
    ):
        id = f"44444444-4444-4444-8444-44444444444{number}"
        told = {"email": address, "email_verified": number != 3, "name": name}
        parts = {"given_name": LONG[:20], "family_name": LONG[20:]} if name == LONG else {}
        yield User(
            tenant=TENANT,
            id=id,
            user_id=f"auth0|{number}",
            connection="Username-Password-Authentication",
            logins=(address,),
            claims={**told, **parts, "locale": locale, "zoneinfo": zone},
        )
        yield Password(tenant=TENANT, id=id, hash=hashed, changed_at=0)


def _clients(port: int) -> Iterator[Record]:
    """One that people agree to, with all that it can say; one with a long name; their API; roles."""
    url = f"http://127.0.0.1:{port}{CALLBACK}"
    orders = Client(
        tenant=TENANT,
        id="55555555-5555-4555-8555-555555555555",
        client_id="orders",
        name="Example Orders",
        is_first_party=False,
        grant_types=("authorization_code", "refresh_token", "implicit"),
        token_endpoint_auth_method="client_secret_post",
        reply_urls=(ReplyUrl(url), ReplyUrl("com.example.orders:/done", "public")),
        allowed_logout_urls=(f"{url}/bye", f"{url}/bye?a=1"),
        policy_uri="https://orders.example.com/privacy",
        tos_uri="https://orders.example.com/terms",
    )
    yield orders
    yield replace(orders, id=orders.id.replace("5", "6"), client_id="long", name=LONG.replace(" ", "") + LONG)
    reads = Permission(api="https://orders.example.com/api", scope="read:orders", id="1")
    for id, name, told in (("a", "Ticket office", "Sees what was ordered"), ("b", LONG[:50], LONG * 3)):
        yield Role(tenant=TENANT, id=f"rol_{id * 16}", name=name, description=told, permissions=(reads,))
    yield Api(
        tenant=TENANT,
        id="a" * 24,
        name="Example Orders API",
        identifiers=("https://orders.example.com/api",),
        scopes=(
            Scope(id="1", value="read:orders", description="See your orders"),
            Scope(id="2", value="create:orders"),
        ),
        allow_offline_access=True,
        skip_consent=False,
    )


def _rules() -> Iterator[Record]:
    """A claim rule that says much of some people, and one with long names that fails."""
    kinds: tuple[Carrier, ...] = ("id_token", "access_token", "userinfo")
    says = "has(user.app_metadata.plan) ? user.app_metadata.plan : 'the plan of everybody else: ' + user.name"
    plan = ClaimRule(
        tenant=TENANT, id=f"clr_{'a' * 16}", name="Plan", claim="plan", expression=says, tokens=kinds
    )
    yield plan
    name, claim = LONG, f"https://app.example.com/{LONG.replace(' ', '-').lower()}"
    rule = replace(plan, id=f"clr_{'b' * 16}", name=name, claim=claim, expression="client.metadata.team")
    yield replace(rule, enabled=False)


def _policies() -> Iterator[Record]:
    """Policies of conditional access in each state: nobody who signs in here is stopped by one."""
    kept = AccessPolicy(
        tenant=TENANT,
        id="aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaa1",
        name="Second factor for payments",
        terms=Terms(contexts=("c1",), second_factor=True, max_age=900),
    )
    yield kept
    watched = Terms(
        state="enabledForReportingButNotEnforced",
        clients=Which(include=("orders",)),
        networks=Which(include=("All",), exclude=("203.0.113.0/24", "2001:db8::/32")),
        block=True,
    )
    yield replace(kept, id="aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaa2", name=LONG, terms=watched)


def _releases() -> Iterator[Record]:
    """A release of an app with an installation of it, a draft with a long name, and what machines may do."""
    live, draft, jti = (each * 8 + f"-{each * 4}-4{each * 3}-8{each * 3}-{each * 12}" for each in "789")
    television = RegisteredApplication(
        tenant=TENANT,
        id=live,
        name="Example Television",
        channels=("news", "sports", "music"),
        domains=("example.com",),
        scopes=("api:client:v2",),
        published_at=1,
    )
    yield television
    yield replace(television, id=draft, name=LONG.replace(" ", "") + LONG, published_at=None)
    yield SoftwareStatement(tenant=TENANT, id=jti, application=live)
    device = {"manufacturer": "Example", "model": LONG, "osName": "tvOS"}
    yield Client(
        tenant=TENANT,
        id="66666666-7777-4666-8666-666666666666",
        client_id="installation",
        name="Example Television",
        grant_types=("client_credentials",),
        registration=Registration(application=live, statement=jti, device=device),
    )
    for n, name in enumerate(("orders", "long")):
        audience, scopes = "https://orders.example.com/api", ("read:orders", "create:orders")
        yield ClientGrant(tenant=TENANT, id=f"cgr_{n}", client_id=name, audience=audience, scopes=scopes)


def routes() -> Routes:
    """The pages with what leads to them, the client's page, and an address for each refusal."""
    own = (
        Route(method="GET", path=CALLBACK, endpoint=arrived, says=says),
        Route(method="POST", path=CALLBACK, endpoint=arrived, says=says, reads="form"),
        Route(method="GET", path=f"{CALLBACK}/bye", endpoint=arrived, says=says),
        Route(method="GET", path=REFUSALS, endpoint=refused, says=says),
        Route(method="GET", path=MAILED, endpoint=mailed, says=says),
        Route(method="GET", path=INVITES, endpoint=invites, says=says),
    )
    api = (
        Route(method=verb, path=f"/api/v2{path}", endpoint=page, says=api_says) for verb, path, page in API
    )
    people = (
        Route(method=method, path=path, endpoint=page, says=says, reads=reads)
        for method, path, page, reads in ROUTES
    )
    trials = (
        Route(method=verb, path=path, endpoint=page, says=words) for verb, path, page, words in demo.ROUTES
    )
    portals = (
        Route(method=verb, path=path, endpoint=page, says=portal_says, reads=reads, any_case=True)
        for verb, path, page, _, reads, _ in power_pages.ROUTES
    )
    qualified = (
        Route(method=row.method, path=row.path, endpoint=row.endpoint, says=row.says or says, reads=row.reads)
        for row in entra.ROUTES
    )
    return Routes((*PROTOCOL, *people, *own, *api, *trials, *portals, *qualified))


@contextmanager
def site(watch: Watch | None = None) -> Iterator[str]:
    """The origin of a server that lives as long as the context."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        door = Door(Building(asyncio.run(directory(port, watch or Watch())), routes(), {}, says))
        server = uvicorn.Server(uvicorn.Config(door, lifespan="off", ws="none", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://localhost:{port}"
        finally:
            server.should_exit = True
            thread.join()
