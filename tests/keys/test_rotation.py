"""A key signs once it was seen, and is known until its last token expired (NIST SP 800-57 part 1)."""

import pytest
from msgspec.structs import replace

from sekisho.keys.master import Master
from sekisho.keys.ring import Keys, place
from sekisho.keys.rotation import (
    JWKS_MAX_AGE,
    LONGEST_LIFETIME,
    KeyRefused,
    Ring,
    born,
    gone,
    resealed,
    revoke,
    rotate,
)
from sekisho.keys.seal import Sealer
from sekisho.spec.jose import Compact, read_compact

NOW = 1_760_000_000.0
LATER = NOW + JWKS_MAX_AGE


@pytest.fixture
def pair(ring, sealer):
    """A current and a next key."""
    return born(ring, "ES256", "current", sealer, NOW), born(ring, "ES256", "next", sealer, NOW)


@pytest.fixture
def new(ring, sealer):
    """The key that comes in."""
    return born(ring, "ES256", "next", sealer, NOW)


def recognises(keys: Keys, token: Compact) -> bool:
    verifier = keys.verifier("tokens", token.kid)
    return verifier is not None and verifier.signed(token)


def test_rotates(pair, new):
    """Next becomes current, current retires, and the new key is next."""
    current, coming = pair
    signs, retired, fresh = rotate(pair, new, LATER)
    assert (signs.id, signs.state, signs.current_since) == (coming.id, "current", LATER)
    assert (retired.id, retired.state, retired.current_until) == (current.id, "retired", LATER)
    assert (fresh.id, fresh.state, fresh.published_at) == (new.id, "next", LATER)
    assert {signs.updated_at, retired.updated_at} == {LATER}
    assert (signs.version, retired.version, fresh.version) == (0, 0, 0)


def test_tokens_survive_a_rotation(pair, new, sealer):
    """A token of the key that retires is still recognised, and the next token is by the next key."""
    before = Keys.of(pair, sealer)
    token = read_compact(before.signer("tokens", "ES256").sign(b'{"sub":"a"}', "JWT"), {"ES256"})
    after = Keys.of(rotate(pair, new, LATER), sealer)
    assert recognises(after, token)
    assert after.signer("tokens", "ES256").kid == pair[1].id
    fresh = read_compact(after.signer("tokens", "ES256").sign(b'{"sub":"a"}', "JWT"), {"ES256"})
    assert recognises(before, fresh)


@pytest.mark.parametrize(("after", "wait"), [(0, 600), (1, 599), (599.5, 0.5)])
def test_a_key_signs_only_after_it_was_seen(pair, new, after, wait):
    """A key published for less than the JWKS max-age does not sign yet. RFC 9111 section 5.2.2.1."""
    with pytest.raises(KeyRefused, match="less than 600 s") as caught:
        rotate(pair, new, NOW + after)
    assert caught.value.wait == wait


def test_a_leak_cannot_wait(pair, new):
    """A forced rotation does not wait for clients."""
    assert rotate(pair, new, NOW, forced=True)[0].id == pair[1].id


def test_needs_a_next_key(pair, new):
    """Without a published next key there is nothing to rotate to, forced or not."""
    for forced in (False, True):
        with pytest.raises(KeyRefused, match="publish one first"):
            rotate(pair[:1], new, LATER, forced=forced)


def test_takes_the_key_that_was_seen_longest(pair, new, ring, sealer):
    """Of two next keys the older one signs, the other one stays next."""
    newer = replace(born(ring, "ES256", "next", sealer, NOW), published_at=NOW + 60)
    for records in ((*pair, newer), (newer, *pair)):
        changed = rotate(records, new, LATER)
        assert changed[0].id == pair[1].id
        assert newer.id not in {each.id for each in changed}


def test_a_first_rotation_retires_nobody(pair, new):
    """A ring without a current key gets one."""
    assert [each.state for each in rotate(pair[1:], new, LATER)] == ["current", "next"]


def test_leaves_strangers_alone(pair, new, sealer):
    """Keys of other rings, algorithms and tenants, retired and revoked ones do not change."""
    strangers = [
        born(Ring("tenant-1", "demo", "portal"), "ES256", "current", sealer, NOW),
        born(Ring("tenant-1", "demo", "tokens"), "EdDSA", "current", sealer, NOW),
        born(Ring("tenant-2", "demo", "tokens"), "ES256", "current", sealer, NOW),
        replace(born(Ring("tenant-1", "demo", "tokens"), "ES256", "next", sealer, NOW), state="retired"),
        replace(born(Ring("tenant-1", "demo", "tokens"), "ES256", "next", sealer, NOW), state="revoked"),
    ]
    changed = {each.id for each in rotate((*strangers, *pair), new, LATER)}
    assert changed == {pair[0].id, pair[1].id, new.id}


def test_a_pinned_ring_does_not_rotate(pair, new):
    """The keys of a pinned ring stay, whoever forces."""
    for records, coming in (
        (pair, replace(new, pinned=True)),
        ([replace(pair[0], pinned=True), pair[1]], new),
    ):
        with pytest.raises(KeyRefused, match="pinned"):
            rotate(records, coming, LATER, forced=True)


@pytest.mark.parametrize("state", ["next", "current", "revoked"])
def test_only_a_retired_key_is_revoked(pair, state):
    """A key that signs or will sign is rotated away first, and a revoked one stays as it is."""
    with pytest.raises(KeyRefused, match=f"is {state}"):
        revoke(replace(pair[0], state=state), NOW)


def test_a_revoked_key_is_recognised_no_more(pair, new, sealer):
    """A revoked key recognises no token and is not published. NIST SP 800-57 part 1 section 5.3."""
    signs, retired, fresh = rotate(pair, new, LATER)
    after = revoke(retired, LATER + 1)
    assert (after.state, after.revoked_at) == ("revoked", LATER + 1)
    keys = Keys.of((signs, after, fresh), sealer)
    assert keys.verifier("tokens", retired.id) is None
    assert retired.id.encode() not in keys.jwks("tokens")


def test_a_retired_key_stays_until_its_last_token_expired(pair, new):
    """A retired key is gone once what it signed last has expired, and not before."""
    changed = rotate(pair, new, LATER)
    assert gone(changed, LATER + LONGEST_LIFETIME - 1) == ()
    assert [each.id for each in gone(changed, LATER + LONGEST_LIFETIME)] == [pair[0].id]


def test_statements_are_never_forgotten(pair, new):
    """A software statement need not expire, so the key that verifies it never does. RFC 7591 section 2.3."""
    changed = rotate(
        [replace(each, ring="statements") for each in pair], replace(new, ring="statements"), LATER
    )
    assert gone(changed, LATER + 1000 * LONGEST_LIFETIME) == ()


def test_only_retired_keys_go(pair):
    """Current, next and revoked keys do not go by age, nor does one whose end is unknown."""
    odd = [replace(pair[0], state="revoked", current_until=0.0), replace(pair[0], state="retired")]
    assert gone((*pair, *odd), NOW + 10 * LONGEST_LIFETIME) == ()


def test_reseals(pair, sealer):
    """A key sealed again under a new master key signs as before, and needs the old one no more."""
    old = bytes(range(32))
    new = bytes(range(1, 33))
    both = Sealer.of(Master((new, old)))
    again = resealed(pair[0], both, LATER)
    assert both.is_current(again.sealed)
    assert not both.is_current(pair[0].sealed)
    assert again.updated_at == LATER
    assert Sealer.of(Master((new,))).open(again.sealed, place(again)) == sealer.open(
        pair[0].sealed, place(pair[0])
    )
