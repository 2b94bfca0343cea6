"""Codes and refresh tokens with scopes that name their resource, in Entra's words."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.api import Api, PreAuthorized
from sekisho.model.client import Client, RefreshTerms, ReplyUrl
from sekisho.model.consent import Consent
from sekisho.model.record import Record
from sekisho.model.step import Save
from sekisho.model.user import User
from sekisho.spec.entra.scope import GRAPH
from sekisho.spec.policy import Policy
from sekisho.tenant import Tenant
from tests.entra import (
    BOOKS,
    ENTER,
    LEDGER,
    ME,
    OLDER,
    PAGE,
    PHONE,
    SITE,
    SPA,
    STOCK,
    A,
    B,
    C,
    Visitor,
    agreed,
    answered,
    blocked,
    changed,
    claims,
    entra_tenant,
    exchanged,
    gone,
    no,
    posted,
    redeeming,
    signed_in,
    stock,
    token_a,
)
from tests.tenants import NOW, SECRET, TENANT, Clock
from tests.visitor import person

HOUR, DAY = 3_600, 86_400
EVERYTHING = "openid profile offline_access"
HERE = "https://spa.example.com"
# An application on a server: how it asks, and what it proves itself with.
SERVER: dict[str, str | None] = {
    "client_id": A,
    "redirect_uri": SITE,
    "scope": f"{EVERYTHING} {STOCK}",
    "code_challenge": None,
    "code_challenge_method": None,
}
PROOF: dict[str, str | None] = {"client_secret": SECRET}


async def code(tenant: Tenant, **more: str | None) -> str:
    """A code of a fresh sign-in."""
    return (await Visitor(tenant).arrives(**more))["code"]


def shown(text: str, /, **more: str | None) -> dict[str, str | None]:
    """What the application on a server sends with its code."""
    return redeeming(text, **{"client_id": A, "redirect_uri": SITE, "code_verifier": None, **PROOF, **more})


def again(refresh_token: object, **more: str | None) -> dict[str, str | None]:
    """What it sends with a refresh token."""
    form = {"grant_type": "refresh_token", "client_id": A, "refresh_token": str(refresh_token)}
    return {**form, **PROOF, **more}


async def family(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """The tokens of the application on a server."""
    text = await code(tenant, **{**SERVER, **more})
    return await answered(tenant, posted(shown(text)))


# --- what a code gives


async def test_a_code_gives_what_was_asked_for() -> None:
    """Tokens for the resource, who signed in, and what lasts, in the words of the request."""
    tenant = await entra_tenant()
    body = await family(tenant)
    assert body["scope"] == f"{STOCK} openid profile"
    said = await claims(tenant, body["access_token"])
    assert (said["aud"], said["azp"], said["azpacr"], said["scp"]) == (B, A, "1", "read")
    who = await claims(tenant, body["id_token"])
    assert (who["aud"], who["nonce"], who["tid"], who["oid"]) == (A, "n-1", TENANT, person().id)
    assert (who["ver"], who["name"], who["preferred_username"]) == ("2.0", "Aya", "aya@example.com")
    assert who["sub"] != said["sub"]
    assert "email" not in who


async def test_a_code_is_for_one_of_several_resources() -> None:
    """All of them are agreed to at once; the redemption names one, or it is the first."""
    tenant = await entra_tenant()
    asked = f"{EVERYTHING} {STOCK} {ME}"
    first = await answered(tenant, posted(shown(await code(tenant, **{**SERVER, "scope": asked}))))
    assert (await claims(tenant, first["access_token"]))["aud"] == B
    text = await code(tenant, **{**SERVER, "scope": asked})
    other = await answered(tenant, posted(shown(text, scope=ME)))
    assert (await claims(tenant, other["access_token"]))["aud"] == "https://graph.microsoft.com"
    # What lasts and who signed in were asked for before; nobody has to ask again.
    assert {"refresh_token", "id_token"} < set(other)
    assert other["scope"] == f"{ME} openid profile"
    text = await code(tenant, **{**SERVER, "scope": asked})
    assert (await no(tenant, posted(shown(text, scope=asked))))[:2] == ("resource_many", 28000)


async def test_nothing_but_the_person() -> None:
    """Without a resource the token is for Graph, if the tenant has it, and lets nobody do anything there."""
    tenant = await entra_tenant()
    body = await family(tenant, scope="openid")
    said = await claims(tenant, body["access_token"])
    assert (said["aud"], said["scp"]) == ("https://graph.microsoft.com", "")
    assert body["scope"] == "openid"
    await gone(tenant, Api, GRAPH)
    body = await family(tenant, scope="openid")
    assert "." not in body["access_token"]


async def test_no_more_than_the_person_was_asked() -> None:
    """A redemption cannot ask for who somebody is, or for what lasts, where the request did not."""
    tenant = await entra_tenant()
    text = await code(tenant, **{**SERVER, "scope": STOCK})
    body = await answered(tenant, posted(shown(text, scope=f"{EVERYTHING} {STOCK}")))
    assert body["scope"] == STOCK
    assert not {"refresh_token", "id_token"}.intersection(body)


async def test_a_code_is_used_once() -> None:
    """The second use takes back what the first one gave: code_invalid, AADSTS70000."""
    tenant = await entra_tenant()
    text = await code(tenant, **SERVER)
    body = await answered(tenant, posted(shown(text)))
    found = await no(tenant, posted(shown(text)))
    assert found[:3] == ("code_invalid", 70000, "invalid_grant")
    assert (await no(tenant, posted(again(body["refresh_token"]))))[0] == "refresh_invalid"


@pytest.mark.parametrize(
    ("more", "slug", "number"),
    [
        ({"client_id": C}, "code_invalid", 70000),
        ({"redirect_uri": f"{SITE}/"}, "code_redirect", 500112),
        ({"redirect_uri": None}, "code_redirect", 500112),
        ({"code_verifier": "w" * 43}, "code_verifier", 501481),
        ({"code": "nothing"}, "code_invalid", 70000),
        ({"code": None}, "missing_parameter", 900144),
        ({"scope": "api://b/write"}, "not_consented", 65001),
        ({"scope": "api://b/none"}, "resource_scope_unknown", 70011),
    ],
)
async def test_a_code_is_shown_as_it_was_asked_for(
    more: dict[str, str | None], slug: str, number: int
) -> None:
    """By the same application, for the same address, with the same verifier, for what was agreed to."""
    tenant = await entra_tenant()
    text = await code(tenant, **SERVER)
    assert (await no(tenant, posted(shown(text, **more))))[:2] == (slug, number)


async def test_a_person_may_be_gone_meanwhile() -> None:
    """Blocked or gone: a code that is still young gives nothing: grant_blocked, code_invalid."""
    tenant = await entra_tenant()
    text = await code(tenant, **SERVER)
    await blocked(tenant)
    assert (await no(tenant, posted(shown(text))))[:2] == ("grant_blocked", 50057)
    await gone(tenant, User, "auth0|aya")
    assert (await no(tenant, posted(shown(text))))[:2] == ("code_invalid", 70000)


# --- who redeems, by the type of the reply URL: contract section 9.3


@pytest.mark.parametrize(
    ("address", "origin", "secret", "has_challenge", "refusal"),
    [
        (SITE, None, True, False, ("", 0)),
        (SITE, None, True, True, ("", 0)),
        (SITE, HERE, True, True, ("origin_unfit", 9002326)),
        (SITE, None, False, True, ("proof_missing", 7000218)),
        (PAGE, HERE, False, True, ("", 0)),
        (PAGE, None, False, True, ("origin_missing", 9002327)),
        (PAGE, HERE, True, True, ("proof_unfit", 700025)),
        (PHONE, None, False, True, ("", 0)),
        (PHONE, HERE, False, True, ("origin_unfit", 9002326)),
        (PHONE, None, True, True, ("proof_unfit", 700025)),
    ],
)
async def test_is_redeemed_by_whose_address_it_went_to(
    address: str, origin: str | None, secret: bool, has_challenge: bool, refusal: tuple[str, int]
) -> None:
    """One application may have addresses of each type, and each is redeemed in its own way."""
    tenant = await entra_tenant()
    urls = (ReplyUrl(SITE), ReplyUrl(PAGE, "spa"), ReplyUrl(PHONE, "public"))
    await changed(tenant, Client, A, reply_urls=urls)
    more = {} if has_challenge else {"code_challenge": None, "code_challenge_method": None}
    text = await code(tenant, client_id=A, redirect_uri=address, scope=f"{EVERYTHING} {STOCK}", **more)
    form = redeeming(text, client_id=A, redirect_uri=address, client_secret=SECRET if secret else None)
    form |= {} if has_challenge else {"code_verifier": None}
    here = posted(form, **({"origin": origin} if origin else {}))
    if refusal[0]:
        assert (await no(tenant, here))[:2] == refusal
    else:
        body = await answered(tenant, here)
        assert (await claims(tenant, body["access_token"]))["azpacr"] == ("1" if secret else "0")


async def test_pages_and_programs_bring_a_challenge() -> None:
    """Who has no secret proves by PKCE that a code is their own: challenge_missing, AADSTS50147."""
    tenant = await entra_tenant()
    for address in (PAGE, PHONE):
        answer = await Visitor(tenant).arrives(
            redirect_uri=address, code_challenge=None, code_challenge_method=None
        )
        assert answer["error"] == "invalid_request"
        assert answer["error_description"].startswith("AADSTS50147: ")


async def test_an_address_may_lose_its_type_meanwhile() -> None:
    """Where the address is not registered any more, its code is nobody's: redirect_mismatch."""
    tenant = await entra_tenant()
    text = await code(tenant, **SERVER)
    await changed(tenant, Client, A, reply_urls=(ReplyUrl(PAGE, "spa"),))
    assert (await no(tenant, posted(shown(text))))[:2] == ("redirect_mismatch", 50011)


# --- refresh tokens


async def test_a_refresh_token_is_for_every_resource() -> None:
    """It stands for person and application: any resource that was agreed to, the first one that is named."""
    tenant = await entra_tenant()
    body = await family(tenant)
    same = await answered(tenant, posted(again(body["refresh_token"])))
    assert (await claims(tenant, same["access_token"]))["aud"] == B
    assert same["scope"] == f"{STOCK} openid profile"
    other = await answered(tenant, posted(again(same["refresh_token"], scope=f"{ME} {STOCK}")))
    assert other["scope"] == f"{ME} openid profile"
    assert (await claims(tenant, other["access_token"]))["scp"] == "User.Read"
    assert {"refresh_token", "id_token"} < set(other)
    books = await answered(tenant, posted(again(other["refresh_token"], resource=BOOKS), OLDER))
    assert (await claims(tenant, books["access_token"]))["aud"] == BOOKS
    assert books["scope"] == "openid profile post"


async def test_scopes_of_the_same_name_are_told_apart() -> None:
    """Of two resources with a scope of one name, the answer names that of the token."""
    tenant = await entra_tenant()
    await tenant.change(Save(agreed(A, C, "read")))
    body = await family(tenant)
    both = await answered(tenant, posted(again(body["refresh_token"], scope=f"{STOCK} api://c/read")))
    assert (await claims(tenant, both["access_token"]))["aud"] == B
    assert both["scope"] == f"{STOCK} openid profile"


async def test_widens_nothing_that_the_person_was_not_asked() -> None:
    """What somebody is called was not asked for, so no refresh tells it."""
    tenant = await entra_tenant()
    body = await family(tenant, scope=f"offline_access {STOCK}")
    more = await answered(tenant, posted(again(body["refresh_token"], scope=f"openid email {STOCK}")))
    assert "id_token" not in more
    assert more["scope"] == STOCK


# What a refresh token depends on, and what it is changed to; None where it is gone.
OFF = tuple(replace(each, enabled=False) for each in stock().scopes)
TAKEN_BACK: dict[str, tuple[type[Record], str, dict[str, Any] | None]] = {
    "person_blocked": (User, "auth0|aya", {"blocked": True}),
    "person_gone": (User, "auth0|aya", None),
    "client": (Client, A, {"enabled": False}),
    "secret": (Client, A, {"secrets": ()}),
    "own_consent": (Consent, f"auth0|aya {A} {B}", None),
    "everybodys_consent": (Consent, f"* {A} {LEDGER}", None),
    "scope": (Api, B, {"scopes": OFF}),
    "pre_authorization": (Api, B, {"pre_authorized": ()}),
    "assignment": (Api, B, {"assignment_required": True}),
    "resource": (Api, B, None),
}


@pytest.mark.parametrize(
    ("what", "scope", "slug", "number"),
    [
        ("person_blocked", STOCK, "grant_blocked", 50057),
        ("person_gone", STOCK, "refresh_invalid", 70000),
        ("client", STOCK, "client_disabled", 7000112),
        ("secret", STOCK, "client_auth_failed", 7000215),
        ("own_consent", STOCK, "not_consented", 65001),
        ("everybodys_consent", f"{BOOKS}/post", "not_consented", 65001),
        ("scope", STOCK, "resource_scope_unknown", 70011),
        ("pre_authorization", "api://b/write", "not_consented", 65001),
        ("assignment", STOCK, "not_assigned", 50105),
        ("resource", STOCK, "resource_absent", 500011),
    ],
)
@pytest.mark.parametrize("way", ["code", "behalf"])
async def test_everything_is_asked_for_again(what: str, scope: str, slug: str, number: int, way: str) -> None:
    """Person, application, consent, resource: what was taken back is missing at the next refresh."""
    tenant = await entra_tenant()
    said = (PreAuthorized(client=A, scopes=("id-write",)),)
    await changed(tenant, Api, B, pre_authorized=said)
    if way == "code":
        body = await family(tenant)
    else:
        body = await exchanged(tenant, await token_a(tenant), scope=f"{EVERYTHING} {STOCK}")
    good = await answered(tenant, posted(again(body["refresh_token"], scope=scope)))
    kind, name, fields = TAKEN_BACK[what]
    await (gone(tenant, kind, name) if fields is None else changed(tenant, kind, name, **fields))
    assert (await no(tenant, posted(again(good["refresh_token"], scope=scope))))[:2] == (slug, number)


async def test_a_refresh_token_is_its_applications() -> None:
    """Another application's secret opens nothing, and no secret neither: refresh_invalid, proof_missing."""
    tenant = await entra_tenant()
    body = await family(tenant)
    text = body["refresh_token"]
    assert (await no(tenant, posted(again(text, client_id=C))))[:2] == ("refresh_invalid", 70000)
    assert (await no(tenant, posted(again(text, client_secret=None))))[:2] == ("proof_missing", 7000218)
    assert (await no(tenant, posted(again(text), origin=HERE)))[:2] == ("origin_unfit", 9002326)


async def test_a_page_stays_for_a_day_at_most() -> None:
    """However often it is used, what a page was given ends after 24 hours. Contract section 4.4."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    body = await signed_in(tenant)
    form = again(body["refresh_token"], client_id=SPA, client_secret=None)
    assert (await no(tenant, posted(form)))[:2] == ("origin_missing", 9002327)
    for _ in range(23):
        clock.now += HOUR
        body = await answered(tenant, posted({**form, "refresh_token": body["refresh_token"]}, origin=HERE))
    clock.now += HOUR
    late = posted({**form, "refresh_token": body["refresh_token"]}, origin=HERE)
    assert (await no(tenant, late))[0] == "refresh_invalid"


async def test_a_day_is_no_more_than_the_tenant_allows() -> None:
    """Where a tenant allows less than a day, pages have less, too."""
    clock = Clock()
    tenant = await entra_tenant(clock, Policy(refresh_lifetime=2 * HOUR, refresh_idle_lifetime=0))
    body = await signed_in(tenant)
    form = again(body["refresh_token"], client_id=SPA, client_secret=None)
    clock.now += HOUR
    body = await answered(tenant, posted(form, origin=HERE))
    clock.now += HOUR
    late = posted({**form, "refresh_token": body["refresh_token"]}, origin=HERE)
    assert (await no(tenant, late))[0] == "refresh_invalid"
    tenant = await entra_tenant(clock, Policy(refresh_lifetime=0, refresh_idle_lifetime=0))
    body = await signed_in(tenant)
    clock.now += DAY
    late = posted({**form, "refresh_token": body["refresh_token"]}, origin=HERE)
    assert (await no(tenant, late))[0] == "refresh_invalid"


async def test_a_program_stays_longer() -> None:
    """What was given by way of an installed application's address has no such end, and needs no page."""
    clock = Clock()
    tenant = await entra_tenant(clock)
    text = await code(tenant, redirect_uri=PHONE)
    body = await answered(tenant, posted(redeeming(text, redirect_uri=PHONE)))
    clock.now = NOW + 10 * DAY
    form = again(body["refresh_token"], client_id=SPA, client_secret=None)
    assert (await answered(tenant, posted(form)))["scope"] == f"{ENTER} openid profile"


async def test_a_refresh_token_that_stays_the_same() -> None:
    """Where an application's refresh tokens do not rotate, each answer has it again."""
    tenant = await entra_tenant()
    await changed(tenant, Client, A, refresh=RefreshTerms(rotates=False))
    body = await family(tenant)
    for _ in range(2):
        more = await answered(tenant, posted(again(body["refresh_token"])))
        assert more["refresh_token"] == body["refresh_token"]


@pytest.mark.parametrize(
    "more", [{"grant_types": ("authorization_code",)}, {"policy": ("authorization_code",)}]
)
async def test_what_lasts_takes_application_and_tenant(more: dict[str, tuple[str, ...]]) -> None:
    """Where refreshing is not allowed, offline_access falls away, and nobody is asked about it."""
    policy = Policy(grant_types=more["policy"]) if "policy" in more else None
    tenant = await entra_tenant(policy=policy)
    if policy is None:
        await changed(tenant, Client, A, grant_types=more["grant_types"])
    assert "refresh_token" not in await family(tenant)
