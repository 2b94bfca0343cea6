"""Installations ask for tokens: what they are given, and how everything ends with what it came from."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho import tokens
from sekisho.model.api import PROTECTED, Api
from sekisho.model.client import Client
from sekisho.model.registered_application import RegisteredApplication
from sekisho.model.software_statement import SoftwareStatement
from sekisho.model.step import Erase, Save
from sekisho.oauth import token as oauth_token
from sekisho.oauth.installations.admit import admit
from sekisho.oauth.register import Registered
from sekisho.registry import clients, registered_applications
from sekisho.registry.client_secrets import RotationFields
from sekisho.spec.contrast import Contrast
from sekisho.spec.refusal import Reason, Refused
from sekisho.spec.refusals.protocol import CLIENT_AUTH_FAILED, CLIENT_DISABLED
from sekisho.spec.refusals.registration import (
    REGISTRATION_ENDED,
    TOKEN_CHANNEL,
    TOKEN_CLIENT_GONE,
    TOKEN_SECRET_REPLACED,
    TOKEN_STATEMENT_ENDED,
)
from sekisho.tokens import standing
from tests.registered import ACTOR
from tests.servers import claims_of
from tests.software import SCOPE, Software, credentials, pairs, software, software_in
from tests.tenants import AUDIENCE, NOW, ORIGIN, ask, asking, machine_tenant


@pytest.fixture
async def tv() -> Software:
    return await software()


async def refusal_of_token(tv: Software, installation: Registered) -> Reason:
    """Why the installation gets no token."""
    with pytest.raises(Refused) as refused:
        await tv.token_of(installation)
    return refused.value.reason


async def refusal_at_gate(tv: Software, token: str, channel: str = "news") -> Reason:
    """Why the token does not come in."""
    with pytest.raises(Refused) as refused:
        await admit(token, SCOPE, channel, tv.tenant)
    return refused.value.reason


async def test_an_installation_gets_what_its_application_may(tv: Software) -> None:
    """All scopes of the application, for the one API that installations are for, as the vendor words them."""
    many = await software_in(tv.directory, tv.clock, scopes=["config:client", "tokens:client"])
    made = await many.install()
    body = await many.token_of(made, scope="config:client tokens:client")
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 86_400)
    claims = claims_of(str(body["access_token"]))
    client_id, id = made.made.client.client_id, str(claims["jti"])
    assert claims == {
        "iss": f"{ORIGIN}/",
        "sub": client_id,
        "aud": PROTECTED,
        "nbf": int(NOW),
        "iat": int(NOW),
        "exp": int(NOW) + 86_400,
        "jti": id,
        "client_id": client_id,
        "generation": 1,
        "scope": "config:client tokens:client",
        "scopes": "config:client,tokens:client",
    }


async def test_an_installation_asks_for_no_other_api(tv: Software) -> None:
    """Whatever audience an installation names, its token is for the API of installations."""
    made = await tv.install()
    for audience in ("https://api.example.com", "urn:sekisho:management", f"{ORIGIN}/api/v2/"):
        body = await tv.token_of(made, audience=audience)
        assert claims_of(str(body["access_token"]))["aud"] == PROTECTED


async def test_the_lifetime_is_that_of_the_api(tv: Software) -> None:
    """How long tokens are good is a setting, and clients are told."""
    api = await tv.tenant.known.named(Api, tv.tenant.id, PROTECTED)
    assert api
    assert await tv.tenant.change(Save(replace(api, token_lifetime=21_600))) is None
    body = await tv.token_of(await tv.install())
    claims = claims_of(str(body["access_token"]))
    assert body["expires_in"] == claims["exp"] - claims["iat"] == 21_600


async def test_a_new_token_ends_no_other(tv: Software) -> None:
    """An installation may have as many tokens as it likes."""
    made = await tv.install()
    first, second = [str((await tv.token_of(made))["access_token"]) for _ in range(2)]
    for token in (first, second):
        assert (await admit(token, SCOPE, "news", tv.tenant)).client == made.made.client


async def test_a_use_is_noted(tv: Software) -> None:
    """When an installation was last given a token is known, so that idle ones can be found."""
    made = await tv.install()
    await tv.token_of(made)
    await tv.tenant.tools.uses.flush()
    client_id = made.made.client.client_id
    assert await tv.tenant.store.last_used(tv.tenant.id, [client_id]) == {client_id: NOW}


async def test_another_secret_is_wrong(tv: Software) -> None:
    """The secret of one installation is of no use to the next."""
    one, other = await tv.install(), await tv.install()
    stolen = {**credentials(one), "client_secret": str(other.made.secret)}
    with pytest.raises(Refused) as refused:
        await oauth_token.token(ask(pairs(stolen)), tv.tenant)
    assert refused.value.reason is CLIENT_AUTH_FAILED


async def application_revoked(tv: Software, _made: Registered) -> None:
    await registered_applications.revoke(tv.tenant, tv.application.id, ACTOR)


async def statement_revoked(tv: Software, _made: Registered) -> None:
    await registered_applications.revoke_statement(tv.tenant, tv.application.id, tv.statement.id, ACTOR)


async def application_gone(tv: Software, _made: Registered) -> None:
    await erased(tv, RegisteredApplication, tv.application.id)


async def statement_gone(tv: Software, _made: Registered) -> None:
    await erased(tv, SoftwareStatement, tv.statement.id)


async def client_deleted(tv: Software, made: Registered) -> None:
    await clients.delete(tv.tenant, made.made.client.client_id, ACTOR)


async def client_disabled(tv: Software, made: Registered) -> None:
    found = await tv.tenant.store.record(Client, tv.tenant.id, made.made.client.id)
    assert found
    assert await tv.tenant.change(Save(replace(found, enabled=False))) is None


async def secret_replaced(tv: Software, made: Registered) -> None:
    await clients.rotate_secret(tv.tenant, made.made.client.client_id, RotationFields(), ACTOR)


async def erased(tv: Software, kind: type[Any], id: str) -> None:
    found = await tv.tenant.store.record(kind, tv.tenant.id, id)
    assert found
    assert await tv.tenant.change(Erase(found)) is None


End = Callable[[Software, Registered], Awaitable[None]]
# What ends, what a token endpoint says to it, what the gate does with a token from before.
ENDS: list[tuple[End, Reason, Reason]] = [
    (application_revoked, REGISTRATION_ENDED, TOKEN_STATEMENT_ENDED),
    (statement_revoked, REGISTRATION_ENDED, TOKEN_STATEMENT_ENDED),
    (application_gone, REGISTRATION_ENDED, TOKEN_STATEMENT_ENDED),
    (statement_gone, REGISTRATION_ENDED, TOKEN_STATEMENT_ENDED),
    (client_deleted, CLIENT_AUTH_FAILED, TOKEN_CLIENT_GONE),
    (client_disabled, CLIENT_DISABLED, TOKEN_CLIENT_GONE),
    (secret_replaced, CLIENT_AUTH_FAILED, TOKEN_SECRET_REPLACED),
]


@pytest.mark.parametrize(("end", "asking", "entering"), ENDS, ids=lambda each: getattr(each, "__name__", ""))
async def test_everything_ends_with_what_it_came_from(
    tv: Software, end: End, asking: Reason, entering: Reason
) -> None:
    """No new token, and none that has not expired, outlives client, secret, statement and application."""
    made = await tv.install()
    token = str((await tv.token_of(made))["access_token"])
    await admit(token, SCOPE, "news", tv.tenant)
    await end(tv, made)
    assert await refusal_of_token(tv, made) is asking
    assert await refusal_at_gate(tv, token) is entering
    assert await tokens.good(token, tv.tenant) is None


async def test_one_statement_ends_for_its_own_installations(tv: Software) -> None:
    """Installations that came by another statement of the application go on."""
    _, text = await tv.give()
    early, late = await tv.install(), await tv.install(text)
    await statement_revoked(tv, early)
    assert await refusal_of_token(tv, early) is REGISTRATION_ENDED
    assert (await tv.token_of(late))["access_token"]
    assert late.made.client.registration
    found = await standing.application_of(late.made.client.registration, tv.tenant)
    assert found
    assert found.id == tv.application.id


async def test_a_wrong_secret_learns_nothing_of_the_statement(tv: Software) -> None:
    """Only who proved to be the client is told, and on the wire not even that, that its software ended."""
    made = await tv.install()
    await application_revoked(tv, made)
    guess = {**credentials(made), "client_secret": "guess"}
    with pytest.raises(Refused) as refused:
        await oauth_token.token(ask(pairs(guess)), tv.tenant)
    assert refused.value.reason is CLIENT_AUTH_FAILED
    assert CLIENT_AUTH_FAILED.text == REGISTRATION_ENDED.text


async def test_a_service_provider_that_the_application_is_not_for(tv: Software) -> None:
    """A token opens the channels of its application and no others; with every channel it opens all."""
    token = str((await tv.token_of(await tv.install()))["access_token"])
    for channel in ("News", "new", "sports", "*"):
        assert await refusal_at_gate(tv, token, channel) is TOKEN_CHANNEL
    with pytest.raises(Refused) as refused:
        await admit(token, SCOPE, "sports", tv.tenant)
    assert refused.value.seen == Contrast("service_provider", "news", "sports")
    every = await software_in(tv.directory, tv.clock, channels=["*"])
    token = str((await every.token_of(await every.install()))["access_token"])
    await admit(token, SCOPE, "sports", tv.tenant)


async def test_a_scope_or_an_api_that_the_token_is_not_for_is_told(tv: Software) -> None:
    """What the gate asks for stands beside what the token has."""
    token = str((await tv.token_of(await tv.install()))["access_token"])
    with pytest.raises(Refused, match="scope_insufficient") as scope:
        await admit(token, "x", "news", tv.tenant)
    assert scope.value.seen == Contrast("scope", "x", SCOPE)
    tenant = await machine_tenant()
    answer = await oauth_token.token(asking(), tenant)
    assert isinstance(answer.json, dict)
    with pytest.raises(Refused, match="token_audience") as audience:
        await admit(str(answer.json["access_token"]), SCOPE, "news", tenant)
    assert audience.value.seen == Contrast("aud", PROTECTED, AUDIENCE)


async def test_without_the_api_there_are_no_tokens(tv: Software) -> None:
    """An installation whose API is gone is told that it is no client any more."""
    made = await tv.install()
    api = await tv.tenant.known.named(Api, tv.tenant.id, PROTECTED)
    assert api
    assert await tv.tenant.change(Erase(api)) is None
    assert await refusal_of_token(tv, made) is REGISTRATION_ENDED
