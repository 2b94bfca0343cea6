"""Class 33: what one tenant issued is accepted by another one."""

import json

import httpx
import pytest

from sekisho.keys.ring import Keys
from sekisho.tenant import Tenant
from tests.attacks.double import Double
from tests.attacks.forgery import intrude, is_refused, nobody_came_in, segment, wished
from tests.attacks.target import HOST, MANAGEMENT, ORIGIN, OTHER_HOST, OTHER_MANAGEMENT, Target

READS = ("clients", "resource-servers", "client-grants", "tenants/settings")
# Where each tenant answers, as host and path.
DEMO = ((HOST, ""), (HOST, "/t/demo"))
ACME = ((OTHER_HOST, ""), (OTHER_HOST, "/t/acme"), (HOST, "/t/acme"))


def asked(target: Target, token: str, place: tuple[str, str], path: str) -> httpx.Response:
    """The management API at one address."""
    with target.manage(token, place[0]) as manage:
        return manage.get(f"{place[1]}/api/v2/{path}")


@pytest.mark.parametrize("path", READS)
def test_an_administrator_is_one_of_one_tenant(target: Target, path: str) -> None:
    """A management token is good at every address of its tenant and at none of another one."""
    for token, own, foreign in ((target.admin, DEMO, ACME), (target.other_admin, ACME, DEMO)):
        for place in own:
            assert asked(target, token, place, path).status_code == 200
        for place in foreign:
            is_refused(asked(target, token, place, path))


def test_a_host_serves_its_own_tenant_alone(target: Target) -> None:
    """Under acme's own host there is no way to demo, whatever the path and the headers say."""
    paths = (
        "/t/demo/",
        "/t/DEMO/",
        "//t/demo/",
        "/t/acme/t/demo/",
        "/t/demo%2f",
        "/t/acme/../demo/",
        "/t/%64emo/",
    )
    with target.web(OTHER_HOST) as other:
        for path in paths:
            for rest in ("api/v2/clients", ".well-known/jwks.json", ".well-known/openid-configuration"):
                told = {
                    "authorization": f"Bearer {target.admin}",
                    "x-forwarded-host": HOST,
                    "x-tenant": "demo",
                }
                answer = other.send(
                    other.build_request(
                        "GET", "/", headers=told, extensions={"target": (path + rest).encode()}
                    )
                )
                assert answer.status_code == 404, path


def wishes(double: Double) -> list[str]:
    """Tokens for demo's management API, truly signed by acme, whatever they claim."""
    _, claims = wished(double.target)
    acme = double.directory.named("acme")
    assert acme is not None
    issuers = (f"{ORIGIN}/", f"{ORIGIN}/t/demo/", f"https://{OTHER_HOST}/", f"{ORIGIN}/t/acme/", "", "null")
    audiences = (MANAGEMENT, [OTHER_MANAGEMENT, MANAGEMENT], f"{ORIGIN}/t/demo/api/v2/")
    demo = double.tenant.keys.signer("tokens", "ES256").kid
    tokens = []
    for iss in issuers:
        for aud in audiences:
            said = json.dumps(claims | {"iss": iss, "aud": aud}).encode()
            signer = acme.keys.signer("tokens", "ES256")
            tokens += [
                signer.sign(said, "JWT"),
                signer.compact(segment({"alg": "ES256", "typ": "JWT", "kid": demo}).encode(), said),
            ]
    return tokens


def test_a_signature_of_acme_is_none_of_demo(double: Double) -> None:
    """A tenant with its own true keys cannot make one for another tenant, by whatever issuer or kid."""
    with double.target.web() as web:
        for token in wishes(double):
            is_refused(intrude(web, token))
    nobody_came_in(double.target)


def test_an_issuer_of_another_tenant_is_refused(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even under demo's own key a token that names acme as its issuer is refused, by that check alone."""
    _, claims = wished(double.target)
    signer = double.tenant.keys.signer("tokens", "ES256")
    with double.target.web() as web:
        for iss in (
            f"https://{OTHER_HOST}/",
            f"{ORIGIN}/t/acme/",
            ORIGIN,
            f"{ORIGIN}/t/nobody/",
            "https://evil.example/",
        ):
            token = signer.sign(json.dumps(claims | {"iss": iss}).encode(), "JWT")
            is_refused(intrude(web, token))
        token = signer.sign(json.dumps(claims | {"iss": "https://evil.example/"}).encode(), "JWT")
        honest = Tenant.accepts
        monkeypatch.setattr(Tenant, "accepts", lambda self, text: "evil" in text or honest(self, text))
        assert intrude(web, token).status_code == 201


def test_shared_keys_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With keys that are looked up for all tenants at once, acme administers demo."""
    acme = double.directory.named("acme")
    assert acme is not None
    own = Keys.verifier
    token = wishes(double)[0]
    with double.target.web() as web:
        is_refused(intrude(web, token))
        monkeypatch.setattr(Keys, "verifier", lambda self, *name: own(self, *name) or own(acme.keys, *name))
        assert intrude(web, token).status_code == 201
