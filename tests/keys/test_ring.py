"""A ring publishes what verifies its tokens, and nothing else (RFC 7517)."""

import json
from base64 import b64decode

import pytest
from joserfc.jwk import KeySet
from msgspec.structs import replace

from sekisho.keys import certificate
from sekisho.keys.jwk import thumbprint
from sekisho.keys.ring import Keys, NoKey
from sekisho.keys.rotation import Ring, born
from sekisho.keys.seal import CannotOpen

NOW = 1_760_000_000.0
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
MEMBERS = {
    "RSA": {"kty", "use", "alg", "kid", "n", "e", "x5t", "x5t#S256", "x5c"},
    "EC": {"kty", "use", "alg", "kid", "crv", "x", "y", "x5t", "x5t#S256", "x5c"},
    "OKP": {"kty", "use", "alg", "kid", "crv", "x", "x5t", "x5t#S256", "x5c"},
}


@pytest.fixture(scope="module")
def life(ring, sealer):
    """A key of each state."""
    key = born(ring, "ES256", "next", sealer, NOW)
    others = [born(ring, "ES256", "next", sealer, NOW) for _ in range(3)]
    return {
        "next": key,
        "current": replace(others[0], state="current", current_since=NOW),
        "retired": replace(others[1], state="retired", current_since=NOW - 9, current_until=NOW),
        "revoked": replace(others[2], state="revoked", revoked_at=NOW),
    }


def published(keys: Keys, ring: str = "tokens"):
    return json.loads(keys.jwks(ring))["keys"]


def test_publishes_public_members_only(keys):
    """A published key has its public members and nothing private. RFC 7517 section 9.3."""
    for key in published(keys):
        assert set(key) == MEMBERS[key["kty"]]
        assert not set(key) & PRIVATE
        assert key["use"] == "sig"


def test_others_read_the_document(keys):
    """An independent library reads the key set, and names each key as we do. RFC 7638 section 3."""
    read = KeySet.import_key_set(json.loads(keys.jwks("tokens")))
    assert [key.thumbprint() for key in read.keys] == [key["kid"] for key in published(keys)]
    assert all(not key.is_private for key in read.keys)


def test_the_certificate_is_of_the_key(keys):
    """The certificate in a published key is for that key. RFC 7517 section 4.7."""
    for key in published(keys):
        der = b64decode(key["x5c"][0], validate=True)
        assert thumbprint(certificate.public_key(der)) == key["kid"]
        assert der == next(each.certificate for each in keys.rings["tokens"] if each.id == key["kid"])
        assert (key["x5t"], key["x5t#S256"]) == (certificate.x5t(der), certificate.x5t_s256(der))


def test_kids_are_distinct(keys):
    """No two keys of a document share a name. RFC 7517 section 4.5 (class 48)."""
    kids = [key["kid"] for key in published(keys)]
    assert len(set(kids)) == len(kids) == 4


def test_orders_by_use(life, sealer):
    """What signs comes first, then what will, then what did; never a revoked key. RFC 7517 section 5."""
    document = published(Keys.of(reversed(life.values()), sealer))
    assert [key["kid"] for key in document] == [life[state].id for state in ("current", "next", "retired")]


def test_orders_algorithms(keys):
    """Of several current keys the RSA one is first, for clients that take the first."""
    assert [key["alg"] for key in published(keys)] == ["RS256", "PS256", "ES256", "EdDSA"]
    assert keys.algs("tokens") == ("RS256", "PS256", "ES256", "EdDSA")
    assert keys.algs("other") == ()


def test_recognises_what_is_published(life, sealer):
    """Next, current and retired keys are recognised; revoked and unknown ones are not. RFC 7517 section 5."""
    keys = Keys.of(life.values(), sealer)
    for state in ("next", "current", "retired"):
        verifier = keys.verifier("tokens", life[state].id)
        assert verifier is not None
        assert verifier.kid == life[state].id
    assert keys.verifier("tokens", life["revoked"].id) is None
    assert keys.verifier("tokens", "") is None


def test_rings_are_strangers(life, sealer):
    """A key of one ring is not recognised in another. RFC 8725 section 3.12 (class 32)."""
    keys = Keys.of(life.values(), sealer)
    assert keys.verifier("statements", life["current"].id) is None
    assert keys.jwks("statements") == b'{"keys":[]}'
    with pytest.raises(NoKey, match="statements"):
        keys.signer("statements", "ES256")


def test_signs_with_the_current_key(life, sealer):
    """The current key signs; next, retired and revoked ones never do. NIST SP 800-57 part 1 section 5.3."""
    assert Keys.of(life.values(), sealer).signer("tokens", "ES256").kid == life["current"].id
    for state in ("next", "retired", "revoked"):
        with pytest.raises(NoKey):
            Keys.of([life[state]], sealer).signer("tokens", "ES256")


def test_signs_with_the_newest_of_two(life, sealer):
    """Of two current keys the newer one signs."""
    newer = replace(life["next"], state="current", current_since=NOW + 1)
    for records in ([newer, life["current"]], [life["current"], newer]):
        assert Keys.of(records, sealer).signer("tokens", "ES256").kid == newer.id


def test_computes_a_document_once(keys):
    """The document is the same bytes each time, and unknown rings leave nothing behind."""
    assert keys.jwks("tokens") is keys.jwks("tokens")
    keys.jwks("of-a-stranger")
    assert list(keys._documents) == ["tokens"]


def test_opens_nothing_before_it_is_used(life, sealer):
    """Keys cost nothing at start: what is damaged shows when it signs."""
    keys = Keys.of([replace(life["current"], sealed=b"damaged", certificate=b"damaged")], sealer)
    assert keys.verifier("tokens", life["current"].id)
    with pytest.raises(CannotOpen):
        keys.signer("tokens", "ES256").sign(b"{}", "JWT")


def test_a_key_cannot_be_moved(life, sealer):
    """A sealed key that was copied to another tenant or another kid does not sign there (class 33)."""
    for moved in (replace(life["current"], tenant="tenant-2"), replace(life["current"], id="other")):
        with pytest.raises(CannotOpen):
            Keys.of([moved], sealer).signer("tokens", "ES256").sign(b"{}", "JWT")


def test_a_kid_is_a_thumbprint(sealer):
    """A new key is named by its thumbprint, wears its certificate and is sealed. RFC 7638 section 3."""
    key = born(Ring("tenant-1", "demo", "portal", pinned=True), "EdDSA", "current", sealer, NOW)
    assert key.id == thumbprint(certificate.public_key(key.certificate))
    assert (key.tenant, key.ring, key.alg, key.pinned, key.version) == (
        "tenant-1",
        "portal",
        "EdDSA",
        True,
        0,
    )
    assert (key.state, key.published_at, key.current_since, key.current_until) == ("current", NOW, NOW, None)
    assert born(Ring("t", "demo", "tokens"), "EdDSA", "next", sealer, NOW).current_since is None


def test_shows_no_secret(keys, life):
    """Neither keys nor signers show what is sealed in their repr."""
    assert "sealed" not in repr(keys)
    assert "sealed" not in repr(keys.signer("tokens", "ES256"))


def test_finds_a_key_by_its_certificate(life, sealer):
    """A key answers to the thumbprint of its certificate as to its name. RFC 7515 section 4.1.7."""
    keys = Keys.of(life.values(), sealer)
    for state in ("next", "current", "retired"):
        thumbprint_ = certificate.x5t(life[state].certificate)
        assert keys.verifier("tokens", thumbprint_) is keys.verifier("tokens", life[state].id)
    assert keys.verifier("tokens", certificate.x5t(life["revoked"].certificate)) is None
    assert keys.verifier("tokens", "unknown") is None
    assert keys.verifier("elsewhere", life["current"].id) is None


def test_tells_the_certificates_of_an_algorithm(life, keys, sealer):
    """The certificates of a ring are in the order of use, and the current one has its thumbprint at hand."""
    own = Keys.of(life.values(), sealer)
    assert own.certificates("tokens", "ES256") == tuple(
        life[state].certificate for state in ("current", "next", "retired")
    )
    assert own.certificates("tokens", "RS256") == ()
    assert own.thumbprint("tokens", "ES256") == certificate.x5t(life["current"].certificate)
    for alg in ("RS256", "PS256", "ES256", "EdDSA"):
        assert keys.thumbprint("tokens", alg) == certificate.x5t(keys.certificates("tokens", alg)[0])
    with pytest.raises(NoKey):
        own.thumbprint("tokens", "RS256")
