"""An assertion is used once, whatever happens at the same time (attack class 37)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sekisho.model.step import Save, Step
from sekisho.oauth.authenticate import authenticate
from sekisho.spec.refusal import STORE_UNAVAILABLE, Refused
from sekisho.spec.refusals.protocol import ASSERTION_REPLAYED
from sekisho.store import Engine
from sekisho.store.known import Known
from sekisho.store.memory import MemoryEngine
from sekisho.store.sql import migrate, open_engine
from sekisho.tenant import Tenant
from tests.oauth.test_client_assertion import (
    assertion,
    claims,
    jwk,
    key_tenant,
    keyed,
    presented,
    refused,
    secret_tenant,
    signed,
    with_tools,
)
from tests.tenants import MASTER, NOW, Clock, client

MANY = 50


class Broken:
    """A store that reads, and fails whatever is to be written."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def write(self, *_steps: Step) -> None:
        raise self.error


@pytest.fixture(params=["memory", "sqlite"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine that is empty."""
    url = f"sqlite:///{tmp_path / 'sekisho.db'}"
    clock = Clock()
    made: Engine
    if request.param == "memory":
        made = MemoryEngine(MASTER.derive("pepper"), clock)
    else:
        migrate(url)
        made = await open_engine(url, MASTER.derive("pepper"), clock)
    try:
        yield made
    finally:
        await made.close()


async def on(engine: Engine, tenant: Tenant) -> Tenant:
    """The same tenant with its things in this engine."""
    fields = {"token_endpoint_auth_method": "private_key_jwt", "jwks": (jwk("rsa"),), "secrets": ()}
    assert await engine.write(Save(client(**fields))) is None
    known = Known(engine)
    await known.confirm()
    return with_tools(tenant, store=engine, known=known)


async def test_fifty_at_once_have_one_winner(engine: Engine) -> None:
    """Of fifty concurrent uses of one assertion exactly one wins. RFC 7523 section 3, item 7."""
    tenant = await on(engine, await key_tenant())
    uses = (authenticate(presented(assertion()), tenant) for _ in range(MANY))
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    lost = [each for each in outcomes if isinstance(each, Refused)]
    assert len(lost) == MANY - 1
    assert {each.reason for each in lost} == {ASSERTION_REPLAYED}


async def test_fifty_different_ones_all_win(engine: Engine) -> None:
    """Assertions with names of their own do not get into each other's way."""
    tenant = await on(engine, await key_tenant())
    texts = [assertion(jti=f"j{number}") for number in range(MANY)]
    assert await asyncio.gather(*(authenticate(presented(text), tenant) for text in texts))


async def test_the_name_is_what_counts() -> None:
    """Another assertion of the same name is a replay, whoever signed it and whatever else it says."""
    tenant = await key_tenant()
    assert await authenticate(presented(assertion()), tenant)
    for text in (assertion(exp=NOW + 61), signed({"alg": "PS256"}, claims())):
        assert (await refused(presented(text), tenant)).reason is ASSERTION_REPLAYED


async def test_names_are_told_apart_by_case() -> None:
    """A jti is a case-sensitive string. RFC 7519 section 4.1.7."""
    tenant = await key_tenant()
    assert await authenticate(presented(assertion(jti="abc")), tenant)
    assert await authenticate(presented(assertion(jti="ABC")), tenant)


async def test_two_clients_may_use_one_name() -> None:
    """A jti is unique per issuer: one client cannot burn another one's. RFC 7519 section 4.1.7."""
    tenant = await key_tenant()
    other = client(
        id="44444444-4444-4444-8444-444444444444",
        client_id="other",
        token_endpoint_auth_method="private_key_jwt",
        jwks=(jwk("rsa"),),
        secrets=(),
    )
    assert await tenant.change(Save(other)) is None
    assert await authenticate(presented(assertion()), tenant)
    theirs = assertion(iss="other", sub="other")
    assert (await authenticate(presented(theirs, client_id="other"), tenant)).client_id == "other"


async def test_what_is_refused_burns_nothing() -> None:
    """A forged assertion uses no name up: strangers cannot lock a client out or fill the store."""
    tenant = await key_tenant()
    for text in (
        signed({"alg": "RS256", "kid": "rsa"}, claims(), "rsa-other"),
        assertion(exp=NOW + 86_400),
        assertion(aud="https://other.example.com/"),
    ):
        await refused(presented(text), tenant)
    assert await authenticate(presented(assertion()), tenant)


async def test_a_replay_is_remembered_until_nobody_would_take_it() -> None:
    """The name is kept for as long as the assertion could be accepted, the leeway included."""
    clock = Clock()
    tenant = await key_tenant(clock)
    text = assertion(exp=NOW + 60)
    assert await authenticate(presented(text), tenant)
    for later, slug in ((59.9, "replayed"), (69.9, "replayed"), (70, "expired"), (80, "expired")):
        clock.now = NOW + later
        assert (await refused(presented(text), tenant)).reason.slug == f"assertion_{slug}"


@pytest.mark.parametrize("error", [Refused(STORE_UNAVAILABLE), OSError("the disk is full")])
async def test_without_a_store_nobody_is_believed(error: Exception) -> None:
    """What cannot be remembered is not accepted: a failing store refuses, it is never ignored."""
    tenant = with_tools(await key_tenant(), store=Broken(error))
    with pytest.raises(type(error)) as caught:
        await authenticate(presented(assertion()), tenant)
    assert caught.value is error


async def test_an_assertion_under_a_secret_is_used_once() -> None:
    """Under a secret there is no second use either. OpenID Connect Core 1.0 section 9, jti."""
    tenant = await secret_tenant()
    text = keyed({"alg": "HS256"}, claims())
    assert await authenticate(presented(text), tenant)
    assert (await refused(presented(text), tenant)).reason is ASSERTION_REPLAYED
    assert (await refused(presented(keyed({"alg": "HS256"}, claims("jti"))), tenant)).reason.slug == (
        "assertion_jti"
    )
