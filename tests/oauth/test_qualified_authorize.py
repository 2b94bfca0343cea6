"""The authorization endpoint in Entra's words: what may be asked for, and how it is answered."""

import base64
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from sekisho.faces.entra import authorize as face
from sekisho.model.api import Api
from sekisho.model.client import Access, Client, ReplyUrl, Required
from sekisho.model.consent import Consent
from sekisho.model.granted import half_hash
from sekisho.model.step import Save
from sekisho.oauth.asked import asked, checked
from sekisho.oauth.steps import Need
from sekisho.oauth.wishes import everybody, resources, wish
from sekisho.people import sessions
from sekisho.spec.authorization import RESPONSE_TYPES
from sekisho.spec.entra.scope import GRAPH
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.entra import TYPE_GATED
from tests.entra import (
    ENTER,
    ME,
    NEWER,
    OLDER,
    PAGE,
    SPA,
    STOCK,
    A,
    B,
    C,
    Visitor,
    agreed,
    answered,
    asking,
    changed,
    claims,
    consented,
    entra_tenant,
    gone,
    posted,
    redeeming,
)
from tests.tenants import ORIGIN, TENANT, Clock
from tests.visitor import location, person, told

PLAIN: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
EVERYTHING = f"openid profile offline_access {ENTER}"


async def page_of(visitor: Visitor, **more: str | None) -> Refused:
    """What a page says instead of an answer to the application."""
    with pytest.raises(Refused) as refused:
        await visitor.authorize(**more)
    return refused.value


def number(answer: dict[str, str]) -> tuple[str, str]:
    """The wire's error, and Entra's number."""
    return answer["error"], answer["error_description"].partition(":")[0].removeprefix("AADSTS")


# --- what may be in an answer


@pytest.mark.parametrize(
    ("asked", "carries"),
    [
        ("code", {"code"}),
        ("id_token", {"id_token"}),
        ("token", {"access_token"}),
        ("code id_token", {"code", "id_token"}),
        ("id_token code", {"code", "id_token"}),
        ("id_token token", {"id_token", "access_token"}),
        ("token id_token", {"id_token", "access_token"}),
    ],
)
async def test_answers_with_what_was_asked_for(asked: str, carries: set[str]) -> None:
    """Five response types, their words in any order; tokens stay out of the query; nothing lasts."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    answer = await visitor.signs_in(await visitor.authorize(response_type=asked, client_info="1"))
    said = told(answer)
    assert {"code", "id_token", "access_token", "refresh_token"}.intersection(said) == carries
    assert ("#" in location(answer)) is (carries != {"code"})
    assert (said["state"], said["iss"]) == ("s-1", f"{ORIGIN}/{TENANT}/v2.0")
    raw = said["client_info"]
    assert msgspec.json.decode(base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))) == {
        "uid": person().id,
        "utid": TENANT,
    }


@pytest.mark.parametrize("asked", sorted({*RESPONSE_TYPES, "none", "admin_consent"}))
async def test_knows_no_other_response_types(asked: str) -> None:
    """What Entra does not answer with is refused: response_type_unknown, AADSTS70005."""
    tenant = await entra_tenant()
    answer = await Visitor(tenant).arrives(response_type=asked)
    known = asked in ("code", "id_token", "token", "code id_token", "id_token token")
    assert ("error" in answer) is not known
    if not known:
        assert number(answer) == ("unsupported_response_type", "70005")


@pytest.mark.parametrize(
    ("channel", "asked", "passes"),
    [
        (("id_token",), "id_token", True),
        (("id_token",), "code id_token", True),
        (("id_token",), "id_token token", False),
        (("id_token",), "token", False),
        (("token",), "token", True),
        (("token",), "id_token", False),
        (("token",), "code id_token", False),
        ((), "id_token", False),
        ((), "code", True),
    ],
)
async def test_each_kind_of_token_has_a_gate(channel: Any, asked: str, passes: bool) -> None:
    """ID tokens and access tokens are let into the front channel apart: type_gated."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, front_channel=channel)
    answer = await Visitor(tenant).arrives(response_type=asked)
    assert ("error" in answer) is not passes
    if not passes:
        assert number(answer) == ("unsupported_response_type", "70005")


async def test_without_the_grant_both_gates_are_shut() -> None:
    """An application that may not be answered implicitly has no use for its gates: type_gated."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, grant_types=("authorization_code",))
    answer = await Visitor(tenant).arrives(response_type="id_token")
    assert number(answer) == (TYPE_GATED.error, "70005")


@pytest.mark.parametrize(
    ("mode", "asked", "slug"),
    [
        ("query", "code", ""),
        ("fragment", "code", ""),
        ("form_post", "code", ""),
        ("form_post", "code id_token", ""),
        ("query", "id_token", "70007"),
        ("query", "code id_token", "70007"),
        ("web_message", "code", "70007"),
    ],
)
async def test_answers_travel_in_three_ways(mode: str, asked: str, slug: str) -> None:
    """Query, fragment and a form; no token in a query: response_mode_unfit, response_mode_unknown."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    answer = await visitor.authorize(response_mode=mode, response_type=asked)
    if slug:
        assert number(told(answer)) == ("invalid_request", slug)
        return
    answer = await visitor.signs_in(answer)
    if mode == "form_post":
        assert answer.page
        fields = dict(answer.page[1])
        assert fields["action"] == PAGE if "action" in fields else PAGE in str(fields)
    else:
        assert location(answer).startswith(f"{PAGE}{'?' if mode == 'query' else '#'}")


async def test_an_id_token_is_bound_to_its_request() -> None:
    """It takes openid and a nonce, repeats the nonce, and names the code and the token beside it."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    answer = await visitor.arrives(response_type="id_token", nonce=None)
    assert number(answer) == ("invalid_request", "900144")
    answer = await visitor.arrives(response_type="id_token", scope=ENTER)
    assert number(answer) == ("invalid_scope", "70011")
    answer = await visitor.arrives(response_type="code id_token")
    who = await claims(tenant, answer["id_token"])
    assert (who["nonce"], who["aud"], who["ver"]) == ("n-1", SPA, "2.0")
    assert who["c_hash"] == half_hash(answer["code"])
    answer = await visitor.arrives(response_type="id_token token")
    who = await claims(tenant, answer["id_token"])
    assert who["at_hash"] == half_hash(answer["access_token"])
    assert answer["scope"].split() == ["openid", "profile", "access_as_user"]


async def test_a_hybrid_code_is_redeemed_as_usual() -> None:
    """What came beside an ID token is a code like any other."""
    tenant = await entra_tenant()
    answer = await Visitor(tenant).arrives(response_type="code id_token")
    body = await answered(tenant, posted(redeeming(answer["code"]), origin="https://spa.example.com"))
    assert body["scope"] == f"{ENTER} openid profile"


async def test_no_token_for_what_nobody_agreed_to() -> None:
    """Where nothing was agreed to and nothing can be asked, no empty token is given either: not_consented."""
    tenant = await entra_tenant()
    for kind in ("token", "code"):
        answer = await Visitor(tenant).arrives(response_type=kind, scope="openid api://b/.default")
        assert number(answer) == ("consent_required", "65001")


# --- who signs in


@pytest.mark.parametrize(
    ("prompt", "is_here", "outcome"),
    [
        (None, False, "/login"),
        (None, True, "code"),
        ("none", False, "login_required"),
        ("none", True, "code"),
        ("login", True, "/login"),
        ("select_account", True, "/login"),
        ("consent", True, "/consent"),
        ("create", True, "code"),
        ("create login", True, "/login"),
        ("none login", True, "invalid_request"),
        ("admin_consent", True, "invalid_request"),
    ],
)
async def test_prompts(prompt: str | None, is_here: bool, outcome: str) -> None:
    """Who is asked again, and who must not be asked at all. Contract section 8.6."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    if is_here:
        await visitor.arrives()
    answer = await visitor.authorize(prompt=prompt)
    if outcome.startswith("/"):
        assert location(answer).startswith(f"{ORIGIN}{outcome}?")
    elif outcome == "code":
        assert "code" in told(answer)
    else:
        assert told(answer)["error"] == outcome


async def test_a_prompt_is_answered_once() -> None:
    """Who was asked to sign in again has done so: the flow goes on."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    await visitor.arrives()
    assert "code" in told(await visitor.signs_in(await visitor.authorize(prompt="login")))


async def test_a_silent_request_shows_no_consent() -> None:
    """What would have to be asked is said: consent_required, AADSTS65001."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    await visitor.arrives()
    answer = told(await visitor.authorize(prompt="none", scope=f"openid {STOCK}"))
    assert number(answer) == ("consent_required", "65001")


# --- what is asked for


async def test_several_resources_are_agreed_to_at_once() -> None:
    """Every resource that scopes name is asked about on one page, and remembered apart."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    page = await visitor.signs_in(await visitor.authorize(scope=f"openid {STOCK} {ME} {ENTER}"))
    assert await visitor.needs(page) == {("", B): ("read",), ("", GRAPH): ("User.Read",)}
    assert "code" in told(await visitor.agrees(page))
    found = await consented(tenant)
    assert found["auth0|aya", SPA, B] == ("read",)
    assert found["auth0|aya", SPA, GRAPH] == ("User.Read",)
    assert "code" in told(await visitor.authorize(prompt="none", scope=f"openid {STOCK} {ME}"))


async def test_only_what_is_missing_is_asked_for() -> None:
    """What the person agreed to, or an administrator, or what the API says itself, is not asked again."""
    tenant = await entra_tenant()
    await tenant.change(Save(agreed(SPA, B, "read", user=None)))
    visitor = Visitor(tenant)
    page = await visitor.signs_in(await visitor.authorize(scope=f"openid {STOCK} api://b/write"))
    assert await visitor.needs(page) == {("", B): ("write",)}


async def test_a_third_party_asks_about_the_person_too() -> None:
    """OpenID Connect's words are the server's own, and asked about unless the application is the tenant's."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, is_first_party=False)
    visitor = Visitor(tenant)
    page = await visitor.signs_in(await visitor.authorize())
    assert await visitor.needs(page) == {("", None): ("openid", "profile", "offline_access")}
    assert "code" in told(await visitor.agrees(page))
    assert "code" in told(await visitor.authorize(prompt="none"))


NEEDS = (
    Required(resource=A, access=(Access("id-access_as_user"),)),
    Required(resource=B, access=(Access("id-write"), Access("id-old"), Access("role", "Role"))),
    Required(resource="nobody", access=(Access("id-none"),)),
    Required(resource=C, access=()),
)


async def test_default_asks_for_everything_that_is_needed() -> None:
    """Without any agreement for the resource: all that the application says it needs, of every API."""
    tenant = await entra_tenant()
    await gone(tenant, Consent, f"auth0|aya {SPA} {A}")
    await changed(tenant, Client, SPA, required=NEEDS)
    visitor = Visitor(tenant)
    page = await visitor.signs_in(await visitor.authorize(scope="openid api://a/.default"))
    assert await visitor.needs(page) == {("", A): ("access_as_user",), ("", B): ("write",)}
    answer = told(await visitor.agrees(page))
    body = await answered(tenant, posted(redeeming(answer["code"]), origin="https://spa.example.com"))
    assert (await claims(tenant, body["access_token"]))["scp"] == "access_as_user"


async def test_default_asks_no_more_where_anything_was_granted() -> None:
    """Some agreement for the resource is enough, whatever else the application says it needs."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, required=NEEDS)
    answer = await Visitor(tenant).arrives(scope="openid api://a/.default")
    assert "code" in answer


async def test_default_alone_is_graphs() -> None:
    """`.default` names no resource: it is Graph that is meant."""
    tenant = await entra_tenant()
    await tenant.change(Save(agreed(SPA, GRAPH, "User.Read")))
    answer = await Visitor(tenant).arrives(response_type="token", scope=".default")
    said = await claims(tenant, answer["access_token"])
    assert (said["aud"], said["scp"]) == ("https://graph.microsoft.com", "User.Read")


@pytest.mark.parametrize("scope", [f"api://b/.default {STOCK}", ".default User.Read"])
async def test_default_is_mixed_with_nothing(scope: str) -> None:
    """`.default` stands alone: default_mixed, AADSTS70011."""
    tenant = await entra_tenant()
    assert number(await Visitor(tenant).arrives(scope=scope)) == ("invalid_scope", "70011")


async def combined(**fields: Any) -> Visitor:
    """API A knows the page, and says what it needs itself; nobody agreed to anything."""
    tenant = await entra_tenant()
    for name in (f"auth0|aya {SPA} {A}", f"auth0|aya {A} {B}"):
        await gone(tenant, Consent, name)
    await changed(tenant, Client, SPA, required=NEEDS[:1])
    await changed(tenant, Client, A, required=(Required(resource=B, access=(Access("id-read"),)),))
    await changed(tenant, Api, A, **{"known_clients": (SPA,), **fields})
    return Visitor(tenant)


async def test_combined_consent_is_for_both() -> None:
    """The API's application knows the client: one question for both, and each is given its own."""
    visitor = await combined()
    page = await visitor.signs_in(await visitor.authorize(scope="openid api://a/.default"))
    assert await visitor.needs(page) == {("", A): ("access_as_user",), (A, B): ("read",)}
    assert "code" in told(await visitor.agrees(page))
    found = await consented(visitor.tenant)
    assert found["auth0|aya", SPA, A] == ("access_as_user",)
    assert found["auth0|aya", A, B] == ("read",)


@pytest.mark.parametrize(
    ("what", "scope"),
    [
        ("nobody_known", "api://a/.default"),
        ("no_owner", "api://a/.default"),
        ("gone", "api://a/.default"),
        ("named", ENTER),
    ],
)
async def test_combines_with_nobody_else(what: str, scope: str) -> None:
    """Only an application that knows the client and is there; only where everything is asked for."""
    visitor = await combined(known_clients=() if what == "nobody_known" else (SPA,))
    if what == "no_owner":
        await changed(visitor.tenant, Api, A, owner_client=None)
    if what == "gone":
        await gone(visitor.tenant, Client, A)
    page = await visitor.signs_in(await visitor.authorize(scope=f"openid {scope}"))
    assert await visitor.needs(page) == {("", A): ("access_as_user",)}


async def test_an_application_that_is_switched_off_is_asked_for_by_nobody() -> None:
    """The client is told that there is no such resource, before anybody is asked anything."""
    visitor = await combined(known_clients=(SPA,))
    await changed(visitor.tenant, Client, A, enabled=False)
    answer = await visitor.authorize(scope="openid api://a/.default")
    assert told(answer)["error"] == "invalid_resource"


async def test_what_takes_an_administrator_is_marked() -> None:
    """Scopes for administrators, and everything where the tenant lets nobody agree for themselves."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    await visitor.arrives()
    session = await sessions.current(visitor.ask("/", {}), tenant)
    client = await tenant.known.named(Client, TENANT, SPA)
    assert client

    async def marked(scopes: str, allowed: bool) -> list[bool]:
        policy = Policy(user_consent_allowed=allowed)
        held = type(tenant)(
            replace(tenant.record, policy=policy), tenant.addresses, tenant.keys, tenant.tools
        )
        asks = checked(await asked(tuple(asking(scope=scopes).items()), held, "entra_v2"), held)
        return [need.is_admins for need in (await wish(asks, client, session, held)).needs]

    assert await marked(f"openid {STOCK}", True) == [False]
    assert await marked("openid api://b/rule", True) == [True]
    assert await marked(f"openid {STOCK} api://b/rule {ME}", True) == [True, False]
    assert await marked(f"openid {STOCK} {ME}", False) == [True, True]
    assert await marked(f"openid {ENTER}", False) == []


async def test_who_is_not_assigned_gets_no_answer() -> None:
    """An API for those who are assigned says no before anybody is asked anything: not_assigned."""
    tenant = await entra_tenant()
    await changed(tenant, Api, A, assignment_required=True)
    assert number(await Visitor(tenant).arrives()) == ("access_denied", "50105")


async def test_a_token_for_oneself() -> None:
    """An application asks for itself without a question, in front and back."""
    tenant = await entra_tenant()
    await changed(tenant, Client, A, reply_urls=(ReplyUrl(PAGE, "spa"),), grant_types=("implicit",))
    asks: dict[str, str | None] = {**PLAIN, "client_id": A, "response_type": "token"}
    answer = await Visitor(tenant).arrives(**asks, scope=f"{A}/.default")
    said = await claims(tenant, answer["access_token"])
    assert (said["aud"], said["azp"], said["scp"]) == (A, A, "access_as_user")


# --- at which address


async def test_the_older_endpoint_is_for_a_resource() -> None:
    """`resource` asks for everything of it, and what lasts; answers are in the older words."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant, path=OLDER)
    answer = await visitor.arrives(scope=None, resource="api://a")
    assert answer["iss"] == f"{ORIGIN}/{TENANT}/"
    here = posted(redeeming(answer["code"]), OLDER, origin="https://spa.example.com")
    body = await answered(tenant, here)
    assert {"refresh_token", "id_token"} < set(body)
    who = await claims(tenant, body["id_token"])
    assert (who["ver"], who["upn"], who["amr"]) == ("1.0", "aya@example.com", ["pwd"])
    assert body["resource"] == "api://a"
    answer = await visitor.arrives(scope="openid email", resource=None, response_type="id_token")
    assert (await claims(tenant, answer["id_token"]))["iss"] == f"{ORIGIN}/{TENANT}/"


async def test_a_resource_is_no_parameter_of_the_newer_one() -> None:
    """At the newer endpoint scopes name their resource: resource_parameter."""
    refused = await page_of(Visitor(await entra_tenant()), resource="api://a")
    assert refused.reason.slug == "resource_parameter"


@pytest.mark.parametrize("name", ["consumers", "nobody", "9188040d-6c67-4c5b-b112-36a304b66dad"])
@pytest.mark.parametrize("end", ["/oauth2/v2.0", "/oauth2"])
async def test_nobody_elsewhere_signs_in_here(name: str, end: str) -> None:
    """Names that are no tenant's, and personal accounts, whatever else is wrong: directory_absent."""
    refused = await page_of(Visitor(await entra_tenant(), path=f"/{name}{end}"), resource="x", client_id=None)
    assert refused.reason.slug == "directory_absent"


@pytest.mark.parametrize("name", ["demo", "DEMO", TENANT, TENANT.upper()])
async def test_a_tenant_is_called_in_several_ways(name: str) -> None:
    """By slug and GUID in any case: it is the same tenant, and tokens say its GUID."""
    tenant = await entra_tenant()
    answer = await Visitor(tenant, path=f"/{name}/oauth2/v2.0").arrives(response_type="token")
    assert (await claims(tenant, answer["access_token"]))["tid"] == TENANT


async def test_an_alias_is_for_who_is_for_several() -> None:
    """An application of one tenant uses its address: single_tenant, AADSTS50194."""
    tenant = await entra_tenant()
    for name in ("common", "organizations"):
        refused = await page_of(Visitor(tenant, path=f"/{name}/oauth2/v2.0"))
        assert refused.reason.slug == "single_tenant"
    await changed(tenant, Client, SPA, sign_in_audience="AzureADMultipleOrgs")
    answer = await Visitor(tenant, path="/common/oauth2/v2.0").arrives(response_type="token")
    said = await claims(tenant, answer["access_token"])
    assert (said["iss"], said["tid"]) == (f"{ORIGIN}/{TENANT}/v2.0", TENANT)


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"client_id": None}, "missing_parameter"),
        ({"client_id": "nobody"}, "client_unknown"),
        ({"redirect_uri": "https://elsewhere.example/"}, "redirect_mismatch"),
    ],
)
async def test_strangers_are_told_on_a_page(more: dict[str, str | None], slug: str) -> None:
    """Until application and address are known, nobody is sent anywhere."""
    assert (await page_of(Visitor(await entra_tenant()), **more)).reason.slug == slug


async def test_where_no_address_is_named_it_is_the_first() -> None:
    """The first address that is registered; the redemption names none then either."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    answer = await visitor.signs_in(await visitor.authorize(redirect_uri=None))
    assert location(answer).startswith(f"{PAGE}?")
    form = redeeming(told(answer)["code"], redirect_uri=None)
    assert "access_token" in await answered(tenant, posted(form, origin="https://spa.example.com"))


async def test_a_form_asks_as_well() -> None:
    """POST with the same parameters, and those of our own words mean nothing here."""
    tenant = await entra_tenant()
    visitor = Visitor(tenant)
    told_ = {**asking(), "audience": "https://api.example.com", "request_uri": "urn:x", "connection": "x"}
    here = replace(visitor.ask(f"{NEWER}/authorize", told_, "POST"), names={"t": TENANT})
    answer = await face.authorize(here, tenant)
    assert location(answer).startswith(f"{ORIGIN}/login?")


async def test_answers_outlive_no_registration() -> None:
    """An address that was taken away while somebody signed in gets no answer."""
    tenant = await entra_tenant(Clock())
    visitor = Visitor(tenant)
    page = await visitor.authorize()
    await changed(tenant, Client, SPA, reply_urls=(ReplyUrl("https://else.example.com/", "spa"),))
    with pytest.raises(Refused) as refused:
        await visitor.signs_in(page)
    assert refused.value.reason.slug == "redirect_mismatch"


async def test_who_requires_pushing_is_not_answered_here() -> None:
    """Nothing can be pushed to this face, so what has to be pushed cannot be asked for: pushing_required."""
    tenant = await entra_tenant()
    await changed(tenant, Client, SPA, requires_pushing=True)
    assert (await Visitor(tenant).arrives())["error"] == "invalid_request"


async def test_what_ended_meanwhile_is_asked_for_by_nobody() -> None:
    """Between two looks an API or an application may go: then there is nothing to agree to."""
    tenant = await entra_tenant()
    client = await tenant.known.named(Client, TENANT, SPA)
    assert client
    gone = Need("gone", ("read",)), Need(B, ("read",), client="gone")
    assert [await resources._of(each, person(), client, tenant) for each in gone] == [(), ()]
    left = await everybody._left(gone[1], client, tenant)
    assert (left.scopes, left.roles) == ((), ())
