"""Class 40: secrets that are compared carelessly, do not expire, or are good for another client."""

import base64
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from sekisho.keys import secret
from sekisho.model.client import Client
from sekisho.model.step import Save
from tests.attacks.double import Double
from tests.attacks.target import RS, Target

MARK = "Zq7-RECOGNISABLE-secret"


def refused(web: httpx.Client, form: dict[str, Any], **more: Any) -> httpx.Response:
    """A token request that has to fail as RFC 6749 section 5.2 says."""
    answer = web.post("/oauth/token", data=form, **more)
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"] in ("invalid_client", "invalid_request"), answer.text
    assert "access_token" not in answer.text
    return answer


def test_a_secret_is_good_for_its_own_client(target: Target) -> None:
    """No other text and no other client's secret is a client's secret, wherever it is sent."""
    own = target.clients["machine"]["client_secret"]
    digest = hashlib.sha256(own.encode())
    wrong = (
        target.clients["neighbour"]["client_secret"], target.clients["other"]["client_secret"], own[:-1],
        own + " ", " " + own,
        own + "\n", own.swapcase(), own[::-1], own + own, digest.hexdigest(),
        base64.b64encode(digest.digest()).decode(),
        base64.b64encode(own.encode()).decode(), "x", "null", "undefined", "0", "true",
        target.clients["machine"]["client_id"],
    )  # fmt: skip
    id = target.clients["machine"]["client_id"]
    bare = target.form("machine", client_id=None, client_secret=None)
    with target.web() as web:
        for text in wrong:
            refused(web, target.form("machine", client_secret=text))
            refused(web, bare, auth=(id, text))
            refused(web, {}, params=target.form("machine"))
        for told in ({"client_secret": [own, "x"]}, {"client_secret": ["x", own]}):
            refused(web, target.form("machine", **told))


def test_an_empty_secret_is_no_secret(target: Target) -> None:
    """An empty secret proves nothing: in the form, in Basic, for a client with or without secrets."""
    with target.web() as web:
        for role in ("machine", "public", "disabled", "idle"):
            id = target.clients[role]["client_id"]
            bare = target.form(role, client_id=None, client_secret=None)
            for text in ("", " ", "\0", "+", "%00"):
                refused(web, bare, auth=(id, text))
            refused(web, target.form("machine", client_secret=""))
            for credentials in (id, f":{id}", ":", f"{id}:\n"):
                header = base64.b64encode(credentials.encode()).decode()
                refused(web, bare, headers={"authorization": f"Basic {header}"})
            for header in (
                "Basic",
                "Basic ====",
                "Basic \u00e9",
                "Basic " + "A" * 5000,
                "basic eA",
                f"Basic {id}:",
            ):
                refused(web, bare, headers={"authorization": header.encode("latin-1")})


def test_who_is_unknown_is_not_told_apart(target: Target) -> None:
    """An unknown client and a wrong secret get one answer."""
    with target.web() as web:
        known = refused(web, target.form("machine", client_secret="wrong"))
        unknown = refused(web, target.form("machine", client_id="nobody", client_secret="wrong"))
        assert known.json() == unknown.json()
        assert known.status_code == unknown.status_code


def test_secrets_are_compared_in_constant_time(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every secret is compared as a digest of fixed size by compare_digest, and nothing else decides."""
    seen: list[tuple[bytes, bytes]] = []
    honest = hmac.compare_digest

    def watching(left: bytes, right: bytes) -> bool:
        seen.append((left, right))
        return honest(left, right)

    with double.target.web() as web:
        monkeypatch.setattr(hmac, "compare_digest", watching)
        for text in ("x", "x" * 10_000, double.target.clients["machine"]["client_secret"]):
            web.post("/oauth/token", data=double.target.form("machine", client_secret=text))
        assert len(seen) == 3
        assert {(len(left), len(right)) for left, right in seen} == {(32, 32)}
        monkeypatch.setattr(hmac, "compare_digest", lambda *_: True)
        form = double.target.form("machine", client_secret="anything")
        assert web.post("/oauth/token", data=form).status_code == 200


async def changed(double: Double, **fields: Any) -> None:
    """The neighbour in the double, changed behind the management API's back."""
    id = double.target.clients["neighbour"]["client_id"]
    client = await double.tenant.store.named(Client, double.tenant.id, id)
    assert client is not None
    assert await double.tenant.change(Save(replace(client, **fields))) is None


async def test_an_expired_secret_is_refused(double: Double) -> None:
    """A secret ends at its time, is refused like a wrong one, and does not end the one beside it."""
    now, target = double.clock(), double.target
    old = target.clients["neighbour"]["client_secret"]
    remembered = secret.remember(old, now - 100)
    fresh, second = secret.make(now)
    with target.web() as web:
        for end in (now - 1, now):
            await changed(double, secrets=(replace(remembered, expires_at=end), second))
            answer = refused(web, target.form("neighbour"))
            assert answer.json()["error_description"] == "Client authentication failed"
            assert (
                web.post("/oauth/token", data=target.form("neighbour", client_secret=fresh)).status_code
                == 200
            )
        await changed(double, secrets=(replace(remembered, expires_at=now + 1),))
        assert web.post("/oauth/token", data=target.form("neighbour")).status_code == 200
        await changed(double, secrets=())
        refused(web, target.form("neighbour"))
        await changed(double, secrets=(remembered,))


def test_a_secret_is_said_once(target: Target) -> None:
    """After its creation nobody is told a client's secret or its digest, whatever fields are asked for."""
    client = target.clients["machine"]
    digest = hashlib.sha256(client["client_secret"].encode()).digest()
    forms = (
        client["client_secret"],
        digest.hex(),
        base64.b64encode(digest).decode(),
        '"client_secret"',
        "digest",
        "hint",
    )
    with target.manage() as manage:
        for path in ("clients", f"clients/{client['client_id']}"):
            for fields in (
                {},
                {"fields": "client_secret,secrets,name"},
                {"fields": "x", "include_fields": "false"},
            ):
                answer = manage.get(f"/api/v2/{path}", params=fields)
                assert answer.status_code == 200
                assert not [form for form in forms if form in answer.text]
        patched = manage.patch(f"/api/v2/clients/{client['client_id']}", json={"description": "x"})
        assert not [form for form in forms if form in patched.text]
        for field in ("client_secret", "secrets", "signing_secret"):
            body = {field: MARK}
            assert manage.patch(f"/api/v2/clients/{client['client_id']}", json=body).status_code == 400


def test_a_digest_is_no_key(target: Target) -> None:
    """The digest of a secret, which the database has, signs nothing and proves nothing."""
    client = target.clients["machine"]
    digest = hashlib.sha256(client["client_secret"].encode()).digest()
    claims = {
        "iss": client["client_id"],
        "sub": client["client_id"],
        "aud": "https://id.example.com/",
        "exp": 4e9,
    }
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256"}, claims)
    )
    for key in (digest, digest.hex().encode(), client["client_secret"].encode()):
        tail = base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).rstrip(b"=").decode()
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        form = {"grant_type": "client_credentials", "audience": RS, "client_id": client["client_id"]}
        with target.web() as web:
            refused(web, {**form, "client_assertion": f"{text}.{tail}", "client_assertion_type": kind})
