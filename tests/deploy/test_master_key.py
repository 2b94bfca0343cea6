"""Changing the master key, with the commands of docs/how-to/change-the-master-key.md."""

import asyncio
import json
import secrets
from pathlib import Path

from tests.deploy.drill import handed_out, honours, kept, published
from tests.outside import free_port
from tests.servers import Installation


def lines(made: Installation, *wanted: str) -> None:
    """The master key file has these lines."""
    (made.folder / "master.key").write_text("".join(f"{line}\n" for line in wanted))


def sealed(made: Installation) -> str:
    """What the doctor says of the keys and of the master key file."""
    found = json.loads(made.run("doctor", "--json"))
    return " ".join(row["finding"] for row in found if "key" in row["check"])


def test_the_master_key_is_changed_twice_and_nothing_is_lost(tmp_path: Path):
    """A new first line, a restart, a reseal, and the middle line goes: everything handed out is good."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    oldest = (tmp_path / "master.key").read_text().strip()
    second, third = (secrets.token_urlsafe(32) for _ in range(2))
    with made.serving(free_port()) as server:
        promises, keys = handed_out(server), published(server)
    for above in ([second], [third, second]):
        lines(made, *above, oldest)
        assert "sealed under an older master key" in sealed(made)
        assert "sealed anew" in made.run("key", "reseal")
        assert "under an older" not in sealed(made)
    lines(made, third, oldest)
    honours(made, promises)
    with made.serving(free_port()) as server:
        assert published(server) == keys


def test_without_its_last_line_stored_handles_are_unknown(tmp_path: Path):
    """Without the oldest line opaque tokens are unknown, which is why it goes only after a leak."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    oldest, newer = (tmp_path / "master.key").read_text().strip(), secrets.token_urlsafe(32)
    with made.serving(free_port()) as server:
        promises = handed_out(server)
    lines(made, newer, oldest)
    made.run("key", "reseal")
    assert asyncio.run(kept(made, promises.opaque)) is not None
    lines(made, newer)
    assert asyncio.run(kept(made, promises.opaque)) is None
    with made.serving(free_port()) as server:
        assert server.web().post("/oauth/token", data=promises.form).status_code == 200
