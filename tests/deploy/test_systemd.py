"""The systemd unit, as systemd itself reads it."""

import subprocess
from pathlib import Path

import pytest

from tests.house.source import ROOT
from tests.outside import program
from tests.servers import SEKISHO

FOLDER = ROOT / "deploy" / "systemd"
MOST_EXPOSED = "15"  # of 100, as `systemd-analyze security` counts


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit of the repository, with the program where it is here."""
    text = (FOLDER / "sekisho.service").read_text()
    assert text.count("/opt/sekisho/bin/sekisho") == 1
    place = tmp_path / "sekisho.service"
    place.write_text(text.replace("/opt/sekisho/bin/sekisho", str(SEKISHO)))
    return place


def asked(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """What systemd-analyze says."""
    command = [program("systemd-analyze"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_systemd_understands_the_unit(unit: Path):
    """Every line of the unit is known to systemd, and it says nothing about any of them."""
    ended = asked("verify", "--man=no", unit)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


def test_the_unit_is_locked_in(unit: Path):
    """The exposure of the unit stays below the bound, as systemd counts it."""
    ended = asked("security", "--offline=yes", f"--threshold={MOST_EXPOSED}", unit)
    assert ended.returncode == 0, ended.stdout[-400:] + ended.stderr


def test_commands_run_as_the_unit_does():
    """The script for commands names the key, the settings, the user and the program that the unit names."""
    script, text = (FOLDER / "sekisho-run").read_text(), (FOLDER / "sekisho.service").read_text()
    for shared in (
        "LoadCredential=master.key:/etc/sekisho/master.key",
        "SEKISHO_CONFIG=/etc/sekisho/sekisho.toml",
        "EnvironmentFile=-/etc/sekisho/environment",
        "User=sekisho",
        "/opt/sekisho/bin/sekisho",
    ):
        assert shared in script
        assert shared in text
    assert subprocess.run(["sh", "-n", FOLDER / "sekisho-run"], check=False).returncode == 0
