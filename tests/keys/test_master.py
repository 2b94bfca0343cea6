"""The master key file is private, random, and survives being changed."""

import os
import secrets
import stat

import pytest

from sekisho.keys import master
from sekisho.keys.master import MAKE_ONE, Master, WeakMaster
from sekisho.spec.jose import encode
from tests.lent import as_somebody_else, lend, open_folder


@pytest.fixture
def place(tmp_path):
    """Where the master key file is."""
    return tmp_path / "master.key"


def line(key: bytes) -> str:
    return encode(key).decode()


def put(place, *lines, mode=0o600):
    place.write_text("\n".join(lines))
    place.chmod(mode)


def refusal(place) -> str:
    with pytest.raises(WeakMaster) as caught:
        Master.read(place)
    return str(caught.value)


def test_creates_a_file_for_its_owner_alone(place):
    """A new master key file has one random key of 256 bits and mode 0600, whatever the umask."""
    before = os.umask(0)
    try:
        made = Master.create(place)
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert Master.read(place).keys == made.keys
    assert len(made.keys[0]) == 32
    assert [each.name for each in place.parent.iterdir()] == ["master.key"]


def test_never_overwrites_a_key(place):
    """An existing file is left as it is: without it nothing sealed could ever be opened."""
    first = Master.create(place)
    with pytest.raises(FileExistsError):
        Master.create(place)
    assert Master.read(place).keys == first.keys
    assert [each.name for each in place.parent.iterdir()] == ["master.key"]


def test_creates_all_or_nothing(place, monkeypatch):
    """A file that could not be written completely is not there at all."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Master.create(place)
    assert list(place.parent.iterdir()) == []


def test_reads_keys_in_their_order(place):
    """The first line is the current key, blank lines, padding and line ends of any kind do not matter."""
    new, old = secrets.token_bytes(32), secrets.token_bytes(48)
    place.write_bytes(f"{line(new)}=\r\n\r\n{line(old)}\n".encode())
    place.chmod(0o600)
    assert Master.read(str(place)).keys == (new, old)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o644, 0o620])
def test_refuses_a_file_that_others_may_open(place, mode):
    """A key that group or others can get at is refused, with the command that mends it."""
    put(place, line(secrets.token_bytes(32)), mode=mode)
    assert f"chmod 600 {place}" in refusal(place)


@pytest.mark.parametrize(
    ("mode", "owner", "reader", "is_private"),
    [
        (0o600, 1000, 1000, True),
        (0o400, 1000, 1000, True),
        (0o600, 0, 0, True),
        (0o440, 0, 1000, True),
        (0o640, 0, 1000, True),
        (0o400, 0, 1000, True),
        (0o440, 0, 0, False),
        (0o440, 1000, 1000, False),
        (0o440, 1001, 1000, False),
        (0o444, 0, 1000, False),
        (0o442, 0, 1000, False),
        (0o441, 0, 1000, False),
        (0o460, 0, 1000, False),
        (0o450, 0, 1000, False),
    ],
)
def test_who_may_read_a_private_file(mode, owner, reader, is_private):
    """A file is its owner's alone, or root's and lent for reading to a group, as mounted secrets are."""
    assert master.is_private(mode, owner, reader) is is_private


def test_takes_a_key_that_root_lends():
    """Kubernetes and systemd mount secrets as root's, readable by the group of the server: 0440 is good."""
    with open_folder() as folder:
        mounted = folder / "master.key"
        put(mounted, line(secrets.token_bytes(32)))
        lend(mounted, 0o440)
        assert f"chmod 600 {mounted}" in refusal(mounted)
        with as_somebody_else():
            assert len(Master.read(mounted).keys) == 1
        lend(mounted, 0o444)
        with as_somebody_else():
            assert "mount it with mode 0440" in refusal(mounted)


def test_refuses_a_file_that_is_not_there(place):
    """A missing file is refused, with the command that makes one."""
    said = refusal(place)
    assert "missing" in said
    assert MAKE_ONE in said


def test_refuses_what_is_no_file(place):
    """A folder or a pipe in the file's place is refused at once, not waited for."""
    os.mkfifo(place, 0o600)
    assert "not a regular file" in refusal(place)
    assert "not a regular file" in refusal(place.parent)


def test_refuses_a_file_that_cannot_be_read(place):
    """A path that leads nowhere is refused with what the system says."""
    put(place, "x")
    assert "cannot be read" in refusal(place / "below")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([""], "0 keys"),
        (["x"] * 17, "17 keys"),
        (["äöü"], "not base64url"),
        (["AAA+AAA/"], "not base64url"),
        (["QR"], "not base64url"),
        ([line(bytes(range(31)))], "31 bytes"),
        (["changeme"], "6 bytes"),
        ([line(b"\0" * 32)], "not random"),
        ([line(b"\xff" * 64)], "not random"),
        ([line(secrets.token_bytes(16) * 2)], "not random"),
        ([line(secrets.token_bytes(8) * 8)], "not random"),
        ([line(bytes(range(0, 256, 5)))], "not random"),
        ([line(b"correct horse battery staple, 1234567890")], "not random"),
        ([line(secrets.token_hex(32).encode())], "not random"),
    ],
)
def test_refuses_a_weak_key(place, lines, says):
    """A key that is not base64url, short, or guessable is refused, with the command that makes a good one."""
    put(place, *lines)
    said = refusal(place)
    assert says in said
    assert MAKE_ONE in said
    assert "\n" not in said


def test_a_refusal_never_shows_a_key(place):
    """What is said about a weak line names its number and the file, not the line."""
    put(place, line(secrets.token_bytes(32)), "c2hvcnQtc2VjcmV0")
    said = refusal(place)
    assert said.startswith(f"Line 2 of {place}")
    assert "c2hvcnQtc2VjcmV0" not in said


def test_refuses_the_same_key_twice(place):
    """A change of the master key that changed nothing is noticed."""
    one = line(secrets.token_bytes(32))
    put(place, one, one)
    assert "twice" in refusal(place)


def test_takes_every_random_key(place):
    """Keys from a random source are never taken for weak ones."""
    for _ in range(50):
        key = secrets.token_bytes(32)
        put(place, line(key))
        assert Master.read(place).keys == (key,)


def test_derives_by_label():
    """Each purpose has its own key. RFC 5869 section 3.2."""
    master = Master((bytes(range(32)),))
    assert master.derive("pepper") == Master((bytes(range(32)),)).derive("pepper")
    assert (
        len(
            {master.derive("pepper"), master.derive("other"), Master((bytes(range(1, 33)),)).derive("pepper")}
        )
        == 3
    )
    assert len(master.derive("pepper")) == 32


def test_the_pepper_survives_a_new_master_key():
    """What is derived for good stays when a line is put on top; removing the last line changes it."""
    old, new, newest = (secrets.token_bytes(32) for _ in range(3))
    pepper = Master((old,)).derive("pepper")
    assert Master((new, old)).derive("pepper") == pepper
    assert Master((newest, old)).derive("pepper") == pepper
    assert Master((new,)).derive("pepper") != pepper


def test_derives_one_key_of_each_line():
    """What follows the current master key has it first and can still be recognised by the old ones."""
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    assert Master((new, old)).derive_each("refresh") == (
        *Master((new,)).derive_each("refresh"),
        Master((old,)).derive("refresh"),
    )


def test_shows_no_key():
    """A master key never appears in a log by way of its repr."""
    assert "BBBB" not in repr(Master((b"B" * 32,)))
