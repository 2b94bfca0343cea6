"""Secrets at rest open in their place only, and outlive a change of the master key."""

import secrets

import pytest

from sekisho.keys.master import Master
from sekisho.keys.seal import CannotOpen, Sealer, context

HERE = context("tenant-1", "signing_key", "k1")


def sealer_of(*keys: bytes) -> Sealer:
    return Sealer.of(Master(keys))


@pytest.mark.parametrize("plain", [b"", b"x", b"secret" * 1000])
def test_opens_what_it_sealed(sealer, plain):
    """What is sealed opens in its context, and never looks the same twice. NIST SP 800-38D section 8.2.2."""
    sealed = sealer.seal(plain, HERE)
    assert sealer.open(sealed, HERE) == plain
    assert sealer.seal(plain, HERE) != sealed
    assert len(sealed) == len(plain) + 37


@pytest.mark.parametrize(
    "there",
    [
        context("tenant-2", "signing_key", "k1"),
        context("tenant-1", "client_secret", "k1"),
        context("tenant-1", "signing_key", "k2"),
        "",
    ],
)
def test_opens_nowhere_else(sealer, there):
    """A sealed value moved to another tenant, kind or row does not open. NIST SP 800-38D section 7.2."""
    with pytest.raises(CannotOpen, match="moved"):
        sealer.open(sealer.seal(b"secret", HERE), there)


def test_no_two_places_look_alike():
    """The parts of a context cannot flow into one another."""
    assert context("a", "bc", "d") != context("ab", "c", "d")
    with pytest.raises(ValueError, match="line break"):
        context("a\nb", "c", "d")


def test_notices_every_changed_bit(sealer):
    """A sealed value of which one bit was changed does not open, wherever the bit is."""
    sealed = sealer.seal(b"secret", HERE)
    for at in range(len(sealed) * 8):
        broken = bytearray(sealed)
        broken[at // 8] ^= 1 << at % 8
        with pytest.raises(CannotOpen):
            sealer.open(bytes(broken), HERE)


@pytest.mark.parametrize("length", [0, 1, 9, 21, 36, 42])
def test_notices_a_cut_value(sealer, length):
    """A sealed value that was cut does not open."""
    with pytest.raises(CannotOpen):
        sealer.open(sealer.seal(b"secret", HERE)[:length], HERE)


def test_opens_what_an_old_master_key_sealed():
    """After a change of the master key the old values open, and are told from the new ones."""
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    before, after = sealer_of(old), sealer_of(new, old)
    sealed = before.seal(b"secret", HERE)
    assert after.open(sealed, HERE) == b"secret"
    assert before.is_current(sealed)
    assert not after.is_current(sealed)
    again = after.seal(after.open(sealed, HERE), HERE)
    assert after.is_current(again)
    assert sealer_of(new).open(again, HERE) == b"secret"


def test_says_which_line_is_missing():
    """A value of a removed master key is refused with what to do, not taken for damage."""
    sealed = sealer_of(secrets.token_bytes(32)).seal(b"secret", HERE)
    with pytest.raises(CannotOpen, match="put its line back"):
        sealer_of(secrets.token_bytes(32)).open(sealed, HERE)


def test_is_current_of_nothing(sealer):
    """What was never sealed is not current."""
    assert not sealer.is_current(b"")
    assert "AESGCM" not in repr(sealer)
