"""Class 69 in the dashboard: what others choose to be called is read there by whoever administers."""

import re
from collections.abc import Iterator, Mapping

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api, AppRole, PreAuthorized, Saml, SamlAttribute, Scope
from sekisho.model.artifact import Owner, Session
from sekisho.model.client import (
    Access,
    Client,
    Credential,
    Federated,
    OptionalClaim,
    Registration,
    ReplyUrl,
    Required,
    Secret,
)
from sekisho.model.client_grant import ClientGrant
from sekisho.model.consent import Consent
from sekisho.model.event import Event, moment
from sekisho.model.record import Record
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.role import Permission, Role, RoleAssignment
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Note, Put, Save
from sekisho.model.tenant import AccessPolicy, ClaimRule, SiteSetting
from sekisho.model.user import User
from sekisho.pages import press
from sekisho.pages.dashboard import administrator
from sekisho.pages.dashboard.administrator import Administrator
from sekisho.pages.dashboard.rooms import ROWS
from sekisho.pages.dashboard.row import Row
from sekisho.pages.render import render
from sekisho.spec.conditional.terms import Terms, Which
from sekisho.spec.http import Answer, Ask
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from tests.attacks.test_69_pages import PAYLOADS, Page
from tests.dashboard.desk import AtDesk, at_desk
from tests.tenants import TENANT

GETS = [row for row in ROWS if row.method == "GET"]
EVIL = " ".join(PAYLOADS)
SETTING = EVIL[:200].strip()
RULE = f"clr_{'e' * 16}"
GUID = "77777777-7777-4777-8777-777777777777"
EVENT = f"{moment(1_700_000_000)}{'7' * 16}"
AUDIENCE = "https://evil.example/api?" + "'\"><x-evil>"
WHO = "auth0|evil'\"><script>"
# What stands in an address in the place of a variable, so that there is something to show.
NAMES: Mapping[str, str] = {
    "client_id": "evil",
    "credential": "cred_1",
    "grant": "cgr_evil",
    "api": "e" * 24,
    "scope": "scope_1",
    "application": GUID,
    "jti": GUID,
    "user": GUID,
    "role": "rol_" + "e" * 16,
    "rule": RULE,
    "policy": GUID,
    "setting": GUID,
    "secret": GUID,
    "federated": GUID,
    "part": GUID,
    "resource": "evil",
    "id": EVENT,
    "event": EVENT,
}


# Redirects, and pages of what nobody can name: keys, an application that was not let in yet, members.
NOTHING_TO_SEE = {
    "/settings",
    "/settings/members/{user}",
    "/apis/{api}/new-machine/{client_id}",
    "/registered-applications/{application}/installations/{client_id}/delete",
    "/signing-keys/rotate/{alg}",
    "/signing-keys/revoke/{kid}",
    "/site-settings/certificates/{thumbprint}/delete",
}


def planted() -> Iterator[Record]:
    """Everything that somebody can name, named to break out of a page."""
    client = Client(
        tenant=TENANT,
        id=GUID,
        client_id="evil",
        name=EVIL,
        description=EVIL,
        logo_uri='https://evil.example/"onerror=evil()',
        grant_types=("authorization_code", "client_credentials", EVIL),
        reply_urls=(ReplyUrl('https://evil.example/"><script>evil()</script>'), ReplyUrl(EVIL)),
        web_origins=(EVIL,),
        client_metadata={EVIL: EVIL},
        credentials=(
            Credential(id="cred_1", kind="public_key", der=b"", algs=(EVIL,), name=EVIL, created_at=0),
        ),
        secrets=(Secret(id=GUID, digest=b"", hint=EVIL[:3], created_at=0, expires_at=0, name=EVIL),),
        federated=(
            Federated(id=GUID, name=EVIL, issuer=EVIL, subject=EVIL, audiences=(EVIL,), description=EVIL),
        ),
        required=(
            Required(resource="evil", access=(Access(GUID), Access(GUID, "Role"), Access(EVIL))),
            Required(resource=EVIL, access=(Access(EVIL),)),
        ),
        id_token_claims=(OptionalClaim(name=EVIL),),
    )
    yield client
    yield from exposed()
    device = Registration(application=GUID, statement=GUID, device={"model": EVIL, EVIL: EVIL})
    yield replace(
        client, id=GUID.replace("7", "8"), client_id="installed", registration=device, credentials=()
    )
    scope = Scope(id="scope_1", value=EVIL[:200], description=EVIL)
    yield Api(tenant=TENANT, id="e" * 24, name=EVIL, identifiers=(AUDIENCE, EVIL), scopes=(scope,))
    yield ClientGrant(tenant=TENANT, id="cgr_evil", client_id="evil", audience=AUDIENCE, scopes=(EVIL[:200],))
    role = Role(
        tenant=TENANT,
        id="rol_" + "e" * 16,
        name=EVIL,
        description=EVIL,
        permissions=(Permission(api=AUDIENCE, scope=EVIL[:200], id="scope_1"),),
    )
    yield role
    yield User(
        tenant=TENANT,
        id=GUID,
        user_id=WHO,
        connection="Username-Password-Authentication",
        username=EVIL,
        logins=("evil@evil.example",),
        claims={"name": EVIL, "email": EVIL, "locale": EVIL, "zoneinfo": EVIL, "picture": EVIL},
        user_metadata={EVIL: EVIL},
        app_metadata={EVIL: [EVIL]},
        roles=(role.id,),
        permissions=role.permissions,
    )
    yield Consent(tenant=TENANT, id=GUID, user=WHO, client="evil", api=AUDIENCE, scopes=(EVIL,))
    yield RegisteredApplication(
        tenant=TENANT,
        id=GUID,
        name=EVIL,
        release=EVIL,
        channels=(EVIL,),
        platforms=(EVIL,),
        domains=(EVIL,),
        custom_schemes=(EVIL,),
        published_at=1.0,
    )
    yield SoftwareStatement(tenant=TENANT, id=GUID, application=GUID)
    yield ClaimRule(tenant=TENANT, id=RULE, name=EVIL, claim=EVIL, expression=EVIL)
    evil = Which(include=(EVIL,), exclude=(EVIL,))
    terms = Terms(
        apis=evil, clients=evil, users=evil, groups=evil, networks=evil, contexts=(EVIL,), context=EVIL
    )
    yield AccessPolicy(tenant=TENANT, id=GUID, name=EVIL, terms=terms)
    yield SiteSetting(tenant=TENANT, id=GUID, name=SETTING, value=EVIL)
    registered = "ImplicitGrantFlow/RegisteredClientId"
    yield SiteSetting(tenant=TENANT, id=GUID.replace("7", "9"), name=registered, value=f"evil;{EVIL}")


def exposed() -> Iterator[Record]:
    """What the application is as an API, and what an administrator agreed to for it."""
    scope = Scope(id=GUID, value=EVIL[:120], title=EVIL, description=EVIL, enabled=False)
    yield Api(
        tenant=TENANT,
        id="f" * 24,
        name=EVIL,
        identifiers=("evil", f"api://{EVIL}"),
        owner_client="evil",
        dialect="entra_v1",
        scopes=(replace(scope, admin_title=EVIL, admin_description=EVIL),),
        app_roles=(AppRole(id=GUID, value=EVIL[:120], name=EVIL, description=EVIL),),
        pre_authorized=(
            PreAuthorized(client=GUID, scopes=(GUID,)),
            PreAuthorized(client="evil", scopes=(GUID,)),
        ),
        known_clients=(EVIL,),
        access_token_claims=(OptionalClaim(name=EVIL),),
        saml=Saml(entity_id=f"urn:{EVIL}", attributes=(SamlAttribute(name=EVIL, source="mail"),)),
    )
    yield Consent(
        tenant=TENANT,
        id=GUID.replace("7", "6"),
        user=None,
        client="evil",
        api="evil",
        scopes=(EVIL[:120],),
    )
    yield RoleAssignment(
        tenant=TENANT, id=GUID, principal=GUID, kind="ServicePrincipal", api="evil", role=GUID
    )


def told() -> Event:
    """An event of somebody who sent whatever they liked."""
    detail = {
        "error": EVIL,
        "debug": EVIL,
        "rule": EVIL,
        "parameter": EVIL,
        "expected": EVIL,
        "got": EVIL,
        EVIL: EVIL,
        "name": EVIL,
        "fields": [EVIL],
    }
    facts = {"client": EVIL, "user": WHO, "address": EVIL, "correlation": EVIL}
    return Event(id=EVENT, at=1_700_000_000, tenant=TENANT, slug="redirect_mismatch", detail=detail, **facts)


async def among_evil() -> AtDesk:
    """An owner of a tenant in which everything is named to do harm."""
    desk = await at_desk(policy=Policy(friendly_name=EVIL, default_audience=EVIL, support_url=EVIL))
    session = Session(
        id=GUID,
        owner=Owner(tenant=TENANT, session=GUID, user=WHO),
        born=desk.tenant.now(),
        expires_at=desk.tenant.now() + 3_600,
        auth_time=0,
        amr=("pwd",),
        seen_at=0,
        address=EVIL,
        agent=EVIL,
        clients={EVIL: 0},
    )
    for record in planted():
        assert await desk.tenant.change(Save(record)) is None, record
    assert await desk.tenant.store.write(Put(session, "evil"), Note(told())) is None
    return desk


def shown(answer: Answer, desk: AtDesk) -> tuple[str, str]:
    """The page as a browser gets it, and the nonce of its scripts."""
    ask = Ask(method="GET", path="/dashboard", root="https://demo.example.com", correlation="c")
    made = render(answer, ask, desk.tenant)
    policy = dict(made.headers)["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert "frame-ancestors 'none'" in policy
    assert dict(made.headers)["x-frame-options"] == "DENY"
    return made.body.decode(), nonce[1]


async def visited(desk: AtDesk, row: Row) -> Iterator[tuple[str, str]]:
    """The page of a row with whatever stands at its address, once as it is and once looked for by evil."""
    path = re.sub(r"{(\w+)}", lambda name: NAMES.get(name[1], "x"), row.path)
    found = []
    for query in (
        {},
        {"q": EVIL[:150], "done": EVIL, "after": EVIL, "type": EVIL, "client": EVIL, "slug": EVIL},
    ):
        try:
            answer = await _page(desk, row, path, query)
        except Refused as refused:
            # There is nothing of this name: the page of refusals says so, which other tests look at.
            if refused.reason.status < 500:
                continue
            raise
        if answer.page:
            found.append(shown(answer, desk))
    return iter(found)


async def _page(desk: AtDesk, row: Row, path: str, query: Mapping[str, str]) -> Answer:
    """The page itself: its variables as they are, not as an address has them."""
    who = await _who(desk)
    names = dict(zip(re.findall(r"{(\w+)}", row.path), _variables(row), strict=True))
    ask = replace(
        desk.browser.ask(f"/dashboard{path}", dict(query)), names=names, root="https://demo.example.com"
    )
    return await row.page(ask, who, desk.tenant)


def _variables(row: Row) -> list[str]:
    return [NAMES.get(name, "x") for name in re.findall(r"{(\w+)}", row.path)]


async def _who(desk: AtDesk) -> Administrator:
    who = await administrator.of_browser(desk.browser.ask("/dashboard", {}), desk.tenant)
    assert who
    return who


@pytest.mark.parametrize("row", GETS, ids=lambda row: row.path or "/")
async def test_names_are_only_names(row: Row) -> None:
    """Whatever somebody is called stays text on every page of the dashboard, and leads nowhere."""
    desk = await among_evil()
    for text, nonce in await visited(desk, row):
        page = Page(nonce)
        page.feed(text)
        assert page.found == []


async def test_most_pages_were_really_seen() -> None:
    """The attack reaches the pages that it is about: nearly every row has something evil to show."""
    desk = await among_evil()
    bare = {row.path for row in GETS if not list(await visited(desk, row))}
    assert bare <= NOTHING_TO_SEE


async def test_the_attack_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that did not escape what it shows would be found."""
    desk = await among_evil()
    row = next(row for row in GETS if row.path == "/applications")
    # Without the cache: templates are made anew, for this test and for those after it.
    monkeypatch.setattr(press._TEMPLATES, "cache", None)
    monkeypatch.setattr(press._TEMPLATES, "autoescape", False)
    found: list[str] = []
    for text, nonce in await visited(desk, row):
        page = Page(nonce)
        page.feed(text)
        found += page.found
    assert any("script" in each or "evil" in each for each in found)
