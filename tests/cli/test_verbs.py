"""The management verbs of the command line, beside a running server."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from sekisho.cli import COMMANDS, program
from sekisho.settings import OPTIONS, PREFIX, TYPES
from tests.cli.command import Server, done, refused, sekisho


def parameters(command: Any) -> list[click.Parameter]:
    """Everything that a command and its commands take."""
    inner = [
        each for name in getattr(command, "commands", ()) for each in parameters(command.commands.get(name))
    ]
    return [*command.params, *inner]


def test_every_option_has_a_variable():
    """Each option has its variable, and settings know them all by name."""
    options = [
        each for each in parameters(program()) if isinstance(each, click.Option) and each.name != "version"
    ]
    assert all(each.envvar == PREFIX + each.opts[0][2:].replace("-", "_").upper() for each in options)
    assert {each.envvar for each in options} - {PREFIX + key.upper() for key in TYPES} == OPTIONS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, tmp_path: Path):
    """--help of each command says what it does."""
    assert "Usage: sekisho " + command in done(command, "--help", cwd=tmp_path)


def test_says_its_version(tmp_path: Path):
    """--version is one line."""
    assert done("--version", cwd=tmp_path).startswith("sekisho 0.")


def test_a_client_lives_from_create_to_delete(dev: Server):
    """A client is created, allowed, disabled, enabled and deleted, and the running server follows at once."""
    here = dev.folder.parent
    made = json.loads(done("client", "create", "Reports", "--type", "non_interactive", "--json", cwd=here))
    asked = {
        "grant_type": "client_credentials",
        "client_id": made["client_id"],
        "client_secret": made["client_secret"],
        "audience": "https://api.example.com",
    }

    def status() -> str:
        answer = httpx.post(f"{dev.url}/oauth/token", data=asked).json()
        return str(answer.get("scope") or answer["error"])

    allow = ("client", "allow", made["client_id"], "https://api.example.com")
    done(*allow, "--scope", "read:things", cwd=here)
    assert eventually(status, "read:things")
    done(*allow, cwd=here)
    assert eventually(status, "read:things write:things")
    shown = done("client", "show", made["client_id"], cwd=here)
    assert "may use https://api.example.com" in shown
    assert made["client_secret"] not in shown
    done("client", "disable", made["client_id"], cwd=here)
    assert eventually(status, "invalid_client")
    done("client", "enable", made["client_id"], cwd=here)
    assert eventually(status, "read:things write:things")
    done("client", "deny", made["client_id"], "https://api.example.com", cwd=here)
    assert eventually(status, "invalid_target")
    done("client", "delete", made["client_id"], cwd=here)
    assert eventually(status, "invalid_client")
    assert "The client does not exist" in refused("client", "delete", made["client_id"], cwd=here)


def eventually(status: Callable[[], str], wanted: str) -> bool:
    """A change by another process is believed within a second."""
    until = time.monotonic() + 1.0
    while (found := status()) != wanted and time.monotonic() < until:
        time.sleep(0.05)
    assert found == wanted
    return True


def test_an_api_lives_from_create_to_delete(dev: Server):
    """An API is created with its scopes, listed, shown and deleted."""
    here = dev.folder.parent
    done(
        "api",
        "create",
        "New",
        "https://new.example.com",
        "--scope",
        "a",
        "--scope",
        "b",
        "--alg",
        "ES256",
        cwd=here,
    )
    shown = json.loads(done("api", "show", "https://new.example.com", "--json", cwd=here))
    assert (shown["scope"], shown["signing_alg"]) == ("a b", "ES256")
    assert "https://new.example.com" in done("api", "list", cwd=here)
    assert "already exists" in refused("api", "create", "New", "https://new.example.com", cwd=here)
    done("api", "delete", "https://new.example.com", cwd=here)
    assert "does not exist" in refused("api", "show", "https://new.example.com", cwd=here)
    assert "cannot be changed" in refused("api", "delete", f"{dev.url}/api/v2/", cwd=here)


def test_a_slug_that_hides_a_path_is_refused(dev: Server):
    """Reserved slugs are no tenants, and there is one default tenant."""
    here = dev.folder.parent
    assert "'oauth' is reserved" in refused("tenant", "create", "oauth", cwd=here)
    assert "default tenant already exists" in refused("tenant", "create", "x", "--default", cwd=here)


def test_names_of_strangers_do_not_steer_the_terminal(dev: Server):
    """A name that somebody else chose is text: no markup, no control characters."""
    here = dev.folder.parent
    done("client", "create", "[bold]Sly[/bold]", cwd=here)
    assert "[bold]Sly[/bold]" in done("client", "list", cwd=here)


def test_sweeps(dev: Server):
    """A sweep beside a running server says how much went."""
    assert done("sweep", cwd=dev.folder.parent).endswith("expired things deleted.\n")


def test_migrates_twice_without_effect(installation: Path):
    """A second migration finds nothing to do."""
    assert "already" in done("migrate", cwd=installation)


def test_doctor_finds_nothing_bad_in_a_fresh_server(dev: Server):
    """A development server passes its examination."""
    found = json.loads(done("doctor", "--json", cwd=dev.folder.parent))
    assert {each["state"] for each in found} <= {"ok", "note"}


def test_doctor_finds_what_is_bad(installation: Path):
    """What is bad is named with its cure, and the exit status says so."""
    variables = {"SEKISHO_PUBLIC_URL": "http://id.example.com"}
    ended = sekisho("doctor", "--json", cwd=installation, variables=variables)
    assert ended.returncode == 1
    bad = [each for each in json.loads(ended.stdout) if each["state"] == "bad"]
    assert [each["check"] for each in bad] == ["public_url"]


def test_doctor_reports_what_it_cannot_reach(installation: Path):
    """A missing master key is a finding, not an end."""
    (installation / "master.key").unlink()
    ended = sekisho("doctor", cwd=installation)
    assert ended.returncode == 1
    assert "master.key is missing" in ended.stdout
