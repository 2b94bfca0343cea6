"""sekisho key: rotation, revocation, and a master key that changes."""

import json
import secrets
from pathlib import Path

from tests.cli.command import done, refused


def by_state(folder: Path, alg: str) -> dict[str, str]:
    """The keys of an algorithm: state to kid."""
    listed = json.loads(done("key", "list", "--json", cwd=folder))
    return {each["state"]: each["kid"] for each in listed if each["alg"] == alg}


def test_rotates_and_revokes(installation: Path):
    """The next key signs, the current one retires and can be revoked; what clients cannot know yet waits."""
    before = by_state(installation, "ES256")
    assert "published less than" in refused("key", "rotate", "ES256", cwd=installation)
    done("key", "rotate", "ES256", "--force", cwd=installation)
    after = by_state(installation, "ES256")
    assert (after["current"], after["retired"]) == (before["next"], before["current"])
    assert "only a retired key" in refused("key", "revoke", after["current"], cwd=installation)
    done("key", "revoke", after["retired"], cwd=installation)
    assert by_state(installation, "ES256")["revoked"] == before["current"]


def test_reseals_under_a_new_master_key(installation: Path, master: Path):
    """After a new first line and a reseal a middle line may go; what is sealed already is left alone."""
    oldest = master.read_text()
    middle, newest = (secrets.token_urlsafe(32) + "\n" for _ in range(2))
    master.write_text(middle + oldest)
    assert "8 of 8 records" in done("key", "reseal", cwd=installation)
    master.write_text(newest + middle + oldest)
    assert "older master key" in done("doctor", cwd=installation)
    assert "8 of 8 records" in done("key", "reseal", "--tenant", "acme", cwd=installation)
    assert "0 of 8 records" in done("key", "reseal", cwd=installation)
    master.write_text(newest + oldest)
    assert done("token", cwd=installation).count(".") == 2
    assert "older master key" not in done("doctor", cwd=installation)


def test_says_that_a_line_is_missing(installation: Path, master: Path):
    """A line that was removed too early is named as what is missing."""
    oldest = master.read_text()
    master.write_text(secrets.token_urlsafe(32) + "\n")
    assert "put its line back" in refused("token", cwd=installation)
    master.write_text(oldest)
    assert done("token", cwd=installation).count(".") == 2
