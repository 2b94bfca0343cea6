"""Class 62: the second factor and every other demand of a policy, got round."""

import json
from typing import Any

import pytest

from sekisho.model.role import group_id
from sekisho.spec.claim_rule import names
from sekisho.spec.conditional import decide
from sekisho.spec.conditional.facts import Facts
from sekisho.spec.conditional.terms import Which
from sekisho.spec.entra.scope import GRAPH
from tests import entra
from tests.conditional import but, guid, only, policed, proves, rule
from tests.entra import ME, SPA, A, B, C, Visitor, entra_tenant, no, on_behalf, posted, redeeming, token_a
from tests.exchanges import chain_tenant, exchanged, issuer, saved, subject, vouched, why, word
from tests.tenants import TENANT, Clock
from tests.visitor import (
    EVERYTHING,
    Browser,
    location,
    people_tenant,
    person_changed,
    refreshed,
    told,
)
from tests.visitor import redeemed as native

WEB = {"origin": "https://spa.example.com"}
STRONG = rule(second_factor=True)
STOCK_IS_STRONG = rule(second_factor=True, apis=only(B))


async def redeemed(tenant: Any, code: str) -> dict[str, Any]:
    """The page's tokens for a code."""
    return await entra.answered(tenant, posted(redeeming(code), **WEB))


async def test_a_refresh_token_from_before_is_worth_nothing_after() -> None:
    """A policy that came since, or a group that somebody joined since, holds at the next use."""
    tenant = await people_tenant()
    body = await native(tenant, await Browser(tenant).code(scope=EVERYTHING))
    strict = policed(tenant, one=rule(block=True, users=Which(), groups=only(group_id(TENANT, "rol_f"))))
    body = await refreshed(strict, body["refresh_token"])
    await person_changed(tenant, roles=("rol_f",))
    assert await why(refreshed(strict, body["refresh_token"])) == "access_blocked"


async def test_a_refresh_token_of_entra_is_bound_to_no_api_and_held_for_each() -> None:
    """Good for each resource that was agreed to, so each is looked at when it is asked for."""
    tenant = policed(await entra_tenant(), strict=rule(second_factor=True, apis=only(A)))
    free = policed(tenant)
    await saved(tenant, entra.agreed(SPA, GRAPH, "User.Read"))
    body = await entra.signed_in(free, scope=f"openid offline_access {ME}")
    refresh = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": body["refresh_token"]}
    asked = posted({**refresh, "scope": entra.ENTER}, **WEB)
    assert (await no(tenant, asked))[0] == "second_factor_absent"


async def test_another_application_is_no_way_round() -> None:
    """A policy is about the API: whichever application asks for it."""
    tenant = policed(await entra_tenant(), depot=rule(second_factor=True, apis=only(C)))
    await saved(tenant, entra.agreed(A, C, "read"))
    text = await token_a(tenant)
    assert (await no(tenant, posted(on_behalf(text, scope="api://c/read"))))[0] == "second_factor_absent"
    b = str((await entra.exchanged(tenant, text))["access_token"])
    at_b = on_behalf(b, client_id=B, scope="api://c/read")
    assert (await no(tenant, posted(at_b)))[0] == "second_factor_absent"


@pytest.mark.parametrize(
    "scope",
    [
        *("api://b/read", "api://b/.default", f"{B}/read", f"{B}/.default", "API://B/READ"),
        *("openid api://b/read", f"{B.upper()}/.default", "api://b//.default"),
    ],
)
async def test_no_spelling_of_a_scope_is_a_way_round(scope: str) -> None:
    """An API has several names, and one policy."""
    tenant = policed(await entra_tenant(), strict=STOCK_IS_STRONG)
    found = await no(tenant, posted(on_behalf(await token_a(tenant), scope=scope)))
    assert found[0] in ("second_factor_absent", "resource_absent")
    assert "access_token" not in found


async def test_several_resources_in_one_request_hide_none() -> None:
    """The code is for the first one; the policy of another that is asked for with it holds, too."""
    tenant = policed(await entra_tenant(), strict=rule(second_factor=True, apis=only(A)))
    await saved(tenant, entra.agreed(SPA, GRAPH, "User.Read"))
    visitor = Visitor(tenant)
    assert "code" in await visitor.arrives(scope=f"openid offline_access {ME}")
    answer = await visitor.authorize(scope=f"openid offline_access {ME} {entra.ENTER}")
    assert "/mfa?" in location(answer)


async def test_a_token_from_before_the_step_up_stays_what_it_was() -> None:
    """It remembers its own sign-in, not the newest one of the person."""
    tenant = policed(await entra_tenant(), strict=STOCK_IS_STRONG)
    visitor = Visitor(tenant)
    old = await redeemed(tenant, (await visitor.arrives())["code"])
    claims = json.dumps({"access_token": {"polids": {"essential": True, "values": [guid("strict")]}}})
    code = told(await proves(visitor, await visitor.authorize(claims=claims)))["code"]
    new = await redeemed(tenant, code)
    assert "access_token" in await entra.exchanged(tenant, str(new["access_token"]))
    assert (await no(tenant, posted(on_behalf(str(old["access_token"])))))[0] == "second_factor_needed"
    refresh = {"grant_type": "refresh_token", "client_id": SPA, "refresh_token": old["refresh_token"]}
    again = await entra.answered(tenant, posted(refresh, **WEB))
    assert (await no(tenant, posted(on_behalf(str(again["access_token"])))))[0] == "second_factor_needed"


async def test_no_claim_of_a_rule_says_how_somebody_signed_in() -> None:
    """What a token remembers is a name of ours, which a tenant's own claims cannot take."""
    assert all(names.is_reserved(name) for name in ("aio", "AIO", "amr", "acr", "auth_time", "acrs"))


async def test_the_other_door_is_held_too() -> None:
    """Token exchange and the word of an issuer elsewhere, in the server's own words."""
    tenant = await chain_tenant()
    old = await subject(tenant)
    await saved(tenant, issuer())
    strict = policed(tenant, one=STRONG)
    assert await why(exchanged(strict, old)) == "second_factor_absent"
    assert await why(vouched(strict, word(amr=["mfa"], acr="mfa", auth_time=4_000_000_000))) == (
        "second_factor_absent"
    )


@pytest.mark.parametrize("address", ["203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107", ""])
async def test_no_other_way_to_write_an_address(address: str) -> None:
    """An address of IPv4 in the clothes of IPv6 is refused like itself; and so is one that is not known."""
    tenant = policed(await entra_tenant(), one=rule(block=True, networks=only("203.0.113.0/24")))
    assert (await Visitor(tenant, address=address).arrives())["error"] == "access_denied"
    assert "code" in await Visitor(tenant, address="198.51.100.7").arrives()


async def test_outside_the_office_is_outside_in_either_family() -> None:
    """Who switches to IPv6 is not at the office, unless the office has that, too."""
    office = but("203.0.113.0/24", "2001:db8::/32")
    tenant = policed(await entra_tenant(), one=rule(block=True, networks=office))
    for address, is_in in (("2001:db8::1", True), ("2001:db9::1", False), ("::ffff:203.0.113.1", True)):
        assert ("code" in await Visitor(tenant, address=address).arrives()) is is_in


async def test_watching_one_weakens_no_other() -> None:
    """A policy that is only watched lets in nobody whom another keeps out."""
    watched = rule(block=True, second_factor=True, state="enabledForReportingButNotEnforced")
    tenant = policed(await people_tenant(), watched=watched, strict=STRONG)
    browser = Browser(tenant)
    answer = await browser.signs_in(await browser.authorize())
    assert "/mfa?" in location(answer)


async def test_naming_a_policy_excuses_from_no_other() -> None:
    """What a client names is demanded as well, never instead."""
    tenant = policed(await entra_tenant(), one=rule(block=True, apis=only(A)), other=rule(max_age=60))
    claims = {
        "polids": {"essential": True, "values": [guid("other")]},
        "acrs": {"essential": False, "value": "x"},
    }
    said = await Visitor(tenant).arrives(claims=json.dumps({"access_token": claims}))
    assert said["error"] == "access_denied"


@pytest.mark.parametrize("context", ["c99", "C1", "c1 c2", "*", "All", ""])
async def test_an_unknown_context_proves_nothing(context: str) -> None:
    """Whoever asks for one that nothing is for is given nothing for it; no policy counts it."""
    tenant = policed(
        await entra_tenant(),
        one=rule(contexts=("c1",), second_factor=True),
        b=rule(context="c99", apis=only(B)),
    )
    claims = json.dumps({"access_token": {"acrs": {"essential": True, "value": context}}})
    said = await Visitor(tenant).arrives(claims=claims)
    assert said.get("error", "none") == ("interaction_required" if context else "none")
    if not context:
        body = await redeemed(tenant, said["code"])
        assert "acrs" not in await entra.claims(tenant, body["access_token"])
        assert (await no(tenant, posted(on_behalf(str(body["access_token"])))))[0] == "context_needed"


@pytest.mark.parametrize(
    "terms",
    [STRONG, rule(max_age=60), rule(context="c9"), rule(second_factor=True, max_age=60), rule(block=True)],
)
async def test_no_step_up_goes_on_for_ever(terms: Any) -> None:
    """However long somebody takes at each page: each is shown once, and then no more."""
    clock = Clock()
    tenant = policed(await people_tenant(clock), one=terms)
    browser, pages = Browser(tenant), []
    answer = await browser.authorize()
    while "/cb" not in location(answer):
        pages.append(location(answer).partition("?")[0])
        answer = await (browser.signs_in(answer) if pages[-1].endswith("login") else proves(browser, answer))
        clock.now += 61
        if pages[-1].endswith("login"):
            answer = await browser.resumes(answer) if "/mfa" in location(answer) else answer
    assert len(pages) == len(set(pages))
    again = await browser.authorize(prompt="none")
    assert "/cb" in location(again)


async def test_a_stolen_session_is_as_weak_as_it_was() -> None:
    """Stepping up begins another session: a copy of the one from before has no second factor."""
    tenant = policed(await people_tenant(), one=STRONG)
    victim, thief = Browser(tenant), Browser(tenant)
    answer = await victim.signs_in(await victim.authorize())
    thief.cookies = {name: value for name, value in victim.cookies.items() if "flow" not in name}
    assert "code" in told(await proves(victim, answer))
    found = location(await thief.authorize())
    assert "code=" not in found


def test_these_tests_bite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without looking at addresses and demands every one of them would pass: the tables are what holds."""
    facts = Facts(user="aya", client="web", address="::ffff:203.0.113.7")
    terms = {"p": rule(block=True, networks=only("203.0.113.0/24"))}
    assert decide.decide(terms, facts).demands("block")
    monkeypatch.setattr(decide, "DEMANDS", ())
    assert not decide.decide(terms, facts).demands("block")
