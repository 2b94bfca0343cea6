"""The lock files hold what pyproject.toml asks for."""

import re

import pytest
from packaging.requirements import Requirement

from tests.house.planting import project
from tests.house.source import ROOT

PINNED = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)( ;[^\\]+)? \\$", re.MULTILINE)
GROUPS = {"run": ["build"], "test": ["build", "test"], "check": ["build", "test", "check"]}


def asked(lock: str) -> list[Requirement]:
    """What pyproject.toml asks for where a lock file is installed."""
    groups = project()["dependency-groups"]
    lines = [
        *project()["project"]["dependencies"],
        *(line for group in GROUPS[lock] for line in groups[group]),
    ]
    return [Requirement(line) for line in lines]


def missing(requirements: list[Requirement], text: str) -> list[str]:
    """What a lock file does not hold in an acceptable version."""
    pins = {name: version for name, version, _ in PINNED.findall(text)}
    return [str(ask) for ask in requirements if not ask.specifier.contains(pins.get(ask.name, "0"))]


@pytest.mark.parametrize("lock", GROUPS)
def test_lock_holds_what_is_asked_for(lock: str):
    """Each lock file pins everything that pyproject.toml asks for; otherwise `make lock` was forgotten."""
    assert missing(asked(lock), (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")) == []


@pytest.mark.parametrize("lock", GROUPS)
def test_lock_has_a_hash_for_every_pin(lock: str):
    """Every pin of a lock file is followed by a hash."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").splitlines()
    pins = [number for number, line in enumerate(lines) if "==" in line]
    assert pins
    assert all(lines[number + 1].startswith("    --hash=sha256:") for number in pins)


def test_finds_a_forgotten_lock():
    """A requirement that a lock file lacks, or pins too low, is found."""
    pins = ["httpx==0.27.0", "uvloop==0.22.1 ; sys_platform != 'win32'"]
    text = "".join(f"{pin} \\\n    --hash=sha256:00\n" for pin in pins)
    asked_for = [Requirement(line) for line in ("httpx>=0.28", "uvloop==0.22.1", "click>=8")]
    assert missing(asked_for, text) == ["httpx>=0.28", "click>=8"]
