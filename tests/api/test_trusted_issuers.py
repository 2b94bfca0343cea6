"""/api/v2/trusted-issuers."""

import pytest

from sekisho.model.connection import TrustedIssuer
from sekisho.people import powers
from sekisho.registry.trusted_issuers import MOST
from sekisho.spec.refusals.exchange import TRUSTED_ISSUER_ABSENT, TRUSTED_ISSUERS_MANY
from tests.oauth.test_client_assertion import jwk
from tests.tenants import ORIGIN, TENANT

ISSUER = "https://login.partner.example/"
BODY = {"issuer": ISSUER, "name": "Partner", "clients": ["orders"]}
LINE = "/trusted-issuers"


async def test_an_issuer_comes_and_goes(desk):
    """Made, read, listed, changed at its version, deleted; a deleted one is absent."""
    made = await desk.made(f"POST {LINE}", {**BODY, "jwks": {"keys": [jwk("rsa")]}, "names": "email"})
    assert {name: made[name] for name in BODY} == BODY
    assert (made["jwks"]["keys"][0]["kid"], made["names"], made["enabled"]) == ("rsa", "email", True)
    one = f"{LINE}/{made['id']}"
    assert (await desk.ask(f"GET {one}")).json == made
    assert (await desk.ask(f"GET {one}?fields=issuer")).json == {"issuer": ISSUER}
    assert (await desk.ask(f"GET {LINE}?include_totals=true")).json["trusted_issuers"] == [made]
    elsewhere = {"jwks": None, "jwks_uri": "https://keys.example/jwks.json", "enabled": False}
    changed = await desk.made(f"PATCH {one}", elsewhere)
    assert "jwks" not in changed
    assert (changed["jwks_uri"], changed["enabled"]) == ("https://keys.example/jwks.json", False)
    plain = await desk.made(
        f"PATCH {one}", dict.fromkeys(("jwks_uri", "name", "names", "enabled", "clients"))
    )
    assert (plain["names"], plain["enabled"], plain["clients"]) == ("user_id", True, [])
    assert not {"name", "jwks_uri"} & plain.keys()
    assert (await desk.ask(f"PATCH {one}", {"name": "x"}, if_match='"1"')).status == 412
    assert (await desk.ask(f"DELETE {one}")).status == 204
    for line in (f"GET {one}", f"PATCH {one}", f"DELETE {one}", f"GET {LINE}/x"):
        answer = await desk.ask(line, {} if line.startswith("PATCH") else None)
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_trusted_issuer")
        assert answer.json["errorCode"] == TRUSTED_ISSUER_ABSENT.error
    assert await desk.tenant.store.count(TrustedIssuer, desk.tenant.id, {}) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"issuer": None}, "issuer"),
        ({"issuer": "http://login.partner.example/"}, "issuer"),
        ({"issuer": "https://login.partner.example/?a=b"}, "issuer"),
        ({"issuer": "login.partner.example"}, "issuer"),
        ({"issuer": f"{ORIGIN}/"}, "the tenant itself"),
        ({"issuer": ORIGIN}, "the tenant itself"),
        ({"issuer": f"{ORIGIN}/t/demo/"}, "the tenant itself"),
        ({"issuer": f"{ORIGIN}/{TENANT}/v2.0"}, "the tenant itself"),
        ({"name": "<b>"}, "name"),
        ({"jwks": {"keys": [jwk("weak")]}}, "jwks"),
        ({"jwks": {"keys": [jwk("rsa")]}, "jwks_uri": "https://keys.example/"}, "Excludes jwks_uri"),
        ({"jwks_uri": "http://keys.example/"}, "jwks_uri"),
        ({"names": "phone"}, "names"),
        ({"clients": ["a", "a"]}, "clients"),
        ({"clients": [""]}, "clients"),
        ({"algorithms": ["none"]}, "algorithms"),
    ],
)
async def test_what_is_wrong_is_said(desk, wrong, said):
    """An issuer is somebody else at an https address, with keys that can be used, in one place."""
    answer = await desk.ask(f"POST {LINE}", {**BODY, **wrong})
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body"), wrong
    assert said in answer.json["message"]


async def test_an_issuer_is_trusted_once(desk):
    """The same issuer twice is one too many, another name of it is another issuer, and it keeps its name."""
    made = await desk.made(f"POST {LINE}", BODY)
    assert (await desk.ask(f"POST {LINE}", BODY)).status == 409
    renamed = await desk.ask(f"PATCH {LINE}/{made['id']}", {"issuer": "https://other.example/"})
    assert renamed.json["errorCode"] == "invalid_body"


async def test_there_are_only_so_many(desk):
    """Each of them may vouch for people: trusted_issuers_many is said of one more."""
    for number in range(MOST):
        await desk.made(f"POST {LINE}", {"issuer": f"https://n{number}.example/"})
    answer = await desk.ask(f"POST {LINE}", BODY)
    assert (answer.status, answer.json["errorCode"]) == (400, "operation_not_supported")
    assert answer.json["message"] == TRUSTED_ISSUERS_MANY.text.format(most=MOST)


async def test_only_owners_trust(desk):
    """Who trusts an issuer signs in as anybody: an editor reads, and each verb has its scope."""
    for act in ("create", "update", "delete"):
        scope = f"{act}:trusted_issuers"
        assert powers.may(powers.OWNER, scope)
        assert not powers.may(powers.EDITOR, scope)
    assert powers.may(powers.VIEWER, "read:trusted_issuers")
    token = desk.token("read:trusted_issuers")
    assert (await desk.ask(f"GET {LINE}", token=token)).status == 200
    for line, scope in (
        (f"POST {LINE}", "create:trusted_issuers"),
        (f"PATCH {LINE}/x", "update:trusted_issuers"),
        (f"DELETE {LINE}/x", "delete:trusted_issuers"),
    ):
        answer = await desk.ask(line, BODY, token=token)
        assert answer.status == 403
        assert answer.json["message"].endswith(scope)


async def test_the_audit_knows(desk):
    """Who trusted whom, and what was changed about it."""
    made = await desk.made(f"POST {LINE}", BODY)
    await desk.made(f"PATCH {LINE}/{made['id']}", {"enabled": False})
    await desk.ask(f"DELETE {LINE}/{made['id']}")
    logs = (await desk.ask("GET /logs")).json
    told = [each["description"] for each in logs if "issuer" in each["description"]]
    assert told == ["Stop trusting an issuer", "Change a trusted issuer", "Trust an issuer"]
