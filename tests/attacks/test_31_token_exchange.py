"""Class 31: a token, or the word of an issuer, is exchanged for more than anybody agreed to.

With it, for these two grants: 19 (scopes), 20 (grants), 32 (kinds of tokens), 33 (tenants), 34 (who is gone).
"""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.keys.ring import Keys
from sekisho.model.api import USERINFO
from sekisho.model.step import Erase
from sekisho.model.tenant import TenantRecord
from sekisho.oauth.delegation import agreed, subject
from sekisho.oauth.exchange import target
from sekisho.oauth.grants import jwt_bearer, token_exchange
from sekisho.spec.exchange import chain, grant_assertion
from sekisho.spec.policy import EXCHANGES, Policy
from sekisho.tenant import Tenant
from tests.exchanges import (
    STOCK,
    chain_tenant,
    consent,
    exchanged,
    issuer,
    orders,
    saved,
    stock,
    vouched,
    why,
    word,
)
from tests.exchanges import subject as subject_token
from tests.oauth.test_client_assertion import jwk
from tests.servers import claims_of
from tests.tenants import AUDIENCE, NOW, ORIGIN, SECRET, TENANT, Clock, signing_keys
from tests.visitor import Browser, decided, person_changed, redeemed, tokens_of

OTHER = TENANT.replace("1", "2")


async def trusting(clock: Clock | None = None, **fields: Any) -> Tenant:
    """A tenant where both ways to exchange something are open."""
    tenant = await chain_tenant(clock, **fields)
    await saved(tenant, issuer())
    return tenant


async def by_token(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """A token of the person, exchanged."""
    return await exchanged(tenant, await subject_token(tenant), **more)


async def by_word(tenant: Tenant, **more: str | None) -> dict[str, Any]:
    """The word of the issuer, exchanged."""
    return await vouched(tenant, word(), **more)


BOTH = pytest.mark.parametrize("act", [by_token, by_word])


@BOTH
@pytest.mark.parametrize(
    "scope",
    [
        "write:stock",
        "read:stock write:stock",
        "*",
        "READ:STOCK",
        "read:things",
        "openid profile offline_access",
    ],
)
async def test_no_scope_is_gained(act: Any, scope: str) -> None:
    """Class 19: nothing is granted beyond what the person agreed to for this client at this API."""
    tenant = await trusting()
    if "read:stock" in scope.split():
        assert (await act(tenant, scope=scope))["scope"] == "read:stock"
    else:
        assert await why(act(tenant, scope=scope)) == "not_consented"


@BOTH
async def test_no_api_is_gained(act: Any) -> None:
    """Class 31: neither the management API nor /userinfo, nor an API that nobody agreed to."""
    tenant = await trusting()
    for name in (USERINFO, "urn:sekisho:management", f"{ORIGIN}/api/v2/", f"{ORIGIN}/userinfo"):
        assert await why(act(tenant, audience=name)) == "audience_unknown"
    await saved(tenant, stock(id="c" * 24, identifiers=("https://third.example",)))
    assert await why(act(tenant, audience="https://third.example")) == "not_consented"


@BOTH
async def test_nothing_lasts(act: Any) -> None:
    """Class 31: no refresh token, no ID token, whatever is asked for."""
    tenant = await trusting()
    body = await act(tenant, scope="read:stock openid offline_access")
    assert not {"refresh_token", "id_token"} & body.keys()


@BOTH
async def test_who_may_ask(act: Any) -> None:
    """Class 20: the tenant allows the grant, the client is registered for it and proves itself."""
    tenant = await trusting()
    assert await why(act(tenant, client_secret="wrong")) == "client_auth_failed"
    await saved(tenant, orders(version=1, grant_types=("client_credentials",)))
    assert await why(act(tenant)) == "grant_type_not_allowed"
    await saved(tenant, orders(version=2, enabled=False))
    assert await why(act(tenant)) == "client_disabled"
    await saved(tenant, orders(version=3))
    fewer = tuple(each for each in Policy().grant_types if each not in EXCHANGES)
    assert await why(act(await decided(tenant, Policy(grant_types=fewer)))) == "grant_type_unknown"


async def test_who_is_gone() -> None:
    """Class 34: nobody acts for a person who is blocked, by a scope that ended, or after an agreement did."""
    tenant = await trusting()
    text = await subject_token(tenant)

    async def both() -> set[str]:
        return {await why(exchanged(tenant, text)), await why(vouched(tenant, word()))}

    await person_changed(tenant, blocked=True)
    assert await both() == {"grant_blocked"}
    await person_changed(tenant, blocked=False)
    gone = tuple(replace(each, enabled=False) for each in stock().scopes)
    await saved(tenant, stock(version=1, scopes=gone))
    assert await both() == {"not_consented"}
    await saved(tenant, stock(version=2))
    assert await tenant.change(Erase(replace(consent(), version=1))) is None
    assert await both() == {"not_consented"}


async def test_no_other_kind_of_token_is_a_subject() -> None:
    """Class 32: ID token, code, refresh token, client's own word, an issuer's word are no access tokens."""
    tenant = await trusting()
    body = await tokens_of(tenant, scope="openid offline_access read:things", audience=AUDIENCE)
    code = await Browser(tenant).code(scope="read:things", audience=AUDIENCE)
    for text in (body["id_token"], body["refresh_token"], code, word(), SECRET):
        refusal = await why(exchanged(tenant, str(text)))
        assert refusal in {"subject_id_token", "subject_untrusted", "subject_malformed"}
    # Nothing was used up by trying.
    assert await redeemed(tenant, code)


async def test_no_token_of_ours_is_a_word() -> None:
    """Class 32: access tokens and ID tokens of ours vouch for nobody, nor for a client."""
    tenant = await trusting()
    body = await tokens_of(tenant, scope="openid read:things", audience=AUDIENCE)
    for name in ("access_token", "id_token"):
        assert await why(vouched(tenant, str(body[name]))) in {"issuer_untrusted", "subject_malformed"}


async def test_tokens_stay_within_their_tenant() -> None:
    """Class 33: a token that another tenant signed, or that names it, is nothing here."""
    tenant = await trusting()
    text = await subject_token(tenant)
    signer = signer_of_another(tenant)
    claims = claims_of(text)
    foreign = signer.sign(json.dumps(claims).encode(), "JWT")
    assert await why(exchanged(tenant, foreign)) == "subject_untrusted"
    other = claims | {"iss": f"{ORIGIN}/t/acme/"}
    ours = tenant.keys.signer("tokens", "RS256").sign(json.dumps(other).encode(), "JWT")
    assert await why(exchanged(tenant, ours)) == "subject_untrusted"
    record = await tenant.store.record(TenantRecord, OTHER, OTHER)
    assert record
    assert await why(vouched(tenant, word(aud=f"{ORIGIN}/t/acme/"))) == "subject_audience"


def signer_of_another(tenant: Tenant) -> Any:
    """The signer of the other tenant."""
    return Keys.of(signing_keys(OTHER, "acme"), tenant.tools.sealer).signer("tokens", "RS256")


async def test_a_stolen_token_is_good_for_its_api_alone() -> None:
    """Class 31: another confidential client that got hold of a token exchanges nothing."""
    tenant = await trusting()
    thief = orders(
        id="88888888-8888-4888-8888-888888888888",
        client_id="thief",
        resource_server_identifier="https://thief.example",
    )
    await saved(tenant, thief, consent("thief"))
    text = await subject_token(tenant)
    assert await why(exchanged(tenant, text, client_id="thief")) == "subject_audience"
    # Nor does the first application get behind the API by its own token.
    await saved(tenant, consent("web"))
    assert await why(exchanged(tenant, text, client_id="web")) == "grant_type_not_allowed"


async def test_a_circle_comes_to_an_end() -> None:
    """Two APIs that call each other for ever: the chain is bounded, and so is its time (recursion)."""
    clock = Clock()
    tenant = await trusting(clock)
    second = orders(
        id="77777777-7777-4777-8777-777777777777", client_id="stock", resource_server_identifier=STOCK
    )
    await saved(tenant, second, consent("stock", api=AUDIENCE, scopes=("read:things",)))
    text = await subject_token(tenant)
    end = claims_of(text)["exp"]
    for turn in range(Policy().exchange_depth):
        clock.now += 60
        more = {"client_id": "stock", "audience": AUDIENCE} if turn % 2 else {}
        text = (await exchanged(tenant, text, **more))["access_token"]
        assert claims_of(text)["exp"] == end
    more = {"client_id": "stock", "audience": AUDIENCE}
    assert await why(exchanged(tenant, text, **more)) == "exchange_deep"


async def test_impersonation_gains_no_time() -> None:
    """A client that names nobody cannot go on for ever, either: the end of the first token stays."""
    clock = Clock()
    tenant = await trusting(clock, exchange="impersonation")
    first = await subject_token(tenant)
    text = (await exchanged(tenant, first))["access_token"]
    await saved(tenant, orders(version=1, exchange="impersonation", resource_server_identifier=STOCK))
    clock.now += 3_600
    again = (await exchanged(tenant, text))["access_token"]
    assert claims_of(again)["exp"] == claims_of(first)["exp"]


async def test_a_disabled_issuer_is_nobody() -> None:
    """Class 31: an issuer that was switched off, or whose keys were replaced, vouches for nobody any more."""
    tenant = await trusting()
    await saved(tenant, issuer(version=1, jwks=(jwk("rsa-other"),)))
    assert await why(by_word(tenant)) == "subject_untrusted"
    await saved(tenant, issuer(version=2, enabled=False))
    assert await why(by_word(tenant)) == "issuer_untrusted"


async def everything(*_: Any) -> frozenset[str]:
    """Consent as it would be if nobody looked for it."""
    return frozenset(("read:stock", "write:stock"))


async def anyone(*_: Any) -> None:
    """A check as it would be if nobody made it."""


def nothing(*_: Any, **__: Any) -> None:
    """A rule as it would be if it held always."""


async def test_the_guards_are_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """With each guard taken away by itself, its attack succeeds."""
    tenant = await trusting()
    text = await subject_token(tenant)
    with monkeypatch.context() as mutant:
        mutant.setattr(agreed, "effective", everything)
        assert (await exchanged(tenant, text))["scope"] == "read:stock write:stock"
    with monkeypatch.context() as mutant:
        mutant.setattr(subject, "_is_for", anyone)
        await saved(tenant, orders(version=1, resource_server_identifier="https://thief.example"))
        assert await exchanged(tenant, text)
    await saved(tenant, orders(version=2, exchange="none"))
    with monkeypatch.context() as mutant:
        mutant.setattr(token_exchange, "exchange_is_allowed", nothing)
        assert await exchanged(tenant, text)
    await saved(tenant, orders(version=3))
    with monkeypatch.context() as mutant:
        mutant.setattr(chain, "is_short", nothing)
        strict = await decided(tenant, Policy(exchange_depth=0))
        assert await exchanged(strict, text)
    with monkeypatch.context() as mutant:
        mutant.setattr(target, "client_proves_itself", nothing)
        await saved(tenant, orders(version=4, token_endpoint_auth_method="none", secrets=()))
        assert await exchanged(tenant, text, client_secret=None)


async def test_the_guards_of_assertions_are_what_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for the word of an issuer."""
    tenant = await trusting()
    with monkeypatch.context() as mutant:
        mutant.setattr(jwt_bearer, "_is_signed", nothing)
        assert await vouched(tenant, word(name="rsa-other", jti="a"))
    with monkeypatch.context() as mutant:
        mutant.setattr(grant_assertion, "CLAIMS", ())
        assert await vouched(tenant, word(aud="https://other.example/", exp=NOW + 9_999, jti="b"))
    with monkeypatch.context() as mutant:
        mutant.setattr(jwt_bearer, "_is_new", anyone)
        for _ in range(2):
            assert await vouched(tenant, word(jti="c"))
