"""Moving from Auth0, with the commands of docs/how-to/move-from-auth0.md."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import httpx
import pytest

from tests.cli.command import PROGRAM, Server, environment, running
from tests.house.source import ROOT
from tests.outside import program

PAGES = ROOT / "docs" / "how-to"
PASSWORD = "seven grey herons"
# As an account at Auth0 would tell it, with what this server has no use for.
FILES: dict[str, Any] = {
    "apis.json": [
        {
            "name": "Auth0 Management API",
            "identifier": "https://example.eu.auth0.com/api/v2/",
            "is_system": True,
        },
        {
            "id": "5dea9f9c82dd7c0e76e4ec93",
            "name": "Orders",
            "identifier": "https://moved.example.com/orders",
            "scopes": [{"value": "read:orders", "description": "Read orders"}],
            "signing_alg": "RS256",
            "allow_offline_access": True,
            "token_lifetime": 3600,
            "skip_consent_for_verifiable_first_party_clients": True,
        },
    ],
    "clients.json": [
        {"name": "All Applications", "global": True, "client_id": "x", "callbacks": []},
        {
            "name": "Shop",
            "client_id": "old",
            "client_secret": "old",
            "app_type": "spa",
            "is_first_party": True,
            "oidc_conformant": True,
            "cross_origin_auth": False,
            "callbacks": ["https://shop.example.com/callback"],
            "web_origins": ["https://shop.example.com"],
            "allowed_origins": None,
            "allowed_logout_urls": ["https://shop.example.com/"],
            "grant_types": [
                "authorization_code",
                "refresh_token",
                "http://auth0.com/oauth/grant-type/mfa-otp",
            ],
            "token_endpoint_auth_method": "none",
            "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 36000},
        },
        {
            "name": "Older",
            "app_type": "regular_web",
            "is_first_party": True,
            "oidc_conformant": False,
            "callbacks": ["https://older.example.com/cb"],
            "grant_types": ["implicit", "authorization_code"],
            "token_endpoint_auth_method": "client_secret_post",
        },
    ],
}
PEOPLE = {
    "user_id": "auth0|5dea9f9c82dd7c0e76e4ec93",
    "email": "nico@example.com",
    "name": "Nico",
    "last_ip": "::1",
}


def steps(name: str) -> list[str]:
    """What a reader pastes."""
    return re.findall(r"```sh\n(.*?)```", (PAGES / name).read_text("utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server, after everything was pasted."""
    folder = tmp_path_factory.mktemp("moved")
    with running("dev", "--port", "{port}", cwd=folder) as server:
        for name, told in FILES.items():
            (folder / name).write_text(json.dumps(told))
        hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(10)).decode()
        secret = {"_id": {"$oid": "5dea9f9c82dd7c0e76e4ec93"}, "passwordHash": hashed, "email_verified": True}
        (folder / "users.ndjson").write_text(json.dumps(PEOPLE))
        (folder / "hashes.ndjson").write_text(json.dumps(secret))
        text = "\n".join(steps("move-from-auth0.md")).replace("http://localhost:8000", server.url)
        pasted(text, folder)
        yield server


def pasted(commands: str, folder: Path) -> None:
    """In a shell; everything succeeds."""
    program("jq")
    ended = subprocess.run(
        [program("bash"), "-c", f"set -eu -o pipefail\n{commands}"],
        cwd=folder,
        env=environment({"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr + ended.stdout
    assert "1 came, 0 were here already, 0 were refused." in ended.stdout


def test_both_languages_say_the_same_commands():
    """What is pasted is the same in both."""
    assert steps("move-from-auth0.md") == steps("move-from-auth0.ja.md")
    assert len(steps("move-from-auth0.md")) == 4


def test_everything_came_along(moved: Server):
    """APIs, applications with their pipeline, people with their ids."""
    token = subprocess.run(
        [PROGRAM, "token"],
        cwd=moved.folder.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{moved.url}/api/v2", headers=headers) as web:
        apis = {each["name"]: each for each in web.get("/resource-servers").json()}
        assert apis["Orders"]["identifier"] == "https://moved.example.com/orders"
        assert (apis["Orders"]["allow_offline_access"], apis["Orders"]["token_lifetime"]) == (True, 3600)
        # One of the samples of the server has a name like this, too.
        samples = {each["client_id"] for each in moved.card()["entra"]["applications"]}
        listed = [each for each in web.get("/clients").json() if each["client_id"] not in samples]
        apps = {each["name"]: each for each in listed}
        assert apps["Shop"]["grant_types"] == ["authorization_code", "refresh_token"]
        assert apps["Shop"]["web_origins"] == ["https://shop.example.com"]
        assert (apps["Shop"]["oidc_conformant"], apps["Older"]["oidc_conformant"]) == (True, False)
        assert "All Applications" not in apps
        person = web.get("/users/auth0%7C5dea9f9c82dd7c0e76e4ec93").json()
        assert (person["email"], person["email_verified"], person["name"]) == (
            "nico@example.com",
            True,
            "Nico",
        )


def test_the_old_password_is_good(moved: Server):
    """It opens the account here."""
    with httpx.Client(base_url=moved.url) as web:
        for password, is_good in (("another one", False), (PASSWORD, True)):
            page = web.get("/login").text
            (csrf,) = re.findall(r'name="csrf" value="([^"]+)"', page)
            form = {"csrf": csrf, "username": "nico@example.com", "password": password}
            answer = web.post("/login", data=form, headers={"origin": moved.url})
            assert answer.has_redirect_location is is_good
