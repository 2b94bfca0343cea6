"""How a client proves itself."""

import base64
from typing import Any

import pytest

from sekisho.keys import secret
from sekisho.oauth.authenticate import authenticate
from sekisho.oauth.says import says
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import MISSING_PARAMETER, Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED
from tests.tenants import NOW, SECRET, Clock, ask, machine_tenant


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


async def test_basic() -> None:
    """Id and secret may come in the Authorization header, form-urlencoded. RFC 6749 section 2.3.1."""
    tenant = await machine_tenant(client_id="a b:c")
    found = await authenticate(ask(headers=basic(f"a+b%3Ac:{SECRET}")), tenant)
    assert found.client_id == "a b:c"


async def test_the_scheme_ignores_case() -> None:
    """The name of an authentication scheme has no case. RFC 9110 section 11.1."""
    tenant = await machine_tenant()
    headers = {"authorization": basic(f"machine:{SECRET}")["authorization"].replace("Basic", "bAsIc")}
    assert (await authenticate(ask(headers=headers), tenant)).client_id == "machine"


@pytest.mark.parametrize(
    "credentials",
    ["", "!!!", base64.b64encode(b"no colon").decode(), base64.b64encode(b"\xff:x").decode(), "bWFjaGluZQ"],
)
async def test_malformed_basic_is_a_failed_authentication(credentials: str) -> None:
    """Credentials that cannot be read are no credentials. RFC 6749 section 5.2, invalid_client."""
    tenant = await machine_tenant()
    with pytest.raises(Refused, match="client_auth_failed"):
        await authenticate(ask(headers={"authorization": f"Basic {credentials}"}), tenant)


async def test_only_one_method_per_request() -> None:
    """A client uses one authentication method per request. RFC 6749 section 2.3."""
    tenant = await machine_tenant()
    headers = basic(f"machine:{SECRET}")
    with pytest.raises(Refused, match="client_auth_ambiguous"):
        await authenticate(
            ask((("client_id", "machine"), ("client_secret", SECRET)), headers=headers), tenant
        )
    with pytest.raises(Refused, match="client_auth_ambiguous"):
        await authenticate(ask((("client_id", "other"),), headers=headers), tenant)
    assert await authenticate(ask((("client_id", "machine"),), headers=headers), tenant)


async def test_two_proofs_are_told_without_names() -> None:
    """The methods are told; a name that is no client's may be a secret in the wrong place, and is not."""
    tenant = await machine_tenant()
    headers = basic(f"machine:{SECRET}")
    for form, seen in (
        (
            (("client_id", "machine"), ("client_secret", SECRET)),
            ("token_endpoint_auth_method", "one method", "client_secret_basic client_secret_post"),
        ),
        ((("client_id", SECRET),), ("client_id", "the same name as in the proof", "another one")),
    ):
        with pytest.raises(Refused) as refused:
            await authenticate(ask(form, headers=headers), tenant)
        assert refused.value.seen == Contrast(*seen)
    with pytest.raises(Refused, match="client_auth_failed") as refused:
        await authenticate(ask(headers=basic(f"{SECRET}:machine")), tenant)
    assert refused.value.seen is None


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        (
            {"token_endpoint_auth_method": "private_key_jwt"},
            ("token_endpoint_auth_method", "private_key_jwt", "client_secret_post"),
        ),
        ({"enabled": False}, ("enabled", "true", "false")),
    ],
)
async def test_tells_what_the_application_is_registered_for(
    fields: dict[str, Any], seen: tuple[str, str, str]
) -> None:
    """The method that it used stands beside those that it has, and that it is switched off is told."""
    tenant = await machine_tenant(**fields)
    with pytest.raises(Refused) as refused:
        await authenticate(ask((("client_id", "machine"), ("client_secret", SECRET))), tenant)
    assert refused.value.seen == Contrast(*seen)


async def test_a_bearer_token_is_no_client_authentication() -> None:
    """An Authorization header of another scheme does not make a confidential client anonymous."""
    tenant = await machine_tenant()
    with pytest.raises(Refused, match="client_auth_missing"):
        await authenticate(ask((("client_id", "machine"),), headers={"authorization": "Bearer x"}), tenant)


async def test_the_query_is_no_place_for_secrets() -> None:
    """Credentials are never taken from the request URI. RFC 6749 section 2.3.1."""
    tenant = await machine_tenant()
    query = (("client_id", "machine"), ("client_secret", SECRET))
    with pytest.raises(Refused, match="client_auth_missing"):
        await authenticate(ask(query=query), tenant)


async def test_two_secrets_live_side_by_side() -> None:
    """While a secret is rotated, the old and the new one both work."""
    text, new = secret.make(NOW)
    tenant = await machine_tenant(secrets=(secret.remember(SECRET, NOW), new))
    for known in (SECRET, text):
        assert await authenticate(ask((("client_id", "machine"), ("client_secret", known))), tenant)


async def test_an_expired_secret_is_refused() -> None:
    """A secret is good until its expiry and not a second longer."""
    from msgspec.structs import replace

    clock = Clock()
    expiring = replace(secret.remember(SECRET, NOW), expires_at=NOW + 60)
    tenant = await machine_tenant(clock, secrets=(expiring,))
    asked = ask((("client_id", "machine"), ("client_secret", SECRET)))
    assert await authenticate(asked, tenant)
    clock.now = NOW + 60
    with pytest.raises(Refused, match="client_secret_expired"):
        await authenticate(asked, tenant)


def test_errors_are_worded_as_json() -> None:
    """An error is JSON: `error`, `error_description` in the allowed characters. RFC 6749 section 5.2."""
    refused = Refused(MISSING_PARAMETER, words={"name": 'a"\\\n<é>' + "x" * 500})
    answer = says(refused, ask())
    assert answer.status == 400
    assert isinstance(answer.json, dict)
    text = answer.json["error_description"]
    assert text.startswith("Missing required parameter: a???<?>")
    assert len(text) == 400


def test_the_challenge_comes_only_to_those_who_used_the_header() -> None:
    """A client that used the Authorization header is challenged in kind. RFC 6749 section 5.2."""
    refused = Refused(CLIENT_AUTH_FAILED)
    assert "www-authenticate" not in dict(says(refused, ask()).headers)
    assert dict(says(refused, ask(headers=basic("x:y"))).headers)["www-authenticate"].startswith("Basic ")
