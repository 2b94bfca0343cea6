"""The image and what surrounds it, as far as that shows without an engine."""

import os
import re
import stat
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest

from sekisho.keys.master import Master, WeakMaster
from sekisho.settings import Settings, load
from tests.house.source import ROOT
from tests.outside import free_port, leave_out, program
from tests.servers import Installation

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
HEALTHY = ROOT / "deploy" / "container" / "healthy.py"
SECRETS = ROOT / "deploy" / "container" / "secrets"
NAME = re.compile(r"^[A-Za-z0-9_.-]+")


def needed(name: str, seen: set[str]) -> set[str]:
    """A distribution and everything that it needs here, by name."""
    try:
        lines = [] if name in seen else requires(name) or []
    except PackageNotFoundError:  # for another machine than this one
        return seen
    seen.add(name)
    for line in lines:
        found = NAME.match(line)
        if found and "extra ==" not in line:
            needed(found.group().lower(), seen)
    return seen


def test_the_image_keeps_what_running_needs():
    """What the image takes away after building is needed by nothing that runs."""
    removed = re.findall(r"pip uninstall --yes(.*?)&&", DOCKERFILE.replace("\\\n", " "))
    names = {name for group in removed for name in group.split()}
    assert {"hatchling", "pip"} < names
    kept = needed("sekisho", set())
    assert {"uvicorn", "h11", "alembic"} < kept
    assert not names & kept


def test_the_image_copies_only_what_is_let_in():
    """Whatever the Dockerfile copies passes .dockerignore, which lets nothing else in."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    assert {name for line in lines for name in line.split()[:-1]} == let_in
    assert "*" in ignored
    assert all((ROOT / name).exists() for name in let_in)


def test_the_image_is_nobody_and_hears_signals():
    """The last stage runs as a numeric user that is not root, and starts without a shell."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER 10001:10001\n" in last
    assert '\nENTRYPOINT ["sekisho"]\nCMD ["serve"]\n' in last
    assert "--require-hashes --only-binary=:all:" in DOCKERFILE


def test_a_container_is_given_the_time_to_drain():
    """What stops a container or a unit waits longer than the server drains."""
    drains = Settings(database_url="", master_key_file="", public_url="").drain_seconds
    unit = (ROOT / "deploy" / "systemd" / "sekisho.service").read_text()
    waits = re.findall(r"^ *(?:TimeoutStopSec=|stop_grace_period: )(\d+)s?$", unit + COMPOSE, re.MULTILINE)
    assert len(waits) == 2
    assert all(int(seconds) > drains + 5 for seconds in waits)


def test_the_health_check_tells_alive_from_dead(tmp_path: Path):
    """The health check of the image succeeds while a server answers, and fails otherwise."""
    made = Installation(tmp_path, f"sqlite:///{tmp_path}/sekisho.db")
    made.prepare()
    with made.serving(free_port()) as server:
        port = server.port
        assert health(f"0.0.0.0:{port}") == 0
    assert health(f"0.0.0.0:{port}") == 1


def health(listen: str) -> int:
    """The exit status of the health check."""
    environment = os.environ | {"SEKISHO_LISTEN": listen}
    return subprocess.run([sys.executable, "-I", HEALTHY], env=environment, check=False).returncode


def test_secrets_are_made_once(tmp_path: Path):
    """The secrets of compose.yaml are strong, private, and stay as they are when they are there."""
    if os.geteuid() != 0:
        leave_out("only root can give files to the user of the image")
    command: list[str | Path] = [SECRETS, "https://id.example.com", tmp_path]
    subprocess.run(command, check=True)
    first = {path.name: (path.read_text(), path.stat()) for path in tmp_path.iterdir()}
    subprocess.run(command, check=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        name: text for name, (text, _) in first.items()
    }
    assert all(stat.S_IMODE(status.st_mode) == 0o400 for _, status in first.values())
    assert {name: status.st_uid for name, (_, status) in first.items()} == {
        "master.key": 10001,
        "sekisho.toml": 10001,
        "database.password": 0,
    }
    assert len(Master.read(tmp_path / "master.key").keys) == 1
    settings = load(tmp_path / "sekisho.toml", {})
    assert first["database.password"][0] in settings.database_url
    assert f"ipv4_address: {settings.trusted_proxies[0]}\n" in COMPOSE


@pytest.mark.parametrize("mode", [0o440, 0o444, 0o644])
def test_a_mounted_key_is_good_once_it_is_copied(tmp_path: Path, mode: int):
    """A key that an orchestrator or systemd opens to others is refused, and its private copy is accepted."""
    mounted, own = tmp_path / "mounted.key", tmp_path / "own.key"
    kept = Master.create(mounted)
    mounted.chmod(mode)
    with pytest.raises(WeakMaster, match="open to other users"):
        Master.read(mounted)
    subprocess.run([program("install"), "-m", "0600", mounted, own], check=True)
    assert Master.read(own).keys == kept.keys
