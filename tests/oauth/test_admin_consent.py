"""Admin consent by its own addresses: asked of administrators, answered by redirect. Contract section 8.4."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest

from sekisho.model.artifact import Flow
from sekisho.model.client import Access, Client, Required
from sekisho.model.role import RoleAssignment
from sekisho.oauth.asked import asked
from sekisho.oauth.asked import checked as checked_
from sekisho.oauth.delegation import own_roles
from sekisho.oauth.steps import Need
from sekisho.oauth.wishes import wish
from sekisho.people import sessions
from sekisho.spec.authorization import ADMIN_CONSENT, RESPONSE_TYPES, AuthorizationRequest
from sekisho.spec.http import Answer
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.authorization import REDIRECT_MISMATCH, RESPONSE_TYPE_UNKNOWN
from sekisho.spec.refusals.entra import ADMIN_NEEDED, DIRECTORY_ABSENT
from sekisho.store import Window
from tests.agreeing import (
    AUDIT,
    DOCUMENTS,
    FIELD,
    ORDERS,
    READ,
    ROBOT,
    THEIRS,
    agreements,
    allows,
    asked_about,
    asking,
    assignments,
    changed,
    documents,
    field,
    opens,
    orders,
    page_for,
    ranked,
    to_page,
    told,
)
from tests.pages.visits import Visitor, csrf, shown
from tests.tenants import ORIGIN, TENANT, Clock
from tests.visitor import location, pushed

NEWER, OLDER = "v2.0/adminconsent", "adminconsent"
WORDS = ("openid", "profile", "email", "offline_access")
ALL = {
    (ORDERS, None, None): WORDS,
    (ORDERS, DOCUMENTS, None): ("Files.Read",),
}
SENT: Mapping[str, str] = {"client_id": ORDERS, "redirect_uri": THEIRS, "state": "s-9"}


async def asks(visitor: Visitor, part: str = NEWER, **more: str | None) -> Answer:
    """Somebody is sent to one of the addresses."""
    scope = "api://documents/.default" if part == NEWER else None
    return await opens(visitor, part, **{**SENT, "scope": scope, **more})


async def page(visitor: Visitor, part: str = NEWER, **more: str | None) -> str:
    """The page that they come to."""
    return await to_page(visitor, await asks(visitor, part, **more))


async def test_all_that_an_application_needs_for_everybody() -> None:
    """With `.default`: scopes for all people, and roles for the application itself, in one answer."""
    visitor = await asked_about()
    await ranked(visitor)
    answer = await allows(visitor, await page(visitor))
    assert told(answer) == {
        "admin_consent": "True",
        "tenant": TENANT,
        "scope": " ".join((*WORDS, "api://documents/Files.Read")),
        "state": "s-9",
        "iss": f"{ORIGIN}/{TENANT}/v2.0",
    }
    tenant = visitor.browser.tenant
    assert await agreements(tenant) == ALL
    assert await assignments(tenant) == [(orders().id, "ServicePrincipal", DOCUMENTS, ROBOT)]
    (event,) = await tenant.store.events(TENANT, {"slug": "consent_given"}, Window())
    assert (event.detail["for"], event.detail["roles"]) == ("everybody", [f"{DOCUMENTS}/{ROBOT}"])
    assert await tenant.store.events(TENANT, {"slug": "token_issued"}, Window()) == []


async def test_the_older_address_asks_for_the_same() -> None:
    """It takes no scope: what the application says that it needs is what there is to agree to."""
    visitor = await asked_about()
    await ranked(visitor, "Editor")
    answer = await allows(visitor, await page(visitor, OLDER, scope="openid api://documents/Audit.Read"))
    assert told(answer) == {
        "admin_consent": "True",
        "tenant": TENANT,
        "state": "s-9",
        "iss": f"{ORIGIN}/{TENANT}/",
    }
    tenant = visitor.browser.tenant
    assert await agreements(tenant) == ALL
    assert await assignments(tenant) == [(orders().id, "ServicePrincipal", DOCUMENTS, ROBOT)]


async def test_named_scopes_and_nothing_else() -> None:
    """Without `.default` it is about what is named, of several APIs too; no role comes along."""
    visitor = await asked_about()
    await ranked(visitor)
    scope = "profile api://documents/Audit.Read api://orders/access_as_user"
    answer = await allows(visitor, await page(visitor, scope=scope, client_id=FIELD))
    assert told(answer)["scope"] == scope
    tenant = visitor.browser.tenant
    assert await agreements(tenant) == {
        (FIELD, None, None): ("profile",),
        (FIELD, DOCUMENTS, None): ("Audit.Read",),
        (FIELD, ORDERS, None): ("access_as_user",),
    }
    assert await assignments(tenant) == []


async def test_an_application_and_the_api_behind_it() -> None:
    """`.default` of an API that knows it is about both, with what the API's application is to have itself."""
    visitor = await asked_about()
    await ranked(visitor)
    answer = await allows(visitor, await page(visitor, scope="api://orders/.default", client_id=FIELD))
    # What it is told is its own: the API's application was not who asked.
    assert told(answer)["scope"] == " ".join((*WORDS, "api://orders/access_as_user"))
    tenant = visitor.browser.tenant
    assert await agreements(tenant) == {
        (FIELD, None, None): WORDS,
        (FIELD, ORDERS, None): ("access_as_user",),
        (ORDERS, DOCUMENTS, None): ("Files.Read",),
    }
    assert await assignments(tenant) == [(orders().id, "ServicePrincipal", DOCUMENTS, ROBOT)]


async def test_it_is_said_as_administrators_read_it() -> None:
    """The page has the API's words for them, and says what the application can do without anybody."""
    visitor = await asked_about()
    await ranked(visitor)
    answer = await visitor.get(await page(visitor))
    seen, (one,) = shown(answer), asking(answer)
    assert [line.text for line in one.lines if line.api] == ["Read the documents of people"]
    assert [(line.text, line.detail) for line in one.own] == [("Read all documents", "Of everybody")]
    assert seen["is_for_everybody"]
    assert not seen["may_say_for_everybody"]


@pytest.mark.parametrize("rank", ["", "Viewer"])
@pytest.mark.parametrize(("part", "error"), [(NEWER, "consent_required"), (OLDER, "permission_denied")])
async def test_whoever_is_no_administrator_goes_back(rank: str, part: str, error: str) -> None:
    """The page says who can agree; the answer says that nobody did. Section 8.4, sharp edge 29."""
    visitor = await asked_about()
    if rank:
        await ranked(visitor, rank)
    address = await page(visitor, part)
    token = csrf(await visitor.get(address))
    with pytest.raises(Refused, match=ADMIN_NEEDED.slug):
        await visitor.post(address, {"decision": "allow", "csrf": token})
    said = told(await visitor.fills(address, decision="deny"))
    assert (said["error"], said["state"]) == (error, "s-9")
    assert said["error_description"].startswith("AADSTS90094: ")
    assert said.get("admin_consent") == ("True" if part == NEWER else None)
    assert await agreements(visitor.browser.tenant) == {}


@pytest.mark.parametrize(("part", "error"), [(NEWER, "consent_required"), (OLDER, "permission_denied")])
async def test_an_administrator_says_no(part: str, error: str) -> None:
    """The application learns that; nothing is kept."""
    visitor = await asked_about()
    await ranked(visitor)
    said = told(await visitor.fills(await page(visitor, part), decision="deny"))
    assert said["error"] == error
    assert said["error_description"].startswith("AADSTS65004: ")
    assert "error_subcode" not in said
    assert await agreements(visitor.browser.tenant) == {}


async def test_it_always_asks() -> None:
    """What was agreed to before is shown again, and agreed to once more it stays as it was."""
    visitor = await asked_about()
    await ranked(visitor)
    for _ in range(2):
        assert told(await allows(visitor, await page(visitor)))["admin_consent"] == "True"
    assert await agreements(visitor.browser.tenant) == ALL
    assert len(await assignments(visitor.browser.tenant)) == 1


async def test_only_what_is_left_is_asked_first() -> None:
    """What administrators agreed to before is not on the page, where something else is missing."""
    visitor = await asked_about()
    await ranked(visitor)
    await allows(visitor, await page(visitor))
    more = (Required(resource=DOCUMENTS, access=(Access(READ), Access(AUDIT), Access(ROBOT, "Role"))),)
    await changed(visitor.browser.tenant, Client, orders().id, required=more)
    address = await page(visitor)
    (one,) = asking(await visitor.get(address))
    assert [line.scope for line in one.lines] == ["Audit.Read"]
    assert one.own == ()
    await allows(visitor, address)
    assert (await agreements(visitor.browser.tenant))[ORDERS, DOCUMENTS, None] == ("Files.Read", "Audit.Read")


async def test_roles_alone_can_be_agreed_to() -> None:
    """An application that needs nothing in people’s names is given its roles, and nothing else there."""
    visitor = await asked_about(
        None, None, orders(required=(Required(resource=DOCUMENTS, access=(Access(ROBOT, "Role"),)),))
    )
    await ranked(visitor)
    await allows(visitor, await page(visitor, OLDER))
    tenant = visitor.browser.tenant
    assert await agreements(tenant) == {(ORDERS, None, None): WORDS}
    assert await assignments(tenant) == [(orders().id, "ServicePrincipal", DOCUMENTS, ROBOT)]


async def test_without_refresh_tokens_nothing_lasts() -> None:
    """Offline access is not among what is agreed to, where the application may not have it."""
    visitor = await asked_about(None, None, orders(grant_types=("authorization_code",)))
    await ranked(visitor)
    await allows(visitor, await page(visitor, OLDER))
    kept = await agreements(visitor.browser.tenant)
    assert kept[ORDERS, None, None] == ("openid", "profile", "email")


@pytest.mark.parametrize("name", ["demo", "DEMO", TENANT, "common", "organizations"])
async def test_the_tenant_has_several_names(name: str) -> None:
    """Its slug, its GUID, and the aliases, which mean the tenant of the host."""
    visitor = await asked_about()
    answer = await opens(visitor, OLDER, name, **SENT)
    assert location(answer).startswith(f"{ORIGIN}/login?flow=")


async def test_another_tenant_is_none() -> None:
    """A path that names somebody else is refused on a page."""
    visitor = await asked_about()
    with pytest.raises(Refused, match=DIRECTORY_ABSENT.slug):
        await opens(visitor, NEWER, "consumers", **SENT)


async def test_nobody_is_sent_to_a_stranger() -> None:
    """Without a registered address the refusal is a page."""
    visitor = await asked_about()
    with pytest.raises(Refused, match=REDIRECT_MISMATCH.slug):
        await asks(visitor, redirect_uri="https://evil.example/")


@pytest.mark.parametrize(
    ("scope", "number"),
    [
        (None, 900144),
        ("api://nothing/.default", 500011),
        ("api://documents/Nothing", 70011),
        ("api://documents/Files.Old", 70011),
        ("api://documents/.default api://orders/access_as_user", 70011),
    ],
)
async def test_what_cannot_be_asked_is_told_to_the_application(scope: str | None, number: int) -> None:
    """Unknown resources and scopes, and none at all: in the words of the endpoint, with state."""
    visitor = await asked_about()
    said = told(await asks(visitor, scope=scope))
    assert said["error_description"].startswith(f"AADSTS{number}: ")
    assert (said["admin_consent"], said["state"]) == ("True", "s-9")


async def test_no_authorization_request_is_one() -> None:
    """`admin_consent` is no response type: neither /authorize has it, nor what is pushed. Class 30."""
    assert ADMIN_CONSENT not in RESPONSE_TYPES
    visitor = await asked_about()
    await ranked(visitor)
    for sent in (ADMIN_CONSENT, f"code {ADMIN_CONSENT}"):
        more = {"response_type": sent, "scope": "api://documents/.default", "nonce": "n"}
        answer = await opens(visitor, "oauth2/v2.0/authorize", **{**SENT, **more})
        said = told(answer)
        assert said["error"] == "unsupported_response_type"
        assert "admin_consent" not in said
        own = tuple({**SENT, **more}.items())
        with pytest.raises(Refused, match=RESPONSE_TYPE_UNKNOWN.slug):
            checked_(await asked(own, visitor.browser.tenant), visitor.browser.tenant)
        with pytest.raises(Refused, match=RESPONSE_TYPE_UNKNOWN.slug):
            await pushed(visitor.browser.tenant, response_type=sent)


async def test_what_else_a_request_says_means_nothing_here() -> None:
    """No other parameter of an authorization request is read: neither how to answer, nor whom to ask."""
    visitor = await asked_about()
    more = {"response_mode": "fragment", "prompt": "none", "response_type": "token", "audience": "x"}
    answer = await asks(visitor, **more, login_hint="kim@example.com")
    flow = await visitor.browser.tenant.store.get(Flow, next(iter(visitor.browser.cookies.values())))
    assert isinstance(flow, Flow)
    assert location(answer).startswith(f"{ORIGIN}/login?")
    assert flow.request == AuthorizationRequest(
        client_id=ORDERS,
        redirect_uri=THEIRS,
        response_type=ADMIN_CONSENT,
        scopes=("api://documents/.default",),
        state="s-9",
        prompt=("consent",),
        login_hint="kim@example.com",
        dialect="entra_v2",
    )


@pytest.mark.parametrize("response_type", [ADMIN_CONSENT, "code"])
async def test_an_application_that_is_gone_needs_nothing(
    response_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was to be given to the application behind an API falls away with it, also at the last moment."""
    visitor = await asked_about()
    await ranked(visitor)
    tenant = visitor.browser.tenant
    request = AuthorizationRequest(
        client_id=FIELD,
        redirect_uri=THEIRS,
        response_type=response_type,
        scopes=("api://orders/.default",),
        dialect="entra_v2",
    )
    named, looked = tenant.known.named, count()

    async def leaving(kind: Any, place: str, name: str) -> Any:
        found = await named(kind, place, name)
        return None if (kind, name) == (Client, ORDERS) and next(looked) else found

    session = await sessions.current(visitor.browser.ask("/", {}), tenant)
    monkeypatch.setattr(tenant.known, "named", leaving)
    wanted = await wish(request, field(), session, tenant)
    assert {need.client for need in wanted.needs} == {""}


async def test_a_role_is_given_once() -> None:
    """Somebody who was faster gave it already."""
    visitor = await asked_about()
    tenant = visitor.browser.tenant
    need = Need(DOCUMENTS, (), roles=(ROBOT,))
    (save,) = await own_roles.giving(need, orders(), tenant)
    assert isinstance(save.record, RoleAssignment)
    assert await tenant.change(save) is None
    assert await own_roles.giving(need, orders(), tenant) == ()
    assert documents().app_roles[0].id == ROBOT


async def test_a_second_factor_comes_first() -> None:
    """Whoever owes one is sent there, and the page of the question neither shows nor takes anything yet."""
    visitor = await asked_about(Policy(second_factor="always"))
    await ranked(visitor)
    answer = await asks(visitor)
    assert location(answer).startswith(f"{ORIGIN}/mfa?flow=")
    address = location(answer).removeprefix(f"{ORIGIN}/mfa")
    for there in (
        await visitor.get(f"/consent{address}"),
        await visitor.post(f"/consent{address}", {"decision": "allow"}),
    ):
        assert location(there).startswith(f"{ORIGIN}/authorize/resume?flow=")
    assert await agreements(visitor.browser.tenant) == {}


@pytest.mark.parametrize("is_ranked", [True, False])
async def test_an_old_sign_in_is_not_an_administrators(is_ranked: bool) -> None:
    """One that got too old on the page is renewed before it counts; of anybody else the yes stays."""
    clock = Clock()
    visitor = await asked_about(None, clock)
    await (ranked(visitor) if is_ranked else visitor.signs_in())
    address = await page_for(visitor, "openid api://documents/Files.Read", max_age="60")
    token = csrf(await visitor.get(address))
    clock.now += 61
    answer = await visitor.post(address, {"decision": "allow", "csrf": token})
    assert "/login?flow=" in location(await visitor.browser.resumes(answer))
    assert (await agreements(visitor.browser.tenant) == {}) is is_ranked
