"""/api/v2/keys/signing."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import pkcs7

from sekisho.keys.ring import ALGS
from sekisho.keys.rotation import JWKS_MAX_AGE, Ring, born
from sekisho.model.signing_key import SigningKey
from sekisho.model.step import Save
from sekisho.store import Window
from tests.tenants import NOW

LINE = "/keys/signing"


@pytest.fixture
async def ring(desk, clock):
    """A ring in which every algorithm has a next key, seen by everybody."""
    whose = Ring(desk.tenant.id, "demo", "tokens")
    for alg in ALGS:
        assert await desk.tenant.change(Save(born(whose, alg, "next", desk.tenant.tools.sealer, NOW))) is None
    clock.now += JWKS_MAX_AGE


def states(views: list[dict]) -> list[tuple[str, str]]:
    """Algorithm and state of each key, in order."""
    names = ("current", "next", "previous", "revoked")
    return [(view["alg"], next(name for name in names if view[name])) for view in views]


async def test_keys_are_listed_as_they_are_used(desk, ring):
    """What signs now comes first, then what will: each with its algorithm and certificate."""
    views = (await desk.ask(f"GET {LINE}")).json
    assert states(views) == [(alg, state) for state in ("current", "next") for alg in ALGS]
    for view in views:
        worn = x509.load_pem_x509_certificate(view["cert"].encode())
        assert view["thumbprint"] == worn.fingerprint(SHA1()).hex().upper()
        assert view["fingerprint"].replace(":", "") == view["thumbprint"]
        assert pkcs7.load_pem_pkcs7_certificates(view["pkcs7"].encode()) == [worn]
    assert (await desk.ask(f"GET {LINE}?fields=kid")).json == [{"kid": view["kid"]} for view in views]


async def test_a_key_is_read_by_its_kid(desk, ring):
    """One key has its times and its version; neither shows a private half."""
    (first, *_) = (await desk.ask(f"GET {LINE}")).json
    answer = await desk.ask(f"GET {LINE}/{first['kid']}")
    assert answer.json == first
    assert first["current_since"] == "2027-01-15T07:00:00.000Z"
    assert not {"current_until", "revoked_at", "sealed"} & first.keys()
    assert dict(answer.headers)["etag"] == '"1"'
    assert "PRIVATE" not in str(answer.json)


async def test_rotation_turns_every_algorithm_at_once(desk, ring):
    """Without a body all algorithms turn in one unit; the answer names the key of RS256, and all of them."""
    before = (await desk.ask(f"GET {LINE}")).json
    answer = await desk.ask(f"POST {LINE}/rotate")
    assert answer.status == 201
    coming = [view["kid"] for view in before if view["next"]]
    assert [key["kid"] for key in answer.json["keys"]] == coming
    assert {name: answer.json[name] for name in ("kid", "cert")} == answer.json["keys"][0]
    after = (await desk.ask(f"GET {LINE}")).json
    assert states(after) == [(alg, state) for state in ("current", "next", "previous") for alg in ALGS]
    slugs = [event.slug for event in await desk.tenant.store.events(desk.tenant.id, {}, Window(limit=4))]
    assert slugs == ["key_rotated"] * 4


async def test_rotation_of_one_algorithm_leaves_the_others(desk, ring):
    """A body names one algorithm."""
    answer = await desk.made(f"POST {LINE}/rotate", {"alg": "ES256"})
    assert len(answer["keys"]) == 1
    previous = [view["alg"] for view in (await desk.ask(f"GET {LINE}")).json if view["previous"]]
    assert previous == ["ES256"]


async def test_rotation_is_all_or_nothing(desk, ring):
    """Where one algorithm cannot turn yet, none does, unless a leak forces it."""
    await desk.made(f"POST {LINE}/rotate", {"alg": "EdDSA"})
    before = (await desk.ask(f"GET {LINE}")).json
    answer = await desk.ask(f"POST {LINE}/rotate")
    assert (answer.status, answer.json["errorCode"]) == (409, "operation_not_supported")
    assert desk.refused.reason.slug == "key_bound"
    assert (await desk.ask(f"GET {LINE}")).json == before
    assert (await desk.ask(f"POST {LINE}/rotate", {"force": True})).status == 201


async def test_only_a_previous_key_is_revoked(desk, ring):
    """A previous key is recognised until it is revoked; one that signs or will sign is not revoked."""
    await desk.made(f"POST {LINE}/rotate", None)
    views = (await desk.ask(f"GET {LINE}")).json
    for view in views:
        answer = await desk.ask(f"PUT {LINE}/{view['kid']}/revoke")
        assert answer.status == (200 if view["previous"] else 409)
        if view["previous"]:
            assert answer.json == {"kid": view["kid"], "cert": view["cert"]}
    revoked = [view for view in (await desk.ask(f"GET {LINE}")).json if view["revoked"]]
    assert len(revoked) == len(ALGS)
    assert {view["revoked_at"] for view in revoked} == {"2027-01-15T08:10:00.000Z"}
    assert not any(view["previous"] for view in revoked)


async def test_revocation_is_meant_for_a_version(desk, ring):
    """If-Match guards the revocation of a key."""
    await desk.made(f"POST {LINE}/rotate", None)
    kid = next(view["kid"] for view in (await desk.ask(f"GET {LINE}")).json if view["previous"])
    assert (await desk.ask(f"PUT {LINE}/{kid}/revoke", if_match='"1"')).status == 412
    assert (await desk.ask(f"PUT {LINE}/{kid}/revoke", if_match='"2"')).status == 200


@pytest.mark.parametrize("kid", ["x", "x" * 500, "..%2F"])
async def test_an_unknown_key_is_absent(desk, kid):
    """A key that was never there is answered 404."""
    for line in (f"GET {LINE}/{kid}", f"PUT {LINE}/{kid}/revoke"):
        answer = await desk.ask(line)
        assert (answer.status, answer.json["errorCode"]) == (404, "inexistent_signing_key")
        assert desk.refused.reason.slug == "key_absent"


@pytest.mark.parametrize("body", [{"alg": "HS256"}, {"alg": 1}, {"force": 1}, {"ring": "saml"}, []])
async def test_refuses_a_turn_that_means_nothing(desk, ring, body):
    """Only algorithms that the server signs with can turn."""
    answer = await desk.ask(f"POST {LINE}/rotate", body)
    assert (answer.status, answer.json["errorCode"]) == (400, "invalid_body")
    assert await desk.tenant.store.count(SigningKey, desk.tenant.id, {}) == 2 * len(ALGS)
