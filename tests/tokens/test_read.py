"""Recognising our own tokens."""

import json

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.model.api import Api
from sekisho.model.step import Save
from sekisho.oauth.token import token
from sekisho.spec.refusal import Refused
from sekisho.tenant import Tenant
from tests.tenants import AUDIENCE, NOW, ORIGIN, Clock, asking, demo_directory, machine_tenant


async def minted(tenant: Tenant, dialect: str = "access_token") -> str:
    api = await tenant.known.named(Api, tenant.id, AUDIENCE)
    assert api is not None
    await tenant.change(Save(replace(api, dialect=dialect, signing_alg="ES256")))
    answer = await token(asking(), tenant)
    assert isinstance(answer.json, dict)
    return str(answer.json["access_token"])


@pytest.mark.parametrize("dialect", ["access_token", "rfc9068_profile", "opaque"])
async def test_a_token_reads_back_as_what_was_granted(dialect: str) -> None:
    """Whatever its dialect, a token of ours says who, for whom, what and until when."""
    tenant = await machine_tenant()
    bearer = await tokens.read(await minted(tenant, dialect), tenant)
    assert bearer.client_id == "machine"
    assert bearer.subject == "machine@clients"
    assert bearer.audience == (AUDIENCE,)
    assert bearer.scopes == ("read:things", "write:things")
    assert bearer.issuer == f"{ORIGIN}/"
    assert bearer.grant
    assert bearer.stands is (dialect == "opaque")
    assert (bearer.issued_at, bearer.expires_at) == (NOW, NOW + 86_400)


@pytest.mark.parametrize("dialect", ["access_token", "opaque"])
async def test_a_token_ends(dialect: str) -> None:
    """An expired token is refused, give or take the clocks of two machines. RFC 7519 section 4.1.4."""
    clock = Clock()
    tenant = await machine_tenant(clock)
    text = await minted(tenant, dialect)
    clock.now = NOW + 86_400 + 6
    with pytest.raises(Refused, match=r"token_(expired|invalid)"):
        await tokens.read(text, tenant)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "é", "x" * 20_000, "a" * 43, "..", "a.b.c"])
async def test_what_is_no_token_is_refused(text: str) -> None:
    """A text of any other shape is an invalid token and nothing else. RFC 6750 section 3.1."""
    tenant = await machine_tenant()
    with pytest.raises(Refused, match="token_invalid"):
        await tokens.read(text, tenant)


async def test_a_token_of_another_tenant_is_no_token() -> None:
    """A tenant recognises nobody's tokens but its own: class 33 of the attacks."""
    directory = await demo_directory(Clock())
    demo, acme = directory.named("demo"), directory.named("acme")
    assert demo is not None
    assert acme is not None
    signer = demo.keys.signer("tokens", "ES256")
    said = {
        "iss": f"{ORIGIN}/",
        "sub": "x",
        "aud": AUDIENCE,
        "iat": NOW,
        "exp": NOW + 9,
        "jti": "a.1",
        "scope": "",
        "azp": "x",
    }
    text = signer.sign(json.dumps(said).encode(), "at+jwt")
    assert (await tokens.read(text, demo)).client_id == "x"
    with pytest.raises(Refused, match="token_invalid"):
        await tokens.read(text, acme)


@pytest.mark.parametrize(
    ("change", "typ"),
    [
        ({"iss": "https://evil.example/"}, "at+jwt"),
        ({"iss": f"{ORIGIN}/t/acme/"}, "at+jwt"),
        ({"jti": None}, "at+jwt"),
        ({"scope": None}, "at+jwt"),
        ({"scope": ["a"]}, "at+jwt"),
        ({"azp": None}, "at+jwt"),
        ({"iat": None}, "at+jwt"),
        ({"aud": None}, "at+jwt"),
        ({"exp": None}, "at+jwt"),
        ({}, "logout+jwt"),
    ],
)
async def test_our_other_signatures_are_no_access_tokens(change: dict[str, object], typ: str) -> None:
    """What we sign for another purpose is not taken for an access token. RFC 8725 section 3.11, class 32."""
    tenant = await machine_tenant()
    said = {
        "iss": f"{ORIGIN}/",
        "sub": "x",
        "aud": AUDIENCE,
        "iat": NOW,
        "exp": NOW + 9,
        "jti": "a.1",
        "scope": "",
        "azp": "x",
    }
    said = {name: value for name, value in (said | change).items() if value is not None}
    text = tenant.keys.signer("tokens", "ES256").sign(json.dumps(said).encode(), typ)
    with pytest.raises(Refused, match="token_invalid"):
        await tokens.read(text, tenant)
