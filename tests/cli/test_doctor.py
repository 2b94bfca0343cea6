"""What sekisho doctor finds, each finding in a place that has it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from sekisho.cli.dev import authority
from sekisho.cli.doctor import machine
from sekisho.cli.doctor.residents import risks
from sekisho.cli.folder import Folder
from sekisho.model.client import Client, ReplyUrl, Secret
from sekisho.settings import Settings
from tests.lent import as_somebody_else, lend, open_folder

NOW = 1_000_000.0
SOUND = Settings(
    database_url="postgresql://db.example.com/sekisho?sslmode=verify-full",
    master_key_file="master.key",
    public_url="https://id.example.com",
    trusted_proxies=("10.0.0.1",),
)


def client(**facts: Any) -> Client:
    """A client that there is nothing against, but for these facts."""
    return Client(tenant="t", id="i", client_id="c", name="Sample", **facts)


def ending(at: float | None) -> Secret:
    """A secret that ends then."""
    return Secret(id="s", digest=b"", hint="", created_at=0, expires_at=at)


@pytest.mark.parametrize(
    ("subject", "states"),
    [
        (client(grant_types=("client_credentials",), secrets=(ending(None),)), []),
        (client(reply_urls=(ReplyUrl("http://localhost:3000/cb"), ReplyUrl("app://cb"))), []),
        (client(secrets=(ending(NOW - 1), ending(NOW + 1))), []),
        (client(token_endpoint_auth_method="none", grant_types=("client_credentials",)), ["bad"]),
        (client(reply_urls=(ReplyUrl("http://app.example.com/cb"),)), ["bad"]),
        (client(grant_types=("implicit", "password")), ["warn", "warn"]),
        (client(secrets=(ending(NOW - 1),)), ["warn"]),
    ],
)
def test_knows_what_is_against_a_client(subject: Client, states: list[str]):
    """Each client is held against the Best Current Practice. RFC 9700 section 2."""
    assert [found.state for found in risks("demo", subject, NOW)] == states


@pytest.mark.parametrize(
    ("changed", "checks"),
    [
        ({}, []),
        ({"public_url": "http://localhost:8000"}, []),
        ({"public_url": "http://id.example.com"}, [("bad", "public_url")]),
        ({"trusted_proxies": ()}, [("warn", "trusted_proxies")]),
        ({"database_url": "postgresql://db.example.com/sekisho"}, [("warn", "database_url")]),
        ({"database_url": "postgresql:///sekisho"}, []),
        ({"database_url": "sqlite:///a.db"}, []),
        ({"database_url": "sqlite:///a.db", "workers": 2}, [("note", "workers")]),
    ],
)
def test_knows_what_is_against_settings(changed: dict[str, Any], checks: list[tuple[str, str]]):
    """What settings promise to nobody is found."""
    found = machine.settings_are_safe(replace(SOUND, **changed))
    assert [(each.state, each.check) for each in found if each.state != "ok"] == checks


def test_finds_a_clock_that_lags():
    """A machine behind what the database has seen would accept what has expired."""
    assert machine.clock_is_right(NOW, NOW - 100).state == "ok"
    assert machine.clock_is_right(NOW, NOW + 2).state == "ok"
    assert machine.clock_is_right(NOW, NOW + 60).state == "bad"


@pytest.mark.parametrize(("days", "state"), [(0, "ok"), (authority.LEAF_DAYS - 10, "warn"), (4000, "bad")])
def test_knows_how_long_a_certificate_lasts(days: int, state: str, tmp_path: Path):
    """A certificate is to be renewed before it expires."""
    cert, key = authority.prepare(Folder(tmp_path))
    at = (datetime.now(UTC) + timedelta(days=days)).timestamp()
    found = list(machine.tls_is_good(replace(SOUND, tls_cert=str(cert), tls_key=str(key)), at))
    assert [each.state for each in found] == [state]


def test_finds_a_key_that_others_can_read(tmp_path: Path):
    """The key of the certificate is its owner's alone."""
    cert, key = authority.prepare(Folder(tmp_path))
    key.chmod(0o644)
    found = machine.tls_is_good(
        replace(SOUND, tls_cert=str(cert), tls_key=str(key)), datetime.now(UTC).timestamp()
    )
    assert [each.check for each in found if each.state == "warn"] == ["tls_key"]


def test_takes_a_key_that_root_lends():
    """A key that is mounted as root's, for the group of the server, is as private as the master key."""
    with open_folder() as folder:
        cert, key = authority.prepare(Folder(folder))
        cert.chmod(0o644)
        settings, now = replace(SOUND, tls_cert=str(cert), tls_key=str(key)), datetime.now(UTC).timestamp()
        found = []
        for mode in (0o440, 0o444):
            lend(key, mode)
            with as_somebody_else():
                found.append([each.state for each in machine.tls_is_good(settings, now)])
    assert found == [["ok"], ["ok", "warn"]]


def test_finds_certificates_that_are_none(tmp_path: Path):
    """Files that are no certificate and key are found before the server is started with them."""
    (tmp_path / "x").write_text("nothing")
    path = str(tmp_path / "x")
    found = list(machine.tls_is_good(replace(SOUND, tls_cert=path, tls_key=path), NOW))
    assert [each.state for each in found] == ["bad"]
