"""Conditional access where something is opened: at /authorize, and in each exchange (RFC 9470)."""

import dataclasses
import json
from collections.abc import Awaitable
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.faces.entra import says
from sekisho.model.api import Api
from sekisho.model.bearer import memory
from sekisho.model.client import DASHBOARD, Client
from sekisho.model.client_grant import ClientGrant
from sekisho.model.connection import Connection
from sekisho.model.granted import SignIn
from sekisho.model.role import group_id
from sekisho.oauth import token
from sekisho.oauth.conditions import held
from sekisho.oauth.says import says as native_says
from sekisho.spec.conditional.facts import MFA_ACR
from sekisho.spec.conditional.terms import Terms, Which
from sekisho.spec.policy import Policy
from sekisho.spec.refusal import Refused
from sekisho.spec.refusals.conditional import (
    ACCESS_BLOCKED,
    CLAIMS_MALFORMED,
    CONTEXT_NEEDED,
    SECOND_FACTOR_ABSENT,
    SECOND_FACTOR_NEEDED,
    SIGN_IN_STALE,
)
from sekisho.tenant import Tenant
from tests import entra, exchanges
from tests.conditional import MFA, but, guid, happened, only, policed, proves, rule, told_of
from tests.dashboard.desk import at_desk
from tests.entra import SPA, STOCK, A, B, C, Visitor, entra_tenant, no, on_behalf, posted, redeeming, token_a
from tests.exchanges import chain_tenant, exchanged, issuer, saved, subject, vouched, why, word
from tests.people import folk
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, SECRET, TENANT, Clock, ask
from tests.visitor import (
    EVERYTHING,
    Browser,
    location,
    people_tenant,
    person,
    person_changed,
    redeemed,
    refreshed,
    told,
)

STRONG = rule(second_factor=True)
REPORT = "enabledForReportingButNotEnforced"


async def refused(act: Awaitable[Any]) -> Refused:
    """Why something was refused."""
    with pytest.raises(Refused) as caught:
        await act
    return caught.value


async def stepped(browser: Browser, **more: str | None) -> dict[str, str]:
    """The client's answer after the person did whatever pages asked for."""
    answer = await browser.authorize(**more)
    for _ in range(4):
        if "/login?" in location(answer):
            answer = await browser.signs_in(answer)
        elif "/mfa?" in location(answer):
            answer = await proves(browser, answer)
        else:
            break
    return told(answer)


# ---- /authorize


async def test_a_block_is_told_to_the_client() -> None:
    """Whoever signs in, nothing is answered: access_denied. Nobody is asked for anything that cannot help."""
    tenant = policed(await people_tenant(), closed=rule(block=True, second_factor=True))
    assert (await stepped(Browser(tenant)))["error"] == "access_denied"
    assert await told_of(tenant, "access_policy_refused") == [(guid("closed"), "block second_factor")]
    assert ACCESS_BLOCKED.slug in [event.slug for event in await happened(tenant, ACCESS_BLOCKED.slug)]


async def test_a_second_factor_is_asked_for_and_remembered() -> None:
    """Once; then the code, its tokens and the session say so (RFC 9470 section 5)."""
    tenant = policed(await people_tenant(), strong=STRONG)
    browser = Browser(tenant)
    answer = await browser.signs_in(await browser.authorize(scope=EVERYTHING))
    assert "/mfa?" in location(answer)
    code = told(await proves(browser, answer))["code"]
    body = await redeemed(tenant, code)
    said = claims_of(str(body["id_token"]))
    assert (said["acr"], said["amr"]) == (MFA_ACR, ["pwd", "otp", "mfa"])
    assert await told_of(tenant, "access_policy_asked") == [(guid("strong"), "second_factor")]
    assert "refresh_token" in await refreshed(tenant, body["refresh_token"])
    assert "code" in told(await browser.authorize())


@pytest.mark.parametrize(
    ("terms", "error"),
    [
        (STRONG, "interaction_required"),
        (rule(max_age=60), "interaction_required"),
        (rule(context="c1"), "interaction_required"),
        (rule(block=True), "access_denied"),
    ],
)
async def test_silent_requests_are_told(terms: Terms, error: str) -> None:
    """No page may be shown, so that the client asks again without `prompt=none`."""
    clock = Clock()
    tenant = await people_tenant(clock)
    browser = Browser(tenant)
    assert "code" in await stepped(browser)
    clock.now += 61
    browser.tenant = policed(tenant, one=terms)
    assert told(await browser.authorize(prompt="none"))["error"] == error


@pytest.mark.parametrize(
    "terms",
    [
        rule(block=True, clients=only("other")),
        rule(block=True, clients=but("web")),
        rule(block=True, apis=only(AUDIENCE)),
        rule(block=True, users=but(person().id)),
        rule(block=True, users=Which(), groups=only(group_id(TENANT, "rol_x"))),
        rule(block=True, users=only("All"), groups=Which(exclude=(group_id(TENANT, "rol_f"),))),
        rule(block=True, networks=only("198.51.100.0/24")),
        rule(block=True, networks=but("203.0.113.0/24")),
        rule(block=True, contexts=("c1",)),
        rule(block=True, state="disabled"),
    ],
)
async def test_whom_a_policy_is_not_about_is_let_in(terms: Terms) -> None:
    """By application, API, person, group (a role), network, context or state."""
    tenant = policed(await people_tenant(), one=terms)
    await person_changed(tenant, roles=("rol_f",))
    browser = At(tenant)
    assert "code" in await stepped(browser)


@pytest.mark.parametrize(
    ("terms", "more"),
    [
        (rule(block=True, clients=only("web")), {}),
        (rule(block=True, apis=only(AUDIENCE)), {"audience": AUDIENCE}),
        (rule(block=True, users=only(person().id)), {}),
        (rule(block=True, users=Which(), groups=only(group_id(TENANT, "rol_f"))), {}),
        (rule(block=True, networks=only("203.0.113.0/24")), {}),
        (rule(block=True, contexts=("c1",)), {"acr_values": "c1"}),
    ],
)
async def test_whom_a_policy_is_about_is_not(terms: Terms, more: dict[str, str]) -> None:
    """The same the other way round."""
    tenant = policed(await people_tenant(), one=terms)
    await person_changed(tenant, roles=("rol_f",))
    assert (await stepped(At(tenant), **more))["error"] == "access_denied"


class At(Browser):
    """A browser at the office."""

    def ask(self, *args: Any) -> Any:
        """From there."""
        return replace(super().ask(*args), address="203.0.113.7")


async def test_an_old_sign_in_is_asked_for_again() -> None:
    """Where it is older than a policy lets it be; a fresh one is enough."""
    clock = Clock()
    tenant = policed(await people_tenant(clock), fresh=rule(max_age=600))
    browser = Browser(tenant)
    assert "code" in await stepped(browser)
    clock.now += 599
    assert "code" in told(await browser.authorize())
    clock.now += 1
    answer = await browser.authorize()
    assert "/login?" in location(answer)
    assert "code" in told(await browser.signs_in(answer))
    assert await told_of(tenant, "access_policy_asked") == [(guid("fresh"), "max_age")]


async def test_a_step_up_that_takes_too_long_ends() -> None:
    """A sign-in that is too old again when everything else was shown is not asked for twice."""
    clock = Clock()
    tenant = policed(await people_tenant(clock), fresh=rule(max_age=60, second_factor=True))
    browser = Browser(tenant)
    answer = await browser.signs_in(await browser.authorize())
    clock.now += 60
    assert told(await proves(browser, answer))["error"] == SIGN_IN_STALE.error


async def test_a_policy_may_ask_for_what_another_is_for() -> None:
    """A context is proved by the policy that is for it: its second factor, then its age."""
    tenant = policed(
        await people_tenant(),
        api=rule(context="c1", apis=only(AUDIENCE)),
        first=rule(contexts=("c1",), context="c2"),
        second=rule(contexts=("c2",), second_factor=True),
    )
    browser = Browser(tenant)
    assert "code" in await stepped(browser)
    answer = await browser.authorize(audience=AUDIENCE, scope=EVERYTHING)
    assert "/mfa?" in location(answer)
    body = await redeemed(tenant, told(await proves(browser, answer))["code"])
    assert "refresh_token" in await refreshed(tenant, body["refresh_token"])


async def test_a_context_that_nothing_is_for_is_never_proved() -> None:
    """Nothing says how, so that the flow stops and does not go round: context_needed."""
    tenant = policed(await people_tenant(), api=rule(context="c9"))
    assert (await stepped(Browser(tenant)))["error"] == CONTEXT_NEEDED.error
    circle = policed(
        tenant, one=rule(contexts=("c1",), context="c2"), two=rule(contexts=("c2",), context="c1")
    )
    assert "code" in await stepped(Browser(circle), acr_values="c1")


async def test_words_of_acr_values_are_contexts_where_policies_are_for_them() -> None:
    """RFC 9470 section 4: the API names one, the client asks for it, the token says it was shown."""
    tenant = policed(await people_tenant(), strong=rule(contexts=("urn:x:high",), second_factor=True))
    browser = Browser(tenant)
    assert "code" in await stepped(browser, acr_values="urn:x:other")
    assert "/mfa?" in location(await browser.authorize(acr_values="urn:x:other urn:x:high"))


async def test_a_watched_policy_stands_in_nobodys_way() -> None:
    """It is noted once for an answer, with what it would have demanded."""
    tenant = policed(await people_tenant(), later=rule(block=True, max_age=60, state=REPORT))
    body = await redeemed(tenant, (await stepped(Browser(tenant), scope=EVERYTHING))["code"])
    assert await told_of(tenant, "access_policy_watched") == [(guid("later"), "block")] * 2
    await refreshed(tenant, body["refresh_token"])
    assert len(await told_of(tenant, "access_policy_watched")) == 3
    assert await happened(tenant, "access_policy_refused") == []


async def test_owners_get_to_the_dashboard() -> None:
    """A policy for everybody keeps no owner from mending it, unless it names the dashboard itself."""
    for rank, terms, is_in in (
        ("Owner", rule(block=True), True),
        ("Owner", rule(context="c9"), True),
        ("Owner", rule(block=True, clients=only(DASHBOARD)), False),
        ("Editor", rule(block=True), False),
    ):
        desk = await at_desk(rank)
        tenant = policed(desk.tenant, one=terms)
        client = await tenant.known.named(Client, TENANT, DASHBOARD)
        client = client or Client(tenant=TENANT, id="d", client_id=DASHBOARD, name="Dashboard")
        opened = held.Opened(user=desk.user, sign_in=SignIn(auth_time=NOW), client=client, api="x")
        if is_in:
            await held.hold(opened, ask(), tenant)
        else:
            assert (await refused(held.hold(opened, ask(), tenant))).reason is ACCESS_BLOCKED


# ---- exchanges in the server's own words


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (STRONG, SECOND_FACTOR_ABSENT),
        (rule(block=True), ACCESS_BLOCKED),
        (rule(context="c1"), CONTEXT_NEEDED),
        (rule(max_age=60), SIGN_IN_STALE),
    ],
)
async def test_codes_and_refresh_tokens_are_held_against_policies(terms: Terms, reason: Any) -> None:
    """Those of now, not those of then: whatever was given before a policy came."""
    clock = Clock()
    tenant = await people_tenant(clock)
    browser = Browser(tenant)
    body = await redeemed(tenant, await browser.code(scope=EVERYTHING))
    clock.now += 40
    code = await browser.code()
    clock.now += 20
    strict = policed(tenant, one=terms)
    assert (await refused(redeemed(strict, code))).reason is reason
    assert (await refused(refreshed(strict, body["refresh_token"]))).reason is reason
    # Nothing of it was used up.
    assert "access_token" in await redeemed(tenant, code)
    assert "access_token" in await refreshed(tenant, body["refresh_token"])


async def test_the_refusal_says_what_to_ask_for() -> None:
    """In the words of RFC 9470 section 3; Entra's are Entra's."""
    clock = Clock()
    tenant = await people_tenant(clock)
    body = await redeemed(tenant, await Browser(tenant).code(scope=EVERYTHING))
    clock.now += 100
    for terms, told_too in (
        (STRONG, {"acr_values": MFA_ACR}),
        (rule(max_age=90), {"max_age": 90}),
        (rule(context="urn:x"), {"acr_values": "urn:x"}),
    ):
        found = await refused(refreshed(policed(tenant, one=terms), body["refresh_token"]))
        answer: Any = native_says(found, ask())
        assert (answer.status, answer.json["error"]) == (400, "interaction_required")
        assert {name: answer.json[name] for name in answer.json if not name.startswith("error")} == told_too


async def test_a_password_grant_is_held_against_policies() -> None:
    """What a ticket for a second factor mends it mends; everything else is refused."""
    tenant = await with_password()
    form = {"grant_type": "password", "client_id": "web", "client_secret": SECRET}
    form |= {"username": "ann@example.com", "password": folk.PASSWORD, "scope": "openid"}
    asked = ask(tuple(form.items()), address="203.0.113.7")
    strong = policed(tenant, one=STRONG)
    assert (await refused(token.token(asked, strong))).reason.slug == "mfa_required"
    blocked = policed(tenant, one=rule(block=True, networks=only("203.0.113.0/24")))
    assert (await refused(token.token(asked, blocked))).reason is ACCESS_BLOCKED
    assert (await token.token(replace(asked, address="198.51.100.7"), blocked)).status == 200


async def with_password() -> Tenant:
    """Ann, who has a password, and the web client, which takes it."""
    tenant = await people_tenant(grant_types=("password", "authorization_code"))
    grants = (*Policy().grant_types, "password")
    policy = {"grant_types": tuple(dict.fromkeys(grants))}
    tenant = folk.decided(tenant, password_memory_kib=7_168, password_passes=5, **policy)
    await saved(tenant, Connection(tenant=TENANT, id="con_1"))
    await folk.somebody(tenant)
    return tenant


async def test_a_token_exchange_is_held_against_policies() -> None:
    """A token from before the step-up is not enough; one from after it is (signed, in both profiles)."""
    for dialect in ("access_token", "rfc9068_profile", "opaque"):
        tenant = await chain_tenant()
        api = await tenant.known.named(Api, TENANT, AUDIENCE)
        assert api
        await saved(tenant, replace(api, dialect=dialect))
        old = await subject(tenant)
        strict = policed(tenant, stock=rule(second_factor=True, apis=only(exchanges.STOCK)))
        found = await refused(exchanged(strict, old))
        assert found.reason is SECOND_FACTOR_ABSENT, dialect
        assert found.words["claims"] == json.dumps(
            {"access_token": {"polids": {"essential": True, "values": [guid("stock")]}}},
            separators=(",", ":"),
        )
        code = (
            await stepped(Browser(strict), audience=AUDIENCE, scope="openid read:things", acr_values=MFA_ACR)
        )["code"]
        new = str((await redeemed(strict, code))["access_token"])
        assert (await exchanged(strict, new))["scope"] == "read:stock"
        assert (await refused(exchanged(strict, old))).reason is SECOND_FACTOR_NEEDED


async def test_an_exchanged_token_remembers_where_the_person_was() -> None:
    """Their address, not that of the server which shows the token; of who tells nothing it may be any."""
    tenant = policed(await chain_tenant(), one=rule(block=True, networks=but("203.0.113.0/24")))
    wish = {"scope": "openid read:things", "audience": AUDIENCE}
    office = str((await redeemed(tenant, (await stepped(At(tenant), **wish))["code"]))["access_token"])
    assert (await exchanged(tenant, office))["scope"] == "read:stock"
    free = policed(tenant)
    unknown = await subject(free)
    assert await why(exchanged(tenant, unknown)) == ACCESS_BLOCKED.slug


async def test_a_chain_of_native_exchanges_remembers_the_step_up() -> None:
    """Each token of it says how the person signed in, as the first one did."""
    tenant = policed(await chain_tenant(), one=STRONG)
    code = (await stepped(Browser(tenant), scope="openid read:things", audience=AUDIENCE))["code"]
    first = str((await redeemed(tenant, code))["access_token"])
    second = str((await exchanged(tenant, first))["access_token"])
    methods = [memory(claims_of(text)["aio"]) for text in (first, second)]
    assert [each and each.amr for each in methods] == [MFA, MFA]


async def test_whom_others_vouch_for_showed_nothing() -> None:
    """An assertion says nothing of a second factor, of an age, of a place: what asks for one refuses."""
    tenant = await chain_tenant()
    await saved(tenant, issuer())
    for terms, slug in (
        (STRONG, "second_factor_absent"),
        (rule(max_age=86_400), "sign_in_stale"),
        (rule(block=True, networks=only("203.0.113.0/24")), "access_blocked"),
        (rule(context="c1"), "context_needed"),
    ):
        assert await why(vouched(policed(tenant, one=terms), word())) == slug
    # The assertion was not used up by any of it.
    assert "access_token" in await vouched(policed(tenant, one=replace(STRONG, apis=only(AUDIENCE))), word())


# ---- what tokens and introspection say (RFC 9068 section 2.2.1, RFC 9470 section 6)


async def test_tokens_say_how_the_person_signed_in() -> None:
    """Those of RFC 9068 themselves, the others where they are looked into."""
    tenant = await chain_tenant(resource_server_identifier="*")
    api = await tenant.known.named(Api, TENANT, AUDIENCE)
    assert api
    await saved(tenant, replace(api, dialect="rfc9068_profile"))
    wish = {"scope": "openid read:things", "audience": AUDIENCE, "acr_values": MFA_ACR}
    text = str((await redeemed(tenant, (await stepped(Browser(tenant), **wish))["code"]))["access_token"])
    told_of_it = {"auth_time": int(NOW), "acr": MFA_ACR, "amr": ["pwd", "otp", "mfa"]}
    said = claims_of(text)
    assert {name: said[name] for name in told_of_it} == told_of_it
    assert "aio" not in said
    seen = await exchanges.seen(tenant, text)
    assert {name: seen[name] for name in told_of_it} == told_of_it
    machine = await exchanges.seen(tenant, await machine_token(tenant))
    assert machine["active"]
    assert not told_of_it.keys() & machine.keys()


async def machine_token(tenant: Tenant) -> str:
    """A token about an application."""
    grant = ClientGrant(tenant=TENANT, id="cgr_o", client_id="orders", audience=exchanges.STOCK)
    await saved(tenant, replace(grant, scopes=("read:stock",)))
    return await exchanges.own_token(tenant)


@pytest.mark.parametrize("said", [7, "", "x", "e30", "W10"])
async def test_a_memory_that_is_none_is_none(said: object) -> None:
    """What cannot be read says nothing of how somebody signed in."""
    assert memory(said) is None


# ---- in Entra's words


async def loop(tenant: Tenant, visitor: Visitor) -> str:
    """A token with which the page calls API A."""
    code = (await visitor.arrives())["code"]
    body = await entra.answered(tenant, posted(redeeming(code), origin="https://spa.example.com"))
    return str(body["access_token"])


async def test_the_whole_loop() -> None:
    """API A is told what to ask for, the page asks for it, the person steps up, it goes on (section 6.1)."""
    tenant = policed(await entra_tenant(), stock=rule(second_factor=True, apis=only(B)))
    visitor = Visitor(tenant)
    first = await loop(tenant, visitor)
    found = await refused(entra.answered(tenant, posted(on_behalf(first))))
    body: Any = says.says(found, posted(on_behalf(first))).json
    assert (body["error"], body["suberror"], body["error_codes"]) == (
        "interaction_required",
        "basic_action",
        [50079],
    )
    assert json.loads(body["claims"]) == {
        "access_token": {"polids": {"essential": True, "values": [guid("stock")]}}
    }
    answer = await visitor.authorize(claims=body["claims"])
    assert "/mfa?" in location(answer)
    code = told(await proves(visitor, answer))["code"]
    again = await entra.answered(tenant, posted(redeeming(code), origin="https://spa.example.com"))
    assert (await entra.exchanged(tenant, str(again["access_token"])))["scope"] == STOCK
    assert (await no(tenant, posted(on_behalf(first))))[:2] == ("second_factor_needed", 50076)
    # Who stepped up is not asked for it again.
    assert "code" in told(await visitor.authorize(claims=body["claims"]))


async def test_a_chain_of_three() -> None:
    """The policy of the last API reaches the page all the same, and what it got is remembered to the end."""
    tenant = policed(await entra_tenant(), depot=rule(second_factor=True, apis=only(C)))
    visitor = Visitor(tenant)
    b = str((await entra.exchanged(tenant, await loop(tenant, visitor)))["access_token"])
    at_b = {"client_id": B, "scope": "api://c/read"}
    assert (await no(tenant, posted(on_behalf(b, **at_b))))[:3] == (
        "second_factor_absent",
        50079,
        "interaction_required",
    )
    asked = json.dumps({"access_token": {"capolids": {"essential": True, "values": [guid("depot")]}}})
    code = told(await proves(visitor, await visitor.authorize(claims=asked)))["code"]
    body = await entra.answered(tenant, posted(redeeming(code), origin="https://spa.example.com"))
    b = str((await entra.exchanged(tenant, str(body["access_token"])))["access_token"])
    assert (await entra.answered(tenant, posted(on_behalf(b, **at_b))))["scope"] == "api://c/read"


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        (rule(block=True), ("access_blocked", 53003, "invalid_grant", 400, "message_only")),
        (STRONG, ("second_factor_absent", 50079, "interaction_required", 400, "basic_action")),
        (rule(context="c1"), ("context_needed", 50076, "interaction_required", 400, "basic_action")),
        (rule(max_age=60), ("sign_in_stale", 50078, "interaction_required", 400, "basic_action")),
    ],
)
async def test_each_exchange_in_entras_words(terms: Terms, found: tuple[object, ...]) -> None:
    """Code, refresh token, on behalf of, and a password (contract sections 5.3, 5.4)."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    visitor = Visitor(tenant)
    body = await entra.signed_in(tenant)
    await visitor.arrives()
    clock.now += 40
    code = (await visitor.arrives())["code"]
    clock.now += 20
    strict = policed(tenant, one=terms)
    web = {"origin": "https://spa.example.com"}
    refresh = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": body["refresh_token"]}
    for here in (
        posted(redeeming(code), **web),
        posted(refresh, **web),
        posted(on_behalf(str(body["access_token"]))),
    ):
        assert await no(strict, here) == found
    assert "error" in told(await visitor_at(strict, visitor).authorize(prompt="none"))


def visitor_at(tenant: Tenant, visitor: Visitor) -> Visitor:
    """The same browser, with other policies."""
    return dataclasses.replace(visitor, tenant=tenant)


async def test_a_block_at_the_authorization_endpoint() -> None:
    """There is no grant there that could be invalid: access_denied, with the number."""
    tenant = policed(await entra_tenant(), one=rule(block=True))
    said = await Visitor(tenant).arrives()
    assert said["error"] == "access_denied"
    assert "AADSTS53003" in said["error_description"]


@pytest.mark.parametrize(
    ("claims", "slug"),
    [
        ({"acrs": {"essential": True, "value": "c1"}}, "context_needed"),
        ({"nbf": {"essential": True, "value": str(int(NOW) + 1)}}, "sign_in_stale"),
        ({"polids": {"essential": True, "values": [guid("b")]}}, "second_factor_absent"),
    ],
)
async def test_claims_at_the_token_endpoint(claims: dict[str, Any], slug: str) -> None:
    """What is essential and was not shown is asked for, with the same claims (contract section 6.3)."""
    tenant = policed(
        await entra_tenant(), b=rule(second_factor=True, apis=only(B)), c=rule(contexts=("c1",), max_age=60)
    )
    body = await entra.signed_in(tenant)
    asked = json.dumps({"access_token": claims})
    refresh = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": body["refresh_token"]}
    here = posted({**refresh, "claims": asked}, origin="https://spa.example.com")
    found = await refused(entra.answered(tenant, here))
    assert found.reason.slug == slug
    assert json.loads(found.words["claims"]) == json.loads(asked)
    plain = posted(
        {**refresh, "claims": '{"access_token":{"xms_cc":{"values":["CP1"]}}}'},
        origin="https://spa.example.com",
    )
    assert "access_token" in await entra.answered(tenant, plain)


async def test_malformed_claims_are_refused_everywhere() -> None:
    """A client hears of it at both endpoints: claims_malformed, AADSTS9002313."""
    tenant = await entra_tenant()
    said = told(await Visitor(tenant).authorize(claims="{"))
    assert (said["error"], "AADSTS9002313" in said["error_description"]) == ("invalid_request", True)
    found = await no(tenant, posted({**on_behalf("x"), "claims": "[]"}))
    assert found[:2] == (CLAIMS_MALFORMED.slug, 9002313)


async def test_a_context_goes_into_the_token() -> None:
    """`acrs` says which were satisfied, and the next exchange and the refresh remember it."""
    tenant = policed(
        await entra_tenant(),
        high=rule(contexts=("c1",), second_factor=True),
        b=rule(context="c1", apis=only(B)),
    )
    visitor = Visitor(tenant)
    asked = json.dumps({"access_token": {"acrs": {"essential": True, "value": "c1"}}})
    await visitor.arrives()
    code = told(await proves(visitor, await visitor.authorize(claims=asked)))["code"]
    body = await entra.answered(tenant, posted(redeeming(code), origin="https://spa.example.com"))
    assert (await entra.claims(tenant, body["access_token"]))["acrs"] == ["c1"]
    out = await entra.exchanged(tenant, str(body["access_token"]))
    assert (await entra.claims(tenant, out["access_token"]))["acrs"] == ["c1"]
    refresh = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": body["refresh_token"]}
    again = await entra.answered(tenant, posted(refresh, origin="https://spa.example.com"))
    assert (await entra.claims(tenant, again["access_token"]))["acrs"] == ["c1"]


async def test_a_challenge_that_cannot_be_met_ends() -> None:
    """A time that is still to come, a context that nothing is for: one sign-in, then no more."""
    tenant = policed(await entra_tenant(), b=rule(second_factor=True, apis=only(B)))
    for claims, number in (
        ({"nbf": {"essential": True, "value": str(int(NOW) + 10)}}, "AADSTS50078"),
        ({"acrs": {"essential": True, "value": "c99"}}, "AADSTS50076"),
    ):
        visitor = Visitor(tenant)
        said = await visitor.arrives(claims=json.dumps({"access_token": claims}))
        assert said["error"] == "interaction_required"
        assert number in said["error_description"]
    # What is not known, or not essential, is nobody's loss.
    unknown = {
        "polids": {"essential": True, "values": [guid("nobody")]},
        "acrs": {"essential": False, "value": "c"},
    }
    assert "code" in await Visitor(tenant).arrives(claims=json.dumps({"access_token": unknown}))


async def test_an_address_is_that_of_the_person() -> None:
    """A page is where the person is; a server that acts for them is not."""
    tenant = policed(await entra_tenant(), one=rule(block=True, networks=but("203.0.113.0/24")))
    visitor = Visitor(tenant, address="203.0.113.7")
    code = (await visitor.arrives())["code"]
    at_home = posted(redeeming(code), origin="https://spa.example.com")
    assert (await no(tenant, replace(at_home, address="198.51.100.7")))[0] == "access_blocked"
    body = await entra.answered(tenant, replace(at_home, address="203.0.113.9"))
    server = replace(posted(on_behalf(str(body["access_token"]))), address="198.51.100.7")
    assert "access_token" in await entra.answered(tenant, server)


async def test_a_policy_for_one_application_is_not_for_others() -> None:
    """The one that asks, not the one that the person signed in to."""
    tenant = policed(await entra_tenant(), one=rule(block=True, clients=only(A)))
    text = await token_a(tenant)
    assert (await no(tenant, posted(on_behalf(text))))[0] == "access_blocked"


async def test_a_watched_policy_refuses_no_exchange() -> None:
    """It is noted with the application and the person."""
    tenant = policed(await entra_tenant(), one=rule(second_factor=True, apis=only(B), state=REPORT))
    await entra.exchanged(tenant, await token_a(tenant))
    (event,) = await happened(tenant, "access_policy_watched")
    assert (event.client, event.user, event.detail["audience"]) == (A, "auth0|aya", B)
