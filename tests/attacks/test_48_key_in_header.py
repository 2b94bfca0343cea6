"""Class 48: a token brings its own key, says where to fetch one, or points `kid` somewhere else."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sekisho.keys import algorithm
from sekisho.keys.certificate import issue, x5c, x5t_s256
from sekisho.keys.jwk import members, thumbprint
from sekisho.keys.ring import Keys
from sekisho.keys.signer import Verifier
from sekisho.spec import jose
from sekisho.spec.jose import Compact
from tests.attacks.double import Double
from tests.attacks.forgery import forged, intrude, is_refused, keys_of, nobody_came_in, segment, wished
from tests.attacks.target import Target

EVIL_RSA = rsa.generate_private_key(65_537, 2048)
EVIL_EC = ec.generate_private_key(ec.SECP256R1())
EVIL = (("RS256", EVIL_RSA), ("PS256", EVIL_RSA), ("ES256", EVIL_EC))


@contextmanager
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """A place on loopback that writes down who comes to fetch a key."""
    visits: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as place:
        place.settimeout(0.1)
        over = threading.Event()

        def wait() -> None:
            while not over.is_set():
                try:
                    guest, _ = place.accept()
                except TimeoutError:
                    continue
                with guest:
                    visits.append(guest.recv(1000))

        thread = threading.Thread(target=wait)
        thread.start()
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}", visits
        finally:
            over.set()
            thread.join()


def evil_token(header: dict[str, Any], claims: dict[str, Any], alg: str, key: Any) -> str:
    """A token that the attacker's own key signed."""
    text = f"{segment(header)}.{segment(claims)}"
    tail = algorithm.SIGN[alg](key, text.encode())
    return forged(header, claims, tail)


def presented(alg: str, key: Any, place: str) -> list[dict[str, Any]]:
    """The ways to bring a key along."""
    public = key.public_key()
    own = members(public) | {"kid": thumbprint(public), "alg": alg, "use": "sig"}
    der = issue(key, "evil", 1_700_000_000)
    return [
        {"jwk": own},
        {"jwk": json.dumps(own)},
        {"jku": f"{place}/jwks.json"},
        {"jku": f"{place}/.well-known/jwks.json#https://id.example.com/.well-known/jwks.json"},
        {"jku": f"http://id.example.com@{place.removeprefix('http://')}/"},
        {"x5u": f"{place}/chain.pem"},
        {"x5c": [x5c(der)]},
        {"x5c": x5c(der)},
        {"x5t": "AAAA", "x5t#S256": x5t_s256(der)},
        {"jwks": {"keys": [own]}, "jwks_uri": f"{place}/jwks.json"},
        {"kid": f"{place}/jwks.json"},
        {"iss": place, "jku": None},
    ]


def test_a_token_brings_no_key(target: Target) -> None:
    """A key in, or named by, the header of a token is neither used nor fetched."""
    header, claims = wished(target)
    with listener() as (place, visits), target.web() as web:
        for alg, key in EVIL:
            for brought in presented(alg, key, place):
                for kid in (header["kid"], thumbprint(key.public_key())):
                    token = evil_token(header | {"alg": alg, "kid": kid} | brought, claims, alg, key)
                    is_refused(intrude(web, token))
        assert visits == []
    nobody_came_in(target)


def test_an_honest_token_with_a_key_is_refused_too(target: Target, double: Double) -> None:
    """Even a token that we signed may not carry a key: nobody may learn to look there."""
    header, claims = wished(double.target)
    signer = double.tenant.keys.signer("tokens", "RS256")
    with double.target.web() as web:
        for name in ("jwk", "jku", "x5u", "x5c"):
            head = segment(header | {name: "x"}).encode()
            is_refused(intrude(web, signer.compact(head, json.dumps(claims).encode())))
    nobody_came_in(double.target)


KIDS: list[object] = [
    "../../../../../../dev/null", "/dev/null", "file:///dev/null", "..\\..\\nul", "%2e%2e%2f",
    "' OR '1'='1", "x' UNION SELECT 'AA' --", "'; DROP TABLE signing_key; --", "1 OR 1=1", "*", "%", "_",
    "a\0b", "\0", "", " ", "\n", "k" * 257, "k" * 9000, "鍵", "\u202e", "{kid}", "{0.__class__}", "%s%n",
    "$(id)", "`id`",
    0, 1, -1, 1.5, True, None, [], ["a"], {}, {"$ne": None}, "tokens", "current", "RS256",
]  # fmt: skip


@pytest.mark.parametrize("kid", KIDS, ids=lambda kid: repr(kid)[:30])
def test_a_kid_is_a_name_and_nothing_else(target: Target, kid: object) -> None:
    """No `kid` leads to a file, a query, another ring or a crash."""
    header, claims = wished(target)
    with target.web() as web:
        for alg, key in EVIL:
            is_refused(intrude(web, evil_token(header | {"alg": alg, "kid": kid}, claims, alg, key)))
    nobody_came_in(target)


def test_a_kid_of_another_tenant_is_unknown(target: Target) -> None:
    """A key of one tenant is no key of another one, also where the name of the key is right."""
    header, claims = wished(target)
    with target.web() as web, target.web("acme.example") as other:
        theirs = keys_of(other)
        assert not {key["kid"] for key in theirs} & {key["kid"] for key in keys_of(web)}
        for key in theirs:
            token = evil_token(header | {"alg": "RS256", "kid": key["kid"]}, claims, "RS256", EVIL_RSA)
            is_refused(intrude(web, token))


def test_keys_in_headers_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a verifier that takes the key out of the header, the same token opens the management API."""

    def trusting(self: Verifier, compact: Compact) -> bool:
        return "jwk" in compact.header

    target = double.target
    header, claims = wished(target)
    brought = presented("RS256", EVIL_RSA, "http://127.0.0.1:9")[0]
    token = evil_token(header | brought, claims, "RS256", EVIL_RSA)
    with target.web() as web:
        is_refused(intrude(web, token))
        monkeypatch.setattr(Verifier, "signed", trusting)
        is_refused(intrude(web, token))  # the rule about headers is the first guard
        monkeypatch.setattr(jose, "OURS", jose.STRANGERS)
        assert intrude(web, token).status_code == 201


def test_keys_that_all_tenants_share_bite(double: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one ring for all tenants, a token that acme's key signed opens demo's management API."""
    target = double.target
    header, claims = wished(target)
    acme = double.directory.named("acme")
    assert acme is not None
    signer = acme.keys.signer("tokens", "ES256")
    head = segment(header | {"alg": "ES256", "kid": signer.kid}).encode()
    token = signer.compact(head, json.dumps(claims).encode())
    own = Keys.verifier
    with target.web() as web:
        is_refused(intrude(web, token))
        monkeypatch.setattr(Keys, "verifier", lambda self, *name: own(self, *name) or own(acme.keys, *name))
        assert intrude(web, token).status_code == 201
