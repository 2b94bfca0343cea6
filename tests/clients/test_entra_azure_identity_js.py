"""@azure/identity for Node, as it comes."""

from typing import Any

import pytest

from tests.clients.entra import LEDGER, SELF, App, Firm, a_card, is_of
from tests.clients.person import Person
from tests.clients.place import CALLBACK
from tests.clients.script import Scripts
from tests.servers import claims_of

LIBRARY = "azure-identity"
READ = "Orders.Read"
PROOFS = ("secret", "certificate", "certificate and chain")


def told(firm: Firm, app: App, proof: str = "secret") -> dict[str, Any]:
    """What a credential is made of."""
    place = {"host": firm.place.url, "tenant": firm.tenant, "client_id": app.client_id}
    if proof == "secret":
        return {**place, "secret": app.secret}
    path = firm.folder / "shop.pem"
    path.write_bytes(firm.card.both)
    return {**place, "certificate": str(path), "sendCertificateChain": "chain" in proof}


@pytest.mark.parametrize("word", [READ, ".default"])
@pytest.mark.parametrize("proof", PROOFS)
def test_on_behalf_of(entra_node: Scripts, firm: Firm, shown: str, proof: str, word: str):
    """With each kind of proof; then from the cache. Contract of the dialect, sections 3.2 and 12.3."""
    asked = {**told(firm, firm.shop, proof), "scopes": [firm.orders.scope(word)], "assertion": shown}
    first, second = entra_node.run(LIBRARY, **asked)
    claims = claims_of(first["token"])
    is_of(claims, firm)
    assert (claims["aud"], claims["scp"]) == (firm.orders.client_id, READ)
    assert claims["azpacr"] == ("1" if proof == "secret" else "2")
    assert first["token"] == second["token"]
    assert first["expiresOnTimestamp"] == second["expiresOnTimestamp"]


def test_an_api_that_wants_older_tokens(entra_node: Scripts, firm: Firm, shown: str):
    """The format is the resource's choice. Section 2.8."""
    asked = {**told(firm, firm.shop), "scopes": f"{LEDGER}/.default", "assertion": shown}
    first, second = entra_node.run(LIBRARY, **asked)
    assert claims_of(first["token"])["ver"] == "1.0"
    assert first["token"] == second["token"]


def test_claims_pass_through(entra_node: Scripts, firm: Firm, shown: str):
    """A challenge and what the application is able to do disturb nothing. Section 6.3."""
    challenge = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    asked = {**told(firm, firm.shop), "scopes": firm.orders.scope(READ), "assertion": shown}
    first, _ = entra_node.run(LIBRARY, claims=challenge, **asked)
    assert claims_of(first["token"])["scp"] == READ


@pytest.mark.parametrize("proof", PROOFS)
def test_in_its_own_name(entra_node: Scripts, firm: Firm, proof: str):
    """An application's own token has its roles, and is kept. Section 9.4."""
    asked = {**told(firm, firm.shop, proof), "scopes": firm.orders.scope(".default")}
    first, second = entra_node.run(LIBRARY, **asked)
    assert claims_of(first["token"])["roles"] == ["Orders.Sync"]
    assert first["token"] == second["token"]


def test_a_code(entra_node: Scripts, firm: Firm, person: Person):
    """A code is redeemed, and the token found again. Section 9.3."""
    word = firm.shop.scope("access_as_user")
    code = firm.code(person, (*SELF, word))
    asked = {**told(firm, firm.site), "scopes": word, "code": code, "callback": CALLBACK}
    first, second = entra_node.run(LIBRARY, **asked)
    assert claims_of(first["token"])["aud"] == firm.shop.client_id
    assert first["token"] == second["token"]


def test_a_wrong_secret(entra_node: Scripts, firm: Firm, shown: str):
    """The library's own error has our code and our number. Section 5.1."""
    asked = {**told(firm, firm.shop), "secret": "wrong" * 8, "scopes": firm.orders.scope(READ)}
    said = entra_node.complaint(LIBRARY, assertion=shown, **asked)
    # It says so of whatever a token on somebody's behalf is refused for.
    assert said["name"] == "AuthenticationRequiredError"
    assert said["message"].startswith("invalid_client: Error(s): 7000215 ")


def test_a_strange_certificate(entra_node: Scripts, firm: Firm):
    """A key that was not registered is no proof. Section 5.4."""
    path = firm.folder / "strange.pem"
    path.write_bytes(a_card().both)
    asked = {**told(firm, firm.shop, "certificate"), "certificate": str(path)}
    said = entra_node.complaint(LIBRARY, scopes=firm.orders.scope(".default"), **asked)
    assert "AADSTS700027" in said["message"]


def test_nobody_agreed(entra_node: Scripts, firm: Firm, person: Person):
    """The library says that somebody has to be asked; when there is consent, it succeeds. Section 8.3."""
    solo = firm.middle("Solo")
    asked = {**told(firm, solo), "scopes": firm.orders.scope(READ), "assertion": firm.token(person, solo)}
    said = entra_node.complaint(LIBRARY, **asked)
    assert said["name"] == "AuthenticationRequiredError"
    assert said["message"].startswith("invalid_grant: AADSTS65001: ")
    firm.agree(solo, firm.orders, READ)
    assert claims_of(entra_node.run(LIBRARY, **asked)[0]["token"])["scp"] == READ
