"""MSAL for Node, as it comes: an API goes on in the name of who called it."""

from typing import Any

import pytest

from tests.clients.entra import LEDGER, App, Firm, a_card, is_of
from tests.clients.person import NO, YES, Person
from tests.clients.place import CALLBACK
from tests.clients.script import Scripts
from tests.servers import claims_of

LIBRARY = "msal"
READ = "Orders.Read"
PROOFS = ("secret", "thumbprint", "thumbprint and chain", "thumbprintSha256", "thumbprintSha256 and chain")


def auth(firm: Firm, app: App, proof: str = "secret", **more: Any) -> dict[str, Any]:
    """What MSAL is told of the application and of the authority."""
    told = {"clientId": app.client_id, "authority": firm.authority, **more}
    known = {"knownAuthorities": [firm.place.domain]}
    if proof == "secret":
        return {**told, **known, "clientSecret": app.secret} if app.secret else {**told, **known}
    card = firm.card
    digest = card.thumbprint256 if "256" in proof else card.thumbprint
    certificate = {proof.split(maxsplit=1)[0]: digest, "privateKey": card.pem}
    chain = {"x5c": card.public} if "chain" in proof else {}
    return {**told, **known, "clientCertificate": certificate | chain}


@pytest.mark.parametrize("word", [READ, ".default"])
@pytest.mark.parametrize("proof", PROOFS)
def test_on_behalf_of(entra_node: Scripts, firm: Firm, shown: str, proof: str, word: str):
    """With each kind of proof; then from the cache. Contract of the dialect, sections 3.2 and 12.3."""
    asked = {"auth": auth(firm, firm.shop, proof), "scopes": [firm.orders.scope(word)], "assertion": shown}
    found = entra_node.run(LIBRARY, story="behalf", **asked)
    claims = claims_of(found["first"]["accessToken"])
    is_of(claims, firm)
    assert (claims["aud"], claims["azp"]) == (firm.orders.client_id, firm.shop.client_id)
    assert (claims["scp"], claims["azpacr"]) == (READ, "1" if proof == "secret" else "2")
    assert claims["oid"] == claims_of(shown)["oid"]
    assert [found[name]["fromCache"] for name in found] == [False, True, False, False]
    texts = {name: found[name]["accessToken"] for name in found}
    assert texts["first"] == texts["second"]
    assert len(set(texts.values())) == 3


def test_an_api_that_wants_older_tokens(entra_node: Scripts, firm: Firm, shown: str):
    """The format is the resource's choice. Section 2.8."""
    asked = {"auth": auth(firm, firm.shop), "scopes": [f"{LEDGER}/.default"], "assertion": shown}
    found = entra_node.run(LIBRARY, story="behalf", **asked)
    claims = claims_of(found["first"]["accessToken"])
    assert (claims["ver"], claims["aud"], claims["scp"]) == ("1.0", LEDGER, "Ledger.Read")
    assert found["second"]["fromCache"] is True


def test_refreshing(entra_node: Scripts, firm: Firm, shown: str):
    """What came with a token renews it, and is good for the next API. Section 9.5."""
    asked = {"auth": auth(firm, firm.shop), "scopes": [firm.orders.scope(READ)], "assertion": shown}
    found = entra_node.run(LIBRARY, story="renewed", others=[f"{LEDGER}/Ledger.Read"], **asked)
    assert claims_of(found["accessToken"])["aud"] == LEDGER


def test_claims_pass_through(entra_node: Scripts, firm: Firm, shown: str):
    """What MSAL says of its abilities, and of a challenge, disturbs nothing. Section 6.3."""
    challenge = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    able = auth(firm, firm.shop, clientCapabilities=["CP1"])
    asked = {"auth": able, "scopes": [firm.orders.scope(READ)], "assertion": shown, "claims": challenge}
    found = entra_node.run(LIBRARY, story="behalf", **asked)
    assert claims_of(found["first"]["accessToken"])["scp"] == READ


@pytest.mark.parametrize("proof", PROOFS)
def test_in_its_own_name(entra_node: Scripts, firm: Firm, proof: str):
    """An application's own token has its roles; MSAL asks once. Section 9.4."""
    asked = {"auth": auth(firm, firm.shop, proof), "scopes": [firm.orders.scope(".default")]}
    found = entra_node.run(LIBRARY, story="own", **asked)
    assert claims_of(found["first"]["accessToken"])["roles"] == ["Orders.Sync"]
    assert (found["first"]["fromCache"], found["second"]["fromCache"]) == (False, True)


def test_a_wrong_secret(entra_node: Scripts, firm: Firm, shown: str):
    """MSAL's own error has our code, our number and our words. Section 5.1."""
    wrong = {**auth(firm, firm.shop), "clientSecret": "wrong" * 8}
    asked = {"auth": wrong, "scopes": [firm.orders.scope(READ)], "assertion": shown}
    said = entra_node.complaint(LIBRARY, story="behalf", **asked)
    assert (said["name"], said["code"], said["number"]) == ("ServerError", "invalid_client", 7000215)
    assert "AADSTS7000215" in said["message"]


def test_a_strange_certificate(entra_node: Scripts, firm: Firm, shown: str):
    """A key that was not registered is no proof. Section 5.4."""
    card = a_card()
    certificate = {"thumbprintSha256": card.thumbprint256, "privateKey": card.pem}
    strange = {**auth(firm, firm.shop), "clientSecret": None, "clientCertificate": certificate}
    asked = {"auth": strange, "scopes": [firm.orders.scope(READ)], "assertion": shown}
    said = entra_node.complaint(LIBRARY, story="behalf", **asked)
    assert (said["code"], said["number"]) == ("invalid_client", 700027)


def test_nobody_agreed(entra_node: Scripts, firm: Firm, person: Person):
    """MSAL sees that somebody has to interact; after an administrator agreed, it succeeds. Section 8.3."""
    lonely = firm.middle("Lonely")
    asked = {"auth": auth(firm, lonely), "scopes": [firm.orders.scope(READ)]}
    asked["assertion"] = firm.token(person, lonely)
    said = entra_node.run(LIBRARY, story="patient", **asked)
    assert (said["name"], said["suberror"]) == ("InteractionRequiredAuthError", "consent_required")
    assert said["number"] == 65001
    firm.agree(lonely, firm.orders, READ)
    assert claims_of(entra_node.run(LIBRARY, story="patient", **asked)["accessToken"])["scp"] == READ


@pytest.mark.parametrize(("name", "mode"), [("site", "query"), ("site", "form_post"), ("program", "query")])
def test_a_person_signs_in(entra_node: Scripts, firm: Firm, person: Person, name: str, mode: str):
    """A site and a program: code, PKCE, nonce and account. Sections 9.1 and 9.3."""
    app = getattr(firm, name)
    callback = CALLBACK if name == "site" else "http://localhost:49152"
    found = whole(entra_node, firm, app, person, callback=callback, mode=mode)
    first = found["first"]
    is_of(first["idTokenClaims"], firm)
    assert first["account"]["homeAccountId"] == f"{first['idTokenClaims']['oid']}.{firm.tenant}"
    assert claims_of(first["accessToken"])["aud"] == firm.shop.client_id
    flags = [found[name]["fromCache"] for name in ("first", "second", "forced", "late")]
    assert flags == [False, True, False, False]
    assert found["spent"]["code"] == "invalid_grant"


def whole(entra_node: Scripts, firm: Firm, app: App, person: Person, **more: str) -> dict[str, Any]:
    """MSAL asks, the person answers, MSAL goes on."""
    told = begun(entra_node, firm, app, person, **more)
    found: dict[str, Any] = entra_node.run(LIBRARY, **told)
    return found


def begun(
    entra_node: Scripts, firm: Firm, app: App, person: Person, *presses: str, **more: str
) -> dict[str, Any]:
    """What MSAL goes on with, after the person answered."""
    scopes = [firm.shop.scope("access_as_user")]
    told = {"auth": auth(firm, app), "scopes": scopes, "state": "a state", "nonce": "n" * 24, **more}
    asked = entra_node.run(LIBRARY, story="begin", **told)
    answer = person.brings(asked["url"], presses or YES)
    assert answer["state"] == "a state"
    return {**told, "story": "finish", "checks": asked["checks"], "answer": answer}


def test_msal_looks_at_what_it_remembers(entra_node: Scripts, firm: Firm, person: Person):
    """An answer to somebody else is noticed, by MSAL or by the server. RFC 9700 section 4.7."""
    told = begun(entra_node, firm, firm.site, person, callback=CALLBACK, mode="query")
    noticed = entra_node.complaint(LIBRARY, **{**told, "nonce": "another"})
    assert noticed["code"] == "nonce_mismatch"
    checks = {**told["checks"], "state": "another"}
    assert entra_node.complaint(LIBRARY, **{**told, "checks": checks})["code"] == "state_mismatch"


def test_a_verifier_that_is_another(entra_node: Scripts, firm: Firm, person: Person):
    """Without the verifier the code is worth nothing. RFC 7636 section 4.6."""
    told = begun(entra_node, firm, firm.site, person, callback=CALLBACK, mode="query")
    checks = {**told["checks"], "verifier": "v" * 43}
    refused = entra_node.complaint(LIBRARY, **{**told, "checks": checks})
    assert (refused["code"], refused["number"]) == ("invalid_grant", 501481)


def test_the_person_says_no(entra_node: Scripts, firm: Firm, person: Person):
    """That comes back with the person, and names what was asked. Section 5.2."""
    app = firm.app("Declined", web={"redirectUris": [CALLBACK]})
    told = begun(entra_node, firm, app, person, *NO, callback=CALLBACK, mode="query")
    assert told["answer"]["error"] == "access_denied"
    assert told["answer"]["error_description"].startswith("AADSTS65004: ")


def test_an_authority_by_oidc(entra_node: Scripts, firm: Firm, shown: str):
    """In MSAL's other mode the issuer is the authority. Section 12.3."""
    plain = auth(firm, firm.shop, authority=f"{firm.authority}/v2.0")
    asked = {"auth": plain, "scopes": [firm.orders.scope(READ)], "assertion": shown}
    found = entra_node.run(LIBRARY, story="behalf", system={"protocolMode": "OIDC"}, **asked)
    assert claims_of(found["first"]["accessToken"])["tid"] == firm.tenant


@pytest.mark.parametrize("name", ["demo", "DEMO", "{tenant}", "{upper}"])
def test_names_of_the_tenant(entra_node: Scripts, firm: Firm, shown: str, name: str):
    """MSAL lowers the case of whatever it is given. Section 13."""
    said = name.format(tenant=firm.tenant, upper=firm.tenant.upper())
    named = auth(firm, firm.shop, authority=f"{firm.place.url}/{said}")
    asked = {"auth": named, "scopes": [firm.orders.scope(READ)], "assertion": shown}
    found = entra_node.run(LIBRARY, story="behalf", **asked)
    assert found["second"]["fromCache"] is True
    assert found["first"]["tenantId"] == firm.tenant
