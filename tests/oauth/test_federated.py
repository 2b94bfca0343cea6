"""Clients that prove themselves by tokens of an issuer elsewhere (RFC 7521 section 4.2, entra 2.4)."""

from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.model.client import Client, Federated
from sekisho.oauth.authenticate import authenticate
from sekisho.spec.exchange import vouched
from sekisho.spec.refusal import OVERLOADED, Refused
from sekisho.tenant import Tenant
from tests.exchanges import ISSUER
from tests.oauth.test_client_assertion import Json, jwk, keyed, presented, refused, signed, with_tools
from tests.oauth.test_jwt_bearer import KEYS, METADATA, Elsewhere
from tests.tenants import NOW, ORIGIN, SECRET, TENANT, machine_tenant

WORKLOAD = "system:serviceaccount:shop:orders"
AUDIENCE = "api://AzureADTokenExchange"
CREDENTIAL = Federated(id="f1", name="cluster", issuer=ISSUER, subject=WORKLOAD, audiences=(AUDIENCE,))


async def cluster(elsewhere: Elsewhere | None = None, **fields: Any) -> Tenant:
    """The machine runs in a cluster whose tokens prove it."""
    tenant = await machine_tenant(**{"federated": (CREDENTIAL,), **fields})
    return with_tools(tenant, fetch=elsewhere or Elsewhere())


def workload(*without: str, header: Json | None = None, name: str = "rsa", **members: object) -> str:
    """What the cluster gave the workload."""
    said = {"iss": ISSUER, "sub": WORKLOAD, "aud": [AUDIENCE], "iat": NOW, "exp": NOW + 3_600, "jti": "w"}
    told = {each: value for each, value in (said | members).items() if each not in without}
    return signed({"alg": "RS256", "kid": name, **(header or {})}, told, name)


async def test_a_workload_proves_its_client() -> None:
    """By issuer, subject, audience and a published key; it shows the same token until it expires."""
    elsewhere = Elsewhere()
    tenant = await cluster(elsewhere)
    for _ in range(2):
        assert (await authenticate(presented(workload()), tenant)).client_id == "machine"
    assert elsewhere.asked[:2] == [(METADATA, False), (KEYS, False)]
    plain = workload("jti", "iat", aud=AUDIENCE, exp=NOW + 86_400, header={"typ": "JWT"})
    assert await authenticate(presented(plain), tenant)


async def test_the_client_is_named_in_the_request() -> None:
    """The token names the workload and no client of ours: client_id is needed. RFC 7521 section 4.2."""
    asked = presented(workload(), client_id=None)
    assert (await refused(asked, await cluster())).reason.slug == "client_auth_failed"


async def test_any_of_several_credentials() -> None:
    """Issuer and subject are of the same one."""
    other = replace(CREDENTIAL, id="f0", subject="system:serviceaccount:shop:other")
    tenant = await cluster(federated=(other, CREDENTIAL))
    assert await authenticate(presented(workload()), tenant)
    strange = replace(CREDENTIAL, id="f0", issuer="https://other.example/")
    tenant = await cluster(federated=(strange, other))
    assert (await refused(presented(workload()), tenant)).reason.slug == "assertion_subject"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (workload(sub="system:serviceaccount:shop:intruder"), "assertion_subject"),
        (workload(sub=WORKLOAD.upper()), "assertion_subject"),
        (workload("sub"), "assertion_subject"),
        (workload("iss"), "assertion_subject"),
        (workload(iss="https://login.partner.example"), "assertion_subject"),
        (workload(aud=f"{ORIGIN}/"), "assertion_audience"),
        (workload("aud"), "assertion_audience"),
        (workload(exp=NOW - 10), "assertion_expired"),
        (workload(exp=NOW + 86_411), "assertion_lifetime"),
        (workload("exp"), "assertion_lifetime"),
        (workload(nbf=NOW + 60), "assertion_early"),
        (workload(name="rsa-other"), "assertion_key_unknown"),
        (workload(name="rsa-other", header={"kid": "rsa"}), "assertion_signature"),
        (workload(header={"typ": "at+jwt"}), "assertion_malformed"),
        (workload(header={"jku": KEYS}), "assertion_malformed"),
        (workload(pad="x" * 16_000), "assertion_malformed"),
        ("a.b.c", "assertion_malformed"),
    ],
)
async def test_what_proves_nothing(text: str, slug: str) -> None:
    """Exactly this issuer, subject and audience, in time, signed by its key. RFC 7523 section 3."""
    assert (await refused(presented(text), await cluster())).reason.slug == slug


def test_the_length_is_bounded() -> None:
    """A token is as long as any that is read at all, and no longer."""
    with pytest.raises(Refused, match="assertion_malformed"):
        vouched.hold("x" * (vouched.TERMS.longest + 1), None, (), NOW)  # type: ignore[arg-type]


async def test_secrets_prove_no_workload() -> None:
    """What is keyed by a secret is the client's own word (attack class 46)."""
    text = keyed({"alg": "HS256"}, {"iss": ISSUER, "sub": WORKLOAD, "aud": AUDIENCE, "exp": NOW + 60}, SECRET)
    assert (await refused(presented(text), await cluster())).reason.slug == "client_auth_method"


async def test_own_assertions_need_their_own_method() -> None:
    """A credential of this kind opens no door for keys that are not registered as a method."""
    own = {"iss": "machine", "sub": "machine", "aud": f"{ORIGIN}/", "exp": NOW + 60, "jti": "1"}
    text = signed({"alg": "RS256", "kid": "rsa"}, own)
    tenant = await cluster(jwks=(jwk("rsa"),))
    assert (await refused(presented(text), tenant)).reason.slug == "client_auth_method"
    both = await cluster(jwks=(jwk("rsa"),), token_endpoint_auth_method="private_key_jwt")
    assert await authenticate(presented(text), both)
    assert await authenticate(presented(workload()), both)


async def test_a_client_without_such_credentials() -> None:
    """Another issuer's token proves nobody who did not say so."""
    tenant = await cluster(federated=())
    assert (await refused(presented(workload()), tenant)).reason.slug == "client_auth_method"
    keyed_only = await cluster(federated=(), token_endpoint_auth_method="private_key_jwt", jwks=(jwk("rsa"),))
    assert (await refused(presented(workload()), keyed_only)).reason.slug == "assertion_subject"


@pytest.mark.parametrize("own", [f"{ORIGIN}/", f"{ORIGIN}/t/demo/", f"{ORIGIN}/{TENANT}/v2.0"])
async def test_we_vouch_for_no_client_ourselves(own: str) -> None:
    """Tokens of our own are for people and APIs; nobody is sent to ourselves for keys (attack class 32)."""
    elsewhere = Elsewhere()
    tenant = await cluster(elsewhere, federated=(replace(CREDENTIAL, issuer=own),))
    assert (await refused(presented(workload(iss=own)), tenant)).reason.slug == "assertion_key_unknown"
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "changed",
    [
        {METADATA: {"issuer": "https://other.example/", "jwks_uri": KEYS}},
        {METADATA: b"no"},
        {KEYS: {"keys": [jwk("rsa-other")]}},
    ],
)
async def test_keys_that_cannot_be_found(changed: dict[str, Any]) -> None:
    """Without the issuer's own metadata and the key that is meant, nothing is proved."""
    told = await refused(presented(workload()), await cluster(Elsewhere(**changed)))
    assert (told.reason.slug, told.reason.error) == ("assertion_key_unknown", "invalid_client")


async def test_that_we_are_busy_is_no_fault_of_the_client() -> None:
    """It may come again with the same token."""
    busy = Elsewhere(**{METADATA: Refused(OVERLOADED)})
    assert (await refused(presented(workload()), await cluster(busy))).reason is OVERLOADED


async def test_a_disabled_client_is_nobody() -> None:
    """However well its workload proves itself (attack class 34)."""
    tenant = await cluster(enabled=False)
    assert (await refused(presented(workload()), tenant)).reason.slug == "client_disabled"
    assert isinstance(await tenant.known.named(Client, tenant.id, "machine"), Client)
