"""Class 36: an assertion that was made for somebody else proves a client here (audience injection)."""

import pytest

from sekisho.spec import assertion
from tests.attacks.assertions import ISSUER, PLACES, Signing, is_refused, signing
from tests.attacks.double import Double
from tests.attacks.target import HOST, MANAGEMENT, METADATA, ORIGIN, OTHER_HOST, RS, Target

EVIL = "https://evil.example/"


@pytest.fixture(scope="module")
def strict(target: Target) -> Signing:
    """A client as it comes: its assertions are for our name and for nothing else."""
    return signing(target)


@pytest.fixture(scope="module")
def lenient(target: Target) -> Signing:
    """A client that was allowed to name our addresses too."""
    return signing(target, assertion_audience="lenient")


OURS_ELSEWHERE = [
    *(f"{ORIGIN}{place}" for place in PLACES), f"{ORIGIN}{METADATA[0]}", ORIGIN, f"{ORIGIN}/oauth/par",
]  # fmt: skip
STRANGERS = [
    EVIL, f"{EVIL}oauth/token", [EVIL], f"https://{OTHER_HOST}/", f"https://{OTHER_HOST}/oauth/token",
    f"{ORIGIN}/t/demo/", f"{ORIGIN}/t/acme/", f"{ORIGIN}/t/acme/oauth/token", f"{ORIGIN}//", f"{ORIGIN}/.",
    ISSUER.upper(), f"http://{HOST}/", f"https://{HOST}:443/", f"https://{HOST}./", f"{ISSUER}?",
    f"{ISSUER}#",
    f"https://{HOST}@evil.example/", f"https://evil.example@{HOST}/", f"{ISSUER}{EVIL}", f"{ISSUER} {EVIL}",
    f"{EVIL} {ISSUER}", f"{ISSUER},{EVIL}", f" {ISSUER}", f"{ISSUER}\n", f"{ISSUER}\u200b",
    "https://ıd.example.com/",
    HOST, "*", "/", "", RS, MANAGEMENT, "urn:x", None, 0, True, [], {}, [[ISSUER]], {"aud": ISSUER},
    [ISSUER, 1],
    [None, ISSUER], [""], {ISSUER: 1},
]  # fmt: skip
BOTH = [[ISSUER, EVIL], [EVIL, ISSUER], [EVIL, f"{ORIGIN}/oauth/token"], [ISSUER] * 2, [ISSUER]]


def test_the_issuer_is_the_one_audience(target: Target, strict: Signing) -> None:
    """An assertion is for the issuer alone, as a single text: no address, no list, nobody else."""
    with target.web() as web:
        for place in PLACES:
            for audience in (*OURS_ELSEWHERE, *STRANGERS, *BOTH):
                is_refused(strict.ask(web, strict.assertion(aud=audience), place))
            is_refused(strict.ask(web, strict.assertion("aud"), place))
            assert strict.ask(web, strict.assertion(), place).status_code in (200, 403)


def test_a_lenient_client_names_us_and_nobody_else(target: Target, lenient: Signing) -> None:
    """Who may name our addresses may still name no stranger's."""
    with target.web() as web:
        for audience in STRANGERS:
            is_refused(lenient.ask(web, lenient.assertion(aud=audience)))
        for audience in (ISSUER, f"{ORIGIN}/oauth/token", [ISSUER, f"{ORIGIN}/oauth/token"]):
            assert lenient.ask(web, lenient.assertion(aud=audience)).status_code == 200


def test_headers_do_not_rename_us(target: Target, lenient: Signing) -> None:
    """Our name comes from no header, so that none makes an assertion for somebody else ours."""
    headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "origin": EVIL[:-1]}
    with target.web(headers=headers) as web:
        for audience in (EVIL, f"{EVIL}oauth/token"):
            is_refused(lenient.ask(web, lenient.assertion(aud=audience)))


def test_another_tenant_takes_none_of_ours(target: Target, strict: Signing, lenient: Signing) -> None:
    """An assertion for one tenant proves nobody at another one, whichever of them it names."""
    with target.web(OTHER_HOST) as other:
        for client in (strict, lenient):
            for audience in (ISSUER, f"https://{OTHER_HOST}/", f"https://{OTHER_HOST}/oauth/token"):
                is_refused(client.ask(other, client.assertion(aud=audience)))


def test_the_claims_are_the_clients_own(target: Target, strict: Signing, lenient: Signing) -> None:
    """A client's key speaks for that client alone, whatever `iss`, `sub` and the form say."""
    with target.web() as web:
        mine, theirs = strict.client_id, lenient.client_id
        for said in ({"sub": theirs}, {"iss": theirs}, {"iss": ISSUER}, {"iss": theirs, "sub": f"{theirs} "}):
            is_refused(strict.ask(web, strict.assertion(**said)))
        machine = target.clients["machine"]["client_id"]
        for said in ({}, {"iss": machine, "sub": machine}):
            form = strict.form(strict.assertion(**said), client_id=machine)
            answer = web.post("/oauth/token", data=form)
            assert answer.status_code in (400, 401), answer.text
            assert "access_token" not in answer.text
        text = strict.assertion()
        assert web.post("/oauth/token", data=strict.form(text, client_id=theirs)).status_code != 200
        assert web.post("/oauth/token", data=strict.form(text, client_id=mine)).status_code == 200


def test_the_audience_is_what_refuses(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule an assertion for a stranger is good; with the switch for all, one for an address."""
    client = signing(double.target, clock=double.clock)
    with double.target.web() as web:
        is_refused(client.ask(web, client.assertion(aud=EVIL)))
        with monkeypatch.context() as mutant:
            left = tuple(rule for rule in assertion.CLAIMS if rule is not assertion.audience_is_ours)
            mutant.setattr(assertion, "CLAIMS", left)
            assert client.ask(web, client.assertion(aud=EVIL)).status_code == 200
        is_refused(client.ask(web, client.assertion(aud=f"{ORIGIN}/oauth/token")))
        with monkeypatch.context() as mutant:
            honest = assertion.addresses
            mutant.setattr(assertion, "addresses", lambda ask, _, tenant: honest(ask, "lenient", tenant))
            assert client.ask(web, client.assertion(aud=f"{ORIGIN}/oauth/token")).status_code == 200
