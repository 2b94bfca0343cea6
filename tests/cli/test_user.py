"""sekisho user, beside a running server."""

import json

import bcrypt
import httpx

from tests.cli.command import Server, done, refused, sekisho

HASH = bcrypt.hashpw(b"seven grey herons", bcrypt.gensalt(4)).decode()
PROFILE = {"user_id": "auth0|mia", "email": "mia@example.com", "name": "Mia", "logins_count": 3}
SECRETS = {"_id": {"$oid": "5dea"}, "alt_id": "mia", "passwordHash": HASH, "connection": "Users"}


def test_people_come_along(dev: Server):
    """Two files about one person are one person; a second time nobody comes; who cannot come is named."""
    here = dev.folder.parent
    (here / "users.ndjson").write_text(json.dumps(PROFILE) + "\n\n")
    (here / "hashes.ndjson").write_text(json.dumps(SECRETS) + "\n")
    said = done("user", "import", "users.ndjson", "hashes.ndjson", cwd=here)
    assert said == "1 came, 0 were here already, 0 were refused.\n"
    (here / "more.ndjson").write_text(json.dumps({"email": "mia@example.com"}) + "\n")
    ended = sekisho("user", "import", "users.ndjson", "more.ndjson", cwd=here)
    assert ended.returncode == 1
    assert ended.stdout == "0 came, 1 were here already, 1 were refused.\n"
    assert ended.stderr == "more.ndjson:1: The user already exists.\n"
    token = done("token", cwd=here).strip()
    headers = {"authorization": f"Bearer {token}"}
    told = httpx.get(f"{dev.url}/api/v2/users/auth0%7Cmia", headers=headers).json()
    assert (told["name"], told["email"]) == ("Mia", "mia@example.com")


def test_a_file_that_is_none(dev: Server):
    """Where one line cannot be read, nobody comes."""
    here = dev.folder.parent
    (here / "half.ndjson").write_text('{"email": "leo@example.com"}\n{"email":')
    assert "half.ndjson:2: " in refused("user", "import", "half.ndjson", cwd=here)
    (here / "half.ndjson").write_text('{"email": "leo@example.com"}\n')
    assert done("user", "import", "half.ndjson", cwd=here).startswith("1 came")
