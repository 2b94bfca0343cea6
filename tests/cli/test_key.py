"""sekisho key: rotation, revocation, and a master key that changes."""

import asyncio
import json
import secrets
from pathlib import Path

from msgspec.structs import replace

from sekisho.cli.work import named, opened
from sekisho.keys import delivery
from sekisho.model.delivery import Delivery
from sekisho.model.step import Send
from sekisho.settings import load
from tests.cli.command import done, refused


def by_state(folder: Path, alg: str) -> dict[str, str]:
    """The keys of an algorithm: state to kid."""
    listed = json.loads(done("key", "list", "--json", cwd=folder))
    return {each["state"]: each["kid"] for each in listed if each["alg"] == alg}


def test_rotates_and_revokes(installation: Path):
    """The next key signs, the current one retires and can be revoked; what clients cannot know yet waits."""
    assert by_state(installation, "ES256") == {}
    done("api", "create", "Things", "https://things.example.com", "--alg", "ES256", cwd=installation)
    before = by_state(installation, "ES256")
    assert "published less than" in refused("key", "rotate", "ES256", cwd=installation)
    done("key", "rotate", "ES256", "--force", cwd=installation)
    after = by_state(installation, "ES256")
    assert (after["current"], after["retired"]) == (before["next"], before["current"])
    assert "only a retired key" in refused("key", "revoke", after["current"], cwd=installation)
    done("key", "revoke", after["retired"], cwd=installation)
    assert by_state(installation, "ES256")["revoked"] == before["current"]


def test_rotates_what_is_there_or_nothing(installation: Path):
    """Without an algorithm all that the ring has rotate in one unit; a ring that is not there is refused."""
    before = by_state(installation, "RS256")
    assert "published less than" in refused("key", "rotate", cwd=installation)
    turned = json.loads(done("key", "rotate", "--force", "--json", cwd=installation))
    assert [(each["alg"], each["kid"]) for each in turned] == [("RS256", before["next"])]
    assert "has no keys" in refused("key", "rotate", "--ring", "portal", cwd=installation)


def test_reseals_under_a_new_master_key(installation: Path, master: Path):
    """After a new first line and a reseal a middle line may go; what is sealed already is left alone."""
    oldest = master.read_text()
    middle, newest = (secrets.token_urlsafe(32) + "\n" for _ in range(2))
    master.write_text(middle + oldest)
    assert "2 of 2 records" in done("key", "reseal", cwd=installation)
    master.write_text(newest + middle + oldest)
    assert "older master key" in done("doctor", cwd=installation)
    assert "2 of 2 records" in done("key", "reseal", "--tenant", "acme", cwd=installation)
    assert "0 of 2 records" in done("key", "reseal", cwd=installation)
    master.write_text(newest + oldest)
    assert done("token", cwd=installation).count(".") == 2
    assert "older master key" not in done("doctor", cwd=installation)


def test_reseals_what_waits_to_be_delivered(installation: Path, master: Path, monkeypatch):
    """A sealed body of a delivery gets the new seal; one that is no secret stays as it is."""
    monkeypatch.chdir(installation)
    oldest = master.read_text()
    plain, secret = sent("plain"), sent("secret")

    async def send() -> None:
        async with opened(load(None, {})) as house:
            tenant = named(house, "acme")
            first = replace(secret, tenant=tenant.id)
            sealed = delivery.sealed(first, b"hush", tenant.tools.sealer)
            assert await tenant.store.write(Send(replace(plain, tenant=tenant.id)), Send(sealed)) is None

    async def found() -> dict[str, bytes]:
        async with opened(load(None, {})) as house:
            tenant = named(house, "acme")
            (one, other) = await tenant.store.deliveries(tenant.id, None, 9)
            assert tenant.tools.sealer.is_current(other.body)
            return {one.id: one.body, other.id: delivery.opened(other, tenant.tools.sealer)}

    asyncio.run(send())
    master.write_text(secrets.token_urlsafe(32) + "\n" + oldest)
    assert "3 of 4 records" in done("key", "reseal", cwd=installation)
    assert asyncio.run(found()) == {"plain": b"a plain body", "secret": b"hush"}
    assert "0 of 4 records" in done("key", "reseal", cwd=installation)


def sent(id: str) -> Delivery:
    """A delivery of a tenant that is yet to be named."""
    return Delivery(id=id, tenant="", kind="test", target="x", body=b"a plain body", next_at=1.0)


def test_says_that_a_line_is_missing(installation: Path, master: Path):
    """A line that was removed too early is named as what is missing."""
    oldest = master.read_text()
    master.write_text(secrets.token_urlsafe(32) + "\n")
    assert "put its line back" in refused("token", cwd=installation)
    master.write_text(oldest)
    assert done("token", cwd=installation).count(".") == 2
