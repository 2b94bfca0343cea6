"""azure-identity for Python, as it comes, with and without asyncio."""

from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AuthorizationCodeCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    OnBehalfOfCredential,
    aio,
)

from tests.clients.entra import LEDGER, LOCK, SELF, App, Firm, a_card, is_of
from tests.clients.person import Person
from tests.clients.place import CALLBACK
from tests.servers import claims_of

READ = "Orders.Read"
# It is not answered from a cache.
CHALLENGE = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
PROOFS = ("secret", "certificate", "certificate and chain", "pfx")


def means(firm: Firm) -> dict[str, Any]:
    """Where the server is, and whom to trust."""
    told = {"authority": firm.place.url, "disable_instance_discovery": True}
    return {**told, "connection_verify": str(firm.place.authority)}


def proof_of(firm: Firm, app: App, proof: str) -> dict[str, Any]:
    """What an application shows on somebody's behalf."""
    found: dict[str, dict[str, Any]] = {
        "secret": {"client_secret": app.secret},
        "certificate": {"client_certificate": firm.card.both},
        "certificate and chain": {"client_certificate": firm.card.both, "send_certificate_chain": True},
        "pfx": {"client_certificate": firm.card.pfx, "password": LOCK},
    }
    return found[proof]


def of(firm: Firm, kind: Any, app: App, proof: str, shown: str) -> Any:
    """A credential of this kind on behalf of who is behind a token."""
    told = {**means(firm), **proof_of(firm, app, proof)}
    return kind(firm.tenant, app.client_id, user_assertion=shown, **told)


def is_right(token: str, firm: Firm, shown: str, proof: str) -> None:
    """It is for the next API, and about the person."""
    claims = claims_of(token)
    is_of(claims, firm)
    assert (claims["aud"], claims["azp"]) == (firm.orders.client_id, firm.shop.client_id)
    assert (claims["scp"], claims["azpacr"]) == (READ, "1" if proof == "secret" else "2")
    assert claims["oid"] == claims_of(shown)["oid"]


@pytest.mark.parametrize("word", [READ, ".default"])
@pytest.mark.parametrize("proof", PROOFS)
def test_on_behalf_of(firm: Firm, shown: str, proof: str, word: str):
    """With each kind of proof; then it comes from the cache. Contract of the dialect, section 3.2."""
    with of(firm, OnBehalfOfCredential, firm.shop, proof, shown) as credential:
        found = credential.get_token(firm.orders.scope(word))
        is_right(found.token, firm, shown, proof)
        assert credential.get_token(firm.orders.scope(word)).token == found.token


@pytest.mark.parametrize("word", [READ, ".default"])
@pytest.mark.parametrize("proof", [proof for proof in PROOFS if proof != "certificate and chain"])
async def test_on_behalf_of_with_asyncio(firm: Firm, shown: str, proof: str, word: str):
    """Likewise, at the path that the library has by heart. Section 12.2."""
    async with of(firm, aio.OnBehalfOfCredential, firm.shop, proof, shown) as credential:
        found = await credential.get_token(firm.orders.scope(word))
        is_right(found.token, firm, shown, proof)
        assert (await credential.get_token(firm.orders.scope(word))).token == found.token


def test_another_resource(firm: Firm, shown: str):
    """One credential serves each resource that was agreed to, in the format that it wants. Section 2.8."""
    with of(firm, OnBehalfOfCredential, firm.shop, "secret", shown) as credential:
        claims = claims_of(credential.get_token(f"{LEDGER}/.default").token)
        assert (claims["aud"], claims["ver"]) == (LEDGER, "1.0")
        assert claims_of(credential.get_token(firm.orders.scope(READ)).token)["ver"] == "2.0"


async def test_another_resource_with_asyncio(firm: Firm, shown: str):
    """Likewise. Section 2.8."""
    async with of(firm, aio.OnBehalfOfCredential, firm.shop, "secret", shown) as credential:
        found = await credential.get_token(f"{LEDGER}/Ledger.Read")
        assert claims_of(found.token)["aud"] == LEDGER


def test_claims_pass_through(firm: Firm, shown: str):
    """A challenge and what the application is able to do disturb nothing. Section 6.3."""
    with of(firm, OnBehalfOfCredential, firm.shop, "secret", shown) as credential:
        told = {"claims": CHALLENGE, "enable_cae": True}
        is_right(credential.get_token(firm.orders.scope(READ), **told).token, firm, shown, "secret")


def test_a_wrong_secret(firm: Firm, shown: str):
    """The library's own error has our status and our words. Section 5.1."""
    told = {**means(firm), "client_secret": "wrong" * 8}
    shop = firm.shop.client_id
    with (
        OnBehalfOfCredential(firm.tenant, shop, user_assertion=shown, **told) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215") as raised,
    ):
        credential.get_token(firm.orders.scope(READ))
    is_said(raised.value, 401, "invalid_client", 7000215)


async def test_a_wrong_secret_with_asyncio(firm: Firm, shown: str):
    """Likewise. Section 5.1."""
    told = {**means(firm), "client_secret": "wrong" * 8}
    async with aio.OnBehalfOfCredential(
        firm.tenant, firm.shop.client_id, user_assertion=shown, **told
    ) as credential:
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215") as raised:
            await credential.get_token(firm.orders.scope(READ))
    is_said(raised.value, 401, "invalid_client", 7000215)


def test_nobody_agreed(firm: Firm, person: Person):
    """That consent is missing is in the answer of the error; when it is there, it works. Section 8.3."""
    alone = firm.middle("Alone")
    shown = firm.token(person, alone)
    with of(firm, OnBehalfOfCredential, alone, "secret", shown) as credential:
        with pytest.raises(ClientAuthenticationError, match="AADSTS65001") as raised:
            credential.get_token(firm.orders.scope(READ))
        is_said(raised.value, 400, "invalid_grant", 65001)
    firm.agree(alone, firm.orders, READ)
    with of(firm, OnBehalfOfCredential, alone, "secret", shown) as credential:
        assert claims_of(credential.get_token(firm.orders.scope(READ)).token)["scp"] == READ


def is_said(error: ClientAuthenticationError, status: int, word: str, number: int) -> None:
    """What callers read in the answer."""
    answer: Any = error.response
    said = answer.json()
    assert (answer.status_code, said["error"], said["error_codes"]) == (status, word, [number])


@pytest.mark.parametrize("proof", ["secret", "certificate", "certificate and chain", "pfx"])
def test_in_its_own_name(firm: Firm, proof: str):
    """An application's own token has its roles, and is kept. Section 9.4."""
    with own(firm, proof, ClientSecretCredential, CertificateCredential) as credential:
        found = credential.get_token(firm.orders.scope(".default"))
        assert claims_of(found.token)["roles"] == ["Orders.Sync"]
        assert credential.get_token(firm.orders.scope(".default")).token == found.token


@pytest.mark.parametrize("proof", ["secret", "certificate", "certificate and chain", "pfx"])
async def test_in_its_own_name_with_asyncio(firm: Firm, proof: str):
    """Likewise. Section 9.4."""
    async with own(firm, proof, aio.ClientSecretCredential, aio.CertificateCredential) as credential:
        found = await credential.get_token(firm.orders.scope(".default"))
        assert claims_of(found.token)["roles"] == ["Orders.Sync"]
        assert (await credential.get_token(firm.orders.scope(".default"))).token == found.token


def own(firm: Firm, proof: str, by_secret: Any, by_certificate: Any) -> Any:
    """A credential of the application alone."""
    shown: dict[str, dict[str, Any]] = {
        "certificate": {"certificate_data": firm.card.both},
        "certificate and chain": {"certificate_data": firm.card.both, "send_certificate_chain": True},
        "pfx": {"certificate_data": firm.card.pfx, "password": LOCK},
    }
    place, told = (firm.tenant, firm.shop.client_id), means(firm)
    if proof == "secret":
        return by_secret(*place, firm.shop.secret, **told)
    return by_certificate(*place, **shown[proof], **told)


def test_a_strange_certificate(firm: Firm):
    """A key that was not registered is no proof. Section 5.4."""
    told = {**means(firm), "certificate_data": a_card().both}
    with (
        CertificateCredential(firm.tenant, firm.shop.client_id, **told) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS700027"),
    ):
        credential.get_token(firm.orders.scope(".default"))


def test_an_assertion_that_is_none(firm: Firm):
    """Whatever an application's own function makes is looked at like any other. Section 5.4."""
    told = {**means(firm), "func": lambda: "a.b.c"}
    with (
        ClientAssertionCredential(firm.tenant, firm.shop.client_id, **told) as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS50027") as raised,
    ):
        credential.get_token(firm.orders.scope(".default"))
    assert raised.value.response


def test_a_code(firm: Firm, person: Person):
    """A code is redeemed, and then renewed by what came with it. Section 9.3."""
    code, word = a_code(firm, person), firm.shop.scope("access_as_user")
    told = {**means(firm), "client_secret": firm.site.secret}
    with AuthorizationCodeCredential(firm.tenant, firm.site.client_id, code, CALLBACK, **told) as credential:
        found = credential.get_token(word)
        assert claims_of(found.token)["aud"] == firm.shop.client_id
        assert credential.get_token(word).token == found.token
        again = credential.get_token(word, claims=CHALLENGE)
        assert (claims_of(again.token)["scp"], again.token == found.token) == ("access_as_user", False)


async def test_a_code_with_asyncio(firm: Firm, person: Person):
    """Likewise. Section 9.3."""
    code, word = a_code(firm, person), firm.shop.scope("access_as_user")
    told = {**means(firm), "client_secret": firm.site.secret}
    async with aio.AuthorizationCodeCredential(
        firm.tenant, firm.site.client_id, code, CALLBACK, **told
    ) as credential:
        found = await credential.get_token(word)
        assert claims_of(found.token)["aud"] == firm.shop.client_id
        assert (await credential.get_token(word)).token == found.token
        again = await credential.get_token(word, claims=CHALLENGE)
        assert (claims_of(again.token)["scp"], again.token == found.token) == ("access_as_user", False)


def a_code(firm: Firm, person: Person) -> str:
    """Asked for without any library: this one leaves that to the application."""
    return firm.code(person, (*SELF, firm.shop.scope("access_as_user")))
