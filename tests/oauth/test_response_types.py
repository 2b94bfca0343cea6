"""What comes back from the authorization endpoint itself (OpenID Connect Core 1.0 sections 3.2 and 3.3)."""

import json
from itertools import permutations
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sekisho import tokens
from sekisho.model.artifact import Code
from sekisho.model.granted import half_hash
from sekisho.oauth.response_modes import RESPONSE_MODES
from sekisho.pages.render import render
from sekisho.spec.authorization import RESPONSE_TYPES
from sekisho.spec.http import Answer
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, NOW, ORIGIN, Clock, ask
from tests.visitor import CALLBACK, Browser, location, people_tenant, redeemed, told

GRANTS = ("authorization_code", "implicit", "refresh_token")
FRONT = [each for each in RESPONSE_TYPES if each != "code"]
TOGETHER = {
    "code": {"code"},
    "token": {"access_token", "token_type", "expires_in", "scope"},
    "id_token": {"id_token"},
}


async def tenant_of(**fields: Any) -> Tenant:
    """A tenant whose client may have everything."""
    return await people_tenant(**{"grant_types": GRANTS, **fields})


async def answered(tenant: Tenant, response_type: str, **more: str | None) -> Answer:
    """The answer to somebody who signs in."""
    browser = Browser(tenant)
    asked: dict[str, str | None] = {"response_type": response_type, "audience": AUDIENCE, **more}
    return await browser.signs_in(await browser.authorize(**asked))


def checked(tenant: Tenant, text: str) -> dict[str, Any]:
    """What an ID token says, checked as a client would."""
    keys = KeySet.import_key_set(json.loads(tenant.keys.jwks("tokens")))
    return jwt.decode(text, keys, algorithms=["RS256"]).claims


@pytest.mark.parametrize("response_type", FRONT)
async def test_what_each_type_carries(response_type: str) -> None:
    """Just what its words say, in the fragment, with state and issuer; an ID token says what it came with."""
    tenant = await tenant_of()
    answer = await answered(tenant, response_type)
    assert location(answer).startswith(f"{CALLBACK}#")
    fragment = told(answer)
    words = response_type.split()
    assert set(fragment) == {"state", "iss"}.union(*(TOGETHER[word] for word in words))
    assert (fragment["state"], fragment["iss"]) == ("s-1", f"{ORIGIN}/")
    if "id_token" in words:
        claims = checked(tenant, fragment["id_token"])
        assert (claims["nonce"], claims["aud"], claims["sub"]) == ("n-1", "web", "auth0|aya")
        for name, other in (("at_hash", "access_token"), ("c_hash", "code")):
            assert claims.get(name) == (half_hash(fragment[other]) if other in fragment else None)
    if "token" in words:
        bearer = await tokens.live(fragment["access_token"], tenant)
        assert int(fragment["expires_in"]) == bearer.expires_at - bearer.issued_at
        assert (fragment["token_type"], bearer.subject) == ("Bearer", "auth0|aya")
        assert "refresh_token" not in fragment
    if "code" in words:
        body = await redeemed(tenant, fragment["code"])
        assert checked(tenant, str(body["id_token"]))["sub"] == "auth0|aya"


@pytest.mark.parametrize("words", list(permutations(("code", "id_token", "token"))), ids=" ".join)
async def test_words_come_in_any_order(words: tuple[str, ...]) -> None:
    """The order of the words means nothing. OAuth 2.0 Multiple Response Types section 1."""
    fragment = told(await answered(await tenant_of(), " ".join(words)))
    assert {"code", "id_token", "access_token"} <= fragment.keys()


async def test_a_code_that_is_used_twice_ends_what_came_with_it() -> None:
    """Everything of one answer is one grant. RFC 6749 section 4.1.2."""
    clock = Clock()
    tenant = await people_tenant(clock, grant_types=GRANTS)
    fragment = told(await answered(tenant, "code token"))
    await redeemed(tenant, fragment["code"])
    clock.now += 1
    with pytest.raises(Refused, match="code_invalid"):
        await redeemed(tenant, fragment["code"])
    assert await tokens.good(fragment["access_token"], tenant) is None


@pytest.mark.parametrize("response_type", FRONT)
async def test_an_error_comes_the_same_way(response_type: str) -> None:
    """What would have been in the fragment is refused there, or in the form that was asked for."""
    tenant = await tenant_of()
    silent = await Browser(tenant).authorize(response_type=response_type, prompt="none")
    assert location(silent).startswith(f"{CALLBACK}#error=login_required")
    asked_badly = await Browser(tenant).authorize(response_type=response_type, response_mode="query")
    assert location(asked_badly).startswith(f"{CALLBACK}#error=invalid_request")
    posted = await Browser(tenant).authorize(
        response_type=response_type, response_mode="form_post", prompt="none"
    )
    assert posted.page
    assert ("error", "login_required") in posted.page[1]["params"]  # type: ignore[operator]


@pytest.mark.parametrize("response_type", RESPONSE_TYPES)
async def test_an_answer_in_a_form(response_type: str) -> None:
    """A page posts it to the client, and to nobody else. OAuth 2.0 Form Post Response Mode section 2."""
    tenant = await tenant_of()
    answer = await answered(tenant, response_type, response_mode="form_post")
    page = render(answer, ask(root=ORIGIN), tenant)
    headers = dict(page.headers)
    assert "form-action 'self' https://app.example.com;" in headers["content-security-policy"]
    text = page.body.decode()
    assert f'action="{CALLBACK}"' in text
    assert 'name="state" value="s-1"' in text
    names = {"state", "iss"}.union(*(TOGETHER[word] for word in response_type.split()))
    assert all(f'name="{name}"' in text for name in names)
    assert not {name for name, _ in answer.headers} & {"location"}


async def test_what_a_page_shows_is_text() -> None:
    """A state cannot be markup where it is put into a form."""
    answer = await answered(
        await tenant_of(), "code", response_mode="form_post", state='"><script>x</script>'
    )
    text = render(answer, ask(root=ORIGIN), await tenant_of()).body.decode()
    assert "<script>x" not in text
    assert "&#34;&gt;&lt;script&gt;x" in text


async def test_a_client_has_to_be_registered_for_it() -> None:
    """Tokens in addresses are for clients with the grant `implicit`. RFC 6749 section 4.1.2.1."""
    tenant = await people_tenant()
    for response_type in FRONT:
        answer = await Browser(tenant).authorize(response_type=response_type)
        assert told(answer)["error"] == "unauthorized_client"


async def test_a_portal_gets_three_types() -> None:
    """A client of the kind `portal` has implicit and hybrid sign-in, and no plain code."""
    tenant = await tenant_of(app_type="portal")
    for response_type in RESPONSE_TYPES:
        answer = await Browser(tenant).authorize(response_type=response_type)
        is_taken = response_type in ("id_token", "id_token token", "code id_token")
        assert ("/login?" in location(answer)) is is_taken
        assert is_taken or told(answer)["error"] == "unsupported_response_type"


async def test_scopes_tell_where_nothing_else_does() -> None:
    """With an ID token alone, the claims of scopes are in it, whatever the client has. Section 5.4."""
    tenant = await tenant_of(scope_claims_in_id_token="only_without_access_token")
    alone = checked(tenant, told(await answered(tenant, "id_token"))["id_token"])
    assert alone["email"] == "aya@example.com"
    beside = checked(tenant, told(await answered(tenant, "id_token token"))["id_token"])
    assert "email" not in beside


async def test_an_answer_of_a_code_says_when() -> None:
    """Everything of an answer is born when it began to be read, and the code lives its minute."""
    tenant = await tenant_of()
    fragment = told(await answered(tenant, "code id_token token"))
    code = await tenant.store.get(Code, fragment["code"])
    assert isinstance(code, Code)
    assert (code.born, code.expires_at) == (NOW, NOW + tenant.policy.code_lifetime)


def test_every_mode_has_its_way() -> None:
    """What the rules allow can be delivered."""
    assert set(RESPONSE_MODES) == {"query", "fragment", "form_post", "web_message"}
